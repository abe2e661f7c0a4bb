"""How good a segmenter is on rendered objects whose outline is known. Knows no policy.

An object of a made-up test room is looked at from where it can be reached; the segmenter gets a
point inside it, or its box. Two figures: how often the mask is the object's, by IoU, and how often
ALFRED's rule then chooses the right object.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.household import Region
from qvl_agent.actions.types import Point
from qvl_agent.envs.household.body import Body, Snapshot
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.grounding import Segmenter, ground
from qvl_agent.envs.household.navigation import CELL
from qvl_agent.envs.household.tasks import draw_scene
from qvl_agent.envs.household.viewpoints import viewpoints

__all__ = ["Segmented", "View", "measure", "views"]

Prompt = Literal["point", "box"]

_LEAST = 150
"""Pixels of a 300x300 picture; smaller things are hardly seen."""

_PER_ROOM = 8


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture of an object whose outline is known.

    Attributes:
        key: The object's id.
        snapshot: The picture, with its instances.
        mask: bool (H, W), the object's own.
    """

    key: str
    snapshot: Snapshot
    mask: NDArray[np.bool_]

    def region(self, prompt: Prompt) -> Region:
        """Return the innermost spot of the object, or its box."""
        height, width = self.mask.shape
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        if prompt == "point":
            row, column = _innermost(self.mask)
            return Region(Point((column + 0.5) / width, (row + 0.5) / height))
        return Region(
            Point(columns[0] / width, rows[0] / height),
            Point((columns[-1] + 1) / width, (rows[-1] + 1) / height),
        )


@dataclass(frozen=True, slots=True)
class Segmented:
    """What a segmenter came to.

    Attributes:
        count: Objects.
        mean_iou: Of its masks with the true ones.
        matched: Share of masks with an IoU of at least 0.8.
        right: Share of objects that were chosen rightly.
    """

    count: int
    mean_iou: float
    matched: float
    right: float


def measure(
    segmenter: Segmenter, *, count: int = 100, prompt: Prompt = "point", seed: int = 0
) -> Segmented:
    """Return how good a segmenter is.

    Args:
        segmenter: Which.
        count: Objects.
        prompt: What it is given of each.
        seed: Decides the objects.
    """
    fits, right = [], 0
    for view in views(count, seed=seed):
        now = view.snapshot
        found = ground(view.region(prompt), now.sight, now.metadata, segmenter)
        fits.append((found.mask & view.mask).sum() / (found.mask | view.mask).sum())
        right += found.target == view.key
    return Segmented(
        count,
        float(np.mean(fits)),
        float(np.mean(np.array(fits) >= 0.8)),
        right / count,
    )


def views(count: int, *, seed: int = 0) -> Iterator[View]:
    """Yield pictures of as many objects, some per room; the same for a seed."""
    rng, body, given = random.Random(seed), BundledBody(), 0
    while given < count:
        for view in _views_in(body, draw_scene(rng, "test"), rng):
            yield view
            given += 1
            if given == count:
                return


def _views_in(body: Body, scene: str, rng: random.Random) -> Iterator[View]:
    things = [o for o in body.reset(scene).metadata["objects"] if o["pickupable"]]
    spots = body.act({"action": "GetReachablePositions"}).metadata["actionReturn"]
    cells = frozenset((round(p["x"] / CELL), round(p["z"] / CELL)) for p in spots)
    height = spots[0]["y"]
    for thing in rng.sample(things, min(_PER_ROOM, len(things))):
        poses = list(viewpoints(thing, cells))
        for pose in rng.sample(poses, min(4, len(poses))):
            place = {"x": pose.x * CELL, "y": height, "z": pose.z * CELL}
            turned = {"rotation": 90.0 * pose.turn, "horizon": 15.0 * pose.tilt}
            now = body.act({"action": "TeleportFull", **place, **turned, "forceAction": True})
            mask = _mask(now, thing["objectId"])
            if now.objects[thing["objectId"]]["visible"] and mask.sum() >= _LEAST:
                yield View(thing["objectId"], now, mask)
                break


def _mask(now: Snapshot, key: str) -> NDArray[np.bool_]:
    sight = now.sight
    assert sight.segments is not None
    index = sight.ids.index(key) if key in sight.ids else -2
    return np.asarray(sight.segments == index)


def _innermost(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Return row and column of a pixel that is as far inside a mask as any."""
    left = mask
    while True:
        framed = np.pad(left, 1)
        inner = left & framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
        if not inner.any():
            row, column = np.argwhere(left)[0]
            return int(row), int(column)
        left = inner
