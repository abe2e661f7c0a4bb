"""Runs one program and sees to it that nothing of it is left: `python keeper.py COMMAND...`.

It ends the program, and all that the program started, as soon as its own standard input ends: that
is when whoever wanted the program has ended, in whatever way, `kill -9` included. It needs only
the standard library, and is run by its path, so that it starts at once.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 2.0


def main(command: list[str]) -> int:
    """Run a command to its end, or to the end of standard input; return its exit status."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what the program starts and leaves comes to us
    wakened = _wakened()
    child = _start(command)
    status = 0
    while True:
        ready, _, _ = select.select([0, wakened], [], [])
        if wakened in ready:
            signals = os.read(wakened, 64)
            while reaped := _reap():
                pid, code = reaped
                if pid == child:
                    status = code
            if _childless():
                return status
            if signal.SIGTERM in signals:
                break
        if 0 in ready and not os.read(0, 4096):
            break
    _end_all()
    return status


def _start(command: list[str]) -> int:
    """Start the program; it ends with us, even where we are killed."""
    child = os.fork()
    if child:
        return child
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)
    except OSError as exc:
        os.write(2, f"{command[0]}: {exc.strerror}\n".encode())
    finally:
        os._exit(127)


def _wakened() -> int:
    """Return a descriptor on which the numbers of signals arrive as bytes."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return reading


def _reap() -> tuple[int, int] | None:
    """Return the number and exit status of a process that has ended, if there is one."""
    try:
        pid, waited = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(waited)) if pid else None


def _childless() -> bool:
    """Return whether nothing is left below this process: what its children leave comes to it.

    The kernel's own answer. A list of processes takes time to read, and who changes parents
    meanwhile is missing in it.
    """
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def _end_all() -> None:
    """End all descendants: politely, then not."""
    deadline = time.monotonic() + _GRACE_S
    asked: set[int] = set()
    while not _childless():
        late = time.monotonic() > deadline
        for pid in _descendants():
            if late or pid not in asked:
                asked.add(pid)
                _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.01)
        while _reap():
            pass


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _descendants() -> list[int]:
    """Return the living processes below this one.

    Those below a zombie count: while the threads of a killed process are still ending, it is one
    already, and what it started is not ours yet.
    """
    children: dict[int, list[int]] = {}
    zombies: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # "pid (name) state parent ...": the name may hold blanks and parentheses.
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        children.setdefault(int(parent), []).append(int(stat.parent.name))
        if state == "Z":
            zombies.add(int(stat.parent.name))
    found, queue = [], [os.getpid()]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return [pid for pid in found if pid not in zombies]


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
