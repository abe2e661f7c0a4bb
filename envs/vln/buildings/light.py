"""The colour a point of a building has when it is looked at: pattern, light and soft shadows.

This module knows shapes and patterns. It knows no camera: it is told which points are seen, and
how many metres one pixel covers there.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.buildings.shapes import Cylinder, Ellipsoid, Rect, Shape
from qvl_agent.envs.vln.buildings.textures import Surface, colours

__all__ = ["shade"]

Array = NDArray[np.floating[Any]]

# Light comes from above and a little from the south-west, so that the sides of a box differ.
_SIDES = {(0, -1): 0.90, (0, 1): 0.80, (1, -1): 0.97, (1, 1): 0.85, (2, -1): 0.84, (2, 1): 1.0}


def shade(shape: Shape, points: Array, spread: Array) -> Array:
    """Return float32 (N, 3) in 0..255: the colours of points on a shape.

    Args:
        shape: What they lie on.
        points: float32 (N, 3), world, metres.
        spread: float32 (N,), metres that one pixel covers there.
    """
    if isinstance(shape, Rect):
        return _flat(shape, points, spread)
    return _round(shape, points, spread)


def _flat(rect: Rect, points: Array, spread: Array) -> Array:
    a, b = ((1, 2), (0, 2), (0, 1))[rect.axis]
    surface = Surface(
        points[:, a] - (rect.low[a]),
        points[:, b] - (rect.low[b]),
        rect.high[a] - rect.low[a],
        rect.high[b] - rect.low[b],
        spread,
    )
    light = np.full(len(points), _SIDES[rect.axis, rect.sign], np.float32)
    if rect.room is not None:
        for axis in (a, b):  # corners between walls, floor and ceiling are a little darker
            for end in rect.room:
                light *= 1 - 0.2 * _near(np.abs(points[:, axis] - (end[axis])), 0.3)
    for x0, y0, x1, y1 in rect.shadows:
        dx = np.maximum(np.maximum(x0 - points[:, 0], points[:, 0] - x1), 0)
        dy = np.maximum(np.maximum(y0 - points[:, 1], points[:, 1] - y1), 0)
        light *= 1 - 0.38 * _near(dx + dy, 0.12)
    return colours(rect.material, surface) * light[:, None]


def _round(shape: Cylinder | Ellipsoid, points: Array, spread: Array) -> Array:
    low, high = np.array(shape.low, np.float32), np.array(shape.high, np.float32)
    middle, half = (low + high) / 2, (high - low) / 2
    normal = (points - middle) / half**2
    if isinstance(shape, Cylinder):
        end = np.abs(np.abs(points[:, 2] - middle[2]) - half[2]) < (1e-3)
        normal[:, 2] = np.where(end, np.sign(points[:, 2] - middle[2]), 0)
        normal[:, :2] *= ~end[:, None]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    light = 0.86 + normal @ np.array([-0.06, -0.08, 0.14], np.float32)
    angle = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    radius = float(half[0])
    surface = Surface(
        (angle + np.pi) * radius,
        points[:, 2] - low[2],
        2 * np.pi * radius,
        float(high[2] - low[2]),
        spread,
    )
    return colours(shape.material, surface) * light[:, None]


def _near(distance: Array, reach: float) -> Array:
    """Return a smooth 1 at distance 0, falling to 1/e at `reach` metres."""
    found: Array = np.exp(-distance / reach)
    return found
