"""One small picture of all that is around: the half turn ahead above the half turn behind.

224 x 224 pixels, 64 visual tokens of Qwen2-VL, for policies that see little. It is folded from a
*turn*, a cylinder with square pixels whose middle column is the heading that is faced. Numbers
stand on the floor where the candidates are, so that a nearer one stands lower. This module knows
angles and pixels; it knows no stages, no walks and no words.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw

from qvl_agent.envs.base import Image
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.views import HEADINGS, bearing, signed_angle

__all__ = [
    "CELL",
    "MARK",
    "SIDE",
    "TURN_HEIGHT",
    "TURN_WIDTH",
    "cells",
    "compose",
    "fold",
    "folded",
    "footing",
    "label",
    "marks",
    "turned",
]

SIDE = 224
"""Pixels along the picture: 8 x 8 visual tokens."""

CELL = 28
"""Pixels along what one visual token sees."""

_FRAME = 4
TURN_WIDTH = 2 * (SIDE - 2 * _FRAME)
"""Pixels of a full turn: 36 for each of the 12 headings, so that turning moves whole columns."""

TURN_HEIGHT = (SIDE - 3 * _FRAME) // 2
"""Pixels of a turn's height: 75 degrees."""

_SCALE = TURN_WIDTH / math.tau
"""Pixels per radian at the horizon."""

_EYE_M = 1.5
"""How high a camera stands, near enough."""

_MARGIN = 10
"""A number whose floor lies below the turn stands so many pixels above its lower edge."""

MARK = (214, 40, 40)
"""What numbers stand on."""

_PAPER, _INK = (24, 24, 26), (255, 255, 255)


def footing(graph: NavGraph, at: int, to: int, heading: float) -> tuple[float, float]:
    """Return where on a turn the floor under a viewpoint lies: (x, y) in pixels.

    Args:
        graph: The scan.
        at: Where the agent stands.
        to: The other viewpoint.
        heading: Where the agent looks, radians.
    """
    course, _ = bearing(graph, at, to)
    x, y, z = (graph.positions[to] - graph.positions[at]).tolist()
    down = _SCALE * (_EYE_M - z) / max(math.hypot(x, y), 0.1)
    reach = TURN_HEIGHT / 2 - _MARGIN
    across = TURN_WIDTH / 2 + _SCALE * signed_angle(course - heading)
    return across, TURN_HEIGHT / 2 + min(max(down, -reach), reach)


def marks(
    graph: NavGraph, at: int, ends: Sequence[int], heading: float
) -> dict[int, tuple[float, float]]:
    """Return the places of the candidates' numbers on a turn; `ends` are their viewpoints."""
    return {k: footing(graph, at, end, heading) for k, end in enumerate(ends, 1)}


def turned(turn: NDArray[Any], view: int) -> NDArray[Any]:
    """Return a turn whose middle is the north, so that its middle is the heading of a view."""
    return np.roll(turn, -(view % HEADINGS) * (turn.shape[1] // HEADINGS), axis=1)


def fold(turn: NDArray[Any], paper: Any) -> NDArray[Any]:
    """Return a turn (TURN_HEIGHT, TURN_WIDTH, ...) as a picture (SIDE, SIDE, ...) on `paper`."""
    picture = np.empty((SIDE, SIDE, *turn.shape[2:]), turn.dtype)
    picture[:] = paper
    quarter = TURN_WIDTH // 4
    behind = np.roll(turn, 2 * quarter, axis=1)
    for top, half in ((_FRAME, turn), (2 * _FRAME + TURN_HEIGHT, behind)):
        picture[top : top + TURN_HEIGHT, _FRAME:-_FRAME] = half[:, quarter:-quarter]
    return picture


def folded(x: float, y: float) -> tuple[float, float]:
    """Return where on the picture a place of the turn lies."""
    quarter = TURN_WIDTH / 4
    if quarter <= x < 3 * quarter:
        return _FRAME + x - quarter, _FRAME + y
    return _FRAME + (x + quarter) % TURN_WIDTH, 2 * _FRAME + TURN_HEIGHT + y


def label(number: int, place: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return the box (x, y, width, height) of a number on the picture, by its place on the turn."""
    x, y = folded(*place)
    half = 4 + 4 * len(str(number))
    x = min(max(x, half), SIDE - half)
    return x - half, y - 8, 2 * half, 16


def compose(turn: Image, numbers: Mapping[int, tuple[float, float]]) -> Image:
    """Return the picture of a turn with numbers on it.

    Args:
        turn: uint8 (TURN_HEIGHT, TURN_WIDTH, 3).
        numbers: With their places on the turn.
    """
    picture = PillowImage.fromarray(fold(turn, _PAPER))
    draw = ImageDraw.Draw(picture)
    for number, place in numbers.items():
        x, y, width, height = label(number, place)
        draw.rectangle((x, y, x + width, y + height), fill=MARK)
        middle = (x + width / 2, y + height / 2)
        draw.text(middle, str(number), fill=_INK, anchor="mm", font_size=15)
    return np.asarray(picture)


def cells(things: NDArray[np.int16]) -> dict[tuple[int, int], int]:
    """Return what fills the cells of a picture, by (row, column) of the 8 x 8.

    Args:
        things: What each pixel of a turn shows, at any whole fraction of its size, or -1.

    Returns:
        The thing that fills most of a cell, where one fills at least a quarter of it.
    """
    step = TURN_WIDTH // things.shape[1]
    found: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for row, column in np.argwhere(things >= 0).tolist():
        x, y = folded((column + 0.5) * step, (row + 0.5) * step)
        found[int(y) // CELL, int(x) // CELL][int(things[row, column])] += 1
    least = (CELL / step) ** 2 / 4
    most = {cell: counts.most_common(1)[0] for cell, counts in found.items()}
    return {cell: thing for cell, (thing, count) in most.items() if count >= least}
