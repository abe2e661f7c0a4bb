"""Mail: inbox, starred and sent, reading, and writing."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import MAILS, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route, Tab
from qvl_agent.envs.android.phone.screens import bar, field, page, tabs
from qvl_agent.envs.android.phone.widgets import avatar, button, fab, gap, icon, line, row, text

__all__ = ["Letter", "Mail", "MailApp"]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail.

    Attributes:
        id: Key of its screen.
        who: The other side: sender, or receiver of one that was sent.
        address: Of the other side.
    """

    id: str
    who: str
    address: str
    subject: str
    body: str
    unread: bool = False
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """What the app stores: the latest first."""

    inbox: tuple[Letter, ...] = ()
    sent: tuple[Letter, ...] = ()

    def letter(self, key: str) -> Letter | None:
        """Return a mail by its id."""
        return next((m for m in (*self.inbox, *self.sent) if m.id == key), None)


class MailApp(App[Mail]):
    """Mail."""

    id = "mail"
    en, zh = "Mail", "邮件"
    icon, color = "mail_full", (206, 64, 52)
    root = Route("inbox")
    multiline = frozenset({"body"})

    def first(self, world: World, rng: Random) -> Mail:
        """Return a filled inbox."""
        part = share(MAILS, world.split)
        pool = rng.sample(part, min(len(part), rng.randrange(4, 8)))
        people = [rng.choice(world.people) for _ in pool]
        if len(world.people) >= len(pool):
            people = rng.sample(world.people, len(pool))
        return Mail(
            tuple(
                Letter(
                    f"m{i}",
                    p.name,
                    p.email,
                    world.say(s),
                    world.say(b),
                    rng.random() < 0.5,
                    rng.random() < 0.15,
                )
                for i, (p, (s, b)) in enumerate(zip(people, pool, strict=True))
            )
        )

    def title(self, v: View[Mail]) -> str:
        """Name the screen."""
        names = {
            "inbox": "several e-mails in the inbox",
            "starred": "the starred e-mails",
            "sent": "the sent e-mails",
            "compose": "the form of a new e-mail",
        }
        return names.get(v.route.name, "an open e-mail")

    def view(self, v: View[Mail]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "inbox":
                return _box(v, v.t("Inbox", "收件箱"), v.data.inbox)
            case "starred":
                return _box(v, v.t("Starred", "星标"), tuple(m for m in v.data.inbox if m.starred))
            case "sent":
                return _box(v, v.t("Sent", "已发送"), v.data.sent)
            case "compose":
                return _compose(v)
            case _:
                return _read(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Mark as read; fill the form: `compose` of an address, or of "re:ID" for an answer."""
        data: Mail = desk.data
        if route.name == "read":
            desk.put(
                inbox=tuple(
                    replace(m, unread=False) if m.id == route.arg else m for m in data.inbox
                )
            )
        elif route.name == "compose":
            old = (
                data.letter(route.arg.removeprefix("re:")) if route.arg.startswith("re:") else None
            )
            if old:
                desk.fill(to=old.address, subject=f"Re: {old.subject}", body="")
            else:
                desk.fill(to=route.arg, subject="", body="")

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Mail = desk.data
        match name:
            case "star":
                desk.put(
                    inbox=tuple(
                        replace(m, starred=not m.starred) if m.id == arg else m for m in data.inbox
                    )
                )
            case "delete":
                desk.put(
                    inbox=tuple(m for m in data.inbox if m.id != arg),
                    sent=tuple(m for m in data.sent if m.id != arg),
                )
                desk.back()
                desk.toast(desk.t("Mail deleted", "邮件已删除"))
            case "send":
                to = desk.field("to")
                if "@" not in to:
                    desk.toast(desk.t("Who is it for?", "请填写收件人"))
                    return
                key = f"s{len(data.sent)}"
                letter = Letter(key, to, to, desk.field("subject"), desk.field("body"))
                desk.put(sent=(letter, *data.sent))
                desk.back()
                desk.toast(desk.t("Mail sent", "邮件已发送"))
            case _:
                super().do(desk, name, arg)


def _box(v: View[Mail], title: str, letters: tuple[Letter, ...]) -> Widget:
    rows = [
        row(
            v,
            m.who,
            f"{m.subject}\n{m.body}",
            lead=avatar(v, m.who, 44),
            trail=icon(
                v,
                "star_full" if m.starred else "star",
                22,
                color=v.theme.accent if m.starred else v.theme.dim,
                tap=Do("star", m.id),
                label=f"Star {m.subject}",
            ),
            tap=Go(Route("read", m.id)),
            lines=2,
            bold=m.unread,
            name=m.subject,
        )
        for m in letters
    ]
    none = text(v, v.t("Nothing here", "这里是空的"), 16, color=v.theme.dim, align="center")
    return page(
        v,
        bar(v, title),
        *(rows or [gap(60), none]),
        gap(70),
        bottom=tabs(
            v,
            ("inbox", v.t("Inbox", "收件箱"), Tab(Route("inbox"))),
            ("star", v.t("Starred", "星标"), Tab(Route("starred"))),
            ("send", v.t("Sent", "已发送"), Tab(Route("sent"))),
        ),
        floating=fab(v, "edit", v.t("Write", "写邮件"), Go(Route("compose"))),
    )


def _read(v: View[Mail]) -> Widget:
    m = v.data.letter(v.route.arg)
    if m is None:
        return page(v, bar(v, v.t("No such mail", "没有此邮件")))
    star = icon(
        v,
        "star_full" if m.starred else "star",
        color=v.theme.accent if m.starred else v.theme.dim,
        tap=Do("star", m.id),
        label="Star",
    )
    return page(
        v,
        bar(v, "", star, icon(v, "delete", tap=Do("delete", m.id), label="Delete")),
        Widget((text(v, m.subject, 23, weight=500, lines=3),), pad=(18, 4, 18, 8)),
        row(v, m.who, m.address, lead=avatar(v, m.who, 44)),
        line(v),
        Widget((text(v, m.body, 16.5, lines=14),), pad=(18, 14, 18, 20)),
        bottom=Widget(
            (
                button(
                    v,
                    v.t("Reply", "回复"),
                    Go(Route("compose", f"re:{m.id}")),
                    icon_name="back",
                    grow=1,
                ),
            ),
            axis="x",
            pad=(18, 10, 18, 12),
        ),
    )


def _compose(v: View[Mail]) -> Widget:
    send = icon(v, "send", 26, color=v.theme.accent, tap=Do("send"), label="Send")
    return page(
        v,
        bar(v, v.t("New mail", "新邮件"), send),
        field(v, "to", v.t("To", "收件人")),
        field(v, "subject", v.t("Subject", "主题")),
        field(v, "body", v.t("Text", "正文"), lines=7),
    )
