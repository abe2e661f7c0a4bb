"""Contacts: the address book, a person's card, and a form."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route, Switch
from qvl_agent.envs.android.phone.screens import bar, field, page, search_bar
from qvl_agent.envs.android.phone.widgets import action, avatar, button, fab, gap, icon, row, text

__all__ = ["Contact", "Contacts", "ContactsApp"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's card."""

    name: str
    phone: str
    email: str = ""
    street: str = ""
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the app stores, sorted by name."""

    people: tuple[Contact, ...] = ()

    def named(self, name: str) -> Contact | None:
        """Return a person's card."""
        return next((p for p in self.people if p.name == name), None)


class ContactsApp(App[Contacts]):
    """The address book."""

    id = "contacts"
    en, zh = "Contacts", "通讯录"
    icon, color = "person", (0, 121, 130)

    def first(self, world: World, rng: Random) -> Contacts:
        """Return the people of the world."""
        return Contacts(
            tuple(
                Contact(p.name, p.phone, p.email, p.street, rng.random() < 0.2)
                for p in world.people
            )
        )

    def title(self, v: View[Contacts]) -> str:
        """Name the screen."""
        match v.route.name:
            case "person":
                return f"the contact card of {v.route.arg}"
            case "edit":
                return "the form of a contact"
            case _:
                return "the list of contacts"

    def view(self, v: View[Contacts]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "person":
                return _person(v)
            case "edit":
                return _form(v)
            case _:
                return _list(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Fill the form."""
        if route.name == "edit":
            old = desk.data.named(route.arg) or Contact("", "")
            desk.fill(name=old.name, phone=old.phone, email=old.email)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Contacts = desk.data
        old = data.named(desk.route.arg)
        rest = tuple(p for p in data.people if p != old)
        match name:
            case "save":
                given = desk.field("name")
                if not given:
                    desk.toast(desk.t("A contact needs a name", "请填写姓名"))
                    return
                base = old or Contact("", "")
                new = replace(
                    base, name=given, phone=desk.field("phone"), email=desk.field("email")
                )
                desk.put(people=tuple(sorted((*rest, new), key=lambda p: p.name)))
                desk.tab(self.root, Route("person", given))
                desk.toast(desk.t("Contact saved", "联系人已保存"))
            case "star" if old:
                new = replace(old, starred=not old.starred)
                desk.put(people=tuple(new if p == old else p for p in data.people))
            case "delete":
                desk.ask(
                    desk.t(f"Delete {desk.route.arg}?", f"删除{desk.route.arg}？"),
                    "",
                    (desk.t("Cancel", "取消"), None),
                    (desk.t("Delete", "删除"), Do("really_delete")),
                )
            case "really_delete":
                desk.put(people=rest)
                desk.tab(self.root)
            case _:
                super().do(desk, name, arg)


def _list(v: View[Contacts]) -> Widget:
    wanted = v.field("search").lower()
    people = [p for p in v.data.people if wanted in p.name.lower()]
    rows = [
        row(
            v,
            p.name,
            lead=avatar(v, p.name),
            trail=icon(v, "star_full", 18, color=v.theme.accent) if p.starred else None,
            tap=Go(Route("person", p.name)),
        )
        for p in people
    ]
    return page(
        v,
        bar(v, v.t("Contacts", "通讯录")),
        search_bar(v, "search", v.t("Search contacts", "搜索联系人")),
        *rows,
        gap(70),
        floating=fab(v, "plus", v.t("New contact", "新建联系人"), Go(Route("edit"))),
    )


def _person(v: View[Contacts]) -> Widget:
    person = v.data.named(v.route.arg)
    if person is None:
        return page(v, bar(v, v.t("No such contact", "没有此联系人")))
    star = icon(
        v, "star_full" if person.starred else "star",
        color=v.theme.accent if person.starred else v.theme.dim, tap=Do("star"), label="Star",
    )  # fmt: skip
    edit = icon(v, "edit", tap=Go(Route("edit", person.name)), label="Edit")
    remove = icon(v, "delete", tap=Do("delete"), label="Delete")
    return page(
        v,
        bar(v, "", edit, star, remove),
        Widget((avatar(v, person.name, 96),), align="center"),
        gap(12),
        text(v, person.name, 24, weight=500, align="center"),
        gap(18),
        Widget(
            (
                action(
                    v, "phone", v.t("Call", "呼叫"), Switch("phone", Route("call", person.name))
                ),
                action(
                    v,
                    "chat",
                    v.t("Message", "信息"),
                    Switch("messages", Route("chat", person.name)),
                ),
                action(
                    v, "mail", v.t("Mail", "邮件"), Switch("mail", Route("compose", person.email))
                ),
            ),
            axis="x",
            pad=(30, 0, 30, 0),
        ),
        gap(16),
        row(v, person.phone, v.t("Mobile", "手机"), lead="phone"),
        row(v, person.email or "-", v.t("E-mail", "邮箱"), lead="mail"),
        row(v, person.street or "-", v.t("Home", "住址"), lead="pin"),
    )


def _form(v: View[Contacts]) -> Widget:
    new = v.route.arg == ""
    return page(
        v,
        bar(v, v.t("New contact", "新建联系人") if new else v.t("Edit contact", "编辑联系人")),
        field(v, "name", v.t("Name", "姓名")),
        field(v, "phone", v.t("Phone", "电话")),
        field(v, "email", v.t("E-mail", "邮箱")),
        Widget(
            (button(v, v.t("Save", "保存"), Do("save"), grow=1),), axis="x", pad=(16, 12, 16, 0)
        ),
    )
