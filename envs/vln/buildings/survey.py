"""What can be seen from the viewpoints of a building at a glance, and what there leads the way.

Each viewpoint is rendered once and kept small. This module knows buildings and the geometry of
`glance`; it knows no sentences, no walks and no episodes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.base import Image
from qvl_agent.envs.vln import glance
from qvl_agent.envs.vln.buildings.building import Building, Thing
from qvl_agent.envs.vln.skybox import nearest, panorama_rays

__all__ = ["COARSE", "Prospect", "Survey"]

COARSE = 4
"""One pixel of `Prospect.things` stands for so many of the turn, along each side."""

_FACE = 128
"""Pixels along the skybox faces that are looked at: about those of a glance."""

_LARGE, _NOTICED = 150, 25
"""Pixels of a full turn that a landmark shows at least, and its double would be noticed at."""

_BESIDE, _APART = 28.0, 14.0
"""A number stands at most so many pixels from its landmark, and all others so many further."""

_LABEL = 14.0
"""Nearer numbers would cover each other."""

_UNTELLING = frozenset(
    {
        "bowl", "chair", "clock", "curtain", "cushion", "mirror", "picture", "pillow", "pot",
        "rug", "sink", "stove", "towel", "tv stand", "vase", "window",
    }
)  # fmt: skip
"""Small things, and those whose colour or extent is hard to tell."""


@dataclass(frozen=True, slots=True, eq=False)
class Prospect:
    """What is seen from one viewpoint.

    Attributes:
        turn: uint8 (TURN_HEIGHT, TURN_WIDTH, 3): the full turn, north in the middle.
        things: int16, a quarter as wide and high: the object that is seen there, or -1.
        leads: By neighbour, the thing that tells it from all others.
    """

    turn: Image
    things: NDArray[np.int16]
    leads: Mapping[int, Thing] = field(default_factory=dict)


class Survey:
    """The prospects of a building's viewpoints.

    Args:
        building: Which.
    """

    def __init__(self, building: Building) -> None:
        self.building = building
        self.prospect = cache(self._look)

    def _look(self, viewpoint: int) -> Prospect:
        """Render a viewpoint."""
        vfov = 2.0 * math.atan(math.pi * glance.TURN_HEIGHT / glance.TURN_WIDTH)
        rays = panorama_rays(0.0, glance.TURN_WIDTH, glance.TURN_HEIGHT, vfov)
        skybox, numbers = self.building.panorama(viewpoint, _FACE)
        things = nearest(numbers, rays @ skybox.rotation)
        leads = self._leads(viewpoint, things)
        return Prospect(
            skybox.look(rays), things[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE], leads
        )

    def _leads(self, viewpoint: int, things: NDArray[np.int16]) -> dict[int, Thing]:
        """Return what tells each neighbour: a large thing, the only one of its kind in sight.

        The neighbour's number stands beside it and no other number is nearly as near, and going
        there leads nearer to it.
        """
        graph = self.building.graph
        ends = graph.neighbours[viewpoint]
        spots = [glance.footing(graph, viewpoint, end, 0.0) for end in ends]
        counts = np.bincount(things[things >= 0], minlength=len(self.building.things))
        noticed = [self.building.things[k].phrase for k in np.flatnonzero(counts >= _NOTICED)]
        best: dict[int, tuple[int, Thing]] = {}
        for number in np.flatnonzero(counts >= _LARGE).tolist():
            thing = self.building.things[number]
            if thing.name in _UNTELLING or noticed.count(thing.phrase) > 1:
                continue
            gaps = sorted((_gap(things == number, spot), k) for k, spot in enumerate(spots))
            (gap, k), (second, _) = [*gaps, (math.inf, 0)][:2]
            end, place = ends[k], np.array(thing.place)
            here, there = (
                float(np.linalg.norm(graph.positions[v] - place)) for v in (viewpoint, end)
            )
            covered = any(math.dist(spots[k], spot) < _LABEL for spot in spots if spot != spots[k])
            if gap > _BESIDE or second < gap + _APART or covered or there >= here:
                continue
            if end not in best or best[end][0] < counts[number]:
                best[end] = int(counts[number]), thing
        return {end: thing for end, (_, thing) in sorted(best.items())}

    def leads(self, path: Sequence[int]) -> list[Thing] | None:
        """Return what leads from each viewpoint of a path to the next, all different.

        None where nothing does.
        """
        found: list[Thing] = []
        for at, to in zip(path, path[1:], strict=False):
            thing = self.prospect(at).leads.get(to)
            if thing is None or thing.phrase in [other.phrase for other in found]:
                return None
            found.append(thing)
        return found


def _gap(shown: NDArray[np.bool_], spot: tuple[float, float]) -> float:
    """Return how many pixels a spot of the turn is from what is shown, as it wraps around."""
    rows, columns = np.nonzero(shown)
    across = np.abs(columns - spot[0])
    across = np.minimum(across, shown.shape[1] - across)
    return float(np.hypot(across, rows - spot[1]).min())
