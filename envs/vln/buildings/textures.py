"""How the surfaces of a generated building are coloured.

Patterns are smooth and fade where they would become finer than a pixel, so that a panorama looks
the same at any size. This module knows materials and places on surfaces; it knows no cameras.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.buildings.shapes import Material, Pattern

__all__ = ["Surface", "colours"]

Array = NDArray[np.floating[Any]]

_BLUR = 2.2
"""Lines and edges look at least so many pixels wide: finer ones would be jagged."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Points on one surface.

    Attributes:
        u: float32 (N,), metres along the surface: horizontally on walls, x on floors.
        v: float32 (N,), metres along the surface: upwards on walls, y on floors.
        width: Metres, of the whole surface in u.
        height: Metres, of the whole surface in v.
        spread: float32 (N,), metres that one pixel covers there.
    """

    u: Array
    v: Array
    width: float
    height: float
    spread: Array


def colours(material: Material, surface: Surface) -> Array:
    """Return float32 (N, 3): the colours of points before any light falls on them."""
    return _PATTERNS[material.pattern](material, surface)


def _vector(values: Sequence[float]) -> Array:
    return np.array(values, np.float32)


def _mix(weight: Array, first: Sequence[float], second: Sequence[float]) -> Array:
    """Return colours between two: the second where the weight is 1."""
    a, b = _vector(first), _vector(second)
    mixed: Array = a + weight[:, None] * (b - a)
    return mixed


def _chance(cell: Array, seed: int) -> Array:
    """Return a reproducible number in [0, 1) per whole number."""
    waves = np.sin(cell * 12.9898 + (seed % 1000 * 0.371)) * (4375.5)
    found: Array = waves - np.floor(waves)
    return found


def _visible(period: float, surface: Surface) -> Array:
    """Return 1 where a pattern of this period is well resolved, 0 where it would flicker."""
    found: Array = np.clip(1.6 - 4 * surface.spread / period, 0, 1)
    return found


def _groove(x: Array, period: float, width: float, surface: Surface) -> Array:
    """Return smooth bumps of height 1 and this width around multiples of the period.

    Where a pixel covers much of the width they are wider and as much lower, as a lens shows them.
    """
    wide = _blurred(width, surface)
    away = np.abs(x - period * np.round(x / period)) / wide
    bump: Array = np.clip(1 - away, 0, 1)
    return bump * bump * (3 - 2 * bump) * (width / wide)


def _step(x: Array, width: float, surface: Surface) -> Array:
    """Return a smooth step from 0 to 1 around x = 0 metres, wider where pixels are."""
    t = np.clip(x / _blurred(width, surface) + 0.5, 0, 1)
    found: Array = t * t * (3 - 2 * t)
    return found


def _blurred(width: float, surface: Surface) -> Array:
    """Return a width as it looks through pixels of the surface's spread."""
    found: Array = np.sqrt(width * width + (_BLUR * surface.spread) ** 2)
    return found


def _plain(m: Material, s: Surface) -> Array:
    return np.broadcast_to(_vector(m.colour), (len(s.u), 3)).copy()


def _planks(m: Material, s: Surface) -> Array:
    row = np.floor(s.v / m.size)
    tone = (_chance(row, m.seed) - 0.5) * 0.16
    grain = 0.025 * np.sin(s.u * 9 + row * 2 + 3 * np.sin(s.u * 2 + row))
    line = 0.3 * _groove(s.v, m.size, 0.016, s) * _visible(0.09, s)
    factor = 1 + (tone + grain) * _visible(m.size, s) - line
    found: Array = _plain(m, s) * factor[:, None]
    return found


def _tiles(m: Material, s: Surface) -> Array:
    joint = np.maximum(_groove(s.u, m.size, 0.02, s), _groove(s.v, m.size, 0.02, s))
    return _mix(joint * _visible(m.size, s) * 0.8, m.colour, m.second)


def _carpet(m: Material, s: Surface) -> Array:
    waves = np.sin(s.u * 7 + 2 * np.sin(s.v * 5)) + np.sin(s.v * 8 + 2 * np.sin(s.u * 6))
    found: Array = _plain(m, s) * (1 + 0.03 * waves * _visible(0.5, s))[:, None]
    return found


def _stripes(m: Material, s: Surface) -> Array:
    wave = np.sin(s.u * (2 * np.pi / m.size))
    return _mix((0.5 + np.clip(2 * wave, -0.5, 0.5)) * _visible(m.size, s), m.colour, m.second)


def _checks(m: Material, s: Surface) -> Array:
    k = 2 * np.pi / m.size
    wave = np.sin(s.u * k) * np.sin(s.v * k)
    return _mix((0.5 + np.clip(3 * wave, -0.5, 0.5)) * _visible(m.size, s), m.colour, m.second)


def _books(m: Material, s: Surface) -> Array:
    shelf = np.floor(s.v / m.size)
    height = s.v - shelf * m.size
    column = np.floor(s.u / 0.045)
    hue = _chance(column + 37 * shelf, m.seed)
    palette = np.array(
        [
            [150, 40, 38],
            [40, 74, 120],
            [52, 104, 66],
            [196, 158, 72],
            [92, 58, 96],
            [214, 204, 184],
        ],
        np.float32,
    )
    book = palette[(hue * len(palette)).astype(np.int64)]
    mean = palette.mean(axis=0)
    book = mean + (book - mean) * _visible(0.045, s)[:, None]
    top = m.size * (0.66 + 0.16 * _chance(column * 3 + shelf, 5))
    gap = _step(height - top, 0.02, s)[:, None]
    book = book + gap * (_vector([52, 38, 28]) - book)
    board = _groove(s.v, m.size, 0.03, s)[:, None]
    found: Array = book + board * (_vector(m.colour) - book)
    return found


def _art(m: Material, s: Surface) -> Array:
    x, y = s.u / s.width, s.v / s.height
    rng = np.random.default_rng(m.seed)
    picture = _mix(y, m.colour, m.second)
    for _ in range(4):
        cx, cy, r = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(0.12, 0.32)
        blob = _step((r - np.hypot(x - cx, y - cy)) * s.height, 0.05 * s.height, s)
        picture += blob[:, None] * (rng.uniform(30, 240, 3).astype(np.float32) - picture)
    edge = np.minimum(np.minimum(s.u, s.width - s.u), np.minimum(s.v, s.height - s.v))
    return picture + _step(0.035 - edge, 0.012, s)[:, None] * (58 - picture)


def _window(m: Material, s: Surface) -> Array:
    y = s.v / s.height
    sky = _mix(np.clip(y * 1.2 - 0.2, 0, 1), (214, 232, 244), (120, 172, 222))
    hill = 0.3 + 0.06 * np.sin(s.u * 3 + m.seed)
    scene = sky + _step((hill - y) * s.height, 0.04 * s.height, s)[:, None] * (
        _vector([112, 148, 92]) - sky
    )
    edge = np.minimum(np.minimum(s.u, s.width - s.u), np.minimum(s.v, s.height - s.v))
    bars = np.maximum(_step(0.06 - edge, 0.015, s), _groove(s.u - s.width / 2, 99.0, 0.04, s))
    return scene + bars[:, None] * (_vector(m.colour) - scene)


def _bricks(m: Material, s: Surface) -> Array:
    row = np.floor(s.v / 0.08)
    u = s.u + 0.12 * (row % 2)
    tone = (_chance(row * 31 + np.floor(u / 0.24), m.seed) - 0.5) * 0.2
    joint = np.maximum(_groove(s.v, 0.08, 0.012, s), _groove(u, 0.24, 0.012, s))
    seen = _visible(0.16, s)
    return _mix(joint * 0.7 * seen, m.colour, m.second) * (1 + tone * seen)[:, None]


def _leaves(m: Material, s: Surface) -> Array:
    waves = np.sin(s.u * 26 + 3 * np.sin(s.v * 17)) * np.sin(s.v * 24 + 2 * np.sin(s.u * 21))
    found: Array = _plain(m, s) * (1 + 0.35 * waves * _visible(0.2, s))[:, None]
    return found


def _rug(m: Material, s: Surface) -> Array:
    edge = np.minimum(np.minimum(s.u, s.width - s.u), np.minimum(s.v, s.height - s.v))
    border = _step(0.16 - edge, 0.02, s) * _step(edge - 0.06, 0.02, s)
    x, y = s.u - s.width / 2, s.v - s.height / 2
    lozenge = _step(
        (0.3 - np.abs(np.abs(x) / s.width + np.abs(y) / s.height)) * s.height, 0.05 * s.height, s
    )
    return _mix(np.maximum(border, lozenge * 0.7), m.colour, m.second)


def _panels(m: Material, s: Surface) -> Array:
    """Fronts of cupboards: frames of `size` metres with a knob each."""
    groove = np.maximum(_groove(s.u, m.size, 0.012, s), _groove(s.v, m.size, 0.012, s))
    u, v = s.u % m.size, s.v % m.size
    knob = _step(0.025 - np.hypot(u - m.size * 0.85, v - m.size * 0.5), 0.012, s)
    seen = _visible(m.size / 2, s)
    face = _plain(m, s) * (1 - 0.4 * groove * seen)[:, None]
    return face + (knob * seen)[:, None] * (_vector(m.second) - face)


def _screen(m: Material, s: Surface) -> Array:
    x, y = s.u / s.width, s.v / s.height
    shine = np.clip(x + y - 0.9, 0, 1) * 0.5
    edge = np.minimum(np.minimum(s.u, s.width - s.u), np.minimum(s.v, s.height - s.v))
    glass = _mix(shine, m.colour, m.second)
    return glass + _step(0.03 - edge, 0.01, s)[:, None] * (22 - glass)


def _rings(m: Material, s: Surface) -> Array:
    """A disc and its rim in the middle: washing machines, hobs, clocks."""
    half = min(s.width, s.height) / 2
    r = np.hypot(s.u - s.width / 2, s.v - s.height / 2)
    disc = _step(0.8 * half - r, 0.06 * half, s)
    inner = _step(0.6 * half - r, 0.06 * half, s)
    ring = _mix(disc * 0.45, m.colour, m.second)
    return ring + inner[:, None] * (_vector(m.second) - ring)


_PATTERNS: Mapping[Pattern, Callable[[Material, Surface], Array]] = {
    "plain": _plain,
    "planks": _planks,
    "tiles": _tiles,
    "carpet": _carpet,
    "stripes": _stripes,
    "checks": _checks,
    "books": _books,
    "art": _art,
    "window": _window,
    "bricks": _bricks,
    "leaves": _leaves,
    "rug": _rug,
    "panels": _panels,
    "screen": _screen,
    "rings": _rings,
}
