"""A desktop through mss and pyautogui: the one that is there, or a virtual one.

Pauses and pyautogui's own fail-safe are off: `DesktopEnv` waits for the screen, and stops when a
person takes the pointer to a corner.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from qvl_agent.actions.errors import DeviceError, MissingDependency, QvlAgentError
from qvl_agent.envs.base import Image
from qvl_agent.envs.desktop.clipboard import Clipboard, SystemClipboard, XClipboard
from qvl_agent.envs.desktop.desktop import Box, Button, Refused
from qvl_agent.envs.desktop.permission import require_permission
from qvl_agent.envs.desktop.x11 import X11, connecting
from qvl_agent.envs.screen import EventLog

__all__ = ["RealDesktop", "find_display"]

_NOTCH = 120 if sys.platform == "win32" else 1
"""What pyautogui calls one notch of the wheel: Windows counts in 120ths."""

_NAMES: Mapping[str, str] = {"menu": "apps"} | (
    {"win": "command", "alt": "option"} if sys.platform == "darwin" else {}
)
"""pyautogui's names of keys, where they are not ours."""

_hands = threading.Lock()
"""pyautogui knows one display a process: who uses it puts in his own, one at a time."""


def find_display(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the X display of this session; None where the system has no X.

    Raises:
        DeviceError: If there is none, or it is Wayland; says what to do.
    """
    if sys.platform in ("win32", "darwin"):
        return None
    wayland = environment.get("XDG_SESSION_TYPE") == "wayland" or environment.get("WAYLAND_DISPLAY")
    if wayland:
        raise DeviceError(
            "this session is Wayland, where no program may see the screen or move the pointer of "
            'another; log in with "Xorg" (on the login screen), or use --virtual 1280x800'
        )
    display = environment.get("DISPLAY")
    if not display:
        raise DeviceError(
            "there is no display: DISPLAY is not set; "
            "start from a desktop session, or use --virtual 1280x800"
        )
    return display


class RealDesktop:
    """A desktop.

    Args:
        display: Of X, as in `:0`; None is the session's own.
        authority: File with the key to that display; None is the user's own.
        name: As shown and stored in traces.

    Raises:
        DeviceError: If there is no display, or it may not be used; says what to do.
        MissingDependency: If mss or pyautogui is not installed.
    """

    def __init__(
        self,
        display: str | None = None,
        *,
        authority: str | None = None,
        name: str = "desktop",
    ) -> None:
        self.name = name
        self.log = EventLog()
        display = display or find_display()
        if sys.platform == "darwin":
            require_permission()
        self._x11 = X11(display, authority) if display is not None else None
        self._typeable: frozenset[str] = frozenset(map(chr, range(0x20, 0x7F)))
        self._keymap: dict[str, int] = {}
        self._screen: Any = None
        self._pyautogui: Any = None
        self._gone = ""
        try:
            with _hands, connecting(display, authority) if display else nullcontext():
                self._pyautogui = _pyautogui()
                self._screen = _mss(display)
            self._clipboard = self._with_clipboard()
        except BaseException:
            self.close()
            raise

    def _with_clipboard(self) -> Clipboard:
        if self._x11 is None:
            held = "command" if sys.platform == "darwin" else "ctrl"
            return SystemClipboard(lambda: self._press(held, "v"))
        keys = self._x11.keymap(self._pyautogui.isShiftCharacter)
        self._typeable = frozenset(keys)
        self._keymap = dict(keys)
        return XClipboard(self._x11, lambda: self._press("shift", "insert"), self.log)

    def screens(self) -> tuple[Box, ...]:
        """Return all of the desktop, then each of its monitors."""
        with self._reaching(), self._acting() as gui:
            monitors = self._screen.monitors
            if self._x11 is not None:
                return tuple(_box(monitor) for monitor in monitors)
            # The picture may have other pixels than the pointer counts; the pointer's are wanted.
            width, height = gui.size()
            ratio = width / monitors[1]["width"]
            return tuple(_box({k: round(m[k] * ratio) for k in _SIDES}) for m in monitors)

    def window(self, title: str) -> Box:
        """Return where the uppermost window is whose title holds these words.

        Raises:
            Refused: If there is none.
        """
        with self._reaching():
            if self._x11 is not None:
                return self._x11.window(title)
            import pygetwindow

            found = [w for w in pygetwindow.getAllWindows() if title.lower() in w.title.lower()]
            if not found:
                raise Refused(f"no window is called {title!r}")
            return Box(found[0].left, found[0].top, found[0].width, found[0].height)

    def screenshot(self, box: Box) -> Image:
        """Return the picture of a part, uint8 (H, W, 3)."""
        where = {"left": box.x, "top": box.y, "width": box.width, "height": box.height}
        with self._reaching():
            shot = self._screen.grab(where)
        bgra = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        image = np.empty((shot.height, shot.width, 3), np.uint8)
        for channel in range(3):
            image[..., channel] = bgra[..., 2 - channel]
        return image

    def pointer(self) -> tuple[int, int]:
        """Return where the pointer is."""
        with self._acting() as gui:
            x, y = gui.position()
            return int(x), int(y)

    def move(self, x: int, y: int) -> None:
        """Put the pointer somewhere."""
        with self._acting() as gui:
            gui.moveTo(x, y, _pause=False)

    def button(self, button: Button, down: bool) -> None:
        """Press a button, or let go of it, where the pointer is."""
        with self._acting() as gui:
            (gui.mouseDown if down else gui.mouseUp)(button=button, _pause=False)

    def wheel(self, notches: int) -> None:
        """Turn the wheel; positive shows what is further up."""
        with self._acting() as gui:
            gui.scroll(notches * _NOTCH, _pause=False)

    def key(self, name: str, down: bool) -> None:
        """Press a key of `actions.desktop.KEYS`, or let go of it.

        Raises:
            Refused: If this keyboard does not have it.
        """
        with self._acting() as gui:
            known = _NAMES.get(name, name)
            if not gui.platformModule.keyboardMapping.get(known):
                raise Refused(f"this keyboard has no key {name!r}")
            (gui.keyDown if down else gui.keyUp)(known, _pause=False)

    def write(self, text: str) -> None:
        """Put a text without control characters where the focus is.

        What the keyboard has is typed, all else is pasted; the clipboard is as it was afterwards.

        Raises:
            Refused: If nothing there takes a text that has to be pasted.
        """
        if self._typeable.issuperset(text) and not (self._x11 and self._x11.locked()):
            with self._acting() as gui:
                gui.write(text, interval=0, _pause=False)
        else:
            with self._reaching():
                self._clipboard.paste(text)

    def close(self) -> None:
        """Let go of the desktop. May be called twice."""
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.close()
        if self._x11 is not None:
            self._x11.close()

    def _press(self, held: str, key: str) -> None:
        self.key(held, True)
        try:
            self.key(key, True)
            self.key(key, False)
        finally:
            self.key(held, False)

    @contextmanager
    def _acting(self) -> Iterator[Any]:
        """Give pyautogui, on this display."""
        with self._reaching(), _hands:
            gui = self._pyautogui
            if self._x11 is not None:
                gui.platformModule._display = self._x11.display
                gui.platformModule.keyboardMapping.update(self._keymap)
            yield gui

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say in one line what happened to a desktop that cannot be reached."""
        if self._gone or self._screen is None:  # Xlib waits for ever on a connection that broke
            raise DeviceError(self._gone or f"{self.name} was closed")
        try:
            yield
        except QvlAgentError:
            raise
        except Exception as exc:
            # Libraries raise errors of any kind when a display goes away in the middle.
            if self._x11 is None or self._x11.alive():
                raise
            self._gone = f"{self.name} is gone: display {self._x11.name} answers no longer"
            raise DeviceError(self._gone) from exc


_SIDES = ("left", "top", "width", "height")


def _box(monitor: Mapping[str, Any]) -> Box:
    return Box(*(int(monitor[side]) for side in _SIDES))


def _pyautogui() -> Any:
    """Return pyautogui, with its pauses off."""
    first = "pyautogui" not in sys.modules
    try:
        import pyautogui
    except ImportError as exc:
        raise MissingDependency("pyautogui", extra="desktop", purpose="drive a desktop") from exc
    except SystemExit as exc:  # MouseInfo, which pyautogui imports, ends the program here
        raise DeviceError(
            "pyautogui needs tkinter, which this Python does not have; "
            "on Debian or Ubuntu: apt-get install python3-tk"
        ) from exc
    if first and hasattr(pyautogui.platformModule, "_display"):
        pyautogui.platformModule._display.close()  # each desktop puts in its own
    pyautogui.PAUSE = 0
    pyautogui.FAILSAFE = False
    return pyautogui


def _mss(display: str | None) -> Any:
    """Return a way to take pictures of a display."""
    try:
        import mss
    except ImportError as exc:
        raise MissingDependency("mss", extra="desktop", purpose="see a desktop") from exc
    try:
        return mss.MSS(display=display) if display is not None else mss.MSS()
    except mss.ScreenShotError as exc:
        raise DeviceError(f"the screen cannot be photographed: {exc}") from exc
