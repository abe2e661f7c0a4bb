"""Floor, walls and ceiling around a household. Knows no camera."""

import colorsys
import zlib

import numpy as np

from qvl_agent.envs.household.simulator.solids import Mesh
from qvl_agent.envs.household.simulator.state import Home

__all__ = ["room_around"]

_CEILING = 2.6
_TILE = 0.5
_BEYOND = 0.02
_AROUND = ((-0.25, -0.25), (0.25, 0.25))
"""Metres from where an agent stands to the wall beside it, at least."""

_Corner = tuple[float, float, float]


def room_around(home: Home) -> Mesh:
    """Return the room around all there is, its faces turned inwards."""
    boxes = [i.box for i in home.items.values() if i.fixture]
    cells = [(x + dx, z + dz) for x, z in home.scene.reachable for dx, dz in _AROUND]
    xs = [x for x, _ in cells] + [v for b in boxes for v in (b.low[0], b.high[0])]
    zs = [z for _, z in cells] + [v for b in boxes for v in (b.low[2], b.high[2])]
    x0, x1 = min(xs) - _BEYOND, max(xs) + _BEYOND
    z0, z1 = min(zs) - _BEYOND, max(zs) + _BEYOND
    hue = zlib.crc32(home.scene.name.encode()) % 100 / 100
    red, green, blue = (255 * c for c in colorsys.hsv_to_rgb(hue, 0.1, 0.88))
    top = _CEILING
    faces: list[tuple[list[_Corner], _Corner]] = [
        ([(x0, top, z0), (x1, top, z0), (x1, top, z1), (x0, top, z1)], (238, 238, 234))
    ]
    for i in range(int((x1 - x0) / _TILE) + 1):
        for j in range(int((z1 - z0) / _TILE) + 1):
            a, b = x0 + i * _TILE, z0 + j * _TILE
            c, d = min(x1, a + _TILE), min(z1, b + _TILE)
            tone: _Corner = (186, 170, 148) if (i + j) % 2 else (198, 182, 160)
            faces.append(([(a, 0, b), (a, 0, d), (c, 0, d), (c, 0, b)], tone))
    for low, high, tone in ((0.0, 0.1, (232, 230, 224)), (0.1, top, (red, green, blue))):
        faces += [
            ([(x0, low, z1), (x0, high, z1), (x1, high, z1), (x1, low, z1)], tone),
            ([(x1, low, z0), (x1, high, z0), (x0, high, z0), (x0, low, z0)], tone),
            ([(x1, low, z1), (x1, high, z1), (x1, high, z0), (x1, low, z0)], tone),
            ([(x0, low, z0), (x0, high, z0), (x0, high, z1), (x0, low, z1)], tone),
        ]
    return Mesh(np.array([f for f, _ in faces], dtype=float), np.array([c for _, c in faces]))
