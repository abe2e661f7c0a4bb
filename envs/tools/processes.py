"""Which processes a process has started, and what they use. Read from /proc; Linux only."""

import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Usage", "kill_descendants", "usage"]

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and all its descendants use together.

    Attributes:
        pids: The process itself first.
        resident: Bytes of memory; pages that two of them share count twice.
    """

    pids: tuple[int, ...]
    resident: int


def usage(root: int) -> Usage:
    """Return what a process and its descendants use; empty where /proc does not tell."""
    parents, resident = {}, {}
    with contextlib.suppress(OSError):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    # Fields after the name, which is in brackets and may hold anything.
                    stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                    parents[int(entry)] = int(stat[1])
                    resident[int(entry)] = int(stat[21]) * _PAGE
    children = defaultdict(list)
    for pid, parent in parents.items():
        children[parent].append(pid)
    found, queue = [], [root] if root in parents else []
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += children[pid]
    return Usage(tuple(found), sum(resident[pid] for pid in found))


def kill_descendants(root: int) -> None:
    """Kill all that a process has started, and not the process itself: it reaps them.

    All are stopped before any is killed, for while one still runs it can make more.
    """
    for _ in range(100):
        stopped: set[int] = set()
        while new := set(_living_descendants(root)) - stopped:
            _signal(new, signal.SIGSTOP)
            stopped |= new
        if not stopped:
            return
        _signal(stopped, signal.SIGKILL)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _living_descendants(root: int) -> list[int]:
    # A killed child stays in the list, as a zombie, until the root has reaped it.
    return [pid for pid in usage(root).pids if pid != root and not _is_zombie(pid)]


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True
