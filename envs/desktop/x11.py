"""What only the X Window System can say: windows by name, its keyboard, and a paste that is seen.

Knows one display, over a connection of its own.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DeviceError, MissingDependency
from qvl_agent.envs.desktop.desktop import Box, Refused

__all__ = ["X11", "connecting"]

_LATIN_1 = range(0x20, 0x100)
"""Code points whose keysym is the same number."""

_QUIET_S = (0.5, 3.0)
"""After the text was fetched, how long nobody may ask again before the paste counts as over: at
least and at most. Chromium asks a dozen times, also after it has the text, and pastes nothing
where one of these questions finds nobody."""

_PATIENCE = 10.0
"""How many times as long as between the questions so far it may take until the next: programs take
their time where the machine is busy."""


@contextmanager
def connecting(display: str, authority: str | None = None) -> Iterator[None]:
    """Connect to a display in here, whatever the environment says.

    Libraries read these variables once, when they connect. A file of authority that is not there
    is an error to some versions of python-xlib; to the server it is none. Some do not close it.
    """
    if authority is None and not os.environ.get("XAUTHORITY"):
        usual = Path.home() / ".Xauthority"
        authority = str(usual) if usual.exists() else os.devnull
    wanted = {"DISPLAY": display} | ({"XAUTHORITY": authority} if authority else {})
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class X11:
    """A connection to a display.

    Args:
        display: As in `:0`.
        authority: File with the key to it; None is the user's own.

    Raises:
        DeviceError: If there is no such display, or it may not be used.
    """

    def __init__(self, display: str, authority: str | None = None) -> None:
        self._display = _connected(display, authority)
        self.name = display
        self.authority = authority
        self._root = self._display.screen().root
        self._owner = self._root.create_window(0, 0, 1, 1, 0, 0)

    @property
    def display(self) -> Any:
        """The Xlib display, for pyautogui."""
        return self._display

    def managed(self) -> bool:
        """Return whether a window manager is ready."""
        return self._root.get_full_property(self._atom("_NET_SUPPORTING_WM_CHECK"), 0) is not None

    def alive(self) -> bool:
        """Return whether the display still answers."""
        try:
            X11(self.name, self.authority).close()
        except DeviceError:
            return False
        return True

    def close(self) -> None:
        """Close the connection. May be called twice, and after the display is gone."""
        # What Xlib raises on a broken connection is of any kind, and leaves its socket open.
        with suppress(Exception):
            self._display.close()
        with suppress(Exception):
            self._display.display.socket.close()

    def window(self, title: str) -> Box:
        """Return where the uppermost window is whose title holds these words.

        Raises:
            Refused: If there is none.
        """
        names: list[str] = []
        for window in reversed(self._windows()):
            name = self._title(window)
            if title.lower() in name.lower():
                shape = window.get_geometry()
                corner = self._root.translate_coords(window, 0, 0)
                return Box(corner.x, corner.y, shape.width, shape.height)
            names.append(name)
        shown = ", ".join(repr(name) for name in names if name) or "none"
        raise Refused(f"no window is called {title!r}; there are {shown}")

    def _windows(self) -> list[Any]:
        """Return the windows of programs, the uppermost last."""
        for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST"):
            listed = self._root.get_full_property(self._atom(name), 0)
            if listed is not None and len(listed.value):
                return [self._display.create_resource_object("window", i) for i in listed.value]
        return list(self._named(self._root))  # no window manager

    def _named(self, window: Any) -> Iterator[Any]:
        """Yield the visible windows with a title, below a window."""
        from Xlib import X

        for child in window.query_tree().children:
            if child.get_attributes().map_state != X.IsViewable:
                continue
            if self._title(child):
                yield child
            else:
                yield from self._named(child)

    def _title(self, window: Any) -> str:
        from Xlib import error

        try:
            for name in ("_NET_WM_NAME", "WM_NAME"):
                held = window.get_full_property(self._atom(name), 0)
                if held is not None and held.value:
                    value = held.value
                    return value if isinstance(value, str) else value.decode("utf-8", "replace")
        except error.BadWindow:  # it was closed meanwhile
            pass
        return ""

    def keymap(self, shifted: Callable[[str], bool]) -> Mapping[str, int]:
        """Return the characters that this keyboard has, with their key codes.

        Args:
            shifted: Whether a character will be typed with Shift held, as pyautogui decides it. A
                character that this keyboard has only the other way is left out.
        """
        found: dict[str, int] = {}
        for code in _LATIN_1:
            character = chr(code)
            for keycode, index in self._display.keysym_to_keycodes(code):
                if index == int(shifted(character)):
                    found[character] = keycode
                    break
        return found

    def locked(self) -> bool:
        """Return whether Caps Lock is on."""
        from Xlib import X

        return bool(self._root.query_pointer().mask & X.LockMask)

    def offer(self, text: str, press: Callable[[], None], patience_s: float) -> bool:
        """Hold a text in both clipboards, press the keys of pasting, and see it fetched.

        Args:
            text: At most about 200 KB of it in UTF-8.
            press: Presses the keys.
            patience_s: How long to wait for the program that has the focus to ask.

        Returns:
            Whether it was fetched.
        """
        from Xlib import X
        from Xlib.protocol import request

        clipboards = [self._atom("CLIPBOARD"), self._atom("PRIMARY")]
        for clipboard in clipboards:
            self._owner.set_selection_owner(clipboard, X.CurrentTime)
        self._display.sync()
        press()
        fetched, slowest = False, 0.0
        last = time.monotonic()
        deadline = last + patience_s
        while time.monotonic() < deadline:
            if not self._display.pending_events():
                time.sleep(0.001)
                continue
            event = self._display.next_event()
            if event.type != X.SelectionRequest:
                continue
            now = time.monotonic()
            last, slowest = now, max(slowest, now - last)
            fetched |= self._serve(event, text.encode())
            if fetched:
                deadline = now + min(max(_PATIENCE * slowest, _QUIET_S[0]), _QUIET_S[1])
        for clipboard in clipboards:
            if self._display.get_selection_owner(clipboard) == self._owner:
                request.SetSelectionOwner(
                    display=self._display.display,
                    window=X.NONE,
                    selection=clipboard,
                    time=X.CurrentTime,
                )
        self._display.sync()
        return fetched

    def has_clipboard(self, name: str) -> bool:
        """Return whether somebody holds a clipboard, "CLIPBOARD" or "PRIMARY"."""
        from Xlib import X

        return bool(self._display.get_selection_owner(self._atom(name)) != X.NONE)

    def _serve(self, request: Any, text: bytes) -> bool:
        """Answer a program that asks for the clipboard; return whether it asked for the text."""
        from Xlib import X, Xatom
        from Xlib.protocol import event

        texts = [self._atom(name) for name in ("UTF8_STRING", "text/plain;charset=utf-8")]
        place = request.property or request.target  # as obsolete clients want it
        served = request.target in texts
        if served:
            request.requestor.change_property(place, request.target, 8, text)
        elif request.target == self._atom("TARGETS"):
            offered = [self._atom("TARGETS"), *texts]
            request.requestor.change_property(place, Xatom.ATOM, 32, offered)
        else:
            place = X.NONE
        request.requestor.send_event(
            event.SelectionNotify(
                time=request.time,
                requestor=request.requestor,
                selection=request.selection,
                target=request.target,
                property=place,
            )
        )
        self._display.flush()
        return served

    def _atom(self, name: str) -> Any:
        return self._display.intern_atom(name)


def _connected(display: str, authority: str | None) -> Any:
    """Return the Xlib connection to a display.

    Raises:
        DeviceError: If there is none.
        MissingDependency: If there is no Xlib, which pyautogui brings.
    """
    try:
        from Xlib import display as xdisplay
        from Xlib import error
    except ImportError as exc:
        raise MissingDependency("pyautogui", extra="desktop", purpose="drive a desktop") from exc
    # A connection that failed leaves its socket to the garbage collector, which complains.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        try:
            with connecting(display, authority):
                return xdisplay.Display(display)
        except (error.DisplayError, error.XauthError, OSError) as exc:
            detail = str(exc)
    raise DeviceError(
        f"the display {display!r} cannot be used: {detail}; "
        "see that it is running and this user's, or use --virtual 1280x800"
    )
