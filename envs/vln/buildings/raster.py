"""A small software renderer: the six skybox faces seen from a place in a building.

Each shape is intersected with the rays of the pixels that its outline can cover, near shapes first,
against a depth buffer; what is already hidden is skipped unseen. This module knows shapes and cube
faces. It knows no rooms, files or graphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.buildings.light import shade
from qvl_agent.envs.vln.buildings.shapes import Cylinder, Ellipsoid, Rect, Shape
from qvl_agent.envs.vln.skybox import FACES, face_rays

__all__ = ["PIXEL_RAD", "Scene"]

PIXEL_RAD = 0.003
"""The angle that patterns fade for: a pixel of a 512-pixel face, whatever is rendered."""

_NEAR = 0.02  # metres: nothing is nearer to a camera
_EDGES = [(i, j) for i in range(8) for j in range(i + 1, 8) if (i ^ j) in (1, 2, 4)]

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that can be seen.

    Attributes:
        shapes: In any order.
        groups: A number for each shape; those with the same are hidden together where possible,
            so shapes of a room should share one. By default all are in one group.
    """

    shapes: Sequence[Shape]
    groups: Sequence[int] = ()

    @cached_property
    def _corners(self) -> NDArray[np.float64]:
        """Float64 (N, 8, 3): the corners of each shape's box."""
        return _corners_of(np.array([(s.low, s.high) for s in self.shapes]))

    @cached_property
    def _members(self) -> list[NDArray[np.int64]]:
        """The shapes of each group."""
        groups = np.asarray(self.groups or [0] * len(self.shapes))
        return [np.flatnonzero(groups == group) for group in np.unique(groups)]

    @cached_property
    def _group_corners(self) -> NDArray[np.float64]:
        """Float64 (G, 8, 3): the corners of each group's box."""
        parts = [self._corners[members] for members in self._members]
        bounds = [(p.min(axis=(0, 1)), p.max(axis=(0, 1))) for p in parts]
        return _corners_of(np.array(bounds))

    @cached_property
    def _facing(self) -> NDArray[np.float64]:
        """Float64 (N, 4): normal and offset of the rectangles' planes; zeros for round shapes."""
        planes = np.zeros((len(self.shapes), 4))
        for row, shape in zip(planes, self.shapes, strict=True):
            if isinstance(shape, Rect):
                row[shape.axis], row[3] = shape.sign, -shape.sign * shape.low[shape.axis]
            else:
                row[3] = 1.0
        return planes

    def skybox(
        self, place: Sequence[float], rotation: NDArray[np.float64], size: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
        """Return the six faces, and the number of the object each pixel shows.

        Args:
            place: Camera position, metres.
            rotation: float64 (3, 3), camera to world.
            size: Pixels along a face.

        Returns:
            uint8 (6, size, size, 3) and int16 (6, size, size), -1 where no object is.
        """
        origin = np.asarray(place, float)
        faces = np.zeros((6, size, size, 3), np.uint8)
        things = np.full((6, size, size), -1, np.int16)
        away, groups_away = self._corners - origin, self._group_corners - origin
        toward = (self._facing[:, :3] @ origin + self._facing[:, 3]) > 1e-4
        gap = _gaps(away)
        # Near groups first, and in each near shapes first, so that much is hidden when it comes.
        members = [m[toward[m]] for m in self._members]
        members = [m[np.argsort(gap[m], kind="stable")] for m in members]
        order = np.argsort(_gaps(groups_away), kind="stable").tolist()
        for face in range(6):
            axes = rotation @ FACES[face].T  # columns: normal, across and down in the world
            rays = (face_rays(size, face) @ rotation.T).astype(np.float32)
            canvas = _Canvas(origin.astype(np.float32), rays, faces[face], things[face])
            areas, nearest = _outlines(groups_away @ axes, size)
            for group in order:
                if canvas.hides(_window(areas[group]), nearest[group]):
                    continue
                shapes = members[group]
                outlines, near = _outlines(away[shapes] @ axes, size)
                for k, number in enumerate(shapes.tolist()):
                    window = _window(outlines[k])
                    if not canvas.hides(window, near[k]):
                        canvas.draw(self.shapes[number], window)
        return faces, things


def _corners_of(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64 (N, 8, 3): all corners of boxes given by two of them, (N, 2, 3)."""
    choice = np.array(list(product((0, 1), repeat=3)))
    return np.stack([bounds[:, choice[:, k], k] for k in range(3)], axis=-1)


def _gaps(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64 (N,): how far boxes, given by their corners, are from the origin."""
    gap = np.maximum(np.maximum(corners.min(axis=1), -corners.max(axis=1)), 0)
    away: NDArray[np.float64] = np.sqrt((gap * gap).sum(axis=1))
    return away


def _window(area: NDArray[np.int64]) -> tuple[slice, slice]:
    left, top, right, bottom = area.tolist()
    return slice(top, bottom), slice(left, right)


def _outlines(
    corners: NDArray[np.float64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where boxes can appear on a face, and how near they come.

    Args:
        corners: float64 (N, 8, 3) along the face's normal, across and down, metres.
        size: Pixels along the face.

    Returns:
        int (N, 4) left, top, right, bottom in pixels (empty when out of view), and float64 (N,)
        largest inverse depth.
    """
    depth = corners[..., 0]
    # Where an edge passes the near plane the outline has a corner too.
    a, b = (corners[:, [e[k] for e in _EDGES]] for k in range(2))
    step = b[..., 0] - a[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (_NEAR - a[..., 0]) / step
        cut = a + share[..., None] * (b - a)
        points = np.concatenate([corners, cut], axis=1)
        valid = np.concatenate([depth >= _NEAR, (share > 0) & (share < 1)], axis=1)
        flat = points[..., 1:] / points[..., :1]
    low = np.where(valid[..., None], flat, np.inf).min(axis=1)
    high = np.where(valid[..., None], flat, -np.inf).max(axis=1)
    low, high = np.clip(low, -1.0, 1.01), np.clip(high, -1.01, 1.0)
    first = np.floor((low + 1) / 2 * size - 0.5).astype(np.int64)
    last = np.ceil((high + 1) / 2 * size + 0.5).astype(np.int64)
    bounds = np.clip(np.concatenate([first, last], axis=1), 0, size)
    nearest = 1.0 / np.maximum(np.where(depth >= _NEAR, depth, _NEAR).min(axis=1), _NEAR)
    return bounds, nearest


@dataclass(eq=False)
class _Canvas:
    """One face while it is drawn. `inverse` is one over the depth along the face's normal."""

    origin: Array
    rays: Array
    image: NDArray[np.uint8]
    things: NDArray[np.int16]

    def __post_init__(self) -> None:
        self.inverse = np.zeros(self.image.shape[:2], np.float32)

    def hides(self, window: tuple[slice, slice], near: float) -> bool:
        """Return whether nothing within a window and beyond 1 / near can be seen."""
        rows, columns = window
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return True
        return bool(self.inverse[window].min() >= near)

    def draw(self, shape: Shape, window: tuple[slice, slice]) -> None:
        """Draw a shape that lies within a window."""
        inverse = self.inverse[window]
        rays = self.rays[window]
        if isinstance(shape, Rect):
            seen = _cast_rect(shape, self.origin, rays)
        elif isinstance(shape, Cylinder):
            seen = _cast_cylinder(shape, self.origin, rays)
        else:
            seen = _cast_ellipsoid(shape, self.origin, rays)
        rows, columns = np.nonzero(seen > inverse)
        if not len(rows):
            return
        here = seen[rows, columns]
        inverse[rows, columns] = here
        along = rays[rows, columns]
        points = self.origin + along / here[:, None]
        square = np.einsum("ij,ij->i", along, along)
        if isinstance(shape, Rect):
            spread = square / (here * np.abs(along[:, shape.axis])) * np.float32(PIXEL_RAD)
        else:
            spread = np.sqrt(square) / here * np.float32(PIXEL_RAD)
        lit = shade(shape, points, spread)
        self.image[window][rows, columns] = np.clip(lit + np.float32(0.5), 0, 255).astype(np.uint8)
        self.things[window][rows, columns] = shape.thing


def _cast_rect(rect: Rect, origin: Array, rays: Array) -> Array:
    """Return the inverse depth at which rays meet a rectangle, 0 where they do not."""
    low, high = (np.array(corner, np.float32) - origin for corner in (rect.low, rect.high))
    inverse = rays[..., rect.axis] * (1 / low[rect.axis])
    met = inverse > 0
    for axis in range(3):
        if axis != rect.axis:
            along = rays[..., axis]
            met &= (along >= low[axis] * inverse) & (along <= high[axis] * inverse)
    found: Array = inverse * met
    return found


def _cast_ellipsoid(shape: Ellipsoid, origin: Array, rays: Array) -> Array:
    """Return the inverse depth at which rays meet an ellipsoid, 0 where they do not."""
    low, high = np.array(shape.low, np.float32), np.array(shape.high, np.float32)
    half = (high - low) / 2
    o = (origin - (low + high) / 2) / half
    d = rays / half
    return _nearer_root(np.einsum("ijk,ijk->ij", d, d), d @ o, float(o @ o - 1))


def _cast_cylinder(shape: Cylinder, origin: Array, rays: Array) -> Array:
    """Return the inverse depth at which rays meet an upright cylinder, 0 where they do not."""
    low, high = np.array(shape.low, np.float32), np.array(shape.high, np.float32)
    half = (high - low) / 2
    o = (origin - (low + high) / 2) / half
    d = rays / half
    a, b = d[..., 0] ** 2 + d[..., 1] ** 2, d[..., 0] * o[0] + d[..., 1] * o[1]
    side = _nearer_root(a, b, float(o[0] ** 2 + o[1] ** 2 - 1))
    # Height at the hit in units of the half height: |o + d / side| <= 1, without dividing by 0.
    side = np.where(np.abs(o[2] * side + d[..., 2]) <= side, side, 0).astype(np.float32)
    if abs(o[2]) <= 1:
        return side
    # The one end that faces the camera: the plane z = +-1 of the unit cylinder.
    end = d[..., 2] / (np.sign(o[2]) - o[2])
    across = (o[0] * end + d[..., 0]) ** 2 + (o[1] * end + d[..., 1]) ** 2
    cap = np.where((end > 0) & (across <= end * end), end, 0)
    return np.maximum(side, cap).astype(np.float32)


def _nearer_root(a: NDArray[Any], b: NDArray[Any], c: float) -> Array:
    """Return 1 / t of the smaller positive root of a t^2 + 2 b t + c = 0, 0 where there is none."""
    square = b * b - a * c
    root = np.sqrt(np.maximum(square, 0))
    # 1/t = (-b + root) / c for the nearer root of a ray that starts outside (c > 0).
    inverse: Array = np.where((square > 0) & (b < 0) & (c > 0), (root - b) / c, 0)
    return inverse.astype(np.float32)
