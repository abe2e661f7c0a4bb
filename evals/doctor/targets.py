"""Pictures with marked circles, and what to say to have one of them tapped. Knows no policy."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from qvl_agent.envs.base import Image

__all__ = ["SIZES", "Sheet", "Target", "draw_sheets"]

SIZES = ((630, 294), (854, 406), (294, 630), (574, 322), (406, 714))
"""(height, width) in pixels. Upright and wide, so that axes and padding show; no side is near 1000;
and no side is a multiple of 28 or 32, so that resizing changes their proportions."""

_LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ"
_COLORS = ("#c62828", "#1565c0", "#2e7d32", "#6a1b9a", "#ef6c00", "#00838f", "#ad1457", "#4e342e")
_LONG, _SHORT = 4, 2
"""Cells along the long and the short side; each holds a circle."""
_RADIUS = 0.065
_CORNERS = {
    (1.0, 1.0): "the bottom right corner",
    (1.0, 0.0): "the top right corner",
    (0.0, 1.0): "the bottom left corner",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to tap.

    Attributes:
        task: What the policy is told.
        place: (x, y) as shares of the picture's sides; for a corner 0.0 and 1.0 exactly.
    """

    task: str
    place: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A picture and all that can be asked about it.

    Attributes:
        image: uint8 (H, W, 3).
        targets: Eight circles, then three corners.
    """

    image: Image
    targets: tuple[Target, ...]


def draw_sheets(seed: int = 0) -> Iterator[Sheet]:
    """Yield one sheet per size; the same seed draws the same."""
    rng = np.random.default_rng(seed)
    for height, width in SIZES:
        yield _sheet(height, width, rng)


def _sheet(height: int, width: int, rng: np.random.Generator) -> Sheet:
    rows, columns = (_LONG, _SHORT) if height > width else (_SHORT, _LONG)
    radius = _RADIUS * min(height, width)
    picture = PilImage.new("RGB", (width, height), "#f5f5f5")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=1.2 * radius)
    letters = rng.permutation(list(_LETTERS))
    targets = []
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        x = _within(column, columns, width, radius, rng)
        y = _within(row, rows, height, radius, rng)
        circle = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(circle, fill=_COLORS[index % len(_COLORS)])
        draw.text((x, y), str(letters[index]), fill="white", font=font, anchor="mm")
        task = f"Tap the centre of the circle marked {letters[index]}."
        targets.append(Target(task, (x / width, y / height)))
    targets += [Target(f"Tap {name} of the screen.", place) for place, name in _CORNERS.items()]
    return Sheet(np.asarray(picture), tuple(targets))


def _within(cell: int, cells: int, length: int, radius: float, rng: np.random.Generator) -> float:
    """Return a place in one of the cells along a side, in pixels, where a circle fits in whole."""
    size = length / cells
    return float(rng.uniform(cell * size + radius + 2, (cell + 1) * size - radius - 2))
