"""A screen that is nowhere to be seen: Xvfb on a free display. Knows no pointer and no keyboard."""

import os
import re
import secrets
import select
import shutil
import socket
import struct
import tempfile
import time
from pathlib import Path

from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.envs.desktop.programs import Program
from qvl_agent.envs.desktop.x11 import X11

__all__ = ["VirtualScreen", "parse_size"]

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_SMALLEST, _LARGEST = 64, 16384
_START_S = 30.0
_FAMILY_LOCAL = 256


def parse_size(text: str) -> tuple[int, int]:
    """Return the width and height of a text as "1280x800".

    Raises:
        UsageError: If it is no such text, or no size of a screen.
    """
    match = _SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"the size of a screen is written as in 1280x800, got {text!r}")
    width, height = int(match[1]), int(match[2])
    if not (min(width, height) >= _SMALLEST and max(width, height) <= _LARGEST):
        raise UsageError(f"a screen has {_SMALLEST} to {_LARGEST} pixels a side, got {text!r}")
    return width, height


class VirtualScreen:
    """An X server without a screen, which ends with `stop` or with this process.

    Args:
        width: In pixels.
        height: In pixels.

    Raises:
        DeviceError: If Xvfb is not installed or does not start; says what to do.
    """

    def __init__(self, width: int, height: int) -> None:
        program = shutil.which("Xvfb")
        if program is None:
            raise DeviceError(
                "a virtual screen needs Xvfb, which is not installed; "
                "on Debian or Ubuntu: apt-get install xvfb"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="qvl-agent-screen-")
        self.authority = str(Path(self._folder.name) / "authority")
        cookie = secrets.token_bytes(16)
        self._allow(b"", cookie)
        reading, writing = os.pipe()
        # The server itself takes a free display, so two that start at once cannot collide.
        command = [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        command += ["-auth", self.authority, "-nolisten", "tcp", "-noreset"]
        command += ["-r"]  # no key repeats itself, however late a busy machine lets go of it
        self._program = Program(command, pass_fds=(writing,))
        os.close(writing)
        try:
            number = self._number(reading)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(reading)
        self.display = f":{number}"
        self._allow(str(number).encode(), cookie)

    @property
    def environment(self) -> dict[str, str]:
        """What a program is told that shall show itself here."""
        own = {
            k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE")
        }
        return own | {"DISPLAY": self.display, "XAUTHORITY": self.authority}

    @property
    def running(self) -> bool:
        """Whether the server still runs."""
        return self._program.running

    def managed(self) -> bool:
        """Return whether a window manager is ready.

        Source: Extended Window Manager Hints, _NET_SUPPORTING_WM_CHECK.
        """
        x11 = X11(self.display, self.authority)
        try:
            return x11.managed()
        finally:
            x11.close()

    def stop(self) -> None:
        """Stop the server; what is shown on it loses its display. May be called twice."""
        self._program.stop()
        self._folder.cleanup()

    def _allow(self, number: bytes, cookie: bytes) -> None:
        """Write the key, so that other users of the machine neither see nor type here.

        Source: libXau, Xauth(5): family, address, number, name, data, each text with its length.
        """
        texts = (socket.gethostname().encode(), number, b"MIT-MAGIC-COOKIE-1", cookie)
        entry = struct.pack(">H", _FAMILY_LOCAL)
        entry += b"".join(struct.pack(">H", len(text)) + text for text in texts)
        with open(os.open(self.authority, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
            f.write(entry)

    def _number(self, reading: int) -> int:
        """Return the display's number, which the server tells as soon as it is ready."""
        told, deadline = b"", time.monotonic() + _START_S
        while not told.endswith(b"\n"):
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([reading], [], [], left)[0]
            part = os.read(reading, 16) if ready else b""
            if not part:
                raise DeviceError(f"Xvfb did not start: {self._program.said() or 'no answer'}")
            told += part
        return int(told)
