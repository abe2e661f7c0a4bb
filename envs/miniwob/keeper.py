"""Keeps a program and all that it starts alive only as long as its parent: a program of its own.

    python keeper.py PROGRAM ARGUMENT...

A browser starts a dozen processes and puts them into groups of their own, so no signal to a group
reaches them all, and a parent that is killed outright sends none. The parent holds the other end
of this program's standard input: when that closes, for whatever reason, everything is ended.

It knows no browser, and imports nothing of this project: it starts in 30 ms.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

__all__ = ["keep"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 2.0
"""How long a program may take to end when it is asked to."""


def keep(command: list[str]) -> int:
    """Run a command until it ends or standard input closes; end all that is left of it.

    Returns:
        The command's exit code.
    """
    libc = ctypes.CDLL(None)
    with suppress(AttributeError):  # not on Linux: what the program left behind is not seen
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def die_with_keeper() -> None:
        with suppress(AttributeError):
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    # Interrupts are the parent's to handle; it ends this program when it is done with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    child = subprocess.Popen(  # one thread, so the function between fork and exec is safe
        command, stdin=subprocess.DEVNULL, preexec_fn=die_with_keeper
    )
    try:
        while child.poll() is None:
            ready, _, _ = select.select([0], [], [], 0.5)
            if ready and not os.read(0, 1024):
                break
    finally:
        code = _end(child)
    return code


def _end(child: "subprocess.Popen[bytes]") -> int:
    """End the child, wait for what it started, and kill what is left of that."""
    child.terminate()
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline:
        _reap()
        if child.poll() is not None and not any(_descendants(os.getpid())):
            break
        time.sleep(0.02)
    while left := list(_descendants(os.getpid())):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.poll()
        _reap()
        time.sleep(0.01)
    return child.wait()


def _reap() -> None:
    """Take the exit codes of orphans, which fell to this program."""
    with suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break


def _descendants(root: int) -> Iterator[int]:
    """Yield the living processes under one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if entry.isdigit():
            with suppress(OSError), open(f"/proc/{entry}/stat") as stat:
                # The name in brackets may hold anything; behind it come state and parent.
                _, parent = stat.read().rpartition(")")[2].split()[:2]
                children.setdefault(int(parent), []).append(int(entry))
    waiting = [root]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            yield pid
            waiting.append(pid)


if __name__ == "__main__":
    raise SystemExit(keep(sys.argv[1:]))
