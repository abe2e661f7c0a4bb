"""Object boxes of a generated building, by looking at which pixels show which object.

This module knows buildings and the layout of REVERIE's boxes. It writes no files.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.annotations import Box, SeenObject
from qvl_agent.envs.vln.buildings.building import Building
from qvl_agent.envs.vln.skybox import face_rays, view_axes
from qvl_agent.envs.vln.views import VIEWS, VLN_CAMERA, view_angles

__all__ = ["NEAR_M", "boxes_of", "seen_objects"]

NEAR_M = 3.0
"""Objects within this distance of a viewpoint are listed, as in REVERIE."""

_LEAST_PIXELS = 6
"""Of a 256-pixel face: what shows less than this in a view counts as unseen there."""


def seen_objects(building: Building, viewpoint: int, size: int = 256) -> dict[int, SeenObject]:
    """Return the objects near a viewpoint, each with the discretised views that show it.

    Args:
        building: Where.
        viewpoint: From where.
        size: Pixels of the faces that are looked at; the boxes are as exact as these.
    """
    _, numbers = building.panorama(viewpoint, size)
    return boxes_of(building, viewpoint, numbers)


def boxes_of(
    building: Building, viewpoint: int, numbers: NDArray[np.int16]
) -> dict[int, SeenObject]:
    """Return the same from the object numbers of an already rendered panorama (6, n, n)."""
    here = building.graph.positions[viewpoint]
    rotation = building.graph.poses[viewpoint, :3, :3]
    step = max(1, numbers.shape[1] // 256)  # finer faces would only make the boxes dearer
    numbers = numbers[:, step // 2 :: step, step // 2 :: step]
    size = numbers.shape[1]
    rays = np.stack([face_rays(size, face) for face in range(6)]) @ rotation.T
    found = {}
    for thing in building.things:
        if np.linalg.norm(np.array(thing.place) - here) > NEAR_M:
            continue
        views, boxes = _boxes(rays[numbers == thing.number], size)
        found[thing.number] = SeenObject(thing.name, views, boxes)
    return found


def _boxes(rays: NDArray[np.float64], size: int) -> tuple[tuple[int, ...], tuple[Box, ...]]:
    """Return the views in which directions (N, 3) fall, and the pixel boxes around them."""
    camera = VLN_CAMERA
    focal = camera.height / 2.0 / math.tan(camera.vfov / 2.0)
    margin = focal / size  # half a face pixel, seen in the view
    views, boxes = [], []
    for view in range(VIEWS if len(rays) >= _LEAST_PIXELS else 0):
        depth, x, y = view_axes(*view_angles(view)) @ rays.T
        ahead = depth > 1e-6
        u = camera.width / 2.0 + focal * x[ahead] / depth[ahead]
        v = camera.height / 2.0 - focal * y[ahead] / depth[ahead]
        inside = (u >= 0) & (u < camera.width) & (v >= 0) & (v < camera.height)
        if np.count_nonzero(inside) < _LEAST_PIXELS:
            continue
        left, right = float(u[inside].min()) - margin, float(u[inside].max()) + margin
        top, bottom = float(v[inside].min()) - margin, float(v[inside].max()) + margin
        x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
        x1, y1 = min(camera.width, math.ceil(right)), min(camera.height, math.ceil(bottom))
        views.append(view)
        boxes.append((float(x0), float(y0), float(x1 - x0), float(y1 - y0)))
    return tuple(views), tuple(boxes)
