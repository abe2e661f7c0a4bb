"""Memory for pictures that is used again once nobody looks at what it holds.

Fresh memory costs a page fault every 4 KiB: for a screenshot more than everything else that a step
takes. Knows arrays only.
"""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.base import Image

__all__ = ["Slabs"]

_IDLE_BYTES = 1 << 26
"""Kept for the next pictures of one size, at most."""

_Memory = NDArray[np.uint8]


class Slabs:
    """Copies pictures into memory that earlier ones have left."""

    def __init__(self) -> None:
        self._idle: dict[int, deque[_Memory]] = {}

    def copy(self, image: Image) -> Image:
        """Return a copy of a picture; its memory comes back when no view of it is left."""
        idle = self._idle.get(image.size)
        if idle is None:
            idle = self._idle[image.size] = deque(maxlen=max(1, _IDLE_BYTES // image.size))
        try:
            memory = idle.pop()
        except IndexError:
            memory = np.empty(image.size, np.uint8)
        copied = np.asarray(_Lease(memory, image.shape, idle))
        np.copyto(copied, image)
        return copied


class _Lease:
    """Memory that is in use: the base of an array and of all its views, so the last to go."""

    __slots__ = ("__array_interface__", "_home", "_memory")

    def __init__(self, memory: _Memory, shape: tuple[int, ...], home: deque[_Memory]) -> None:
        self._memory = memory
        self._home = home
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "typestr": "|u1",
            "shape": shape,
            "data": (memory.ctypes.data, False),
        }

    def __del__(self) -> None:
        self._home.append(self._memory)
