"""Bytes that a process shares with the children it starts.

Not `multiprocessing.RawArray`: that lies in /dev/shm, which containers keep small, and a process
that touches more of it than there is dies of SIGBUS.
"""

import mmap
import os
import tempfile
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any

__all__ = ["SharedBytes"]


class SharedBytes:
    """Memory that a child process sees too, when this is among its arguments.

    Pages that nobody touches take no room.

    Args:
        size: In bytes.

    Attributes:
        memory: The bytes.
    """

    def __init__(self, size: int) -> None:
        self._file = _open()
        os.ftruncate(self._file, size)
        self.memory = mmap.mmap(self._file, size)

    def __reduce__(self) -> tuple[Callable[..., "SharedBytes"], tuple[Any, ...]]:
        return _attached, (DupFd(self._file),)

    def __del__(self) -> None:
        os.close(self._file)


def _open() -> int:
    """Return a file that has no name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("qvl-agent")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _attached(file: Any) -> SharedBytes:
    """Return the same bytes in a child process."""
    shared = SharedBytes.__new__(SharedBytes)
    shared._file = file.detach()
    shared.memory = mmap.mmap(shared._file, os.fstat(shared._file).st_size)
    return shared
