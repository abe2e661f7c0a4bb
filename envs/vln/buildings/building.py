"""A generated building: rooms, furniture, named objects, viewpoints and where one can walk.

This module puts plan, furniture and graph together. It knows no files (`dataset`), no sentences
(`language`) and no episodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.buildings.floors import Footing, Storey
from qvl_agent.envs.vln.buildings.plan import (
    CEILING_M,
    STOREY_M,
    WALL_M,
    Door,
    Plan,
    Room,
    make_plan,
)
from qvl_agent.envs.vln.buildings.raster import Scene
from qvl_agent.envs.vln.buildings.rooms import (
    Footprint,
    Openings,
    Placed,
    furnish,
    room_shell,
)
from qvl_agent.envs.vln.buildings.shapes import (
    Box,
    Material,
    Rect,
    Shape,
    Solid,
    rects_of,
)
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.skybox import Skybox, view_axes

__all__ = ["Building", "Thing", "generate_building"]

EYE_M = 1.5
"""Height of the camera above the floor."""

_STEPS = 14
_LANDING_M = 1.1
_FLIGHT_M = 1.2


@dataclass(frozen=True, slots=True)
class Thing:
    """A named object.

    Attributes:
        number: Its id, unique in the building.
        name: As in "pillow".
        colour: A word, empty where it has no telling colour.
        room: Number of the room.
        place: Its centre, metres.
    """

    number: int
    name: str
    colour: str
    room: int
    place: tuple[float, float, float]

    @property
    def phrase(self) -> str:
        """As in "red sofa"."""
        return f"{self.colour} {self.name}".strip()


@dataclass(frozen=True, eq=False)
class Building:
    """A generated building.

    Attributes:
        scan: Its name: 11 characters, as Matterport's.
        seed: What it was made from.
        plan: Rooms and doors.
        things: Named objects, by number.
        shapes: What can be seen.
        groups: The room of each shape.
        graph: The included viewpoints.
        footings: Per viewpoint of the graph, where it stands.
        left_out: Panoramas that no way leads to: in the files, but not included.
    """

    scan: str
    seed: int
    plan: Plan
    things: tuple[Thing, ...]
    shapes: tuple[Shape, ...] = field(repr=False)
    groups: tuple[int, ...] = field(repr=False)
    graph: NavGraph
    footings: tuple[Footing, ...]
    left_out: tuple[tuple[str, Footing], ...] = ()

    @cached_property
    def scene(self) -> Scene:
        """What the renderer draws."""
        return Scene(self.shapes, self.groups)

    def room_of(self, viewpoint: int) -> Room:
        """Return the room a viewpoint stands in; of a door, the one that is not the hallway."""
        return self.plan.rooms[self.footings[viewpoint].room]

    def panorama(self, viewpoint: int, size: int = 512) -> tuple[Skybox, NDArray[np.int16]]:
        """Return a viewpoint's skybox, and the number of the object in each face pixel (or -1)."""
        rotation = self.graph.poses[viewpoint, :3, :3]
        place = self.graph.positions[viewpoint].tolist()
        faces, things = self.scene.skybox(place, rotation, size)
        return Skybox(faces, rotation), things


def generate_building(seed: int, *, storeys: int = 1, rooms: int = 8) -> Building:
    """Return the building of a seed: the same for the same arguments.

    Args:
        seed: Of every choice.
        storeys: At least 1.
        rooms: Per storey, besides hallway and stairwell; at least 2. About 4.5 viewpoints each.
    """
    rng = np.random.default_rng(seed)
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"))
    scan = "".join(rng.choice(letters, 11))
    plan = make_plan(rng, storeys=storeys, rooms=rooms)
    things: list[Thing] = []
    shapes: list[Shape] = []
    groups: list[int] = []
    placed: list[Placed] = []
    for room in plan.rooms:
        pieces = furnish(rng, plan, room)
        placed += pieces
        shapes += room_shell(rng, plan, room, pieces, _openings(room, storeys))
        for piece in pieces:
            for k, part in enumerate(piece.piece.parts):
                solids = piece.solids(k, room.floor, len(things))
                things.append(
                    Thing(len(things), part.name, part.colour, room.number, _centre(solids))
                )
                shapes += _surfaces(solids)
        if room.kind == "stairwell" and room.storey < storeys - 1:
            shapes += [*_surfaces(_flight(room)), *_well_sides(room)]
        groups += [room.number] * (len(shapes) - len(groups))
    for door in plan.doors:
        shapes += _frame(plan, door)
        groups += [door.rooms[0]] * (len(shapes) - len(groups))
    footings, edges = _walkable(rng, plan, placed, storeys)
    reached = _largest_part(len(footings), edges)
    graph, ids = _graph(rng, scan, footings, edges, reached)
    return Building(
        scan=scan,
        seed=seed,
        plan=plan,
        things=tuple(things),
        shapes=tuple(shapes),
        groups=tuple(groups),
        graph=graph,
        footings=tuple(f for i, f in enumerate(footings) if i in reached),
        left_out=tuple((ids[i], f) for i, f in enumerate(footings) if i not in reached),
    )


def _surfaces(solids: Sequence[Solid]) -> list[Shape]:
    """Return what can be seen of solids; undersides that rest on the floor are left out."""
    shapes: list[Shape] = []
    for solid in solids:
        if isinstance(solid, Box):
            on_floor = solid.low[2] % STOREY_M < 0.06
            sides = rects_of(solid)
            shapes += [s for s in sides if not (on_floor and s.axis == 2 and s.sign < 0)]
        else:
            shapes.append(solid)
    return shapes


def _centre(solids: Sequence[Solid]) -> tuple[float, float, float]:
    low = np.min([s.low for s in solids], axis=0)
    high = np.max([s.high for s in solids], axis=0)
    x, y, z = ((low + high) / 2).tolist()
    return x, y, z


def _openings(room: Room, storeys: int) -> Openings:
    """Return the holes of a stairwell: above the flight, below the top of the one underneath."""
    if room.kind != "stairwell":
        return Openings()
    hole = _well(room)
    return Openings(
        floor=hole if room.storey > 0 else None,
        ceiling=hole if room.storey < storeys - 1 else None,
    )


def _well(room: Room) -> Footprint:
    """Return the ground that a flight covers: the east half, landings at both ends."""
    x1, y0, y1 = room.high[0], room.low[1], room.high[1]
    return (x1 - _FLIGHT_M, y0 + _LANDING_M, x1, y1 - _LANDING_M)


def _flight(room: Room) -> list[Solid]:
    """Return the steps: up from the north landing towards the hallway."""
    x0, y0, x1, y1 = _well(room)
    wood = Material((150, 108, 70), "planks", size=0.3)
    tread = (y1 - y0) / _STEPS
    rise = STOREY_M / _STEPS
    steps: list[Solid] = []
    for k in range(_STEPS):
        top = room.floor + (k + 1) * rise
        y = y1 - (k + 1) * tread
        bottom = max(room.floor, top - 0.5)
        steps.append(Box((x0, y, bottom), (x1, y + tread, top), wood))
    return steps


def _well_sides(room: Room) -> list[Shape]:
    """Return the slab's edges around a stairwell's opening, and the railing above it."""
    (x0, y0, x1, y1), below, above = _well(room), room.floor + CEILING_M, room.floor + STOREY_M
    plaster, rail = Material((234, 228, 218)), Material((92, 64, 46))
    posts = [
        Box((x0 - 0.04, y, above), (x0, y + 0.04, above + 0.9), rail)
        for y in np.linspace(y0, y1 - 0.04, 7).tolist()
    ]
    hand = Box((x0 - 0.06, y0, above + 0.9), (x0 + 0.02, y1, above + 0.95), rail)
    return [
        Rect(0, 1, (x0, y0, below), (x0, y1, above), plaster),
        Rect(0, -1, (x1, y0, below), (x1, y1, above), plaster),
        Rect(1, 1, (x0, y0, below), (x1, y0, above), plaster),
        Rect(1, -1, (x0, y1, below), (x1, y1, above), plaster),
        *_surfaces([*posts, hand]),
    ]


def _frame(plan: Plan, door: Door) -> list[Shape]:
    """Return the inside of a door opening: jambs, lintel and threshold."""
    z0 = plan.rooms[door.rooms[0]].floor
    z1 = z0 + door.top
    a, b = door.at - WALL_M / 2, door.at + WALL_M / 2
    white, sill = Material((236, 234, 228)), Material((128, 96, 66))
    along = 1 - door.axis

    def corner(across: float, beside: float, z: float) -> tuple[float, float, float]:
        return (across, beside, z) if door.axis == 0 else (beside, across, z)

    return [
        Rect(along, 1, corner(a, door.low, z0), corner(b, door.low, z1), white),
        Rect(along, -1, corner(a, door.high, z0), corner(b, door.high, z1), white),
        Rect(2, -1, corner(a, door.low, z1), corner(b, door.high, z1), white),
        Rect(2, 1, corner(a, door.low, z0), corner(b, door.high, z0), sill),
    ]


def _walkable(
    rng: np.random.Generator, plan: Plan, placed: Sequence[Placed], storeys: int
) -> tuple[list[Footing], set[tuple[int, int]]]:
    """Return all panoramas and the pairs between which one can walk in a straight line."""
    footings: list[Footing] = []
    edges: set[tuple[int, int]] = set()
    stairs: list[int] = []
    for number in range(storeys):
        storey = Storey(plan, placed, number)
        here = storey.footings(rng)
        offset = len(footings)
        footings += here
        edges |= {(a + offset, b + offset) for a, b in storey.edges(here)}
        for room in plan.rooms:
            if room.kind == "stairwell" and room.storey == number:
                stairs += [
                    i for i in range(offset, len(footings)) if footings[i].room == room.number
                ]
    for room in plan.rooms:
        if room.kind == "stairwell" and room.storey < storeys - 1:
            x0, y0, x1, y1 = _well(room)
            half_way = Footing((x0 + x1) / 2, (y0 + y1) / 2, room.floor + STOREY_M / 2, room.number)
            footings.append(half_way)
            for end, height in (
                (y1 + _LANDING_M / 2, room.floor),
                (y0 - _LANDING_M / 2, room.floor + STOREY_M),
            ):
                target = np.array([half_way.x, end, height])
                near = min(
                    stairs,
                    key=lambda i: float(np.linalg.norm(np.array(footings[i].place) - target)),
                )
                edges.add((near, len(footings) - 1))
    return footings, edges


def _largest_part(count: int, edges: set[tuple[int, int]]) -> set[int]:
    """Return the viewpoints of the largest connected part."""
    beside: dict[int, list[int]] = {i: [] for i in range(count)}
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    best: set[int] = set()
    left = set(range(count))
    while left:
        part, frontier = set(), [min(left)]
        while frontier:
            at = frontier.pop()
            if at not in part:
                part.add(at)
                frontier += beside[at]
        left -= part
        best = max(best, part, key=len)
    return best


def _graph(
    rng: np.random.Generator,
    scan: str,
    footings: Sequence[Footing],
    edges: set[tuple[int, int]],
    reached: set[int],
) -> tuple[NavGraph, list[str]]:
    """Return the graph of the reached panoramas, and the ids of all.

    Every camera has its own yaw and a slight tilt, as real ones do.
    """
    ids = [rng.bytes(16).hex() for _ in footings]
    kept = sorted(reached)
    poses = np.zeros((len(kept), 4, 4))
    for pose, i in zip(poses, kept, strict=True):
        forward, right, up = view_axes(float(rng.uniform(0, 2 * np.pi)), float(rng.normal(0, 0.01)))
        pose[:3, 0], pose[:3, 1], pose[:3, 2] = right, -up, forward
        height = EYE_M + float(rng.uniform(-0.04, 0.04))
        pose[:3, 3] = np.array(footings[i].place) + [0.0, 0.0, height]
        pose[3, 3] = 1.0
    rows = {i: row for row, i in enumerate(kept)}
    adjacency = np.zeros((len(kept), len(kept)), bool)
    for a, b in edges:
        if a in rows and b in rows:
            adjacency[rows[a], rows[b]] = adjacency[rows[b], rows[a]] = True
    # As in the real files, written to six significant digits: what is read is what was made.
    poses = np.array([[float(f"{x:.6g}") for x in row] for row in poses.reshape(-1, 16)])
    return NavGraph(scan, tuple(ids[i] for i in kept), poses.reshape(-1, 4, 4), adjacency), ids
