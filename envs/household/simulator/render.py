"""A small software renderer: picture, depth and instance masks of the first-person view.

Faces are filled from far to near into one plane of face numbers; colour, depth and instance are
then read off per pixel, depth from the plane of the face. What does not depend on the camera is
kept until the household changes. Knows bodies and a camera, no actions.
"""

import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw

from qvl_agent.envs.base import Image
from qvl_agent.envs.household.simulator.layers import Body, bodies
from qvl_agent.envs.household.simulator.order import far_to_near
from qvl_agent.envs.household.simulator.room import room_around
from qvl_agent.envs.household.simulator.sight import Camera
from qvl_agent.envs.household.simulator.state import Home

__all__ = ["Frame", "Renderer", "instance_colour"]

_NEAR = 0.05
_FAR = 20.0
_SUN = np.array([0.35, 0.8, -0.5])

Floats = NDArray[np.float64]


class Frame:
    """What a camera sees. Each picture is made when it is first asked for.

    Args:
        faces: int32 (H, W), which face each pixel shows.
        planes: float32 (3, N), per face n with 1 / depth = n . (ray x, ray y, 1).
        rays: Ray x of each column and ray y of each row, for a forward part of 1.
        colours: uint32 (N,), RGB of each face in its low bytes.
        owners: int32 (N,), index into `ids` of each face; -1 where it is no object's.
        ids: Object ids.
    """

    def __init__(
        self,
        faces: NDArray[np.int32],
        planes: NDArray[np.float32],
        rays: tuple[NDArray[np.float32], NDArray[np.float32]],
        colours: NDArray[np.uint32],
        owners: NDArray[np.int32],
        ids: tuple[str, ...],
    ) -> None:
        self._faces, self._planes, self._rays = faces, planes, rays
        self._colours, self._owners = colours, owners
        self.ids = ids

    @cached_property
    def packed(self) -> NDArray[np.uint32]:
        """The picture, uint32 (H, W), red in the low byte."""
        return self._colours.take(self._faces, mode="clip")

    @property
    def image(self) -> Image:
        """The picture, uint8 (H, W, 3)."""
        return self.packed.view(np.uint8).reshape(*self.packed.shape, 4)[..., :3]

    @cached_property
    def depth(self) -> NDArray[np.float32]:
        """float32 (H, W), metres along the view direction, at most 20."""
        x, y = self._rays
        inverse: NDArray[np.float32] = self._planes[0].take(self._faces, mode="clip")
        inverse *= x
        rising = self._planes[1].take(self._faces, mode="clip")
        rising *= y[:, None]
        inverse += rising
        inverse += self._planes[2].take(self._faces, mode="clip")
        np.maximum(inverse, 1 / _FAR, out=inverse)
        np.reciprocal(inverse, out=inverse)
        return inverse

    @cached_property
    def segments(self) -> NDArray[np.int32]:
        """int32 (H, W), index into `ids`; -1 where no object is."""
        return self._owners.take(self._faces, mode="clip")

    def painted(self, palette: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return uint32 (H, W): the palette's value of each pixel's object, the last for none."""
        found: NDArray[np.uint32] = palette[self._owners].take(self._faces, mode="clip")
        return found


@lru_cache(maxsize=4096)
def instance_colour(key: str) -> tuple[int, int, int]:
    """Return the colour that stands for an object in THOR's instance picture."""
    value = zlib.crc32(key.encode())
    return value & 255 | 1, value >> 8 & 255, value >> 16 & 255


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """A household as faces, whoever looks at it. Body 0 is the room.

    Attributes:
        bodies: All but the room.
        starts: int (B + 2,), the first face of each body, the room's first.
        quads: float (N, 4, 3), metres.
        normals: float (N, 3), outwards.
        offsets: float (N,), of the faces' planes.
        colours: uint32 (N,), lit.
        owners: int32 (N,), index into `ids`.
        ids: Object ids.
    """

    bodies: list[Body]
    starts: NDArray[np.intp]
    quads: Floats
    normals: Floats
    offsets: Floats
    colours: NDArray[np.uint32]
    owners: NDArray[np.int32]
    ids: tuple[str, ...]


class Renderer:
    """Draws households, one camera after the other.

    Args:
        width: Pixels.
        height: Pixels.
    """

    def __init__(self, width: int = 300, height: int = 300) -> None:
        self.width = width
        self.height = height
        self._columns = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
        self._rows = 1 - (np.arange(height, dtype=np.float32) + 0.5) / height * 2

    def draw(self, home: Home, camera: Camera) -> Frame:
        """Return what a camera sees of a household."""
        model = home.remembered("faces", lambda: _modelled(home))
        near = _in_view(model.bodies, camera)
        order = far_to_near([model.bodies[k] for k in near], camera.position)
        spans = [0, *(near[k] + 1 for k in order)]
        faces = np.concatenate([np.arange(model.starts[k], model.starts[k + 1]) for k in spans])
        # Only what is turned to the camera.
        towards = model.normals[faces] @ camera.position > model.offsets[faces]
        faces = faces[towards]
        view = camera.to_view(model.quads[faces])
        normals = model.normals[faces] @ camera.axes.T
        distance = np.einsum("ij,ij->i", normals, view[:, 0])
        planes = (normals / distance[:, None]).T.astype(np.float32)
        rays: tuple[NDArray[np.float32], NDArray[np.float32]] = (
            (self._columns * camera.slope).astype(np.float32),
            (self._rows * (camera.slope * camera.aspect)).astype(np.float32),
        )
        return Frame(
            self._fill(view, camera),
            np.ascontiguousarray(planes),
            rays,
            model.colours[faces],
            model.owners[faces],
            model.ids,
        )

    def _fill(self, view: Floats, camera: Camera) -> NDArray[np.int32]:
        """Return int32 (H, W): which of the faces, the far ones first, each pixel shows."""
        faces = np.zeros((self.height, self.width), dtype=np.int32)
        # Pillow fills polygons right in the array: four bytes a pixel are one number.
        size = (self.width, self.height)
        picture = Pictures.frombuffer("RGBA", size, faces, "raw", "RGBA", 0, 1)
        picture.readonly = 0  # else it would draw on a copy
        ink = ImageDraw.Draw(picture)
        fill = ink.draw.draw_polygon
        half_w, half_h = self.width / 2, self.height / 2
        depth = view[..., 2]
        safe = np.maximum(depth, _NEAR) * camera.slope
        xs = half_w + view[..., 0] / safe * half_w - 0.5
        ys = half_h - view[..., 1] / (safe * camera.aspect) * half_h - 0.5
        points = np.stack([xs, ys], axis=-1).reshape(len(view), 8).tolist()
        whole = depth.min(axis=1) > _NEAR
        edge = depth * (camera.slope * 1.01)
        above = edge * camera.aspect
        aside = (
            (view[..., 0] > edge).all(1)
            | (view[..., 0] < -edge).all(1)
            | (view[..., 1] > above).all(1)
            | (view[..., 1] < -above).all(1)
        )
        shown = (depth.max(axis=1) > _NEAR) & ~aside
        for face in np.flatnonzero(shown).tolist():
            if whole[face]:
                fill(points[face], face, 1)
                continue
            flat: list[float] = []
            for x, y, z in _clipped(view[face]):
                flat.append(half_w + x / (z * camera.slope) * half_w - 0.5)
                flat.append(half_h - y / (z * camera.slope * camera.aspect) * half_h - 0.5)
            if len(flat) >= 6:
                fill(flat, face, 1)
        return faces


def _modelled(home: Home) -> _Model:
    """Return a household as faces."""
    room, found = room_around(home), bodies(home)
    quads = np.concatenate([room.quads, *(b.quads for b in found)])
    colours = np.concatenate([room.colours, *(b.colours for b in found)])
    counts = [len(room.quads), *(len(b.quads) for b in found)]
    ids = tuple(dict.fromkeys(b.key for b in found))
    number = {key: k for k, key in enumerate(ids)}
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    length = np.linalg.norm(normals, axis=1)
    normals /= np.where(length == 0, 1, length)[:, None]
    shade = 0.78 + 0.22 * (normals @ _SUN)
    lit = np.clip(colours * shade[:, None], 0, 255).astype(np.uint32)
    return _Model(
        found,
        np.concatenate([[0], np.cumsum(counts)]),
        quads,
        normals,
        np.einsum("ij,ij->i", normals, quads[:, 0]),
        lit[:, 0] | lit[:, 1] << 8 | lit[:, 2] << 16,
        np.repeat([-1, *(number[b.key] for b in found)], counts).astype(np.int32),
        ids,
    )


def _clipped(corners: Floats) -> list[tuple[float, float, float]]:
    """Return the part of a polygon in front of the near plane."""
    kept: list[tuple[float, float, float]] = []
    points = [(float(x), float(y), float(z)) for x, y, z in corners]
    for k, (x, y, z) in enumerate(points):
        a, b, c = points[k - 1]
        if (z > _NEAR) != (c > _NEAR):
            t = (_NEAR - c) / (z - c)
            kept.append((a + t * (x - a), b + t * (y - b), _NEAR))
        if z > _NEAR:
            kept.append((x, y, z))
    return kept


def _in_view(found: list[Body], camera: Camera) -> list[int]:
    """Return the indices of the bodies whose enclosing ball reaches into the picture."""
    if not found:
        return []
    lows = np.array([b.low for b in found])
    highs = np.array([b.high for b in found])
    view = camera.to_view((lows + highs) / 2)
    radius = np.linalg.norm(highs - lows, axis=1) * 0.6 + 0.15
    widest = (1 + camera.slope**2) ** 0.5
    inside = (
        (view[:, 2] > -radius)
        & (np.abs(view[:, 0]) < view[:, 2] * camera.slope + radius * widest)
        & (np.abs(view[:, 1]) < view[:, 2] * camera.slope * camera.aspect + radius * widest)
    )
    return np.flatnonzero(inside).tolist()
