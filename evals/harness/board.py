"""Where a world's process leaves its pictures for the parent to look at.

A screenshot is a megabyte. A pipe takes 64 KB at a time, and on a busy machine each of those
sixteen turns waits for the scheduler; even one copy costs more than all else that a step takes. So
the process writes an observation into a slot of memory that both see, and the parent's pictures are
that memory: a slot is used again when no view of it is left. Knows observations, and nothing of who
exchanges them.
"""

from collections import deque
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.base import Image, Observation, View
from qvl_agent.evals.harness.shared import SharedBytes

__all__ = ["BOARD_BYTES", "PAGE", "Board", "Lease", "Posted", "Poster"]

BOARD_BYTES = 1 << 26
"""Slots for the screens of a long history, or for two of 4K with views."""

PAGE = 4096
"""The system hands out memory in these, or in multiples."""

_Bytes = NDArray[np.uint8]


class Posted(NamedTuple):
    """An observation whose pictures are on the board, or are being written to it.

    Attributes:
        shapes: Of its image, then its views: (height, width, 3).
        text: Of the observation.
        labels: Of the views.
    """

    shapes: tuple[tuple[int, ...], ...]
    text: str
    labels: tuple[str, ...]


class Poster:
    """The process's end: says what it will write to a slot, and then writes it.

    So an answer can be under way before its megabyte is there, and wakes the parent meanwhile.

    Args:
        memory: The board's, uint8.
    """

    def __init__(self, memory: _Bytes) -> None:
        self._memory = memory
        self._announced: tuple[int, Observation] | None = None

    def announce(self, start: int, size: int, observation: Observation) -> Posted | Observation:
        """Return what will be in a slot; the observation as it is where it does not fit.

        Args:
            start: Of the slot.
            size: Of the slot, in bytes.
            observation: With pictures of any number and size.
        """
        images = _images(observation)
        if not all(isinstance(i, np.ndarray) and i.dtype == np.uint8 for i in images):
            return observation  # a broken one, of which the loop will complain
        if sum(image.size for image in images) > size:
            return observation
        self._announced = start, observation
        labels = tuple(view.label for view in observation.views)
        return Posted(tuple(image.shape for image in images), observation.text, labels)

    def write(self) -> bool:
        """Write the pictures that were announced; return whether there are any."""
        if self._announced is None:
            return False
        at, observation = self._announced
        self._announced = None
        for image in _images(observation):
            self._memory[at : at + image.size].reshape(image.shape)[...] = image
            at += image.size
        return True


class Lease:
    """A slot in use: the base of a picture and of all its views, so the last of them to go.

    Attributes:
        start: Of the slot, in bytes.
        size: In bytes.
    """

    __slots__ = ("__array_interface__", "_home", "_memory", "size", "start")

    def __init__(self, memory: _Bytes, start: int, size: int, home: deque[int] | None) -> None:
        self._memory = memory
        self._home = home
        self.start = start
        self.size = size
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "typestr": "|u1",
            "shape": (size,),
            "data": (memory.ctypes.data + start, False),
        }

    @property
    def passing(self) -> bool:
        """Whether what is written here has to be copied, because the next one comes here too."""
        return self._home is None

    def __del__(self) -> None:
        if self._home is not None:
            self._home.append(self.start)


class Board:
    """The parent's end: hands out slots, and makes observations of what was written there.

    Slots are as large as the largest observation so far. As long as that is unknown, or not laid
    out yet, observations come as they are.

    Args:
        shared: What both processes see.
    """

    def __init__(self, shared: SharedBytes) -> None:
        self._bytes: _Bytes = np.frombuffer(shared.memory, np.uint8)
        self._largest = 0
        self._slot = 0
        self._slots = 0
        self._free: deque[int] = deque()

    def lease(self) -> Lease:
        """Return room for the next observation."""
        if self._largest > self._slot and len(self._free) == self._slots:
            self._lay_out()
        try:
            return Lease(self._bytes, self._free.pop(), self._slot, self._free)
        except IndexError:
            return Lease(self._bytes, 0, self._slot, None)

    def take(self, posted: Posted | Observation, lease: Lease) -> Observation:
        """Return the observation that was posted; its pictures have to be there by now."""
        if isinstance(posted, Observation):
            images = _images(posted)
            self._largest = max(self._largest, sum(np.size(image) for image in images))
            return posted
        slot = np.asarray(lease)
        pictures: list[Image] = []
        at = 0
        for shape in posted.shapes:
            picture = slot[at : at + prod(shape)].reshape(shape)
            pictures.append(picture.copy() if lease.passing else picture)
            at += prod(shape)
        image, *others = pictures
        views = tuple(View(i, label) for i, label in zip(others, posted.labels, strict=True))
        return Observation(image, posted.text, views)

    def _lay_out(self) -> None:
        """Cut the memory into slots that the largest observation fits; the first is for passing."""
        slot = -(-self._largest // PAGE) * PAGE
        if slot > self._bytes.size:
            return
        self._slot = slot
        self._free = deque(range(slot, self._bytes.size - slot + 1, slot))
        self._slots = len(self._free)


def _images(observation: Observation) -> tuple[Image, ...]:
    return (observation.image, *(view.image for view in observation.views))
