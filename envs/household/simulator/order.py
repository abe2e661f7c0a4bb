"""Sorts boxes from far to near as a camera sees them. Knows no shapes.

Of two boxes that a plane parallel to an axis separates, the one on the camera's side is nearer.
These relations are honoured where they hold; boxes that overlap go by distance.
"""

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.household.simulator.layers import Body

__all__ = ["far_to_near"]

_SLACK = 1e-6


def far_to_near(found: list[Body], eye: NDArray[np.float64]) -> list[int]:
    """Return the indices of bodies in the order in which they have to be drawn.

    Args:
        found: In any order.
        eye: float (3,), where the camera is.
    """
    if len(found) < 2:
        return list(range(len(found)))
    before = _relations(found, eye)
    lows = np.array([b.low for b in found])
    highs = np.array([b.high for b in found])
    distance = np.linalg.norm(np.clip(eye, lows, highs) - eye, axis=1) + 1e-3 * np.linalg.norm(
        (lows + highs) / 2 - eye, axis=1
    )
    waiting = before.sum(axis=0).astype(np.float64)
    rank = distance.copy()
    order: list[int] = []
    for _ in range(len(found)):
        free = waiting <= 0
        # A circle of relations is cut at its farthest body.
        candidates = np.where(free, rank, -np.inf) if free.any() else rank
        k = int(np.argmax(candidates))
        order.append(k)
        waiting -= before[k]
        waiting[k] = np.inf
        rank[k] = -np.inf
    return order


def _relations(found: list[Body], eye: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return bool (N, N): whether the row has to be drawn before the column."""
    lows = np.array([b.low for b in found])
    highs = np.array([b.high for b in found])
    behind = np.zeros((len(found), len(found)), dtype=bool)
    for axis in range(3):
        low, high, here = lows[:, axis], highs[:, axis], eye[axis]
        beyond = (low[:, None] >= high[None, :] - _SLACK) & (here <= low[:, None] + _SLACK)
        short = (high[:, None] <= low[None, :] + _SLACK) & (here >= high[:, None] - _SLACK)
        behind |= beyond | short
    behind &= ~behind.T
    first: dict[str, list[int]] = {}
    for k, body in enumerate(found):
        first.setdefault(body.key, []).append(k)
    for k, body in enumerate(found):
        for host in first.get(body.after or "", ()):
            behind[host, k], behind[k, host] = True, False
    np.fill_diagonal(behind, False)
    return behind
