"""Small solids as quadrilaterals in a unit cell: x and z in -0.5..0.5, y in 0..1, front at +z.

Knows no objects.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Colour", "Mesh", "block", "joined", "lathe", "tube"]

Colour = tuple[int, int, int]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Faces with one colour each, turned outwards.

    Attributes:
        quads: float (N, 4, 3), counter-clockwise from outside; a triangle repeats a corner.
        colours: float (N, 3), 0 to 255.
    """

    quads: Floats
    colours: Floats


def joined(*meshes: Mesh) -> Mesh:
    """Return several meshes as one."""
    return Mesh(
        np.concatenate([m.quads for m in meshes]), np.concatenate([m.colours for m in meshes])
    )


def block(
    x: tuple[float, float],
    y: tuple[float, float],
    z: tuple[float, float],
    colour: Colour,
    front: Colour | None = None,
) -> Mesh:
    """Return a box between two values on each axis; its +z face can have its own colour."""
    (a, b), (c, d), (e, f) = x, y, z
    corners = [
        [(a, c, f), (b, c, f), (b, d, f), (a, d, f)],  # front, +z
        [(b, c, e), (a, c, e), (a, d, e), (b, d, e)],
        [(b, c, f), (b, c, e), (b, d, e), (b, d, f)],
        [(a, c, e), (a, c, f), (a, d, f), (a, d, e)],
        [(a, d, f), (b, d, f), (b, d, e), (a, d, e)],  # top
        [(a, c, e), (b, c, e), (b, c, f), (a, c, f)],
    ]
    colours = np.tile(np.array(colour, dtype=float), (6, 1))
    if front is not None:
        colours[0] = front
    return Mesh(np.array(corners), colours)


def lathe(
    profile: Sequence[tuple[float, float]],
    colour: Colour,
    *,
    sides: int = 10,
    centre: tuple[float, float] = (0.0, 0.0),
    top: Colour | None = None,
) -> Mesh:
    """Return a body of rotation.

    Args:
        profile: (radius, height) from bottom to top; radius 0.5 fills the cell.
        colour: Of all faces.
        sides: Faces around.
        centre: Of the axis, (x, z).
        top: Colour of the upper cap, as of coffee in a mug.
    """
    angles = np.arange(sides + 1) * 2 * math.pi / sides
    circle = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    quads, colours = [], []
    for (r0, y0), (r1, y1) in zip(profile, profile[1:], strict=False):
        for k in range(sides):
            (s0, c0), (s1, c1) = circle[k], circle[k + 1]
            quads.append(
                [
                    (centre[0] + r0 * s0, y0, centre[1] + r0 * c0),
                    (centre[0] + r0 * s1, y0, centre[1] + r0 * c1),
                    (centre[0] + r1 * s1, y1, centre[1] + r1 * c1),
                    (centre[0] + r1 * s0, y1, centre[1] + r1 * c0),
                ]
            )
            colours.append(colour)
    for (radius, height), up in ((profile[0], False), (profile[-1], True)):
        if radius <= 0:
            continue
        rim = [(centre[0] + radius * s, height, centre[1] + radius * c) for s, c in circle]
        for k in range(0, sides, 2):
            fan = [(centre[0], height, centre[1]), rim[k], rim[k + 1], rim[k + 2]]
            quads.append(fan if up else [fan[0], fan[3], fan[2], fan[1]])
            colours.append(top if up and top is not None else colour)
    return Mesh(np.array(quads), np.array(colours, dtype=float))


def tube(radius: float, low: float, high: float, colour: Colour, **options: object) -> Mesh:
    """Return an upright cylinder."""
    return lathe([(radius, low), (radius, high)], colour, **options)  # type: ignore[arg-type]
