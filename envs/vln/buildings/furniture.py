"""Beds, seats, tables, shelves: furniture that stands in any room.

For the frame of a piece see `pieces`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from qvl_agent.envs.vln.buildings.pieces import (
    DARK_WOOD,
    STEEL,
    WOOD,
    Part,
    Piece,
    box,
    darker,
    draw_colour,
    draw_seed,
    legs,
)
from qvl_agent.envs.vln.buildings.shapes import Cylinder, Ellipsoid, Material, Solid

__all__ = ["FURNITURE"]


def _bed(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    w = float(rng.choice([0.5, 0.8]))
    wood, linen = Material(DARK_WOOD), Material((238, 234, 224))
    if rng.random() < 0.5:
        blanket = Material(colour, "stripes", darker(colour, 1.25), 0.24)
    else:
        blanket = Material(colour)
    solids = [
        box(-w - 0.04, 0, 0.1, w + 0.04, 2.05, 0.3, wood),
        box(-w - 0.04, 0, 0.3, w + 0.04, 0.06, 0.95, wood),
        box(-w, 0.06, 0.3, w, 2.0, 0.5, linen),
        box(-w - 0.02, 0.7, 0.34, w + 0.02, 2.02, 0.55, blanket),
        *legs(w, 0.02, 2.0, 0.1, wood),
    ]
    pillows = [-w / 2, w / 2] if w > 0.6 else [0.0]
    cushions = tuple(
        Part("pillow", "white", (Ellipsoid((x - 0.3, 0.1, 0.47), (x + 0.3, 0.55, 0.66), linen),))
        for x in pillows
    )
    return Piece((Part("bed", word, tuple(solids)), *cushions), 2 * w + 0.1, 2.05)


def _nightstand(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    body = Material(WOOD, "panels", STEEL, 0.24)
    shade = Material(tuple(min(255.0, c * 0.5 + 140) for c in colour))  # type: ignore[arg-type]
    lamp = (
        Cylinder((-0.02, 0.18, 0.5), (0.02, 0.22, 0.72), Material(STEEL)),
        Cylinder((-0.13, 0.07, 0.68), (0.13, 0.33, 0.9), shade),
    )
    stand = box(-0.24, 0, 0, 0.24, 0.42, 0.5, body)
    return Piece((Part("nightstand", "brown", (stand,)), Part("lamp", word, lamp)), 0.5, 0.42)


def _wardrobe(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "brown", "grey"))
    w = float(rng.uniform(0.55, 0.8))
    body = Material(colour, "panels", (40, 40, 40), w)
    return Piece((Part("wardrobe", word, (box(-w, 0, 0, w, 0.6, 2.1, body),)),), 2 * w, 0.6)


def _drawers(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "brown", "teal", "yellow"))
    body = Material(colour, "panels", (40, 40, 40), 0.3)
    vase_word, vase = draw_colour(rng)
    pot = (
        Ellipsoid((-0.1, 0.12, 0.9), (0.1, 0.32, 1.15), Material(vase)),
        Cylinder((-0.04, 0.18, 1.1), (0.04, 0.26, 1.25), Material(vase)),
    )
    chest = box(-0.5, 0, 0, 0.5, 0.45, 0.9, body)
    return Piece(
        (Part("chest of drawers", word, (chest,)), Part("vase", vase_word, pot)), 1.0, 0.45
    )


def _sofa(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    cloth, dark = Material(colour), Material(darker(colour))
    solids = (
        box(-1.0, 0.02, 0.08, 1.0, 0.9, 0.42, dark),
        box(-1.0, 0.02, 0.42, 1.0, 0.26, 0.85, cloth),
        box(-1.0, 0.02, 0.3, -0.8, 0.9, 0.62, cloth),
        box(0.8, 0.02, 0.3, 1.0, 0.9, 0.62, cloth),
        box(-0.79, 0.24, 0.4, -0.01, 0.88, 0.5, cloth),
        box(0.01, 0.24, 0.4, 0.79, 0.88, 0.5, cloth),
    )
    other, tint = draw_colour(rng)
    cushion = Ellipsoid((-0.75, 0.26, 0.5), (-0.4, 0.48, 0.85), Material(tint))
    return Piece((Part("sofa", word, solids), Part("cushion", other, (cushion,))), 2.0, 0.9)


def _armchair(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    cloth, dark = Material(colour), Material(darker(colour))
    solids = (
        box(-0.42, 0.05, 0.1, 0.42, 0.85, 0.42, dark),
        box(-0.42, 0.05, 0.42, 0.42, 0.26, 0.95, cloth),
        box(-0.42, 0.05, 0.3, -0.27, 0.85, 0.6, cloth),
        box(0.27, 0.05, 0.3, 0.42, 0.85, 0.6, cloth),
        *legs(0.4, 0.07, 0.83, 0.1, Material(DARK_WOOD)),
    )
    return Piece((Part("armchair", word, solids),), 0.85, 0.85)


def _coffee_table(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    wood = Material(WOOD, "planks", size=0.14, seed=draw_seed(rng))
    rug = box(-1.1, -0.8, 0, 1.1, 0.8, 0.012, Material(colour, "rug", (238, 226, 200)))
    top = box(-0.55, -0.3, 0.38, 0.55, 0.3, 0.43, wood)
    table = (top, *legs(0.53, -0.28, 0.28, 0.38, wood))
    return Piece((Part("coffee table", "brown", table), Part("rug", word, (rug,))), 1.1, 0.6)


def _tv(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "black", "brown"))
    stand = box(-0.8, 0, 0, 0.8, 0.4, 0.45, Material(colour, "panels", STEEL, 0.4))
    glass = Material((24, 28, 36), "screen", (120, 140, 170))
    screen = (
        box(-0.62, 0.16, 0.52, 0.62, 0.2, 1.22, glass),
        box(-0.1, 0.14, 0.45, 0.1, 0.24, 0.52, Material((30, 30, 32))),
    )
    return Piece((Part("tv", "black", screen), Part("tv stand", word, (stand,))), 1.6, 0.42)


def _bookshelf(rng: np.random.Generator) -> Piece:
    w = float(rng.uniform(0.45, 0.8))
    frame, books = Material(DARK_WOOD), Material(DARK_WOOD, "books", size=0.36, seed=draw_seed(rng))
    solids = (
        box(-w, 0, 0, w, 0.3, 0.06, frame),
        box(-w, 0, 0.06, -w + 0.04, 0.3, 1.9, frame),
        box(w - 0.04, 0, 0.06, w, 0.3, 1.9, frame),
        box(-w, 0, 1.86, w, 0.3, 1.92, frame),
        box(-w + 0.04, 0, 0.06, w - 0.04, 0.25, 1.86, books),
    )
    return Piece((Part("bookshelf", "brown", solids),), 2 * w, 0.3)


def _plant(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    leaf = Material((62, 118, 56), "leaves")
    high = float(rng.uniform(0.9, 1.3))
    solids = (
        Cylinder((-0.18, 0.1, 0), (0.18, 0.46, 0.36), Material(colour)),
        Cylinder((-0.025, 0.255, 0.36), (0.025, 0.305, high - 0.2), Material(DARK_WOOD)),
        Ellipsoid((-0.34, -0.02, high - 0.55), (0.3, 0.5, high + 0.1), leaf),
        Ellipsoid((-0.14, 0.1, high - 0.25), (0.34, 0.58, high + 0.3), leaf),
    )
    return Piece((Part("plant", "green", solids[1:]), Part("pot", word, solids[:1])), 0.6, 0.55)


def _floor_lamp(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    solids = (
        Cylinder((-0.15, 0.1, 0), (0.15, 0.4, 0.03), Material(STEEL)),
        Cylinder((-0.015, 0.235, 0.03), (0.015, 0.265, 1.5), Material(STEEL)),
        Cylinder((-0.2, 0.05, 1.4), (0.2, 0.45, 1.72), Material(colour)),
    )
    return Piece((Part("floor lamp", word, solids),), 0.45, 0.45)


def _chairs(count: int, rng: np.random.Generator, w: float, d: float) -> list[Part]:
    word, colour = draw_colour(rng)
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
            box(x - 0.22, y0, 0.42, x + 0.22, y1, 0.48, m),
            box(x - 0.22, edge, 0.48, x + 0.22, edge + 0.05, 0.95, m),
            *[box(x + a, b, 0, x + a + 0.04, b + 0.04, 0.42, m) for a in (-0.22, 0.18)
              for b in (y0, y1 - 0.04)],
        ]  # fmt: skip
        parts.append(Part("chair", word, tuple(solids)))
    return parts


def _dining_table(rng: np.random.Generator) -> Piece:
    wood = Material(WOOD, "planks", size=0.16, seed=draw_seed(rng))
    top = box(-0.8, -0.45, 0.72, 0.8, 0.45, 0.77, wood)
    table = Part("dining table", "brown", (top, *legs(0.76, -0.42, 0.42, 0.72, wood, 0.07)))
    word, colour = draw_colour(rng)
    bowl = Part(
        "bowl", word, (Ellipsoid((-0.17, -0.17, 0.76), (0.17, 0.17, 0.92), Material(colour)),)
    )
    return Piece((table, bowl, *_chairs(4, rng, 1.6, 0.45)), 1.7, 1.6)


def _kitchen_table(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "yellow", "teal", "green"))
    m = Material(colour)
    solids = (
        Cylinder((-0.45, -0.45, 0.7), (0.45, 0.45, 0.74), m),
        Cylinder((-0.05, -0.05, 0), (0.05, 0.05, 0.7), Material(STEEL)),
    )
    return Piece((Part("round table", word, solids), *_chairs(2, rng, 0.9, 0.45)), 0.95, 1.5)


def _desk(rng: np.random.Generator) -> Piece:
    wood = Material(WOOD, "planks", size=0.2, seed=draw_seed(rng))
    desk = (
        box(-0.75, 0, 0.72, 0.75, 0.7, 0.76, wood),
        box(
            -0.73,
            0.02,
            0,
            -0.3,
            0.66,
            0.72,
            Material((214, 210, 202), "panels", (60, 60, 60), 0.24),
        ),
        *legs(0.73, 0.02, 0.68, 0.72, Material(STEEL)),
    )
    glass = Material((30, 44, 74), "screen", (150, 176, 214))
    monitor = (
        box(-0.28, 0.16, 0.86, 0.28, 0.19, 1.22, glass),
        box(-0.03, 0.14, 0.76, 0.03, 0.18, 0.9, Material((40, 40, 44))),
        box(-0.2, 0.4, 0.76, 0.2, 0.54, 0.78, Material((56, 56, 60))),
    )
    word, colour = draw_colour(rng)
    m = Material(colour)
    chair = (
        Cylinder((-0.24, 0.76, 0.44), (0.24, 1.22, 0.52), m),
        Cylinder((-0.03, 0.96, 0.06), (0.03, 1.02, 0.44), Material(STEEL)),
        Cylinder((-0.26, 0.73, 0.02), (0.26, 1.25, 0.06), Material((50, 50, 54))),
        box(-0.22, 1.18, 0.56, 0.22, 1.24, 1.02, m),
    )
    parts = (Part("desk", "brown", desk), Part("monitor", "black", monitor))
    return Piece((*parts, Part("office chair", word, chair)), 1.5, 1.25)


def _cabinet(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("grey", "green", "blue", "black"))
    body = box(-0.24, 0, 0, 0.24, 0.5, 1.3, Material(colour, "panels", (220, 220, 220), 0.43))
    return Piece((Part("filing cabinet", word, (body,)),), 0.48, 0.5)


def _console(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "brown", "black"))
    body = box(-0.45, 0, 0, 0.45, 0.3, 0.8, Material(colour, "panels", STEEL, 0.3))
    vase_word, vase = draw_colour(rng)
    pot = Ellipsoid((-0.09, 0.06, 0.8), (0.09, 0.24, 1.1), Material(vase))
    return Piece((Part("console", word, (body,)), Part("vase", vase_word, (pot,))), 0.9, 0.3)


def _piano(rng: np.random.Generator) -> Piece:
    m = Material((38, 30, 28))
    piano = (
        box(-0.75, 0, 0, 0.75, 0.4, 1.2, m),
        box(-0.75, 0.4, 0.62, 0.75, 0.66, 0.7, m),
        box(
            -0.68,
            0.44,
            0.7,
            0.68,
            0.64,
            0.72,
            Material((250, 248, 240), "stripes", (60, 60, 60), 0.06),
        ),
        *legs(0.74, 0.58, 0.66, 0.62, m, 0.07),
    )
    word, colour = draw_colour(rng)
    stool = (
        Cylinder((-0.2, 0.85, 0.44), (0.2, 1.25, 0.52), Material(colour)),
        Cylinder((-0.04, 1.01, 0), (0.04, 1.09, 0.44), Material(STEEL)),
    )
    return Piece((Part("piano", "black", piano), Part("stool", word, stool)), 1.5, 1.25)


def _crib(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("pink", "blue", "yellow", "white"))
    m = Material(colour)
    rails: list[Solid] = []
    for y in (0.02, 0.66):
        rails += [
            box(-0.62, y, 0.85, 0.62, y + 0.04, 0.9, m),
            box(-0.62, y, 0.3, 0.62, y + 0.04, 0.35, m),
        ]
        rails += [
            box(x - 0.015, y, 0.35, x + 0.015, y + 0.03, 0.85, m) for x in np.linspace(-0.5, 0.5, 9)
        ]
    ends = [box(x, 0.02, 0, x + 0.04, 0.7, 0.95, m) for x in (-0.64, 0.6)]
    bedding = box(-0.6, 0.06, 0.35, 0.6, 0.66, 0.5, Material((244, 242, 236)))
    return Piece((Part("crib", word, (*rails, *ends, bedding)),), 1.3, 0.72)


def _toys(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    chest = box(-0.4, 0, 0, 0.4, 0.42, 0.45, Material(colour))
    ball_word, tint = draw_colour(rng)
    ball = Ellipsoid(
        (0.1, 0.5, 0), (0.5, 0.9, 0.4), Material(tint, "stripes", (250, 248, 244), 0.3)
    )
    return Piece((Part("toy box", word, (chest,)), Part("ball", ball_word, (ball,))), 1.0, 0.9)


FURNITURE: Mapping[str, Callable[[np.random.Generator], Piece]] = {
    "armchair": _armchair,
    "bed": _bed,
    "bookshelf": _bookshelf,
    "cabinet": _cabinet,
    "coffee table": _coffee_table,
    "console": _console,
    "crib": _crib,
    "desk": _desk,
    "dining table": _dining_table,
    "drawers": _drawers,
    "floor lamp": _floor_lamp,
    "kitchen table": _kitchen_table,
    "nightstand": _nightstand,
    "piano": _piano,
    "plant": _plant,
    "sofa": _sofa,
    "toys": _toys,
    "tv": _tv,
    "wardrobe": _wardrobe,
}
"""Kinds of furniture, and what makes one."""
