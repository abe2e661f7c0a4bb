"""What a generated building is made of: rectangles, cylinders and ellipsoids with materials.

This module knows geometry in metres (x east, y north, z up). It knows no rooms and no pixels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

__all__ = [
    "RGB",
    "Box",
    "Cylinder",
    "Ellipsoid",
    "Material",
    "Pattern",
    "Rect",
    "Shape",
    "Solid",
    "rects_of",
    "turned",
]

RGB: TypeAlias = tuple[float, float, float]
"""Red, green, blue in 0..255."""

Vector: TypeAlias = tuple[float, float, float]
"""Metres."""

Pattern = Literal[
    "plain", "planks", "tiles", "carpet", "stripes", "checks", "books", "art", "window",
    "bricks", "leaves", "rug", "panels", "screen", "rings",
]  # fmt: skip
"""How a surface is coloured; `textures` draws them."""


@dataclass(frozen=True, slots=True)
class Material:
    """The look of a surface.

    Attributes:
        colour: The main colour.
        pattern: What is drawn with it.
        second: A second colour for patterns that have one.
        size: The pattern's period in metres; patterns that fit their surface ignore it.
        seed: Varies patterns with chance in them.
    """

    colour: RGB
    pattern: Pattern = "plain"
    second: RGB = (255.0, 255.0, 255.0)
    size: float = 0.2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle across one axis, seen only from the side its normal points to.

    Attributes:
        axis: 0, 1 or 2: which axis the normal is along.
        sign: +1 or -1: which way.
        low: The corner with the smallest coordinates; `low[axis] == high[axis]`.
        high: The opposite corner.
        material: Its look.
        thing: Number of the object it belongs to, -1 for the building itself.
        shadows: Footprints (x0, y0, x1, y1) that darken it; of use on floors.
        room: The room's corners, whose edges darken it; None for furniture.
    """

    axis: int
    sign: int
    low: Vector
    high: Vector
    material: Material
    thing: int = -1
    shadows: tuple[tuple[float, float, float, float], ...] = field(default=(), repr=False)
    room: tuple[Vector, Vector] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Box:
    """A solid along the axes."""

    low: Vector
    high: Vector
    material: Material
    thing: int = -1


@dataclass(frozen=True, slots=True)
class Cylinder:
    """An upright cylinder with flat ends."""

    low: Vector
    high: Vector
    material: Material
    thing: int = -1


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """A ball, stretched along the axes to touch its box on all sides."""

    low: Vector
    high: Vector
    material: Material
    thing: int = -1


Solid: TypeAlias = Box | Cylinder | Ellipsoid
Shape: TypeAlias = Rect | Cylinder | Ellipsoid


def rects_of(box: Box) -> list[Rect]:
    """Return the six outer sides of a box."""
    sides = []
    for axis in range(3):
        for sign, at in ((-1, box.low[axis]), (1, box.high[axis])):
            low, high = list(box.low), list(box.high)
            low[axis] = high[axis] = at
            sides.append(Rect(axis, sign, _vector(low), _vector(high), box.material, box.thing))
    return sides


def turned(
    solids: Iterable[Solid],
    quarter_turns: int,
    origin: tuple[float, float],
    floor: float,
    thing: int,
) -> list[Solid]:
    """Return solids of a local frame set into the building.

    Args:
        solids: In a frame whose y axis points away from the wall behind the piece.
        quarter_turns: Counter-clockwise, seen from above.
        origin: Where the frame's origin comes to lie.
        floor: Height of its z = 0.
        thing: Number of the object they belong to.
    """
    moved: list[Solid] = []
    for solid in solids:
        corners = [_turn(corner, quarter_turns) for corner in (solid.low, solid.high)]
        low = _vector(min(c[k] for c in corners) for k in range(3))
        high = _vector(max(c[k] for c in corners) for k in range(3))
        x, y = origin
        moved.append(
            replace(
                solid,
                low=(low[0] + x, low[1] + y, low[2] + floor),
                high=(high[0] + x, high[1] + y, high[2] + floor),
                thing=thing,
            )
        )
    return moved


def _turn(corner: Vector, quarter_turns: int) -> Vector:
    x, y, z = corner
    for _ in range(quarter_turns % 4):
        x, y = -y, x
    return x, y, z


def _vector(values: Iterable[float] | Sequence[float]) -> Vector:
    x, y, z = values
    return float(x), float(y), float(z)
