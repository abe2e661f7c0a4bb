"""What a piece of furniture is, and what all pieces are made with.

A piece stands in its own frame: the wall behind it is the plane y = 0, y points into the room, x
runs along the wall with 0 in the piece's middle, z is up, metres. This module knows no kinds of
pieces (`furniture`, `fittings`) and not where they stand (`rooms`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qvl_agent.envs.vln.buildings.shapes import RGB, Box, Material, Solid

__all__ = [
    "CERAMIC",
    "COLOURS",
    "DARK_WOOD",
    "FABRICS",
    "STEEL",
    "WOOD",
    "Part",
    "Piece",
    "box",
    "darker",
    "draw_colour",
    "draw_seed",
    "legs",
]

COLOURS: Mapping[str, RGB] = {
    "red": (186, 52, 48),
    "blue": (52, 88, 158),
    "green": (70, 126, 78),
    "yellow": (222, 186, 74),
    "orange": (218, 126, 52),
    "purple": (118, 78, 138),
    "grey": (130, 132, 136),
    "white": (236, 234, 228),
    "black": (48, 48, 52),
    "brown": (124, 84, 54),
    "pink": (218, 150, 164),
    "teal": (56, 138, 138),
}

WOOD = (144, 100, 62)
DARK_WOOD = (96, 64, 42)
STEEL = (176, 180, 184)
CERAMIC = (240, 240, 238)
FABRICS = ("red", "blue", "green", "yellow", "orange", "purple", "grey", "teal", "pink")


@dataclass(frozen=True, slots=True)
class Part:
    """One named object of a piece: the bed, and each thing that lies on it.

    Attributes:
        name: As in "pillow".
        colour: The word for its colour, empty where it has no telling one.
        solids: In the piece's frame.
    """

    name: str
    colour: str
    solids: tuple[Solid, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of furniture.

    Attributes:
        parts: The main object first.
        width: Along the wall, metres.
        depth: Into the room, metres; 0 for what hangs on the wall.
        hangs: Whether it hangs on the wall, above what stands there.
    """

    parts: tuple[Part, ...]
    width: float
    depth: float
    hangs: bool = False


def box(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float, m: Material) -> Box:
    """Return a box from one corner to the opposite one."""
    return Box((x0, y0, z0), (x1, y1, z1), m)


def legs(x: float, y0: float, y1: float, top: float, m: Material, w: float = 0.05) -> list[Solid]:
    """Return four legs under a top that reaches from -x to x and from y0 to y1."""
    return [box(px, py, 0, px + w, py + w, top, m) for px in (-x, x - w) for py in (y0, y1 - w)]


def draw_colour(rng: np.random.Generator, names: tuple[str, ...] = FABRICS) -> tuple[str, RGB]:
    """Return a colour's word and value, drawn from names."""
    name = names[int(rng.integers(len(names)))]
    return name, COLOURS[name]


def darker(colour: RGB, by: float = 0.8) -> RGB:
    """Return a colour times a factor."""
    r, g, b = colour
    return r * by, g * by, b * by


def draw_seed(rng: np.random.Generator) -> int:
    """Return a seed for a pattern."""
    return int(rng.integers(1 << 16))
