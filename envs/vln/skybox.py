"""Any view of a panorama from the six faces of its skybox, with closed-form geometry.

This module knows cube faces, rays and bilinear sampling. It knows no files (`pictures`) and no
graph.

A face pixel in column c and row r of a face of n x n pixels stands for the camera-frame direction
`normal + s * across + t * down` with s = (2 c + 1) / n - 1 and t = (2 r + 1) / n - 1.

Source: derived from Matterport3DSimulator src/lib/MatterSim.cpp and NavGraph.cpp (cube-map
vertices, view and projection matrices); camera frame x right, y down, z forward.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.base import Image
from qvl_agent.envs.vln.views import VLN_CAMERA, Camera

__all__ = [
    "FACES",
    "Skybox",
    "face_rays",
    "nearest",
    "panorama_rays",
    "view_axes",
    "view_rays",
]

# Per face 0..5 (up, back, left, front, right, down): its normal, then the directions of growing
# column and growing row, in the camera frame.
FACES: NDArray[np.float64] = np.array(
    [
        [[0, -1, 0], [-1, 0, 0], [0, 0, -1]],
        [[0, 0, -1], [-1, 0, 0], [0, 1, 0]],
        [[-1, 0, 0], [0, 0, 1], [0, 1, 0]],
        [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
        [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    ],
    float,
)

# Red, green and blue share one 64-bit word, 21 bits each: a value of 8 bits times a weight of 13.
_LANES = np.array([0, 21, 42], np.uint64)
_WEIGHT_BITS = 13
_ONE = 1 << _WEIGHT_BITS
_HALF = np.uint64(sum((_ONE // 2) << int(lane) for lane in _LANES))

_TILE = (48, 32)
"""Rows and columns of the tiles by which a view is cut into areas of a single face.

Areas are as high as a tile, so that their intermediate arrays stay in a core's second-level cache.
"""


def face_rays(size: int, face: int) -> NDArray[np.float64]:
    """Return float64 (size, size, 3): each face pixel's direction in the camera frame."""
    normal, across, down = FACES[face]
    steps = (2.0 * np.arange(size) + 1.0) / size - 1.0
    rays: NDArray[np.float64] = normal + steps[None, :, None] * across + steps[:, None, None] * down
    return rays


def view_axes(heading: float, elevation: float) -> NDArray[np.float64]:
    """Return float64 (3, 3): the view's forward, right and up directions in the world."""
    sh, ch, se, ce = math.sin(heading), math.cos(heading), math.sin(elevation), math.cos(elevation)
    return np.array([[ce * sh, ce * ch, se], [ch, -sh, 0.0], [-se * sh, -se * ch, ce]])


def view_rays(heading: float, elevation: float, camera: Camera) -> NDArray[np.float64]:
    """Return float64 (H, W, 3): each pixel's direction in the world, of length >= 1."""
    forward, right, up = view_axes(heading, elevation)
    x, y = _plane(camera)
    rays: NDArray[np.float64] = forward + x[None, :, None] * right + y[:, None, None] * up
    return rays


def panorama_rays(heading: float, width: int, height: int, vfov: float) -> NDArray[np.float64]:
    """Return float64 (H, W, 3): directions of a full turn with `heading` in the middle column.

    The picture is a cylinder's: columns are headings, rows are tangents of the elevation.
    """
    h = heading + ((np.arange(width) + 0.5) / width - 0.5) * 2.0 * np.pi
    up = math.tan(vfov / 2.0) * (1.0 - (2.0 * np.arange(height) + 1.0) / height)
    rays = np.empty((height, width, 3))
    rays[..., 0], rays[..., 1], rays[..., 2] = np.sin(h), np.cos(h), up[:, None]
    return rays


def _plane(camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the columns' x and the rows' y on the image plane at distance 1."""
    f = camera.height / 2.0 / math.tan(camera.vfov / 2.0)  # square pixels
    columns, rows = (np.arange(n, dtype=np.float64) for n in (camera.width, camera.height))
    x: NDArray[np.float64] = np.divide(columns + 0.5 - camera.width / 2.0, f)
    y: NDArray[np.float64] = np.divide(camera.height / 2.0 - rows - 0.5, f)
    return x, y


@dataclass(frozen=True, eq=False)
class Skybox:
    """A panorama as six square pictures.

    Attributes:
        faces: uint8 (6, n, n, 3), RGB, in Matterport's order: up, back, left, front, right, down.
        rotation: float64 (3, 3), camera to world.
    """

    faces: NDArray[np.uint8]
    rotation: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = self.faces.shape[1] if self.faces.ndim == 4 else 0
        if self.faces.shape != (6, n, n, 3) or n < 2 or self.faces.dtype != np.uint8:
            raise ValueError(f"expected uint8 (6, n, n, 3) faces, got {self.faces.shape}")

    @cached_property
    def _texels(self) -> NDArray[np.uint64]:
        """All face pixels in a row, each a word of three lanes."""
        red, green, blue = self.faces.reshape(-1, 3).T
        words = blue.astype(np.uint64)
        for channel in (green, red):
            words <<= _LANES[1]
            words |= channel
        return words

    def view(self, heading: float, elevation: float, camera: Camera = VLN_CAMERA) -> Image:
        """Return what a camera with square pixels sees.

        Args:
            heading: Radians, 0 = +y, right positive.
            elevation: Radians, up positive.
            camera: Size and vertical field of view.
        """
        axes = view_axes(heading, elevation) @ self.rotation
        x, y = (v.astype(np.float32) for v in _plane(camera))
        image = np.empty((camera.height, camera.width, 3), np.uint8)
        for rows, columns, face in _areas(axes, camera):
            place = _on_face(axes, x[columns], y[rows], face)
            image[rows, columns] = self._sample(*place)
        return image

    def look(self, rays: NDArray[np.float64]) -> Image:
        """Return what is seen along world directions (H, W, 3) of any length but 0."""
        image = np.empty(rays.shape, np.uint8)
        for top in range(0, len(rays), _TILE[0]):
            rows = slice(top, top + _TILE[0])
            image[rows] = self._sample(*_project((rays[rows] @ self.rotation).astype(np.float32)))
        return image

    def _sample(
        self, face: NDArray[np.int64], s: NDArray[np.float32], t: NDArray[np.float32]
    ) -> Image:
        """Return uint8 (H, W, 3): bilinear colours at places on faces, s and t in [-1, 1]."""
        n = self.faces.shape[1]
        column, left = _split(s, n)
        row, top = _split(t, n)
        top += face * n
        top *= n
        top += left
        both = column * row
        both >>= _WEIGHT_BITS
        words, index = self._texels, top
        total = words.take(index)
        total *= (_ONE - column - row + both).view(np.uint64)
        for offset, weight in ((1, column - both), (n, both), (-1, row - both)):
            index += offset
            corner = words.take(index)
            corner *= weight.view(np.uint64)
            total += corner
        total += _HALF
        colours = np.empty((*s.shape, 3), np.uint8)
        for channel, lane in enumerate(_LANES):
            colours[..., channel] = total >> (lane + np.uint64(_WEIGHT_BITS))  # wraps to the byte
        return colours


def nearest(faces: NDArray[Any], rays: NDArray[np.float64]) -> NDArray[Any]:
    """Return the face pixels (6, n, n) that camera-frame directions (H, W, 3) fall into."""
    n = faces.shape[1]
    face, s, t = _project(rays.astype(np.float32))
    column, row = (np.clip((place + 1) * (n / 2), 0, n - 1).astype(np.int64) for place in (s, t))
    found: NDArray[Any] = faces[face, row, column]
    return found


def _areas(axes: NDArray[np.float64], camera: Camera) -> Iterator[tuple[slice, slice, int | None]]:
    """Yield (rows, columns, face) that cover a view; the face is None where several meet.

    A rectangle of the image plane whose corners lie on one face lies on it as a whole.
    """
    x, y = _plane(camera)
    half = (x[1] - x[0]) / 2.0
    right = [*range(0, camera.width, _TILE[1]), camera.width]
    down = [*range(0, camera.height, _TILE[0]), camera.height]
    edges_x = np.append(x - half, x[-1] + half)[right]
    edges_y = np.append(y + half, y[-1] - half)[down]
    rays = axes[0] + edges_x[None, :, None] * axes[1] + edges_y[:, None, None] * axes[2]
    face = _project(rays.astype(np.float32))[0]
    corners = np.stack([face[:-1, :-1], face[:-1, 1:], face[1:, :-1], face[1:, 1:]])
    single = np.where((corners == corners[0]).all(axis=0), corners[0], -1).tolist()
    for k, tiles in enumerate(single):
        for key, group in groupby(range(len(tiles)), key=tiles.__getitem__):
            run = list(group)
            columns = slice(right[run[0]], right[run[-1] + 1])
            yield slice(down[k], down[k + 1]), columns, None if key < 0 else key


def _on_face(
    axes: NDArray[np.float64],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    face: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return (face, s, t) of the rays through columns `x` and rows `y` of the image plane."""
    if face is None:
        forward, right, up = axes.astype(np.float32)
        return _project(forward + x[None, :, None] * right + y[:, None, None] * up)
    # Along the face's normal and axes a ray is affine in x and y.
    depth, s, t = (
        (forward + y * up)[:, None] + (x * right)[None, :]
        for forward, right, up in (axes @ FACES[face].T).T.astype(np.float32)
    )
    np.reciprocal(depth, out=depth)
    return np.array(face), s * depth, t * depth


def _project(
    rays: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return each camera-frame ray's face and its place there: s and t in [-1, 1]."""
    x, y, z = np.moveaxis(rays, -1, 0)
    ax, ay, az = np.abs(x), np.abs(y), np.abs(z)
    side = np.maximum(ax, az)
    scale = 1 / np.maximum(side, ay)
    front, steep = az >= ax, ay > side
    face = np.where(front, 2 + np.sign(z), 3 + np.sign(x))
    face = np.where(steep, np.where(y < 0, 0, 5), face).astype(np.int64)
    # On the four side faces s runs to the right as seen from within, and t down.
    s = np.where(front, np.copysign(x, x * z), np.copysign(z, -x * z))
    s = np.where(steep, -x, s)
    t = np.where(steep, np.copysign(z, z * y), y)
    return face, s * scale, t * scale


def _split(place: NDArray[np.float32], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (weight of the further of two neighbouring pixels in 1/8192, index of the nearer).

    A place within half a pixel of the face's edge takes the edge pixel.
    """
    fixed = place * np.float32(n / 2 * _ONE)
    fixed += np.float32((n - 1) / 2 * _ONE)
    np.clip(fixed, 0, (n - 1) * _ONE - 1, out=fixed)
    whole = fixed.astype(np.int64)
    return whole & (_ONE - 1), whole >> _WEIGHT_BITS
