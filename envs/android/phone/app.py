"""What an app is: how it looks, as a function of the phone's state, and what its buttons do.

`View` is what an app sees when it draws itself; `Desk` is what it may do when a button is
pressed. Knows no concrete app.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, Generic, TypeVar

from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Route
from qvl_agent.envs.android.phone.state import LAUNCHER, Dialog, Notice, State
from qvl_agent.envs.android.phone.theme import Theme, theme_of

__all__ = ["App", "Desk", "View", "theme_for"]

D = TypeVar("D")

_TOAST_MS = 2500


@dataclass(frozen=True, slots=True)
class View(Generic[D]):
    """What an app sees when it draws itself.

    Attributes:
        state: The whole phone.
        data: What the app has stored.
        app: The app's id.
        route: Which of its screens to draw.
        theme: The colours.
        width: Of the screen, in dp.
        height: Of the part of the screen that the app has, in dp.
        apps: All apps by id, for names and icons.
    """

    state: State
    data: D
    app: str
    route: Route
    theme: Theme
    width: float
    height: float
    apps: Mapping[str, "App[Any]"]

    def t(self, en: str, zh: str) -> str:
        """Return the wording in the phone's language."""
        return zh if self.state.settings.language == "zh" else en

    def field(self, name: str) -> str:
        """Return what stands in one of the app's text fields."""
        return self.state.fields.get(f"{self.app}/{name}", "")

    def offset(self, key: str) -> float:
        """Return how far a scrolled area is scrolled, in dp."""
        return self.state.scrolls.get(key, 0.0)


class App(ABC, Generic[D]):
    """An app. It has no state of its own: one instance serves all phones.

    Attributes:
        id: Short name, key of everything the phone stores about it.
        package: Android package name.
        en: Name in English.
        zh: Name in Chinese.
        icon: Name in `icons`.
        color: Of the icon's tile.
        root: The screen it opens with.
        multiline: Fields in which Enter makes a new line.
    """

    id: str
    en: str
    zh: str
    icon: str
    color: Color
    root: Route = Route("main")
    multiline: frozenset[str] = frozenset()

    @property
    def package(self) -> str:
        """The Android package name."""
        return f"org.qvl.{self.id}"

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en

    @abstractmethod
    def first(self, world: World, rng: Random) -> D:
        """Return what a new phone has stored for this app."""

    @abstractmethod
    def view(self, v: View[D]) -> Widget:
        """Return the screen."""

    def title(self, v: View[D]) -> str:
        """Return what a person would call the screen, in English, as in "the inbox of Mail"."""
        return f"the {v.route.name.replace('_', ' ')} screen of {self.en}"

    def do(self, desk: "Desk", name: str, arg: Any) -> None:
        """Carry out what a button asks for.

        Raises:
            KeyError: If the app has no such button: a bug of the app.
        """
        raise KeyError(f"{self.id} has nothing to do for {name!r}")

    def arrive(self, desk: "Desk", route: Route) -> None:
        """Called when a screen is opened, to fill its fields."""

    def enter(self, desk: "Desk", field: str) -> None:
        """Called when Enter is pressed in a field of one line."""
        desk.unfocus()

    def typed(self, desk: "Desk", field: str) -> None:
        """Called when the text in a field has changed."""

    def press(self, desk: "Desk", char: str) -> None:
        r"""Called when a key of a keyboard is pressed and no field has the focus.

        Enter is "\n" and Delete "\b".
        """

    def swipe(self, desk: "Desk", direction: str) -> bool:
        """Called on a swipe (finger direction) that scrolls nothing; return whether it acted."""
        return False


class Desk:
    """Changes the phone's state on behalf of one app.

    Args:
        state: The state to start from; `state` holds the changed one.
        app: The app it works for.
        apps: All apps by id.
    """

    def __init__(self, state: State, app: str, apps: Mapping[str, App[Any]]) -> None:
        self.state = state
        self.app = app
        self.apps = apps

    @property
    def data(self) -> Any:
        """What the app has stored."""
        return self.state.data[self.app]

    @property
    def now(self) -> datetime:
        """Date and time on the phone."""
        return self.state.now

    @property
    def route(self) -> Route:
        """The app's screen."""
        return self.state.stacks[self.app][-1]

    def t(self, en: str, zh: str) -> str:
        """Return the wording in the phone's language."""
        return zh if self.state.settings.language == "zh" else en

    def set(self, **changes: Any) -> None:
        """Change fields of the phone's state."""
        self.state = replace(self.state, **changes)

    def put(self, **changes: Any) -> None:
        """Change fields of what the app has stored."""
        self.put_data(self.app, replace(self.data, **changes))

    def put_data(self, app: str, data: Any) -> None:
        """Store data of any app."""
        self.set(data={**self.state.data, app: data})

    def configure(self, **changes: Any) -> None:
        """Change settings."""
        self.set(settings=replace(self.state.settings, **changes))

    def field(self, name: str) -> str:
        """Return what stands in one of the app's fields, without white space around it."""
        return self.state.text_of(f"{self.app}/{name}").strip()

    def fill(self, **texts: str) -> None:
        """Write into the app's fields."""
        own = {f"{self.app}/{name}": text for name, text in texts.items()}
        self.set(fields={**self.state.fields, **own})

    def focus(self, name: str) -> None:
        """Put the cursor into one of the app's fields."""
        self.set(focus=f"{self.app}/{name}", keys="lower")

    def unfocus(self) -> None:
        """Take the keyboard away."""
        self.set(focus="")

    def go(self, route: Route) -> None:
        """Open a screen on top of the present one."""
        self._show((*self.state.stacks[self.app], route))

    def tab(self, *routes: Route) -> None:
        """Replace all screens of the app."""
        self._show(routes)

    def back(self) -> None:
        """Close the screen; the last one leaves for the home screen."""
        stack = self.state.stacks[self.app]
        if len(stack) > 1:
            self.set(stacks={**self.state.stacks, self.app: stack[:-1]}, focus="")
        else:
            self.switch(LAUNCHER)

    def switch(self, app: str, route: Route | None = None) -> None:
        """Bring an app to the front, on top of its screens if a route is given."""
        if self.state.app in self.apps and self.state.app != LAUNCHER:
            recent = tuple(a for a in self.state.recent if a != self.state.app)
            self.set(recent=(self.state.app, *recent))
        self.app = app
        self.set(app=app, focus="", shade=False)
        if app == LAUNCHER:
            self.tab(self.apps[LAUNCHER].root)
        elif route is not None:
            root = self.apps[app].root
            self.tab(*((root,) if route == root else (root, route)))
        elif app not in self.state.stacks:
            self.tab(self.apps[app].root)
        waiting = self.state.waiting.get(app)
        if waiting is not None:
            rest = {k: d for k, d in self.state.waiting.items() if k != app}
            self.set(dialog=waiting, waiting=rest)

    def ask(self, title: str, text: str, *buttons: tuple[str, Any]) -> None:
        """Put a question on top of the screen."""
        self.set(dialog=Dialog(title, text, buttons, owner=self.app), focus="")

    def toast(self, text: str) -> None:
        """Show a short message."""
        self.set(toast=text, toast_until=self.state.now_ms + _TOAST_MS)

    def notify(self, title: str, text: str, route: Route | None = None) -> None:
        """Put a notice into the shade, unless the app's notices are off."""
        if self.app not in self.state.settings.muted:
            self.set(notices=(Notice(self.app, title, text, route), *self.state.notices))

    def load(self, ms: int) -> None:
        """Show that the app is loading."""
        self.set(loading_until=self.state.now_ms + ms)

    def _show(self, stack: tuple[Route, ...]) -> None:
        route = stack[-1]
        scrolls = {
            k: v
            for k, v in self.state.scrolls.items()
            if not k.startswith(f"{self.app}/{route.name}")
        }
        self.set(stacks={**self.state.stacks, self.app: stack}, focus="", scrolls=scrolls)
        slow = self.state.slow.get(f"{self.app}/{route.name}", 0)
        if slow:
            rest = {k: v for k, v in self.state.slow.items() if k != f"{self.app}/{route.name}"}
            self.set(slow=rest)
            self.load(slow)
        self.apps[self.app].arrive(self, route)


def theme_for(state: State) -> Theme:
    """Return the colours a phone has now."""
    return theme_of(state.settings.accent, state.settings.dark)
