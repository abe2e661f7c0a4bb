"""A careful user's hands: finds things on the screen by what they do, and says what it does.

It reads the same tree that is drawn, so it taps only what can be seen, and scrolls to the rest.
Knows no particular task.
"""

from dataclasses import dataclass

from qvl_agent.actions.mobile import Back as PressBack
from qvl_agent.actions.mobile import Direction, Home, Swipe, Tap, Type, Wait
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.android.phone.app import App
from qvl_agent.envs.android.phone.launcher import Home as HomeData
from qvl_agent.envs.android.phone.nodes import (
    Box,
    Do,
    Event,
    Focus,
    Go,
    Node,
    Route,
    Switch,
    Tab,
    walk,
)
from qvl_agent.envs.android.phone.phone import APPS, Phone
from qvl_agent.envs.android.phone.reading import spot_of
from qvl_agent.envs.android.phone.state import LAUNCHER, State
from qvl_agent.envs.base import Decision

__all__ = ["Guide", "Place", "place_of"]

Place = tuple[str, Route]
"""A screen: the app, and which of its screens."""


def place_of(state: State) -> Place | None:
    """Return the screen in sight, None while it cannot be read (loading, covered, dark)."""
    if state.loading or state.dialog or state.shade or state.locked or not state.awake:
        return None
    return (state.app, state.stacks[state.app][-1]) if state.app in state.stacks else None


@dataclass(slots=True)
class Guide:
    """Decides the next touch.

    Attributes:
        phone: The phone, only looked at.
        seen: Screens that were in sight in this episode.
        note: What was just read off the screen; the next thought begins with it.
        read_at: Where the last word of the note was read.
    """

    phone: Phone
    seen: frozenset[Place]
    note: str = ""
    read_at: Point | None = None

    @property
    def state(self) -> State:
        """The phone's state."""
        return self.phone.state

    def decide(self, intent: str, action: Action) -> Decision:
        """Return a decision; the thought names what is seen and what comes next."""
        seen = self.note or f"I see {self.phone.screen_name()}"
        return Decision(f"{seen}, so {intent}.", action, self.read_at)

    def read(self, note: str, event: Event | None = None) -> None:
        """Begin the next thought with what is read: what has been done already is to be seen.

        Args:
            note: A sentence without its full stop.
            event: Of the target at which its last word is read: where it shows its state, if it
                does, or else where it would be touched.
        """
        self.note = note
        self.read_at = None
        if event is not None and (spot := self._spot(event)):
            self.read_at = self._state_shown(event) or spot.point

    def on(self, app: str, route: Route) -> bool:
        """Return whether a screen is in sight and not covered."""
        return place_of(self.state) == (app, route)

    # Getting there.

    def clear_the_way(self) -> Decision | None:
        """Return how to get rid of what covers the screen, None where nothing does."""
        s = self.state
        if s.locked or not s.awake:
            return Decision("The phone is locked, so I swipe up to open it.", Swipe(direction="up"))
        if s.dialog is not None and s.dialog.kind != "confirm":
            index = 0 if s.dialog.kind in ("permission", "popup") else len(s.dialog.buttons) - 1
            label = s.dialog.buttons[index][0]
            spot = self._spot(Do("dialog", index, "system"))
            thought = f'A dialog is in the way, so I tap "{label}" to close it.'
            return Decision(thought, spot or PressBack())
        if s.loading:
            return Decision("The page is still loading, so I wait for it.", Wait(2.0))
        return None

    def at(self, app: str, *stack: Route) -> Decision | None:
        """Return the next touch on the way to a screen, None when it is in sight.

        Args:
            app: The app.
            *stack: Its screens from the first to the wanted one; none for any screen of the app.
        """
        opened = self.open(app)
        if opened is not None or not stack:
            return opened
        now = self.state.stacks[app]
        if now == stack:
            return None
        if now == stack[: len(now)]:
            target = stack[len(now)]
            return self.press(Go(target), f"I open {self._title(app, target)}")
        if len(now) == 1 and self._find(Tab(stack[0])):
            return self.press(Tab(stack[0]), f"I change to {self._title(app, stack[0])}")
        return self.back(f"I go back to get to {self._title(app, stack[-1])}")

    def open(self, app: str) -> Decision | None:
        """Return the next touch on the way to an app, None when it is in front."""
        s = self.state
        name = APPS[app].name(s.settings.language)
        if s.shade:
            return self.back("I close the notification shade")
        if s.dialog is not None and s.app != app:
            return self.back("I close the dialog")
        if s.app == app:
            return None
        if s.app != LAUNCHER:
            return self.decide(f"I go to the home screen to find {name}", Home())
        spot = self._spot(Switch(app))
        if spot is not None:
            return self.decide(f"I tap the icon of {name}", spot)
        home: HomeData = s.data[LAUNCHER]
        if s.route.name == "drawer":
            return self.press(Switch(app), f"I tap the icon of {name}")
        page = home.page_of(app) or 0
        side: Direction = "left" if page > home.page else "right"
        return self.decide(f"I turn the page to find the icon of {name}", Swipe(direction=side))

    def visit(self, note: str, app: str, *stack: Route) -> Decision | None:
        """Return the next touch on the way to a screen that has to be read, None once it was.

        Args:
            note: What is read there, as a sentence without its full stop.
            app: The app.
            *stack: Its screens from the first to the wanted one.
        """
        if (app, stack[-1]) not in self.seen:
            return self.at(app, *stack)
        if self.on(app, stack[-1]):
            self.read(note)
        return None

    def shade(self) -> Decision | None:
        """Return the touch that pulls the notification shade down, None when it is down."""
        if self.state.shade:
            return None
        start, end = Point(0.5, 0.01), Point(0.5, 0.6)
        return self.decide("I pull down the shade with the quick toggles", Swipe(start, end))

    # Touching.

    def press(self, event: Event, intent: str) -> Decision:
        """Return the tap on what asks for an event, or how to bring it into sight."""
        spot = self._spot(event)
        if spot is not None:
            return self.decide(intent, spot)
        found = self._find(event)
        if found is None:
            return self.back("I go back to look elsewhere")
        node, area = found
        if area is None:
            return self.back("I close the keyboard to see the rest")
        below = node.box.y + node.box.h / 2 > area.y + area.h / 2
        where = "further down" if below else "further up"
        return self.decide(f"I scroll to what is {where}", self._drag(area, up=below))

    def back(self, intent: str) -> Decision:
        """Return a press of the back button."""
        return self.decide(intent, PressBack())

    def fill(self, field: str, text: str, label: str) -> Decision | None:
        """Return the next touch on the way to a text in a field, None when it is there."""
        s = self.state
        key = f"{s.app}/{field}"
        there = s.text_of(key)
        if there == text:
            return None
        if s.focus != key:
            return self.press(Focus(field), f"I tap the field for {label}")
        if text.startswith(there):
            return self.type(text[len(there) :])
        return self.press(Do("clear_field", key, "system"), f"I clear the field for {label}")

    def type(self, text: str) -> Decision:
        """Return the typing of a text."""
        return self.decide(f'I type "{text}"', Type(text))

    def confirm(self, intent: str) -> Decision | None:
        """Return the tap on the last button of a dialog, None where there is no dialog."""
        asked = self.state.dialog
        if asked is None:
            return None
        return self.press(Do("dialog", len(asked.buttons) - 1, "system"), intent)

    def can(self, event: Event) -> bool:
        """Return whether the screen, or what it scrolls to, offers an event."""
        return self._find(event) is not None

    # Finding.

    def _find(self, event: Event) -> tuple[Node, Box | None] | None:
        """Return the node that asks for an event and the scrolled area it is in."""
        return _search(self.phone.tree(), event, None)

    def _spot(self, event: Event) -> Tap | None:
        """Return the tap that asks for an event, None where its target is not in sight."""
        tree = self.phone.tree()
        _, _, width, height = tree.box
        for node, seen in walk(tree):
            if node.tap == event and (spot := spot_of(tree, node, seen)):
                return Tap(Point(spot[0] / width, spot[1] / height))
        return None

    def _state_shown(self, event: Event) -> Point | None:
        """Return where the target of an event shows whether it is on, None where it does not."""
        found = self._find(event)
        shown = [] if found is None else [n for n, _ in walk(found[0]) if n.shows]
        if not shown:
            return None
        _, _, width, height = self.phone.tree().box
        x, y = shown[0].box.center
        return Point(x / width, y / height)

    def _drag(self, area: Box, *, up: bool) -> Swipe:
        """Return the swipe that scrolls an area by two thirds of its height."""
        _, _, width, height = self.phone.tree().box
        high, low = area.y + area.h * 0.15, area.y + area.h * 0.82
        x = (area.x + area.w / 2) / width
        start, end = (low, high) if up else (high, low)
        return Swipe(Point(x, start / height), Point(x, end / height))

    def _title(self, app: str, route: Route) -> str:
        owner: App[object] = APPS[app]
        label = self._label(Go(route)) or self._label(Tab(route))
        if label:
            return f'"{label}"'
        name = route.name.replace("_", " ")
        return f"the {name} screen" if route.name != "main" else f"the first screen of {owner.en}"

    def _label(self, event: Event) -> str:
        found = self._find(event)
        return found[0].words[:40] if found else ""


def _search(node: Node, event: Event, area: Box | None) -> tuple[Node, Box | None] | None:
    if node.tap == event:
        return node, area
    inner = node.box if node.scroll else area
    for child in node.children:
        found = _search(child, event, inner)
        if found:
            return found
    return None
