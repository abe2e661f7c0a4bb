"""Programs that end with whoever started them. Knows no screen.

Linux only: elsewhere a desktop is the one that is there, and programs are the user's.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from qvl_agent.envs.desktop import keeper

__all__ = ["Program"]

_PATIENCE_S = 10.0


class Program:
    """A running program, under a keeper.

    It ends with `stop`, and where nobody called that, with this process: also where this process
    is killed. So does all that the program started.

    Args:
        command: Without a shell.
        environment: Of the program; None is this process's own.
        pass_fds: Descriptors that the program inherits.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self.command = tuple(command)
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (`stop` closes it)
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(keeper.__file__)), *command],
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=self._said,
            env=None if environment is None else dict(environment),
            pass_fds=pass_fds,
            start_new_session=True,  # Ctrl-C is for this process, which then stops the program
        )

    @property
    def running(self) -> bool:
        """Whether the program, or something that it started, still runs."""
        return self._keeper.poll() is None

    @property
    def status(self) -> int | None:
        """Exit status, negative for the signal that ended it; None while it runs."""
        return self._keeper.poll()

    def said(self) -> str:
        """Return the end of what the program wrote to its standard output and error."""
        if self._said.closed:
            return ""
        self._said.seek(max(0, self._said.seek(0, 2) - 4096))
        return self._said.read().decode("utf-8", "replace").strip()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it came."""
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self.running

    def stop(self) -> None:
        """End the program and all that it started. May be called twice."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        try:
            self._keeper.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self._said.close()
