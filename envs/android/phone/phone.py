"""The phone: takes taps, swipes, text and keys, and shows pictures.

A `Phone` holds one frozen `State` and replaces it at every input; its screen is a function of that
state. Time passes only when somebody says so (`pass_time`), so the same inputs give the same
pictures, in process and over a wire. Knows no tasks.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from qvl_agent.envs.android.phone.app import App, Desk, View, theme_for
from qvl_agent.envs.android.phone.apps import all_apps
from qvl_agent.envs.android.phone.keyboard import KEYBOARD_HEIGHT, keyboard
from qvl_agent.envs.android.phone.launcher import Launcher
from qvl_agent.envs.android.phone.layout import Widget, place
from qvl_agent.envs.android.phone.nodes import (
    Back,
    Box,
    Do,
    Event,
    Focus,
    Go,
    Key,
    Node,
    Picture,
    Switch,
    Tab,
    hit,
)
from qvl_agent.envs.android.phone.paint import DIM, paint
from qvl_agent.envs.android.phone.state import LAUNCHER, Keys, State
from qvl_agent.envs.android.phone.system import (
    STATUS_HEIGHT,
    dialog,
    lock_screen,
    nav_bar,
    nav_height,
    recents,
    shade,
    spinner,
    status_bar,
    toast,
)
from qvl_agent.envs.base import Image

__all__ = ["ADB_KEYBOARD", "APPS", "RECENTS", "Phone"]

RECENTS = "recents"
"""Stands for an app while the list of recent apps is in front."""

SHORT_SIDE = 392.0
"""Width of the screen in portrait, in dp."""

ADB_KEYBOARD = "com.android.adbkeyboard/.AdbIME"
"""The input method that types what is broadcast to it."""


def _registry() -> Mapping[str, App[Any]]:
    apps = all_apps()
    return MappingProxyType(
        {LAUNCHER: Launcher(tuple(a.id for a in apps)), **{a.id: a for a in apps}}
    )


APPS: Mapping[str, App[Any]] = _registry()
"""All apps by id, the home screen among them."""


class Phone:
    """A simulated phone.

    Args:
        state: What it starts with.
        width: Of the screen in portrait, in pixels.
        height: Of the screen in portrait, in pixels.
    """

    def __init__(self, state: State, width: int = 392, height: int = 840) -> None:
        self.state = state
        self._portrait = (width, height)
        self._tree: tuple[State, Node] | None = None
        self._frame: tuple[Node, Image] | None = None

    # What it shows.

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the screen in pixels, as it is turned now."""
        width, height = self._portrait
        return (height, width) if self.state.rotation % 2 else (width, height)

    @property
    def scale(self) -> float:
        """Pixels per dp."""
        return min(self._portrait) / SHORT_SIDE

    def tree(self) -> Node:
        """Return the tree of what is on the screen."""
        if self._tree is None or self._tree[0] is not self.state:
            width, height = self.size
            root = _compose(self.state, width / self.scale, height / self.scale)
            self._tree = (self.state, root)
        return self._tree[1]

    def frame(self) -> Image:
        """Return the picture on the screen, uint8 (height, width, 3); not to be written to."""
        tree = self.tree()
        if self._frame is None or self._frame[0] is not tree:
            if self._frame is not None and self._frame[0] == tree:
                self._frame = (tree, self._frame[1])
            else:
                pixels = np.asarray(paint(tree, *self.size))
                self._frame = (tree, pixels)
        return self._frame[1]

    def screen_name(self) -> str:
        """Return what a person would call the screen, in English."""
        if self.state.shade:
            return "the notification shade"
        if self.state.app == RECENTS:
            return "the list of recent apps"
        return APPS[self.state.app].title(_view(self.state, SHORT_SIDE, 840))

    # What can be done with it. Points are in dp.

    def tap(self, x: float, y: float, *, long: bool = False) -> None:
        """Tap a point, or hold it for a second."""
        if not self.state.awake:
            return
        found = hit(self.tree(), x, y)
        if long:
            event = next((n.hold for n in found if n.hold), None)
            event = event or next((n.tap for n in found if n.tap), None)
        else:
            event = next((n.tap for n in found if n.tap), None)
        if event is not None:
            self._dispatch(event)
        elif self.state.shade and not any(n.fill for n in found):
            self.state = replace(self.state, shade=False)

    def swipe(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Move a finger from one point to another."""
        state = self.state
        if not state.awake:
            return
        dx, dy = x1 - x0, y1 - y0
        if max(abs(dx), abs(dy)) < 12:
            self.tap(x0, y0, long=True)
            return
        vertical = abs(dy) >= abs(dx)
        direction = ("down" if dy > 0 else "up") if vertical else ("right" if dx > 0 else "left")
        if state.locked:
            if direction == "up":
                self.state = replace(state, locked=False)
        elif state.dialog is not None:
            return
        elif state.shade:
            if direction == "up":
                self.state = replace(state, shade=False)
        elif y0 < STATUS_HEIGHT and direction == "down":
            self.state = replace(state, shade=True, focus="")
        elif not (vertical and self._scroll(x0, y0, dy)) and state.app in APPS:
            desk = self._desk()
            APPS[state.app].swipe(desk, direction)
            self.state = desk.state

    def type(self, text: str) -> None:
        """Type text into the field that has the focus.

        Without one the app gets the keys, and most have no use for them. A calculator and the
        keypad of a telephone do, as on Android.
        """
        for piece in text.splitlines(keepends=True):
            line = piece.rstrip("\r\n")
            if line:
                self._insert(line)
            if line != piece:
                self.key("enter")

    def key(self, name: str) -> None:
        """Press a key: "back", "home", "enter", "delete", "recents", "power", "wake", "sleep".

        Raises:
            KeyError: If there is no such key.
        """
        match name:
            case "power":
                self._wake(not self.state.awake)
            case "wake":
                self._wake(True)
            case "sleep":
                self._wake(False)
            case _ if not self.state.awake or self.state.locked:
                return
            case "back":
                self._back()
            case "home":
                self.open(LAUNCHER)
            case "recents":
                self._recents()
            case "enter":
                self._enter()
            case "delete":
                if self.state.focus:
                    self._edit(lambda text: text[:-1])
                else:
                    self._press_keys("\b")
            case "clear":
                self._edit(lambda text: "")
            case _:
                raise KeyError(name)

    def open(self, app: str) -> None:
        """Bring an app to the front.

        Raises:
            KeyError: If there is no such app.
        """
        if app not in APPS:
            raise KeyError(app)
        desk = self._desk()
        desk.set(dialog=None, loading_until=0)
        desk.switch(app)
        self.state = desk.state

    def close(self, app: str) -> None:
        """Stop an app: its screens are gone, what it has stored is kept."""
        stacks = {k: s for k, s in self.state.stacks.items() if k != app}
        in_front = self.state.app == app
        recent = tuple(a for a in self.state.recent if a != app)
        self.state = replace(
            self.state, stacks=stacks, recent=recent, app=LAUNCHER if in_front else self.state.app
        )

    def pass_time(self, ms: int) -> None:
        """Let time go by."""
        before = self.state
        self.state = replace(before, now_ms=before.now_ms + ms)
        if (
            self._tree is not None
            and self._tree[0] is before
            and _shows(before) == _shows(self.state)
        ):
            self._tree = (self.state, self._tree[1])

    def set_keyboard(self, name: str) -> None:
        """Choose the input method; ADBKeyBoard shows no keys."""
        self.state = replace(self.state, keyboard=name)

    def turn(self, rotation: int) -> None:
        """Turn the phone: 0 is portrait, 1 to 3 are quarter turns."""
        self.state = replace(self.state, rotation=rotation % 4)

    # How it reacts.

    def _desk(self, app: str | None = None) -> Desk:
        return Desk(self.state, app or self.state.app, APPS)

    def _dispatch(self, event: Event) -> None:
        if isinstance(event, Key):
            self._press(event.name)
            return
        if isinstance(event, Back):
            self._back()
            return
        if isinstance(event, Do) and event.owner == "system":
            self._system(event)
            return
        desk = self._desk(event.owner if isinstance(event, Do) and event.owner else None)
        match event:
            case Go(route):
                desk.go(route)
            case Tab(route):
                desk.tab(route)
            case Switch(app, route):
                desk.switch(app, route)
            case Focus(name):
                desk.focus(name)
            case Do(name, arg):
                APPS[desk.app].do(desk, name, arg)
        self.state = desk.state

    def _system(self, event: Do) -> None:
        desk = self._desk()
        match event.name:
            case "key":
                self.key(event.arg)
                return
            case "toggle":
                desk.configure(**{event.arg: not getattr(desk.state.settings, event.arg)})
            case "brightness":
                desk.configure(brightness=event.arg)
            case "clear_field":
                desk.set(fields={**desk.state.fields, event.arg: ""}, focus=event.arg)
                APPS[desk.app].typed(desk, event.arg.split("/")[1])
            case "clear_notices":
                desk.set(notices=())
            case "notice":
                notice = desk.state.notices[event.arg]
                rest = tuple(n for i, n in enumerate(desk.state.notices) if i != event.arg)
                desk.set(notices=rest)
                desk.switch(notice.app, notice.route)
            case "dialog":
                self._answer(event.arg)
                return
            case other:
                raise KeyError(other)
        self.state = desk.state

    def _answer(self, index: int) -> None:
        """Press a button of the dialog."""
        asked = self.state.dialog
        assert asked is not None
        self.state = replace(self.state, dialog=None)
        event = asked.buttons[index][1]
        if event is not None:
            if isinstance(event, Do) and not event.owner and asked.owner:
                event = replace(event, owner=asked.owner)
            self._dispatch(event)

    def _press(self, name: str) -> None:
        """Press a key of the on-screen keyboard."""
        match name:
            case "shift":
                upper: Keys = "lower" if self.state.keys == "upper" else "upper"
                self.state = replace(self.state, keys=upper)
            case "symbols":
                keys: Keys = "lower" if self.state.keys == "symbols" else "symbols"
                self.state = replace(self.state, keys=keys)
            case "delete" | "enter":
                self.key(name)
            case char:
                self._insert(char)
                if self.state.keys == "upper":
                    self.state = replace(self.state, keys="lower")

    def _insert(self, text: str) -> None:
        if self.state.focus:
            self._edit(lambda old: old + text)
        else:
            self._press_keys(text)

    def _press_keys(self, text: str) -> None:
        """Let the app in front have keys that no field takes."""
        state = self.state
        covered = state.loading or state.dialog or state.shade or state.locked or not state.awake
        if covered or state.app not in APPS:
            return
        desk = self._desk()
        for char in text:
            APPS[desk.app].press(desk, char)
        self.state = desk.state

    def _edit(self, change: Any) -> None:
        where = self.state.focus
        if not where or not self.state.awake:
            return
        desk = self._desk(where.split("/")[0])
        desk.set(fields={**self.state.fields, where: change(self.state.text_of(where))})
        APPS[desk.app].typed(desk, where.split("/")[1])
        self.state = desk.state

    def _enter(self) -> None:
        where = self.state.focus
        if not where:
            self._press_keys("\n")
            return
        app, name = where.split("/")
        if name in APPS[app].multiline:
            self._insert("\n")
            return
        desk = self._desk(app)
        APPS[app].enter(desk, name)
        self.state = desk.state

    def _back(self) -> None:
        state = self.state
        if state.dialog is not None:
            self.state = replace(state, dialog=None)
        elif state.shade:
            self.state = replace(state, shade=False)
        elif state.focus:
            self.state = replace(state, focus="")
        elif state.app == RECENTS:
            self.open(LAUNCHER)
        else:
            desk = self._desk()
            desk.set(loading_until=0)
            desk.back()
            self.state = desk.state

    def _recents(self) -> None:
        if self.state.app == RECENTS:
            return
        desk = self._desk()
        desk.switch(LAUNCHER)
        desk.set(app=RECENTS, dialog=None, loading_until=0)
        self.state = desk.state

    def _wake(self, awake: bool) -> None:
        self.state = replace(self.state, awake=awake, locked=self.state.locked or not awake)

    def _scroll(self, x: float, y: float, dy: float) -> bool:
        """Scroll the area under the finger; return whether it moved."""
        area = next((n for n in hit(self.tree(), x, y) if n.scroll), None)
        if area is None:
            return False
        old = self.state.scrolls.get(area.scroll, 0.0)
        most = max(0.0, area.extent - area.box.h)
        new = min(most, max(0.0, old - dy))
        self.state = replace(self.state, scrolls={**self.state.scrolls, area.scroll: new})
        return new != old


def _shows(state: State) -> tuple[Any, ...]:
    """Return all of the time that can be read off the screen; equal where it stays the same."""
    toast_up = bool(state.toast) and state.now_ms < state.toast_until
    counting = state.now_ms // 1000 if state.app in _COUNTING else 0
    spinning = state.now_ms // 300 if state.loading else 0
    return state.now.replace(second=0, microsecond=0), toast_up, counting, spinning, state.loading


_COUNTING = frozenset({"clock"})
"""Apps that show seconds."""


def _view(state: State, width: float, height: float) -> View[Any]:
    app = state.app if state.app in APPS else LAUNCHER
    return View(
        state, state.data[app], app, state.stacks[app][-1], theme_for(state), width, height, APPS
    )


def _compose(state: State, width: float, height: float) -> Node:
    """Return the tree of the whole screen."""
    screen = Box(0, 0, width, height)
    if not state.awake:
        return Node(screen, fill=(0, 0, 0), modal=True)
    v = _view(state, width, height)
    white = (255, 255, 255)
    on_paper = state.app == LAUNCHER and v.route.name != "drawer"
    layers: list[Node] = []
    foot = nav_height(v)
    if state.locked:
        layers.append(place(lock_screen(v), screen))
        layers.append(place(status_bar(v, white), Box(0, 0, width, STATUS_HEIGHT)))
        return Node(screen, children=tuple(layers))
    keys = 0.0
    if state.focus and not state.loading and state.keyboard != ADB_KEYBOARD:
        keys = min(KEYBOARD_HEIGHT, height * 0.5)
    inner = Box(0, STATUS_HEIGHT, width, height - STATUS_HEIGHT - foot - keys)
    if on_paper:
        paper = Picture("wallpaper", (state.look.wallpaper, v.theme.dark))
        layers.append(Node(screen, picture=paper))
    else:
        layers.append(Node(screen, fill=v.theme.page))
    layers.append(place(_content(v, inner), inner))
    if keys:
        app, name = state.focus.split("/")
        board = keyboard(
            v.theme,
            state.keys,
            multiline=name in APPS[app].multiline,
            space="English" if state.settings.language == "en" else "中文",
            height=keys,
        )
        layers.append(place(board, Box(0, height - foot - keys, width, keys)))
    if state.toast and state.now_ms < state.toast_until:
        layers.append(place(toast(v), Box(20, height - foot - keys - 116, width - 40, 46)))
    nav_ink = white if on_paper else v.theme.dim
    nav_fill = None if on_paper else v.theme.page
    ink = white if on_paper else v.theme.text
    if state.shade:
        layers.append(Node(screen, fill=v.theme.page, modal=True))
        layers.append(place(shade(v), Box(0, 0, width, height - foot)))
        ink, nav_ink, nav_fill = v.theme.text, v.theme.dim, v.theme.page
    layers.append(place(status_bar(v, ink), Box(0, 0, width, STATUS_HEIGHT)))
    layers.append(place(nav_bar(v, nav_ink, nav_fill), Box(0, height - foot, width, foot)))
    if state.dialog is not None:
        dimmed = Node(screen, picture=Picture(DIM), modal=True)
        layers.append(dimmed)
        layers.append(place(dialog(v, state.dialog), Box(0, 0, width, height - foot)))
    return Node(screen, children=tuple(layers))


def _content(v: View[Any], inner: Box) -> Widget:
    """Return what the app in front shows."""
    if v.state.app == RECENTS:
        return recents(v)
    if v.state.loading:
        return spinner(v)
    sized = replace(v, height=inner.h)
    return APPS[v.app].view(sized)
