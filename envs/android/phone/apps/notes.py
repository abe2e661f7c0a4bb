"""Notes: a list with a search, and an editor."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import NOTES, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.screens import bar, card, field, page, search_bar
from qvl_agent.envs.android.phone.widgets import button, fab, gap, icon, text

__all__ = ["Note", "Notes", "NotesApp"]


@dataclass(frozen=True, slots=True)
class Note:
    """A note."""

    title: str
    body: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """What the app stores: notes in the order in which they are shown."""

    notes: tuple[Note, ...] = ()

    def named(self, title: str) -> Note | None:
        """Return the note with a title."""
        return next((n for n in self.notes if n.title == title), None)


class NotesApp(App[Notes]):
    """Notes."""

    id = "notes"
    en, zh = "Notes", "便签"
    icon, color = "note", (226, 160, 30)
    multiline = frozenset({"body"})

    def first(self, world: World, rng: Random) -> Notes:
        """Return a few notes."""
        part = share(NOTES, world.split)
        pool = rng.sample(part, min(len(part), rng.randrange(3, 7)))
        return Notes(tuple(Note(world.say(title), world.say(body)) for title, body in pool))

    def title(self, v: View[Notes]) -> str:
        """Name the screen."""
        return "the list of notes" if v.route.name == "main" else "the editor of a note"

    def view(self, v: View[Notes]) -> Widget:
        """Draw the screen."""
        if v.route.name == "edit":
            return _edit(v)
        wanted = v.field("search").lower()
        found = [n for n in v.data.notes if wanted in f"{n.title} {n.body}".lower()]
        cards = [
            card(
                v,
                Widget(
                    (
                        text(v, n.title, 17, weight=500, grow=1),
                        *((icon(v, "pin", 18, color=v.theme.accent),) if n.pinned else ()),
                    ),
                    axis="x",
                ),
                gap(4),
                text(v, n.body, 14.5, color=v.theme.dim, lines=3),
                tap=Go(Route("edit", n.title)),
                name=n.title,
            )
            for n in sorted(found, key=lambda n: not n.pinned)
        ]
        none = text(v, v.t("No notes", "没有便签"), 16, color=v.theme.dim, align="center")
        return page(
            v,
            bar(v, v.t("Notes", "便签")),
            search_bar(v, "search", v.t("Search notes", "搜索便签")),
            *(cards or [gap(40), none]),
            gap(70),
            floating=fab(v, "plus", v.t("New note", "新便签"), Go(Route("edit"))),
        )

    def arrive(self, desk: Desk, route: Route) -> None:
        """Fill the editor."""
        if route.name == "edit":
            note = desk.data.named(route.arg) or Note("")
            desk.fill(title=note.title, body=note.body)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Notes = desk.data
        old = data.named(desk.route.arg)
        rest = tuple(n for n in data.notes if n != old)
        match name:
            case "save":
                title, body = desk.field("title"), desk.field("body")
                if not (title or body):
                    desk.toast(desk.t("An empty note is not saved", "空便签不会保存"))
                    return
                note = Note(title or body[:20], body, bool(old and old.pinned))
                desk.put(notes=(note, *rest))
                desk.back()
                desk.toast(desk.t("Note saved", "便签已保存"))
            case "delete":
                desk.ask(
                    desk.t("Delete this note?", "删除这个便签？"),
                    "",
                    (desk.t("Cancel", "取消"), None),
                    (desk.t("Delete", "删除"), Do("really_delete")),
                )
            case "really_delete":
                desk.put(notes=rest)
                desk.back()
                desk.toast(desk.t("Note deleted", "便签已删除"))
            case "pin" if old:
                changed = replace(old, pinned=not old.pinned)
                desk.put(notes=tuple(changed if n == old else n for n in data.notes))
            case _:
                super().do(desk, name, arg)


def _edit(v: View[Notes]) -> Widget:
    old = v.data.named(v.route.arg)
    tools: tuple[Widget, ...] = ()
    if old:
        ink = v.theme.accent if old.pinned else v.theme.dim
        tools = (
            icon(v, "pin", color=ink, tap=Do("pin"), label="Pin"),
            icon(v, "delete", tap=Do("delete"), label="Delete"),
        )
    return page(
        v,
        bar(v, v.t("Edit note", "编辑便签") if old else v.t("New note", "新便签"), *tools),
        field(v, "title", v.t("Title", "标题")),
        field(v, "body", v.t("Text", "内容"), lines=6),
        Widget(
            (button(v, v.t("Save", "保存"), Do("save"), grow=1),), axis="x", pad=(16, 10, 16, 0)
        ),
    )
