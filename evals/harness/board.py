"""Memory that a world's process shares with its parent, for pictures.

A screenshot is a megabyte, and a pipe takes 64 KB at a time: on a busy machine each of those
sixteen turns waits for the scheduler. Knows observations, and nothing of who exchanges them.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from qvl_agent.envs.base import Image, Observation, View
from qvl_agent.evals.harness.slabs import Slabs

__all__ = ["BOARD_BYTES", "Board", "Posted"]

BOARD_BYTES = 1 << 26
"""Room for a 4K screen and views; pages that no picture touched take no memory."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An observation whose pictures are on the board.

    Attributes:
        shapes: Of its image, then its views: (height, width, 3).
        text: Of the observation.
        labels: Of the views.
    """

    shapes: tuple[tuple[int, ...], ...]
    text: str
    labels: tuple[str, ...]


class Board:
    """Holds one observation at a time.

    Args:
        memory: A `multiprocessing.RawArray` of `BOARD_BYTES` bytes.
    """

    def __init__(self, memory: Any) -> None:
        self._bytes = np.frombuffer(memory, np.uint8)
        self._slabs = Slabs()

    def post(self, observation: Observation) -> Posted | Observation:
        """Put an observation on the board; it is returned as it is where it does not fit there."""
        images = (observation.image, *(view.image for view in observation.views))
        if not all(isinstance(i, np.ndarray) and i.dtype == np.uint8 for i in images):
            return observation  # a broken one, of which the loop will complain
        if sum(image.size for image in images) > self._bytes.size:
            return observation
        at = 0
        for image in images:
            self._bytes[at : at + image.size] = image.ravel()
            at += image.size
        labels = tuple(view.label for view in observation.views)
        return Posted(tuple(image.shape for image in images), observation.text, labels)

    def take(self, posted: Posted | Observation) -> Observation:
        """Return the observation that was posted, with pictures of its own."""
        if isinstance(posted, Observation):
            return posted
        images: list[Image] = []
        at = 0
        for shape in posted.shapes:
            size = prod(shape)
            images.append(self._slabs.copy(self._bytes[at : at + size].reshape(shape)))
            at += size
        image, *others = images
        views = tuple(View(i, label) for i, label in zip(others, posted.labels, strict=True))
        return Observation(image, posted.text, views)
