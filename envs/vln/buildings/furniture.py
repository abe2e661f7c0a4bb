"""The furniture of generated buildings: what each piece is called and what it is made of.

A piece stands in its own frame: the wall behind it is the plane y = 0, y points into the room, x
runs along the wall with 0 in the piece's middle, z is up, metres. This module knows pieces; where
they stand is `rooms`' business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from qvl_agent.envs.vln.buildings.shapes import RGB, Box, Cylinder, Ellipsoid, Material, Solid

__all__ = ["COLOURS", "Part", "Piece", "make_piece"]

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

_WOOD = (144, 100, 62)
_DARK_WOOD = (96, 64, 42)
_STEEL = (176, 180, 184)
_CERAMIC = (240, 240, 238)
_FABRICS = ("red", "blue", "green", "yellow", "orange", "purple", "grey", "teal", "pink")


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
        blocks: Whether one has to walk around it.
        hangs: Whether it hangs on the wall, above what stands there.
    """

    parts: tuple[Part, ...]
    width: float
    depth: float
    blocks: bool = True
    hangs: bool = False


def make_piece(kind: str, rng: np.random.Generator) -> Piece:
    """Return a new piece of a kind, its colours and details drawn from `rng`.

    Raises:
        KeyError: If there is no such kind.
    """
    return _KINDS[kind](rng)


def _box(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float, m: Material) -> Box:
    return Box((x0, y0, z0), (x1, y1, z1), m)


def _legs(x: float, y0: float, y1: float, top: float, m: Material, w: float = 0.05) -> list[Solid]:
    return [_box(px, py, 0, px + w, py + w, top, m) for px in (-x, x - w) for py in (y0, y1 - w)]


def _colour(rng: np.random.Generator, names: tuple[str, ...] = _FABRICS) -> tuple[str, RGB]:
    name = names[int(rng.integers(len(names)))]
    return name, COLOURS[name]


def _darker(colour: RGB, by: float = 0.8) -> RGB:
    r, g, b = colour
    return r * by, g * by, b * by


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 16))


def _bed(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    w = float(rng.choice([0.5, 0.8]))
    wood, linen = Material(_DARK_WOOD), Material((238, 234, 224))
    if rng.random() < 0.5:
        blanket = Material(colour, "stripes", _darker(colour, 1.25), 0.24)
    else:
        blanket = Material(colour)
    solids = [
        _box(-w - 0.04, 0, 0.1, w + 0.04, 2.05, 0.3, wood),
        _box(-w - 0.04, 0, 0.3, w + 0.04, 0.06, 0.95, wood),
        _box(-w, 0.06, 0.3, w, 2.0, 0.5, linen),
        _box(-w - 0.02, 0.7, 0.34, w + 0.02, 2.02, 0.55, blanket),
        *_legs(w, 0.02, 2.0, 0.1, wood),
    ]
    pillows = [-w / 2, w / 2] if w > 0.6 else [0.0]
    cushions = tuple(
        Part("pillow", "white", (Ellipsoid((x - 0.3, 0.1, 0.47), (x + 0.3, 0.55, 0.66), linen),))
        for x in pillows
    )
    return Piece((Part("bed", word, tuple(solids)), *cushions), 2 * w + 0.1, 2.05)


def _nightstand(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    body = Material(_WOOD, "panels", _STEEL, 0.24)
    shade = Material(tuple(min(255.0, c * 0.5 + 140) for c in colour))  # type: ignore[arg-type]
    lamp = (
        Cylinder((-0.02, 0.18, 0.5), (0.02, 0.22, 0.72), Material(_STEEL)),
        Cylinder((-0.13, 0.07, 0.68), (0.13, 0.33, 0.9), shade),
    )
    stand = _box(-0.24, 0, 0, 0.24, 0.42, 0.5, body)
    return Piece((Part("nightstand", "brown", (stand,)), Part("lamp", word, lamp)), 0.5, 0.42)


def _wardrobe(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "brown", "grey"))
    w = float(rng.uniform(0.55, 0.8))
    body = Material(colour, "panels", (40, 40, 40), w)
    return Piece((Part("wardrobe", word, (_box(-w, 0, 0, w, 0.6, 2.1, body),)),), 2 * w, 0.6)


def _drawers(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "brown", "teal", "yellow"))
    body = Material(colour, "panels", (40, 40, 40), 0.3)
    vase_word, vase = _colour(rng)
    pot = (
        Ellipsoid((-0.1, 0.12, 0.9), (0.1, 0.32, 1.15), Material(vase)),
        Cylinder((-0.04, 0.18, 1.1), (0.04, 0.26, 1.25), Material(vase)),
    )
    chest = _box(-0.5, 0, 0, 0.5, 0.45, 0.9, body)
    return Piece(
        (Part("chest of drawers", word, (chest,)), Part("vase", vase_word, pot)), 1.0, 0.45
    )


def _sofa(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    cloth, dark = Material(colour), Material(_darker(colour))
    solids = (
        _box(-1.0, 0.02, 0.08, 1.0, 0.9, 0.42, dark),
        _box(-1.0, 0.02, 0.42, 1.0, 0.26, 0.85, cloth),
        _box(-1.0, 0.02, 0.3, -0.8, 0.9, 0.62, cloth),
        _box(0.8, 0.02, 0.3, 1.0, 0.9, 0.62, cloth),
        _box(-0.79, 0.24, 0.4, -0.01, 0.88, 0.5, cloth),
        _box(0.01, 0.24, 0.4, 0.79, 0.88, 0.5, cloth),
    )
    other, tint = _colour(rng)
    cushion = Ellipsoid((-0.75, 0.26, 0.5), (-0.4, 0.48, 0.85), Material(tint))
    return Piece((Part("sofa", word, solids), Part("cushion", other, (cushion,))), 2.0, 0.9)


def _armchair(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    cloth, dark = Material(colour), Material(_darker(colour))
    solids = (
        _box(-0.42, 0.05, 0.1, 0.42, 0.85, 0.42, dark),
        _box(-0.42, 0.05, 0.42, 0.42, 0.26, 0.95, cloth),
        _box(-0.42, 0.05, 0.3, -0.27, 0.85, 0.6, cloth),
        _box(0.27, 0.05, 0.3, 0.42, 0.85, 0.6, cloth),
        *_legs(0.4, 0.07, 0.83, 0.1, Material(_DARK_WOOD)),
    )
    return Piece((Part("armchair", word, solids),), 0.85, 0.85)


def _coffee_table(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    wood = Material(_WOOD, "planks", size=0.14, seed=_seed(rng))
    rug = _box(-1.1, -0.8, 0, 1.1, 0.8, 0.012, Material(colour, "rug", (238, 226, 200)))
    top = _box(-0.55, -0.3, 0.38, 0.55, 0.3, 0.43, wood)
    table = (top, *_legs(0.53, -0.28, 0.28, 0.38, wood))
    return Piece((Part("coffee table", "brown", table), Part("rug", word, (rug,))), 1.1, 0.6)


def _tv(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "black", "brown"))
    stand = _box(-0.8, 0, 0, 0.8, 0.4, 0.45, Material(colour, "panels", _STEEL, 0.4))
    glass = Material((24, 28, 36), "screen", (120, 140, 170))
    screen = (
        _box(-0.62, 0.16, 0.52, 0.62, 0.2, 1.22, glass),
        _box(-0.1, 0.14, 0.45, 0.1, 0.24, 0.52, Material((30, 30, 32))),
    )
    return Piece((Part("tv", "black", screen), Part("tv stand", word, (stand,))), 1.6, 0.42)


def _bookshelf(rng: np.random.Generator) -> Piece:
    w = float(rng.uniform(0.45, 0.8))
    frame, books = Material(_DARK_WOOD), Material(_DARK_WOOD, "books", size=0.36, seed=_seed(rng))
    solids = (
        _box(-w, 0, 0, w, 0.3, 0.06, frame),
        _box(-w, 0, 0.06, -w + 0.04, 0.3, 1.9, frame),
        _box(w - 0.04, 0, 0.06, w, 0.3, 1.9, frame),
        _box(-w, 0, 1.86, w, 0.3, 1.92, frame),
        _box(-w + 0.04, 0, 0.06, w - 0.04, 0.25, 1.86, books),
    )
    return Piece((Part("bookshelf", "brown", solids),), 2 * w, 0.3)


def _plant(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    leaf = Material((62, 118, 56), "leaves")
    high = float(rng.uniform(0.9, 1.3))
    solids = (
        Cylinder((-0.18, 0.1, 0), (0.18, 0.46, 0.36), Material(colour)),
        Cylinder((-0.025, 0.255, 0.36), (0.025, 0.305, high - 0.2), Material(_DARK_WOOD)),
        Ellipsoid((-0.34, -0.02, high - 0.55), (0.3, 0.5, high + 0.1), leaf),
        Ellipsoid((-0.14, 0.1, high - 0.25), (0.34, 0.58, high + 0.3), leaf),
    )
    return Piece((Part("plant", "green", solids[1:]), Part("pot", word, solids[:1])), 0.6, 0.55)


def _floor_lamp(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    solids = (
        Cylinder((-0.15, 0.1, 0), (0.15, 0.4, 0.03), Material(_STEEL)),
        Cylinder((-0.015, 0.235, 0.03), (0.015, 0.265, 1.5), Material(_STEEL)),
        Cylinder((-0.2, 0.05, 1.4), (0.2, 0.45, 1.72), Material(colour)),
    )
    return Piece((Part("floor lamp", word, solids),), 0.45, 0.45)


def _fireplace(rng: np.random.Generator) -> Piece:
    brick = Material((158, 78, 60), "bricks", (206, 196, 184), seed=_seed(rng))
    solids = (
        _box(-0.75, 0, 0, -0.4, 0.4, 1.15, brick),
        _box(0.4, 0, 0, 0.75, 0.4, 1.15, brick),
        _box(-0.4, 0, 0.75, 0.4, 0.4, 1.15, brick),
        _box(-0.4, 0, 0, 0.4, 0.08, 0.75, Material((34, 30, 28))),
        _box(-0.85, 0, 1.15, 0.85, 0.46, 1.22, Material(_DARK_WOOD)),
        Ellipsoid((-0.2, 0.1, 0.02), (0.2, 0.34, 0.42), Material((236, 140, 48))),
    )
    return Piece((Part("fireplace", "red", solids),), 1.7, 0.46)


def _chairs(count: int, rng: np.random.Generator, w: float, d: float) -> list[Part]:
    word, colour = _colour(rng)
    m = Material(colour)
    parts = []
    places = (
        [(-w / 3, -1), (w / 3, -1), (-w / 3, 1), (w / 3, 1)] if count == 4 else [(0, -1), (0, 1)]
    )
    for x, side in places:
        near, back = side * (d - 0.1), side * (d + 0.34)
        y0, y1 = min(near, back), max(near, back)
        edge = y0 if side < 0 else y1 - 0.05
        solids = [
            _box(x - 0.22, y0, 0.42, x + 0.22, y1, 0.48, m),
            _box(x - 0.22, edge, 0.48, x + 0.22, edge + 0.05, 0.95, m),
            *[_box(x + a, b, 0, x + a + 0.04, b + 0.04, 0.42, m) for a in (-0.22, 0.18)
              for b in (y0, y1 - 0.04)],
        ]  # fmt: skip
        parts.append(Part("chair", word, tuple(solids)))
    return parts


def _dining_table(rng: np.random.Generator) -> Piece:
    wood = Material(_WOOD, "planks", size=0.16, seed=_seed(rng))
    top = _box(-0.8, -0.45, 0.72, 0.8, 0.45, 0.77, wood)
    table = Part("dining table", "brown", (top, *_legs(0.76, -0.42, 0.42, 0.72, wood, 0.07)))
    word, colour = _colour(rng)
    bowl = Part(
        "bowl", word, (Ellipsoid((-0.17, -0.17, 0.76), (0.17, 0.17, 0.92), Material(colour)),)
    )
    return Piece((table, bowl, *_chairs(4, rng, 1.6, 0.45)), 1.7, 1.6)


def _kitchen_table(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "yellow", "teal", "green"))
    m = Material(colour)
    solids = (
        Cylinder((-0.45, -0.45, 0.7), (0.45, 0.45, 0.74), m),
        Cylinder((-0.05, -0.05, 0), (0.05, 0.05, 0.7), Material(_STEEL)),
    )
    return Piece((Part("round table", word, solids), *_chairs(2, rng, 0.9, 0.45)), 0.95, 1.5)


def _counter(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "blue", "green", "brown", "grey"))
    front, stone = Material(colour, "panels", _STEEL, 0.42), Material((92, 92, 96))
    counter = (
        _box(-1.05, 0, 0.05, 1.05, 0.58, 0.86, front),
        _box(-1.08, 0, 0.86, 1.08, 0.62, 0.9, stone),
        _box(-1.05, 0, 1.5, 1.05, 0.34, 2.15, front),
    )
    sink = (
        _box(-0.75, 0.12, 0.9, -0.2, 0.52, 0.915, Material(_STEEL)),
        _box(-0.7, 0.16, 0.915, -0.25, 0.48, 0.917, Material((120, 124, 128))),
        Cylinder((-0.5, 0.05, 0.9), (-0.45, 0.1, 1.2), Material(_STEEL)),
    )
    ring = Material((36, 36, 40), "rings", (150, 60, 46))
    hob = (
        _box(0.3, 0.06, 0.9, 0.9, 0.56, 0.912, Material((24, 24, 28))),
        *[
            _box(x, y, 0.912, x + 0.22, y + 0.2, 0.916, ring)
            for x in (0.35, 0.62)
            for y in (0.1, 0.33)
        ],
        _box(0.32, 0.58, 0.2, 0.88, 0.6, 0.75, Material((30, 30, 34), "screen", (96, 100, 108))),
    )
    parts = (
        Part("kitchen counter", word, counter),
        Part("sink", "", sink),
        Part("stove", "black", hob),
    )
    return Piece(parts, 2.16, 0.62)


def _fridge(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "grey", "red", "teal"))
    m = Material(colour)
    solids = (
        _box(-0.34, 0, 0.02, 0.34, 0.64, 1.15, m),
        _box(-0.34, 0, 1.165, 0.34, 0.64, 1.8, m),
        _box(-0.33, 0, 0, 0.33, 0.6, 1.17, Material((60, 60, 60))),
        _box(0.24, 0.64, 0.7, 0.28, 0.69, 1.08, Material((96, 98, 102))),
        _box(0.24, 0.64, 1.24, 0.28, 0.69, 1.6, Material((96, 98, 102))),
    )
    return Piece((Part("fridge", word, solids),), 0.7, 0.69)


def _toilet(rng: np.random.Generator) -> Piece:
    m = Material(_CERAMIC)
    solids = (
        _box(-0.2, 0, 0.4, 0.2, 0.2, 0.82, m),
        _box(-0.21, 0, 0.82, 0.21, 0.21, 0.86, Material((222, 222, 220))),
        Cylinder((-0.13, 0.2, 0), (0.13, 0.5, 0.36), m),
        Ellipsoid((-0.2, 0.14, 0.26), (0.2, 0.68, 0.46), m),
        Cylinder((-0.19, 0.2, 0.42), (0.19, 0.66, 0.46), Material((210, 210, 208))),
    )
    return Piece((Part("toilet", "white", solids),), 0.55, 0.7)


def _bathtub(rng: np.random.Generator) -> Piece:
    m = Material(_CERAMIC)
    solids = (
        _box(-0.85, 0, 0, 0.85, 0.06, 0.56, m),
        _box(-0.85, 0.69, 0, 0.85, 0.75, 0.56, m),
        _box(-0.85, 0, 0, -0.79, 0.75, 0.56, m),
        _box(0.79, 0, 0, 0.85, 0.75, 0.56, m),
        _box(-0.79, 0.06, 0, 0.79, 0.69, 0.4, Material((150, 198, 214))),
        Cylinder((-0.03, 0.02, 0.56), (0.03, 0.08, 0.8), Material(_STEEL)),
    )
    return Piece((Part("bathtub", "white", solids),), 1.7, 0.75)


def _washbasin(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "brown", "blue", "grey"))
    basin = (
        _box(-0.4, 0, 0, 0.4, 0.45, 0.78, Material(colour, "panels", _STEEL, 0.4)),
        _box(-0.42, 0, 0.78, 0.42, 0.48, 0.84, Material(_CERAMIC)),
        Ellipsoid((-0.26, 0.08, 0.78), (0.26, 0.44, 0.93), Material(_CERAMIC)),
        Cylinder((-0.02, 0.02, 0.84), (0.02, 0.06, 1.05), Material(_STEEL)),
    )
    mirror = _box(
        -0.38, 0, 1.15, 0.38, 0.03, 1.9, Material((176, 198, 208), "screen", (238, 246, 250))
    )
    return Piece((Part("washbasin", word, basin), Part("mirror", "", (mirror,))), 0.85, 0.5)


def _towels(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    towel = _box(
        -0.25, 0.02, 0.75, 0.25, 0.08, 1.4, Material(colour, "stripes", (246, 244, 240), 0.3)
    )
    rail = _box(-0.32, 0.02, 1.4, 0.32, 0.06, 1.44, Material(_STEEL))
    return Piece((Part("towel", word, (towel, rail)),), 0.65, 0.08, hangs=True)


def _desk(rng: np.random.Generator) -> Piece:
    wood = Material(_WOOD, "planks", size=0.2, seed=_seed(rng))
    desk = (
        _box(-0.75, 0, 0.72, 0.75, 0.7, 0.76, wood),
        _box(
            -0.73,
            0.02,
            0,
            -0.3,
            0.66,
            0.72,
            Material((214, 210, 202), "panels", (60, 60, 60), 0.24),
        ),
        *_legs(0.73, 0.02, 0.68, 0.72, Material(_STEEL)),
    )
    glass = Material((30, 44, 74), "screen", (150, 176, 214))
    monitor = (
        _box(-0.28, 0.16, 0.86, 0.28, 0.19, 1.22, glass),
        _box(-0.03, 0.14, 0.76, 0.03, 0.18, 0.9, Material((40, 40, 44))),
        _box(-0.2, 0.4, 0.76, 0.2, 0.54, 0.78, Material((56, 56, 60))),
    )
    word, colour = _colour(rng)
    m = Material(colour)
    chair = (
        Cylinder((-0.24, 0.76, 0.44), (0.24, 1.22, 0.52), m),
        Cylinder((-0.03, 0.96, 0.06), (0.03, 1.02, 0.44), Material(_STEEL)),
        Cylinder((-0.26, 0.73, 0.02), (0.26, 1.25, 0.06), Material((50, 50, 54))),
        _box(-0.22, 1.18, 0.56, 0.22, 1.24, 1.02, m),
    )
    parts = (Part("desk", "brown", desk), Part("monitor", "black", monitor))
    return Piece((*parts, Part("office chair", word, chair)), 1.5, 1.25)


def _cabinet(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("grey", "green", "blue", "black"))
    body = _box(-0.24, 0, 0, 0.24, 0.5, 1.3, Material(colour, "panels", (220, 220, 220), 0.43))
    return Piece((Part("filing cabinet", word, (body,)),), 0.48, 0.5)


def _console(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("white", "brown", "black"))
    body = _box(-0.45, 0, 0, 0.45, 0.3, 0.8, Material(colour, "panels", _STEEL, 0.3))
    vase_word, vase = _colour(rng)
    pot = Ellipsoid((-0.09, 0.06, 0.8), (0.09, 0.24, 1.1), Material(vase))
    return Piece((Part("console", word, (body,)), Part("vase", vase_word, (pot,))), 0.9, 0.3)


def _washer(rng: np.random.Generator) -> Piece:
    body, door = Material((230, 232, 234)), Material((230, 232, 234), "rings", (62, 76, 92))
    solids = (
        _box(-0.3, 0, 0, 0.3, 0.6, 0.85, body),
        _box(-0.26, 0.6, 0.14, 0.26, 0.615, 0.66, door),
        _box(-0.28, 0.6, 0.7, 0.28, 0.61, 0.82, Material((120, 124, 130))),
    )
    word, colour = _colour(rng)
    basket = Cylinder((-0.2, 0.12, 0.85), (0.2, 0.48, 1.1), Material(colour))
    parts = (Part("washing machine", "white", solids), Part("laundry basket", word, (basket,)))
    return Piece(parts, 0.65, 0.62)


def _piano(rng: np.random.Generator) -> Piece:
    m = Material((38, 30, 28))
    piano = (
        _box(-0.75, 0, 0, 0.75, 0.4, 1.2, m),
        _box(-0.75, 0.4, 0.62, 0.75, 0.66, 0.7, m),
        _box(
            -0.68,
            0.44,
            0.7,
            0.68,
            0.64,
            0.72,
            Material((250, 248, 240), "stripes", (60, 60, 60), 0.06),
        ),
        *_legs(0.74, 0.58, 0.66, 0.62, m, 0.07),
    )
    word, colour = _colour(rng)
    stool = (
        Cylinder((-0.2, 0.85, 0.44), (0.2, 1.25, 0.52), Material(colour)),
        Cylinder((-0.04, 1.01, 0), (0.04, 1.09, 0.44), Material(_STEEL)),
    )
    return Piece((Part("piano", "black", piano), Part("stool", word, stool)), 1.5, 1.25)


def _crib(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng, ("pink", "blue", "yellow", "white"))
    m = Material(colour)
    rails: list[Solid] = []
    for y in (0.02, 0.66):
        rails += [
            _box(-0.62, y, 0.85, 0.62, y + 0.04, 0.9, m),
            _box(-0.62, y, 0.3, 0.62, y + 0.04, 0.35, m),
        ]
        rails += [
            _box(x - 0.015, y, 0.35, x + 0.015, y + 0.03, 0.85, m)
            for x in np.linspace(-0.5, 0.5, 9)
        ]
    ends = [_box(x, 0.02, 0, x + 0.04, 0.7, 0.95, m) for x in (-0.64, 0.6)]
    bedding = _box(-0.6, 0.06, 0.35, 0.6, 0.66, 0.5, Material((244, 242, 236)))
    return Piece((Part("crib", word, (*rails, *ends, bedding)),), 1.3, 0.72)


def _toys(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    chest = _box(-0.4, 0, 0, 0.4, 0.42, 0.45, Material(colour))
    ball_word, tint = _colour(rng)
    ball = Ellipsoid(
        (0.1, 0.5, 0), (0.5, 0.9, 0.4), Material(tint, "stripes", (250, 248, 244), 0.3)
    )
    return Piece((Part("toy box", word, (chest,)), Part("ball", ball_word, (ball,))), 1.0, 0.9)


def _treadmill(rng: np.random.Generator) -> Piece:
    dark, grey = Material((44, 44, 48)), Material((110, 112, 118))
    solids = (
        _box(-0.4, 0.1, 0, 0.4, 1.7, 0.14, grey),
        _box(-0.28, 0.2, 0.14, 0.28, 1.68, 0.16, dark),
        _box(-0.4, 0.12, 0.14, -0.34, 0.2, 1.2, grey),
        _box(0.34, 0.12, 0.14, 0.4, 0.2, 1.2, grey),
        _box(-0.4, 0.1, 1.15, 0.4, 0.24, 1.35, dark),
    )
    return Piece((Part("treadmill", "black", solids),), 0.85, 1.75)


def _bench(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    seat = (
        _box(-0.16, 0.3, 0.42, 0.16, 1.5, 0.5, Material(colour)),
        _box(-0.05, 0.4, 0, 0.05, 0.5, 0.42, Material(_STEEL)),
        _box(-0.05, 1.3, 0, 0.05, 1.4, 0.42, Material(_STEEL)),
        _box(-0.5, 0.34, 0, -0.44, 0.4, 1.0, Material(_STEEL)),
        _box(0.44, 0.34, 0, 0.5, 0.4, 1.0, Material(_STEEL)),
        _box(-0.8, 0.35, 0.98, 0.8, 0.39, 1.02, Material((60, 60, 64))),
        _box(-0.8, 0.2, 0.83, -0.72, 0.54, 1.17, Material((40, 40, 44))),
        _box(0.72, 0.2, 0.83, 0.8, 0.54, 1.17, Material((40, 40, 44))),
    )
    return Piece((Part("weight bench", word, seat),), 1.6, 1.5)


def _picture(rng: np.random.Generator) -> Piece:
    w, h = float(rng.uniform(0.25, 0.5)), float(rng.uniform(0.45, 0.75))
    word, colour = _colour(rng)
    art = Material(colour, "art", tuple(rng.uniform(120, 250, 3).tolist()), seed=_seed(rng))
    frame = _box(-w, 0, 1.3, w, 0.03, 1.3 + h, art)
    return Piece((Part("picture", word, (frame,)),), 2 * w, 0.03, hangs=True)


def _window(rng: np.random.Generator) -> Piece:
    word, colour = _colour(rng)
    w = float(rng.uniform(0.5, 0.9))
    glass = _box(-w, 0, 0.95, w, 0.02, 2.15, Material((244, 244, 242), "window", seed=_seed(rng)))
    cloth = Material(colour, "stripes", _darker(colour, 0.82), 0.16)
    sides = tuple(_box(x, 0.02, 0.6, x + 0.25, 0.09, 2.3, cloth) for x in (-w - 0.25, w))
    parts = (Part("window", "", (glass,)), Part("curtain", word, sides))
    return Piece(parts, 2 * w + 0.5, 0.09, hangs=True)


def _clock(rng: np.random.Generator) -> Piece:
    face = Material((250, 250, 246), "rings", (244, 242, 232))
    solids = (
        _box(-0.17, 0, 1.75, 0.17, 0.04, 2.09, face),
        _box(-0.01, 0.04, 1.92, 0.01, 0.045, 2.04, Material((30, 30, 30))),
        _box(0, 0.04, 1.91, 0.1, 0.045, 1.93, Material((30, 30, 30))),
    )
    return Piece((Part("clock", "white", solids),), 0.36, 0.05, hangs=True)


_KINDS: Mapping[str, Callable[[np.random.Generator], Piece]] = {
    "armchair": _armchair,
    "bathtub": _bathtub,
    "bed": _bed,
    "bench": _bench,
    "bookshelf": _bookshelf,
    "cabinet": _cabinet,
    "clock": _clock,
    "coffee table": _coffee_table,
    "console": _console,
    "counter": _counter,
    "crib": _crib,
    "desk": _desk,
    "dining table": _dining_table,
    "drawers": _drawers,
    "fireplace": _fireplace,
    "floor lamp": _floor_lamp,
    "fridge": _fridge,
    "kitchen table": _kitchen_table,
    "nightstand": _nightstand,
    "piano": _piano,
    "picture": _picture,
    "plant": _plant,
    "sofa": _sofa,
    "toilet": _toilet,
    "towels": _towels,
    "toys": _toys,
    "treadmill": _treadmill,
    "tv": _tv,
    "wardrobe": _wardrobe,
    "washbasin": _washbasin,
    "washer": _washer,
    "window": _window,
}
