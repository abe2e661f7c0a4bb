"""The panoramas of a building, through the skybox, against casting its rays one by one.

The caster knows neither cube faces nor outlines nor depth buffers: every ray meets every shape.
"""

import math
from typing import Any

import numpy as np
import pytest

from qvl_agent.envs.vln.buildings.building import generate_building
from qvl_agent.envs.vln.buildings.light import shade
from qvl_agent.envs.vln.buildings.raster import PIXEL_RAD, Scene
from qvl_agent.envs.vln.buildings.shapes import Box, Cylinder, Ellipsoid, Material, Rect, rects_of
from qvl_agent.envs.vln.skybox import Skybox, view_axes
from qvl_agent.envs.vln.views import Camera, view_angles

VIEW = Camera(160, 120)


def rays_of(heading: Any, elevation: Any) -> Any:
    f = VIEW.height / 2 / math.tan(VIEW.vfov / 2)
    u, v = np.meshgrid(np.arange(VIEW.width) + 0.5, np.arange(VIEW.height) + 0.5)
    forward, right, up = view_axes(heading, elevation)
    x, y = (u - VIEW.width / 2) / f, (VIEW.height / 2 - v) / f
    return (forward + x[..., None] * right + y[..., None] * up).reshape(-1, 3)


def meet(shape: Any, origin: Any, rays: Any) -> Any:
    """Return how far along each ray it first meets a shape from outside, inf where it does not."""
    low, high = np.array(shape.low), np.array(shape.high)
    if isinstance(shape, Rect):
        k = shape.axis
        if (origin[k] - low[k]) * shape.sign <= 0:
            return np.full(len(rays), np.inf)
        t = (low[k] - origin[k]) / rays[:, k]
        points = origin + t[:, None] * rays
        others = [a for a in range(3) if a != k]
        inside = (points[:, others] >= low[others]) & (points[:, others] <= high[others])
        return np.where((t > 0) & inside.all(axis=1), t, np.inf)
    o, d = (origin - (low + high) / 2) / ((high - low) / 2), rays / ((high - low) / 2)
    axes = slice(0, 2) if isinstance(shape, Cylinder) else slice(0, 3)
    a, b = (d[:, axes] ** 2).sum(axis=1), d[:, axes] @ o[axes]
    t = (-b - np.sqrt(b * b - a * ((o[axes] ** 2).sum() - 1))) / a
    t = np.where(t > 0, t, np.inf)
    if isinstance(shape, Cylinder):
        t = np.where(np.abs(o[2] + t * d[:, 2]) <= 1, t, np.inf)
        for end in (-1, 1):
            at = (end - o[2]) / d[:, 2]
            flat = ((o[:2] + at[:, None] * d[:, :2]) ** 2).sum(axis=1) <= 1
            t = np.fmin(t, np.where((at > 0) & flat, at, np.inf))
    return np.where(np.isnan(t), np.inf, t)


def cast(shapes: Any, origin: Any, rays: Any) -> Any:
    """Return the colour along each ray, and which shape it meets."""
    with np.errstate(all="ignore"):
        away = np.full(len(rays), np.inf)
        which = np.full(len(rays), -1)
        for number, shape in enumerate(shapes):
            t = meet(shape, origin, rays)
            which[t < away] = number
            away = np.fmin(away, t)
    seen = np.zeros((len(rays), 3))
    for number in set(which.tolist()) - {-1}:
        mine, shape = which == number, shapes[number]
        d, t = rays[mine], away[mine]
        size = np.linalg.norm(d, axis=1)
        spread = t * size * PIXEL_RAD
        if isinstance(shape, Rect):
            spread = spread * size / np.abs(d[:, shape.axis])
        points = (origin + t[:, None] * d).astype(np.float32)
        seen[mine] = shade(shape, points, spread.astype(np.float32))
    return np.clip(seen + 0.5, 0, 255).astype(np.uint8), which


@pytest.fixture(scope="module")
def building() -> Any:
    return generate_building(1, rooms=6)


def compare(building: Any, viewpoint: Any, size: Any, views: Any) -> Any:
    """Return (agreement within 1 grey level, which pixels are at an edge) over several views."""
    skybox, _ = building.panorama(viewpoint, size)
    equal, edge = [], []
    for view in views:
        heading, elevation = view_angles(view)
        wanted, which = cast(
            building.shapes, building.graph.positions[viewpoint], rays_of(heading, elevation)
        )
        seen = skybox.view(heading, elevation, VIEW).reshape(-1, 3).astype(int)
        equal.append(np.abs(seen - wanted).max(axis=1) <= 1)
        grid = np.pad(which.reshape(VIEW.height, VIEW.width), 1, mode="edge")
        around = [grid[1 + i : 121 + i, 1 + j : 161 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        edge.append((np.ptp(around, axis=0) > 0).ravel())
    return np.concatenate(equal), np.concatenate(edge)


@pytest.mark.slow
def test_skybox_views_agree_with_the_ray_cast_within_a_grey_level(building: Any) -> None:
    """In 99 % of pixels at 2048-pixel faces, where a texel is as fine as a pixel's edge."""
    equal, edge = compare(building, 12, 2048, (12, 15, 18, 21, 4, 30))
    assert equal.mean() >= 0.99
    assert equal[~edge].mean() >= 0.998


def test_away_from_edges_they_agree_at_the_raw_layouts_size_too(building: Any) -> None:
    """What differs at 1024-pixel faces is the blur of one texel along the outlines."""
    equal, edge = compare(building, 25, 1024, (13, 17, 20, 33))
    assert equal[~edge].mean() >= 0.999
    assert equal.mean() >= 0.99


def test_every_pixel_of_an_indoor_panorama_shows_something(building: Any) -> None:
    skybox, _ = building.panorama(7, 128)
    assert (skybox.faces.sum(axis=-1) > 0).all()


def test_object_numbers_lie_where_the_objects_are() -> None:
    box = Box((-1.0, 3.0, -1.0), (1.0, 4.0, 1.0), Material((200, 20, 20)), thing=7)
    ball = Ellipsoid((3.0, -0.5, -0.5), (4.0, 0.5, 0.5), Material((20, 200, 20)), thing=8)
    pillar = Cylinder((-0.5, -4.0, -2.0), (0.5, -3.0, 2.0), Material((20, 20, 200)), thing=9)
    scene = Scene([*rects_of(box), ball, pillar])
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # right = east, forward = north
    faces, things = scene.skybox((0.0, 0.0, 0.0), turn, 64)
    assert (things[3, 32, 32], things[4, 32, 32], things[1, 32, 32]) == (7, 8, 9)
    assert things[2].max() == things[0].max() == -1
    # The box is 2 m wide at 3 m: a third of the face, as tan says.
    assert np.count_nonzero(things[3, 32] == 7) == pytest.approx(64 / 3, abs=1)
    half = math.asin(0.5 / 3.5)
    assert np.count_nonzero(things[4, 32] == 8) == pytest.approx(64 * math.tan(half), abs=1)
    assert Skybox(faces, turn).view(0.0, 0.0, VIEW)[60, 80].argmax() == 0


def test_a_near_shape_hides_a_far_one_whatever_their_order() -> None:
    near = rects_of(Box((-0.2, 1.0, -0.2), (0.2, 1.1, 0.2), Material((9, 9, 9)), thing=1))
    far = rects_of(Box((-3.0, 5.0, -3.0), (3.0, 6.0, 3.0), Material((9, 9, 9)), thing=2))
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    for shapes in ([*near, *far], [*far, *near]):
        _, things = Scene(shapes).skybox((0.0, 0.0, 0.0), turn, 32)
        assert things[3, 16, 16] == 1
        assert things[3, 16, 8] == 2
