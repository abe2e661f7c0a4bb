"""What an agent sees: camera, distances, and which objects are visible. Changes nothing.

An object is visible when a point of its body is in the picture and within 1.5 m on the ground,
and it is in nothing that is shut. Furniture in between hides nothing here, where THOR casts rays.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.household.simulator.scene import Box, Pose
from qvl_agent.envs.household.simulator.state import Home, Item

__all__ = ["PULL", "Camera", "camera_of", "distances", "in_view", "visible"]

Floats = NDArray[np.float64]

_EYE = 0.675
"""Metres from the agent's centre up to its camera.

Fitted: with it and a field of view of 60 degrees the recorded objects project into their recorded
boxes.
"""

PULL = 0.5
"""Metres that a drawer comes out."""

_GRID = np.stack(np.meshgrid(*[np.linspace(0, 1, 4)] * 3, indexing="ij"), -1).reshape(-1, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A pinhole camera.

    Attributes:
        position: x, y, z in metres.
        axes: float (3, 3); rows are right, up and forward.
        slope: Tangent of half the horizontal field of view.
        aspect: Height over width.
    """

    position: Floats
    axes: Floats
    slope: float
    aspect: float = 1.0

    def to_view(self, points: Floats) -> Floats:
        """Return points (..., 3) of the world as right, up, forward of the camera."""
        return (points - self.position) @ self.axes.T


def camera_of(pose: Pose, agent_y: float, fov: float = 60.0, aspect: float = 1.0) -> Camera:
    """Return the camera of an agent; `fov` is horizontal, in degrees."""
    turn, tilt = math.radians(pose.rotation), math.radians(pose.horizon)
    forward = np.array(
        [math.sin(turn) * math.cos(tilt), -math.sin(tilt), math.cos(turn) * math.cos(tilt)]
    )
    right = np.array([math.cos(turn), 0.0, -math.sin(turn)])
    axes = np.stack([right, np.cross(forward, right), forward])
    position = np.array([pose.x, agent_y + _EYE, pose.z])
    return Camera(position, axes, math.tan(math.radians(fov) / 2), aspect)


def distances(home: Home) -> dict[str, float]:
    """Return the distance in metres from the agent to each object, as THOR's metadata has it."""
    here = np.array([home.pose.x, home.scene.agent_y, home.pose.z])
    positions = np.array([item.position for item in home.items.values()])
    return dict(zip(home.items, np.linalg.norm(positions - here, axis=1).tolist(), strict=True))


def visible(
    home: Home, camera: Camera, reach: float = 1.5, among: Iterable[Item] | None = None
) -> set[str]:
    """Return the ids of the objects that are in view and within reach.

    Args:
        home: The state.
        camera: Where it is seen from.
        reach: THOR's visibilityDistance in metres.
        among: The objects to look for; all of them where it is left out.
    """
    if among is None:
        keys, points = home.remembered("points", lambda: _points(home, home.items.values()))
    else:
        keys, points = _points(home, among)
    if not keys:
        return set()
    seen = in_view(points, camera, reach).any(axis=1)
    found = {keys[k] for k in np.flatnonzero(seen).tolist()}
    return found | ({home.held} if home.held else set())


def _points(home: Home, among: Iterable[Item]) -> tuple[list[str], Floats]:
    """Return the ids of what is in nothing shut, and points (N, 64, 3) all over each of them."""
    items = [i for i in among if not i.gone and (i.parent is None or home.closed_around(i) is None)]
    boxes = [_swept(home, item) for item in items]
    lows = np.array([box.low for box in boxes]).reshape(-1, 3)
    highs = np.array([box.high for box in boxes]).reshape(-1, 3)
    points = lows[:, None] + _GRID[None] * (highs - lows)[:, None]
    return [item.id for item in items], points


def _swept(home: Home, item: Item) -> Box:
    """Return an object's box; of a drawer and what is in it, with the room it is pulled out into.

    The state keeps drawers where they are, while THOR's slide; and the best poses of ALFRED's
    layouts look at them as they stand open.
    """
    drawer = home[item.parent] if item.parent is not None and not item.fixture else item
    if drawer.type != "Drawer":
        return item.box
    (x0, y0, z0), (x1, y1, z1) = item.box.low, item.box.high
    a, b = drawer.facing[0] * PULL, drawer.facing[1] * PULL
    low = (x0 + min(0.0, a), y0, z0 + min(0.0, b))
    return Box(low, (x1 + max(0.0, a), y1, z1 + max(0.0, b)))


def in_view(
    points: Floats, camera: Camera, reach: float = 1.5, *, margin: float = 1.0
) -> NDArray[np.bool_]:
    """Return which points (..., 3) are in the picture and within reach on the ground.

    Args:
        points: Metres.
        camera: Where they are seen from.
        reach: Metres.
        margin: Share of the picture that counts, around its middle.
    """
    ground = np.hypot(points[..., 0] - camera.position[0], points[..., 2] - camera.position[2])
    view = camera.to_view(points)
    depth = view[..., 2]
    edge = depth * (camera.slope * margin)
    seen: NDArray[np.bool_] = (
        (ground < reach)
        & (depth > 0.05)
        & (np.abs(view[..., 0]) < edge)
        & (np.abs(view[..., 1]) < edge * camera.aspect)
    )
    return seen
