"""Where a world's process leaves its pictures for the parent to look at.

A screenshot is a megabyte. A pipe takes 64 KB at a time, and on a busy machine each of those
sixteen turns waits for the scheduler; even one copy costs more than all else that a step takes. So
the process writes an observation into a slot of memory that both see, and the parent's pictures are
that memory: a slot is used again when no view of it is left. Knows observations, and nothing of who
exchanges them.
"""

import weakref
from collections import deque
from typing import NamedTuple, TypeAlias

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


Posted: TypeAlias = tuple[tuple[tuple[int, ...], ...], str, tuple[str, ...]]
"""An observation whose pictures are on the board, or are being written to it: the shapes (height,
width, 3) of its image, then of its views; its text; its views' labels. Plain, so quickly pickled.
"""


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
        return tuple(image.shape for image in images), observation.text, labels

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


class Lease(NamedTuple):
    """A slot in use.

    Attributes:
        memory: The slot's: the base of a picture and of all its views, so the last of them to go.
        start: Of the slot, in bytes.
        passing: Whether what is written there has to be copied, as the next one comes there too.
    """

    memory: _Bytes
    start: int
    passing: bool

    @property
    def slot(self) -> tuple[int, int]:
        """Its start and size, as the process is told them."""
        return self.start, self.memory.size


class Board:
    """The parent's end: hands out slots, and makes observations of what was written there.

    Slots are as large as the largest observation so far. As long as that is unknown, or not laid
    out yet, observations come as they are.

    Args:
        shared: What both processes see.
    """

    def __init__(self, shared: SharedBytes) -> None:
        self._memory = shared.memory
        self._largest = 0
        self._slot = 0
        self._slots = 0
        self._free: deque[int] = deque()
        self._lent: dict[int, weakref.ref[_Bytes]] = {}

    def lease(self) -> Lease:
        """Return room for the next observation."""
        if self._largest > self._slot and len(self._free) == self._slots:
            self._lay_out()
        try:
            start = self._free.pop()
        except IndexError:
            return Lease(np.frombuffer(self._memory, np.uint8, self._slot), 0, passing=True)
        memory = np.frombuffer(self._memory, np.uint8, self._slot, start)
        free = self._free
        self._lent[start] = weakref.ref(memory, lambda _: free.append(start))
        return Lease(memory, start, passing=False)

    def take(self, posted: Posted | Observation, lease: Lease) -> Observation:
        """Return the observation that was posted; its pictures have to be there by now."""
        if isinstance(posted, Observation):
            images = _images(posted)
            self._largest = max(self._largest, sum(np.size(image) for image in images))
            return posted
        shapes, text, labels = posted
        pictures: list[Image] = []
        at = 0
        for shape in shapes:
            picture: Image = np.ndarray(shape, np.uint8, lease.memory, at)
            pictures.append(picture.copy() if lease.passing else picture)
            at += picture.size
        image, *others = pictures
        views = tuple(View(*view) for view in zip(others, labels, strict=True))
        return Observation(image, text, views)

    def _lay_out(self) -> None:
        """Cut the memory into slots that the largest observation fits; the first is for passing."""
        slot = -(-self._largest // PAGE) * PAGE
        if slot > len(self._memory):
            return
        self._slot = slot
        self._free = deque(range(slot, len(self._memory) - slot + 1, slot))
        self._slots = len(self._free)


def _images(observation: Observation) -> tuple[Image, ...]:
    return (observation.image, *(view.image for view in observation.views))
