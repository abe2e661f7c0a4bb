"""Headings, elevations, the 36 discretised views, and which viewpoints can be walked to.

The rules are Matterport3DSimulator's with discretised viewing angles and restricted navigation.
This module knows graphs and angles; it knows no pictures and no episodes.

Angles are radians. Heading 0 looks along +y and grows to the right; elevation 0 is the horizon and
grows upwards. View `ix` has heading `30 deg * (ix mod 12)`, elevation `30 deg * (ix div 12 - 1)`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.graph import NavGraph

__all__ = [
    "STEP",
    "VIEWS",
    "VLN_CAMERA",
    "Camera",
    "Candidate",
    "Location",
    "bearing",
    "candidates",
    "navigable",
    "signed_angle",
    "snap",
    "view_angles",
]

HEADINGS = 12
"""Views around the horizon."""

VIEWS = 3 * HEADINGS
"""All discretised views: 12 looking down, 12 at the horizon, 12 looking up."""

STEP = math.pi * 2.0 / HEADINGS
"""Radians between two neighbouring views: 30 degrees."""


@dataclass(frozen=True, slots=True)
class Camera:
    """What a picture of a view shows.

    Attributes:
        width: Pixels.
        height: Pixels.
        vfov: Vertical field of view, radians.
    """

    width: int = 640
    height: int = 480
    vfov: float = math.radians(60)

    @property
    def half_hfov(self) -> float:
        """Half the horizontal field of view as the simulator reckons it.

        It scales the vertical angle linearly (40 degrees at 640x480 and 60), which is not the true
        angle (37.6): published candidates depend on it.
        """
        return self.vfov * self.width / self.height / 2.0


VLN_CAMERA = Camera()
"""The setting of R2R and REVERIE: 640x480, 60 degrees."""


@dataclass(frozen=True, slots=True)
class Location:
    """A viewpoint in sight, relative to where the agent looks (`navigableLocations`).

    Attributes:
        viewpoint: Its number in the graph.
        rel_heading: Radians to turn to face it, right positive, in (-pi, pi].
        rel_elevation: Radians to look up to face it.
        rel_distance: Metres, through the air.
    """

    viewpoint: int
    rel_heading: float
    rel_elevation: float
    rel_distance: float

    @property
    def angle(self) -> float:
        """How far it is from the view's centre: what locations are sorted by."""
        return math.sqrt(self.rel_heading**2 + self.rel_elevation**2)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A neighbour, with the discretised view that shows it nearest to its centre.

    Attributes:
        viewpoint: Its number in the graph.
        view: Index of that view (`pointId` in the literature).
        rank: Its place in that view's list of locations, from 1 (`idx`).
        heading: View heading plus relative heading, radians; not wrapped, as published.
        elevation: Of the neighbour, radians.
        angle: Angular distance from the view's centre, radians (`distance` in the literature).
        metres: Length of the edge.
    """

    viewpoint: int
    view: int
    rank: int
    heading: float
    elevation: float
    angle: float
    metres: float


def view_angles(view: int) -> tuple[float, float]:
    """Return (heading, elevation) of a discretised view.

    Raises:
        ValueError: If `view` is not in 0..35.
    """
    if not 0 <= view < VIEWS:
        raise ValueError(f"a view index is in 0..{VIEWS - 1}, got {view}")
    return view % HEADINGS * STEP, (view // HEADINGS - 1) * STEP


def snap(heading: float, elevation: float) -> int:
    """Return the discretised view nearest to a direction, as the simulator snaps it.

    The heading goes to the nearest 30 degrees (half goes up), the elevation to -30 below -15
    degrees, to +30 above +15, else to the horizon.
    """
    step = math.floor(heading % (math.pi * 2.0) / STEP + 0.5) % HEADINGS
    if elevation < -STEP / 2.0:
        return step
    return step + (2 * HEADINGS if elevation > STEP / 2.0 else HEADINGS)


def signed_angle(angle: float) -> float:
    """Return an angle wrapped to (-pi, pi]."""
    wrapped = math.remainder(angle, math.tau)
    return math.pi if wrapped == -math.pi else wrapped


def bearing(graph: NavGraph, at: int, to: int) -> tuple[float, float]:
    """Return (heading in [0, 2 pi), elevation) of viewpoint `to` seen from `at`."""
    x, y, z = (graph.positions[to] - graph.positions[at]).tolist()
    return math.atan2(x, y) % math.tau, math.atan2(z, math.hypot(x, y))


def navigable(
    graph: NavGraph,
    at: int,
    heading: float,
    elevation: float,
    camera: Camera = VLN_CAMERA,
    *,
    restricted: bool = True,
) -> list[Location]:
    """Return where the agent may go, as the simulator lists it: first where it stands.

    A neighbour is listed when its horizontal bearing lies within `camera.half_hfov` of the heading;
    its elevation is not tested. The others follow by angular distance from the view's centre.

    Args:
        graph: The scan.
        at: Where the agent stands.
        heading: Where it looks, radians.
        elevation: Where it looks, radians.
        camera: Field of view of the angle test.
        restricted: False drops the angle test.

    Source: Matterport3DSimulator src/lib/MatterSim.cpp, `populateNavigable`.
    """
    relative = _relative(graph, at)
    found = []
    for viewpoint, offset in zip(graph.neighbours[at], relative, strict=True):
        x, y, z = offset.tolist()
        flat = math.hypot(x, y)
        if flat == 0.0:  # straight above: the simulator's bearing is not a number, never in view
            continue
        rel_heading = signed_angle(math.atan2(x, y) - heading)
        if restricted and math.cos(rel_heading) < math.cos(camera.half_hfov):
            continue
        metres = math.sqrt(x * x + y * y + z * z)
        found.append(Location(viewpoint, rel_heading, math.atan2(z, flat) - elevation, metres))
    return [Location(at, 0.0, 0.0, 0.0), *sorted(found, key=lambda location: location.angle)]


def candidates(graph: NavGraph, at: int, camera: Camera = VLN_CAMERA) -> list[Candidate]:
    """Return the neighbours, each with its best discretised view, in the published order.

    Every view from 0 to 35 lists its navigable locations; each neighbour keeps the view with the
    smallest angular distance (the first of equals). The order is that of first being seen.

    Source: VLN-DUET and HAMT, `make_candidate`.
    """
    relative = _relative(graph, at)
    names = np.array(graph.neighbours[at], int)
    flat = np.hypot(relative[:, 0], relative[:, 1])
    names, relative, flat = names[flat > 0], relative[flat > 0], flat[flat > 0]
    views = np.arange(VIEWS)
    headings, levels = views % HEADINGS * STEP, (views // HEADINGS - 1) * STEP
    turns = np.arctan2(relative[:, 0], relative[:, 1])[None, :] - headings[:, None]
    turns -= 2.0 * np.pi * np.ceil((turns - np.pi) / (2.0 * np.pi))  # to (-pi, pi]
    tilts = np.arctan2(relative[:, 2], flat)[None, :] - levels[:, None]
    angles = np.sqrt(turns**2 + tilts**2)
    angles[np.cos(turns) < math.cos(camera.half_hfov)] = np.inf
    best = np.argmin(angles, axis=0)
    first_seen = np.argmax(np.isfinite(angles), axis=0)
    found = []
    # Within the view that shows several of them first, the nearer to its centre comes first.
    for k in np.lexsort((angles[first_seen, np.arange(len(names))], first_seen)).tolist():
        view = int(best[k])
        rank = 1 + int(np.count_nonzero(angles[view] < angles[view, k]))
        found.append(
            Candidate(
                viewpoint=int(names[k]),
                view=view,
                rank=rank,
                heading=float(headings[view] + turns[view, k]),
                elevation=float(levels[view] + tilts[view, k]),
                angle=float(angles[view, k]),
                metres=float(np.linalg.norm(relative[k])),
            )
        )
    return found


def _relative(graph: NavGraph, at: int) -> NDArray[np.float64]:
    """Return float64 (K, 3): the neighbours' positions relative to `at`, metres."""
    here = graph.positions[at]
    found: NDArray[np.float64] = graph.positions[list(graph.neighbours[at])].reshape(-1, 3) - here
    return found
