"""Messages: a list of chats, a chat, and choosing whom to write to."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import MESSAGES, World
from qvl_agent.envs.android.phone.layout import Widget, width_of
from qvl_agent.envs.android.phone.nodes import Do, Go, Route, Switch
from qvl_agent.envs.android.phone.screens import bar, entry, page
from qvl_agent.envs.android.phone.widgets import avatar, fab, gap, icon, row, spread, text

__all__ = ["Chat", "Messages", "MessagesApp"]


@dataclass(frozen=True, slots=True)
class Chat:
    """What was written with one person: (own, text), oldest first."""

    person: str
    lines: tuple[tuple[bool, str], ...] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Messages:
    """What the app stores: chats, the latest first."""

    chats: tuple[Chat, ...] = ()

    def chat(self, person: str) -> Chat:
        """Return the chat with a person, empty where there is none."""
        return next((c for c in self.chats if c.person == person), Chat(person))

    def sent(self, person: str) -> tuple[str, ...]:
        """Return what was written to a person."""
        return tuple(words for own, words in self.chat(person).lines if own)


class MessagesApp(App[Messages]):
    """Messages."""

    id = "messages"
    en, zh = "Messages", "信息"
    icon, color = "chat_dots", (32, 132, 226)

    def first(self, world: World, rng: Random) -> Messages:
        """Return chats with some of the people."""
        chats = []
        for person in rng.sample(world.people, 5):
            words = world.draw(rng, MESSAGES, rng.randrange(1, 4))
            lines = tuple((rng.random() < 0.4, w) for w in words)
            chats.append(Chat(person.name, lines, rng.random() < 0.3))
        return Messages(tuple(chats))

    def title(self, v: View[Messages]) -> str:
        """Name the screen."""
        match v.route.name:
            case "chat":
                return f"the chat with {v.route.arg}"
            case "new":
                return "the list of people to write to"
            case _:
                return "the list of chats"

    def view(self, v: View[Messages]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "chat":
                return _chat(v)
            case "new":
                people = v.state.data["contacts"].people
                rows = [
                    row(v, p.name, p.phone, lead=avatar(v, p.name), tap=Go(Route("chat", p.name)))
                    for p in people
                ]
                return page(v, bar(v, v.t("New message", "新信息")), *rows)
            case _:
                return _chats(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Mark a chat as read."""
        if route.name == "chat":
            data: Messages = desk.data
            read = tuple(
                Chat(c.person, c.lines) if c.person == route.arg else c for c in data.chats
            )
            desk.put(chats=read)
            desk.fill(text="")

    def enter(self, desk: Desk, field: str) -> None:
        """Send on Enter."""
        self.do(desk, "send", None)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        if name != "send":
            super().do(desk, name, arg)
        words = desk.field("text")
        if not words:
            return
        data: Messages = desk.data
        person = desk.route.arg
        old = data.chat(person)
        rest = tuple(c for c in data.chats if c.person != person)
        desk.put(chats=(Chat(person, (*old.lines, (True, words))), *rest))
        desk.fill(text="")


def _chats(v: View[Messages]) -> Widget:
    rows = [
        row(
            v,
            c.person,
            c.lines[-1][1] if c.lines else "",
            lead=avatar(v, c.person, 46),
            trail=Widget(width=10, height=10, radius=5, fill=v.theme.accent) if c.unread else None,
            tap=Go(Route("chat", c.person)),
            bold=c.unread,
        )
        for c in v.data.chats
    ]
    return page(
        v,
        bar(v, v.t("Messages", "信息")),
        *rows,
        gap(70),
        floating=fab(v, "edit", v.t("New message", "新信息"), Go(Route("new"))),
    )


def _chat(v: View[Messages]) -> Widget:
    person = v.route.arg
    bubbles = []
    for own, words in v.data.chat(person).lines[-12:]:
        ink = v.theme.on_accent if own else v.theme.text
        line = text(v, words, 15.5, color=ink, lines=6)
        width = min(width_of(line) + 30, v.width * 0.72)
        bubble = Widget(
            (line,), width=width, pad=(14, 9, 14, 9), radius=18,
            fill=v.theme.accent if own else v.theme.card,
        )  # fmt: skip
        pair = (spread(), bubble) if own else (bubble, spread())
        bubbles.append(Widget(pair, axis="x", pad=(14, 4, 14, 4)))
    send = icon(v, "send", 24, color=v.theme.accent, tap=Do("send"), label="Send")
    call = icon(v, "phone", 22, tap=Switch("phone", Route("call", person)), label="Call")
    return page(
        v,
        bar(v, person, call),
        *bubbles,
        bottom=entry(v, "text", v.t("Message", "信息"), send),
    )
