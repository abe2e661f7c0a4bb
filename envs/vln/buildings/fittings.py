"""What belongs to a wall or to a kind of room: kitchen, bath, gym, windows and pictures.

For the frame of a piece see `pieces`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from qvl_agent.envs.vln.buildings.pieces import (
    CERAMIC,
    DARK_WOOD,
    STEEL,
    Part,
    Piece,
    box,
    darker,
    draw_colour,
    draw_seed,
)
from qvl_agent.envs.vln.buildings.shapes import Cylinder, Ellipsoid, Material

__all__ = ["FITTINGS"]


def _fireplace(rng: np.random.Generator) -> Piece:
    brick = Material((158, 78, 60), "bricks", (206, 196, 184), seed=draw_seed(rng))
    solids = (
        box(-0.75, 0, 0, -0.4, 0.4, 1.15, brick),
        box(0.4, 0, 0, 0.75, 0.4, 1.15, brick),
        box(-0.4, 0, 0.75, 0.4, 0.4, 1.15, brick),
        box(-0.4, 0, 0, 0.4, 0.08, 0.75, Material((34, 30, 28))),
        box(-0.85, 0, 1.15, 0.85, 0.46, 1.22, Material(DARK_WOOD)),
        Ellipsoid((-0.2, 0.1, 0.02), (0.2, 0.34, 0.42), Material((236, 140, 48))),
    )
    return Piece((Part("fireplace", "red", solids),), 1.7, 0.46)


def _counter(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "blue", "green", "brown", "grey"))
    front, stone = Material(colour, "panels", STEEL, 0.42), Material((92, 92, 96))
    counter = (
        box(-1.05, 0, 0.05, 1.05, 0.58, 0.86, front),
        box(-1.08, 0, 0.86, 1.08, 0.62, 0.9, stone),
        box(-1.05, 0, 1.5, 1.05, 0.34, 2.15, front),
    )
    sink = (
        box(-0.75, 0.12, 0.9, -0.2, 0.52, 0.915, Material(STEEL)),
        box(-0.7, 0.16, 0.915, -0.25, 0.48, 0.917, Material((120, 124, 128))),
        Cylinder((-0.5, 0.05, 0.9), (-0.45, 0.1, 1.2), Material(STEEL)),
    )
    ring = Material((36, 36, 40), "rings", (150, 60, 46))
    hob = (
        box(0.3, 0.06, 0.9, 0.9, 0.56, 0.912, Material((24, 24, 28))),
        *[
            box(x, y, 0.912, x + 0.22, y + 0.2, 0.916, ring)
            for x in (0.35, 0.62)
            for y in (0.1, 0.33)
        ],
        box(0.32, 0.58, 0.2, 0.88, 0.6, 0.75, Material((30, 30, 34), "screen", (96, 100, 108))),
    )
    parts = (
        Part("kitchen counter", word, counter),
        Part("sink", "", sink),
        Part("stove", "black", hob),
    )
    return Piece(parts, 2.16, 0.62)


def _fridge(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "grey", "red", "teal"))
    m = Material(colour)
    solids = (
        box(-0.34, 0, 0.02, 0.34, 0.64, 1.15, m),
        box(-0.34, 0, 1.165, 0.34, 0.64, 1.8, m),
        box(-0.33, 0, 0, 0.33, 0.6, 1.17, Material((60, 60, 60))),
        box(0.24, 0.64, 0.7, 0.28, 0.69, 1.08, Material((96, 98, 102))),
        box(0.24, 0.64, 1.24, 0.28, 0.69, 1.6, Material((96, 98, 102))),
    )
    return Piece((Part("fridge", word, solids),), 0.7, 0.69)


def _toilet(rng: np.random.Generator) -> Piece:
    m = Material(CERAMIC)
    solids = (
        box(-0.2, 0, 0.4, 0.2, 0.2, 0.82, m),
        box(-0.21, 0, 0.82, 0.21, 0.21, 0.86, Material((222, 222, 220))),
        Cylinder((-0.13, 0.2, 0), (0.13, 0.5, 0.36), m),
        Ellipsoid((-0.2, 0.14, 0.26), (0.2, 0.68, 0.46), m),
        Cylinder((-0.19, 0.2, 0.42), (0.19, 0.66, 0.46), Material((210, 210, 208))),
    )
    return Piece((Part("toilet", "white", solids),), 0.55, 0.7)


def _bathtub(rng: np.random.Generator) -> Piece:
    m = Material(CERAMIC)
    solids = (
        box(-0.85, 0, 0, 0.85, 0.06, 0.56, m),
        box(-0.85, 0.69, 0, 0.85, 0.75, 0.56, m),
        box(-0.85, 0, 0, -0.79, 0.75, 0.56, m),
        box(0.79, 0, 0, 0.85, 0.75, 0.56, m),
        box(-0.79, 0.06, 0, 0.79, 0.69, 0.4, Material((150, 198, 214))),
        Cylinder((-0.03, 0.02, 0.56), (0.03, 0.08, 0.8), Material(STEEL)),
    )
    return Piece((Part("bathtub", "white", solids),), 1.7, 0.75)


def _washbasin(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng, ("white", "brown", "blue", "grey"))
    basin = (
        box(-0.4, 0, 0, 0.4, 0.45, 0.78, Material(colour, "panels", STEEL, 0.4)),
        box(-0.42, 0, 0.78, 0.42, 0.48, 0.84, Material(CERAMIC)),
        Ellipsoid((-0.26, 0.08, 0.78), (0.26, 0.44, 0.93), Material(CERAMIC)),
        Cylinder((-0.02, 0.02, 0.84), (0.02, 0.06, 1.05), Material(STEEL)),
    )
    mirror = box(
        -0.38, 0, 1.15, 0.38, 0.03, 1.9, Material((176, 198, 208), "screen", (238, 246, 250))
    )
    return Piece((Part("washbasin", word, basin), Part("mirror", "", (mirror,))), 0.85, 0.5)


def _towels(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    towel = box(
        -0.25, 0.02, 0.75, 0.25, 0.08, 1.4, Material(colour, "stripes", (246, 244, 240), 0.3)
    )
    rail = box(-0.32, 0.02, 1.4, 0.32, 0.06, 1.44, Material(STEEL))
    return Piece((Part("towel", word, (towel, rail)),), 0.65, 0.08, hangs=True)


def _washer(rng: np.random.Generator) -> Piece:
    body, door = Material((230, 232, 234)), Material((230, 232, 234), "rings", (62, 76, 92))
    solids = (
        box(-0.3, 0, 0, 0.3, 0.6, 0.85, body),
        box(-0.26, 0.6, 0.14, 0.26, 0.615, 0.66, door),
        box(-0.28, 0.6, 0.7, 0.28, 0.61, 0.82, Material((120, 124, 130))),
    )
    word, colour = draw_colour(rng)
    basket = Cylinder((-0.2, 0.12, 0.85), (0.2, 0.48, 1.1), Material(colour))
    parts = (Part("washing machine", "white", solids), Part("laundry basket", word, (basket,)))
    return Piece(parts, 0.65, 0.62)


def _treadmill(rng: np.random.Generator) -> Piece:
    dark, grey = Material((44, 44, 48)), Material((110, 112, 118))
    solids = (
        box(-0.4, 0.1, 0, 0.4, 1.7, 0.14, grey),
        box(-0.28, 0.2, 0.14, 0.28, 1.68, 0.16, dark),
        box(-0.4, 0.12, 0.14, -0.34, 0.2, 1.2, grey),
        box(0.34, 0.12, 0.14, 0.4, 0.2, 1.2, grey),
        box(-0.4, 0.1, 1.15, 0.4, 0.24, 1.35, dark),
    )
    return Piece((Part("treadmill", "black", solids),), 0.85, 1.75)


def _bench(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    seat = (
        box(-0.16, 0.3, 0.42, 0.16, 1.5, 0.5, Material(colour)),
        box(-0.05, 0.4, 0, 0.05, 0.5, 0.42, Material(STEEL)),
        box(-0.05, 1.3, 0, 0.05, 1.4, 0.42, Material(STEEL)),
        box(-0.5, 0.34, 0, -0.44, 0.4, 1.0, Material(STEEL)),
        box(0.44, 0.34, 0, 0.5, 0.4, 1.0, Material(STEEL)),
        box(-0.8, 0.35, 0.98, 0.8, 0.39, 1.02, Material((60, 60, 64))),
        box(-0.8, 0.2, 0.83, -0.72, 0.54, 1.17, Material((40, 40, 44))),
        box(0.72, 0.2, 0.83, 0.8, 0.54, 1.17, Material((40, 40, 44))),
    )
    return Piece((Part("weight bench", word, seat),), 1.6, 1.5)


def _picture(rng: np.random.Generator) -> Piece:
    w, h = float(rng.uniform(0.25, 0.5)), float(rng.uniform(0.45, 0.75))
    word, colour = draw_colour(rng)
    art = Material(colour, "art", tuple(rng.uniform(120, 250, 3).tolist()), seed=draw_seed(rng))
    frame = box(-w, 0, 1.3, w, 0.03, 1.3 + h, art)
    return Piece((Part("picture", word, (frame,)),), 2 * w, 0.03, hangs=True)


def _window(rng: np.random.Generator) -> Piece:
    word, colour = draw_colour(rng)
    w = float(rng.uniform(0.5, 0.9))
    glass = box(
        -w, 0, 0.95, w, 0.02, 2.15, Material((244, 244, 242), "window", seed=draw_seed(rng))
    )
    cloth = Material(colour, "stripes", darker(colour, 0.82), 0.16)
    sides = tuple(box(x, 0.02, 0.6, x + 0.25, 0.09, 2.3, cloth) for x in (-w - 0.25, w))
    parts = (Part("window", "", (glass,)), Part("curtain", word, sides))
    return Piece(parts, 2 * w + 0.5, 0.09, hangs=True)


def _clock(rng: np.random.Generator) -> Piece:
    face = Material((250, 250, 246), "rings", (244, 242, 232))
    solids = (
        box(-0.17, 0, 1.75, 0.17, 0.04, 2.09, face),
        box(-0.01, 0.04, 1.92, 0.01, 0.045, 2.04, Material((30, 30, 30))),
        box(0, 0.04, 1.91, 0.1, 0.045, 1.93, Material((30, 30, 30))),
    )
    return Piece((Part("clock", "white", solids),), 0.36, 0.05, hangs=True)


FITTINGS: Mapping[str, Callable[[np.random.Generator], Piece]] = {
    "bathtub": _bathtub,
    "bench": _bench,
    "clock": _clock,
    "counter": _counter,
    "fireplace": _fireplace,
    "fridge": _fridge,
    "picture": _picture,
    "toilet": _toilet,
    "towels": _towels,
    "treadmill": _treadmill,
    "washbasin": _washbasin,
    "washer": _washer,
    "window": _window,
}
"""Kinds of fittings, and what makes one."""
