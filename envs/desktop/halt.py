"""How a person stops an agent that has the mouse: a corner, a file, Ctrl-C, SIGTERM.

A halt is a `KeyboardInterrupt`: nothing that handles errors takes it for one, and an episode ends
with the reason "interrupted".
"""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from qvl_agent.envs.desktop.desktop import Desktop

__all__ = ["HALT_FILE", "HaltSwitch", "Halted"]

HALT_FILE = Path("~/.qvl-agent/halt")
"""While this file exists, no desktop is touched."""


class Halted(KeyboardInterrupt):
    """A person wants it to stop."""


class HaltSwitch:
    """Looks whether somebody wants it to stop.

    Args:
        desktop: Whose pointer to look at.
        file: Stops it while it exists.
    """

    def __init__(self, desktop: Desktop, file: Path) -> None:
        self._desktop = desktop
        self._file = file.expanduser()
        self._left: tuple[int, int] | None = None
        self._before: Any = None

    def left(self) -> None:
        """Note where the agent itself has left the pointer: it may click in a corner."""
        self._left = self._desktop.pointer()

    def check(self) -> None:
        """Go on, or do not.

        Raises:
            Halted: If the file is there, or a person has taken the pointer into a corner.
        """
        if self._file.exists():
            raise Halted(f"the halt file {self._file} exists; remove it to go on")
        at = self._desktop.pointer()
        if at != self._left and at in self._corners():
            raise Halted(f"the pointer was taken to the corner {at}")

    def listen(self) -> None:
        """Halt on SIGTERM too, where nobody else has asked for that signal."""
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._before = signal.signal(signal.SIGTERM, _halt)

    def ignore(self) -> None:
        """Listen no longer."""
        if self._before is not None and signal.getsignal(signal.SIGTERM) is _halt:
            signal.signal(signal.SIGTERM, self._before)
        self._before = None

    def _corners(self) -> set[tuple[int, int]]:
        all_of_it = self._desktop.screens()[0]
        xs = (all_of_it.x, all_of_it.x + all_of_it.width - 1)
        ys = (all_of_it.y, all_of_it.y + all_of_it.height - 1)
        return {(x, y) for x in xs for y in ys}


def _halt(number: int, frame: FrameType | None) -> None:
    raise Halted("the program was asked to end (SIGTERM)")
