"""The published metrics of one trajectory, from distances on the navigation graph.

This module knows matrices and viewpoint numbers. It knows no file and no instruction; averaging
over a split is `qvl_agent.evals.vln`'s.

Throughout, `d` is float64 (N, N): shortest walking distances in metres.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["THRESHOLD_M", "cls", "dtw", "ndtw", "path_length", "spl", "spl_duet"]

THRESHOLD_M = 3.0
"""Metres from the goal within which a stop succeeds: strictly less."""


def path_length(d: NDArray[np.float64], path: Sequence[int]) -> float:
    """Return the metres walked: `d` summed over consecutive viewpoints, so turning costs nothing.

    A jump between viewpoints that no edge joins counts its walking distance.
    """
    return float(sum(d[path[:-1], path[1:]].tolist()))


def spl(success: bool, shortest: float, walked: float) -> float:
    """Return success weighted by path length with `shortest` = walking distance start to goal.

    A success without a way to go (both lengths 0), where the published script divides by zero,
    counts 1.

    Source: Matterport3DSimulator tasks/R2R/eval.py.
    """
    if not success:
        return 0.0
    longer = max(walked, shortest)
    return shortest / longer if longer else 1.0


def spl_duet(success: bool, reference: float, walked: float) -> float:
    """Return SPL as later papers compute it, with `reference` = length of the annotated path.

    Source: VLN-DUET map_nav_src/r2r/env.py (also NavGPT and MapGPT).
    """
    return reference / max(walked, reference, 0.01) if success else 0.0


def dtw(d: NDArray[np.float64], path: Sequence[int], reference: Sequence[int]) -> float:
    """Return the dynamic time warping cost between two paths, metres.

    Source: arXiv:1907.05446.
    """
    columns = list(reference)
    best = [math.inf] * len(columns)
    corner = 0.0  # cost of the cell up and left of the first one
    for costs in d[np.ix_(path, columns)].tolist():
        left, diagonal = math.inf, corner
        for j, cost in enumerate(costs):
            up = best[j]
            left = cost + min(up, left, diagonal)
            best[j], diagonal = left, up
        corner = math.inf
    return best[-1]


def ndtw(d: NDArray[np.float64], path: Sequence[int], reference: Sequence[int]) -> float:
    """Return normalised dynamic time warping: 1 for the annotated path itself.

    Source: arXiv:1907.05446.
    """
    return math.exp(-dtw(d, path, reference) / (THRESHOLD_M * len(reference)))


def cls(d: NDArray[np.float64], path: Sequence[int], reference: Sequence[int]) -> float:
    """Return coverage weighted by length score.

    Where neither path has a length (a single viewpoint), and the formula is 0/0, it is the
    coverage alone.

    Source: arXiv:1905.12255.
    """
    nearest = d[np.ix_(reference, path)].min(axis=1)
    coverage = float(np.exp(-nearest / THRESHOLD_M).mean())
    expected = coverage * path_length(d, reference)
    total = expected + abs(expected - path_length(d, path))
    return coverage * (expected / total) if total else coverage
