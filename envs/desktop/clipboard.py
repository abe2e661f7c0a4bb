"""Pastes a text and leaves the clipboard as it was. Knows no screen and no pointer."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Protocol

from qvl_agent.actions.errors import DeviceError, MissingDependency
from qvl_agent.envs.desktop.desktop import Refused
from qvl_agent.envs.desktop.x11 import X11
from qvl_agent.envs.screen import EventLog

__all__ = ["Clipboard", "SystemClipboard", "XClipboard"]

_LONGEST = 50_000
"""Characters of one paste: UTF-8 of that many fits one request of the X protocol."""

_TARGETS = ("UTF8_STRING", "text/plain;charset=utf-8", "image/png", "text/uri-list", "STRING")
"""What of another program's clipboard is kept, the first that it has."""

_XCLIP_S = 10.0


class Clipboard(Protocol):
    """A way to type what the keyboard does not have."""

    def paste(self, text: str) -> None:
        """Put a text where the focus is.

        Raises:
            Refused: If nothing there takes it.
        """
        ...


class XClipboard:
    """The two clipboards of X: one for Ctrl+V, one for the middle button and for terminals.

    Shift+Insert pastes one or the other, in toolkits as in terminals, so the text is offered in
    both. That it was fetched is seen, so what was there before is put back neither too early nor
    later than it can be.

    Args:
        x11: The display.
        press: Presses Shift+Insert.
        log: Gets what could not be put back.
        patience_s: How long a program may take to ask for the text.
    """

    def __init__(
        self, x11: X11, press: Callable[[], None], log: EventLog, patience_s: float = 3.0
    ) -> None:
        self._x11 = x11
        self._press = press
        self._log = log
        self._patience_s = patience_s

    def paste(self, text: str) -> None:
        """Put a text where the focus is.

        Raises:
            Refused: If no program asked for it.
        """
        held = {name: self._content(name) for name in ("CLIPBOARD", "PRIMARY")}
        try:
            for start in range(0, len(text), _LONGEST):
                part = text[start : start + _LONGEST]
                if not self._x11.offer(part, self._press, self._patience_s):
                    raise Refused("nothing was typed: no text field has the focus")
        finally:
            for name, content in held.items():
                if content is not None:
                    self._put_back(name, *content)

    def _content(self, name: str) -> tuple[str, bytes] | None:
        """Return the kind and bytes of what a clipboard holds, None where it holds nothing."""
        if not self._x11.has_clipboard(name):
            return None
        try:
            offered = self._xclip(name, "TARGETS").decode().split()
            for target in _TARGETS:
                if target in offered:
                    return target, self._xclip(name, target)
        except (subprocess.SubprocessError, OSError) as exc:
            self._log.add("clipboard", f"{name} could not be read: {exc}")
            return None
        self._log.add("clipboard", f"{name} holds no text or picture; it was not kept")
        return None

    def _xclip(self, name: str, target: str) -> bytes:
        command = [*self._command(name, target), "-o"]
        return subprocess.run(
            command,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            timeout=_XCLIP_S,
        ).stdout

    def _put_back(self, name: str, target: str, content: bytes) -> None:
        """Let xclip hold what was there; it ends when another program copies, or with X.

        xclip goes to the background before it holds anything, so it is waited for.
        """
        try:
            subprocess.run(
                [*self._command(name, target), "-i"],
                check=True,
                input=content,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment(),
                timeout=_XCLIP_S,
            )
        except (subprocess.SubprocessError, OSError) as exc:
            self._log.add("clipboard", f"{name} could not be put back: {exc}")
            return
        deadline = time.monotonic() + _XCLIP_S
        while not self._x11.has_clipboard(name):
            if time.monotonic() > deadline:
                self._log.add("clipboard", f"{name} could not be put back: xclip does not hold it")
                return
            time.sleep(0.002)

    def _command(self, name: str, target: str) -> list[str]:
        program = shutil.which("xclip")
        if program is None:
            raise DeviceError(
                "to type what the keyboard does not have and keep the clipboard, xclip is needed; "
                "on Debian or Ubuntu: apt-get install xclip"
            )
        selection = name.lower()
        return [program, "-display", self._x11.name, "-selection", selection, "-t", target]

    def _environment(self) -> dict[str, str] | None:
        authority = self._x11.authority
        return None if authority is None else os.environ | {"XAUTHORITY": authority}


class SystemClipboard:
    """The clipboard of Windows and macOS, through pyperclip; it knows text only.

    Args:
        press: Presses Ctrl+V or Command+V.
        pause_s: How long a program may take to fetch the text; it cannot be seen here.
    """

    def __init__(self, press: Callable[[], None], pause_s: float = 0.2) -> None:
        try:
            import pyperclip
        except ImportError as exc:
            raise MissingDependency(
                "pyperclip", extra="desktop", purpose="use the clipboard"
            ) from exc
        self._pyperclip = pyperclip
        self._press = press
        self._pause_s = pause_s

    def paste(self, text: str) -> None:
        """Put a text where the focus is."""
        before = self._pyperclip.paste()
        try:
            self._pyperclip.copy(text)
            self._press()
            time.sleep(self._pause_s)
        finally:
            self._pyperclip.copy(before)
