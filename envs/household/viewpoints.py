"""From where an object can be seen and reached: candidate poses on the grid. Knows no body."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from qvl_agent.envs.household.navigation import AHEAD, CELL, Spot

__all__ = ["viewpoints"]

_EYE = 1.576
"""Height of the camera in metres. Source: fitted to ALFRED's recorded boxes."""

_REACH = 1.4
_ASIDE = math.tan(math.radians(25))
_TILTS = range(-2, 5)
"""Steps of 15 degrees, from 30 up to 60 down."""


def viewpoints(thing: Mapping[str, Any], cells: frozenset[tuple[int, int]]) -> Iterator[Spot]:
    """Yield poses from which an object should be in view, looking at its middle.

    Args:
        thing: An object of THOR's metadata.
        cells: Where the agent can stand.
    """
    (x, y, z), (wide, _, deep) = _middle(thing)
    near = (int((_REACH + max(wide, deep)) / CELL) + 1, round(x / CELL), round(z / CELL))
    span, i0, j0 = near
    for i in range(i0 - span, i0 + span + 1):
        for j in range(j0 - span, j0 + span + 1):
            if (i, j) not in cells:
                continue
            dx, dz = x - i * CELL, z - j * CELL
            outside = math.hypot(max(0.0, abs(dx) - wide / 2), max(0.0, abs(dz) - deep / 2))
            if outside > _REACH:
                continue
            for turn, (a, b) in enumerate(AHEAD):
                ahead, aside = dx * a + dz * b, dx * b - dz * a
                if ahead < 0.2 or abs(aside) > _ASIDE * ahead:
                    continue
                down = math.degrees(math.atan2(_EYE - y, ahead))
                yield Spot(i, j, turn, min(_TILTS, key=lambda t: abs(15 * t - down)))


def _middle(
    thing: Mapping[str, Any],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the middle and the size of an object, as far as the metadata tells them."""
    box = thing.get("axisAlignedBoundingBox")
    if box:
        centre, size = box["center"], box["size"]
    else:
        centre, size = thing["position"], {"x": 0.0, "y": 0.0, "z": 0.0}
    return (centre["x"], centre["y"], centre["z"]), (size["x"], size["y"], size["z"])
