"""Fills rooms: wall and floor looks by kind, furniture along the walls and in the middle.

This module knows rooms and pieces. It knows no cameras and no graph.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qvl_agent.envs.vln.buildings.fittings import FITTINGS
from qvl_agent.envs.vln.buildings.furniture import FURNITURE
from qvl_agent.envs.vln.buildings.pieces import Piece
from qvl_agent.envs.vln.buildings.plan import CEILING_M, WALL_M, Door, Plan, Room
from qvl_agent.envs.vln.buildings.shapes import (
    RGB,
    Box,
    Material,
    Rect,
    Shape,
    Solid,
    rects_of,
    turned,
)

__all__ = ["Footprint", "Placed", "furnish", "room_shell"]

Footprint = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in metres, seen from above."""

_PIECES = {**FURNITURE, **FITTINGS}

_DOOR_CLEAR_M = 1.0
"""Kept free in front of every door."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece in its place.

    Attributes:
        piece: What it is.
        room: Number of the room.
        quarter_turns: Counter-clockwise, of its frame.
        origin: Where its frame's origin lies.
        footprint: What it covers.
    """

    piece: Piece
    room: int
    quarter_turns: int
    origin: tuple[float, float]
    footprint: Footprint

    def solids(self, part: int, floor: float, thing: int) -> list[Solid]:
        """Return one of its parts, set into the building."""
        solids = self.piece.parts[part].solids
        return turned(solids, self.quarter_turns, self.origin, floor, thing)


@dataclass(frozen=True, slots=True)
class _Look:
    """What belongs into a room of a kind. The first pieces matter most and come first."""

    floor: Material
    walls: tuple[RGB, ...]
    wall_pieces: tuple[str, ...]
    middle: str = ""


_OAK = Material((186, 146, 100), "planks", size=0.16)
_WALNUT = Material((128, 88, 60), "planks", size=0.16)
_TILE = Material((222, 222, 216), "tiles", (168, 168, 164), 0.45)
_BLUE_TILE = Material((166, 196, 206), "tiles", (236, 240, 240), 0.3)
_CHEQUER = Material((226, 222, 210), "checks", (120, 124, 128), 0.8)
_BEIGE = Material((196, 180, 152), "carpet")
_GREY = Material((150, 152, 156), "carpet")
_RUBBER = Material((84, 88, 94), "carpet")

_LOOKS: Mapping[str, _Look] = {
    "hallway": _Look(
        _OAK, ((238, 232, 218), (226, 230, 226)),
        ("console", "plant", "picture", "picture", "picture", "clock", "bookshelf", "picture"),
    ),
    "kitchen": _Look(
        _CHEQUER, ((246, 236, 200), (222, 232, 216), (238, 226, 212)),
        ("counter", "fridge", "window", "clock", "drawers"), "kitchen table",
    ),
    "living room": _Look(
        _OAK, ((216, 206, 188), (200, 212, 216), (226, 210, 190)),
        ("sofa", "tv", "fireplace", "armchair", "window", "picture", "plant", "floor lamp",
         "bookshelf", "picture"), "coffee table",
    ),
    "bedroom": _Look(
        _BEIGE, ((206, 214, 228), (226, 210, 216), (212, 224, 206), (230, 220, 196)),
        ("bed", "nightstand", "wardrobe", "window", "drawers", "picture", "floor lamp", "plant"),
    ),
    "bathroom": _Look(
        _BLUE_TILE, ((208, 228, 232), (220, 236, 226)),
        ("bathtub", "toilet", "washbasin", "towels", "window"),
    ),
    "dining room": _Look(
        _WALNUT, ((222, 196, 176), (200, 208, 188), (216, 204, 214)),
        ("drawers", "window", "picture", "plant", "picture", "floor lamp"), "dining table",
    ),
    "office": _Look(
        _GREY, ((220, 224, 228), (208, 216, 206), (228, 222, 210)),
        ("desk", "bookshelf", "cabinet", "window", "picture", "plant", "clock"),
    ),
    "library": _Look(
        _WALNUT, ((170, 138, 112), (146, 156, 136)),
        ("bookshelf", "bookshelf", "bookshelf", "armchair", "window", "bookshelf", "floor lamp"),
    ),
    "nursery": _Look(
        _BEIGE, ((250, 226, 200), (212, 232, 240), (250, 222, 226)),
        ("crib", "toys", "drawers", "window", "picture", "armchair"),
    ),
    "gym": _Look(
        _RUBBER, ((230, 232, 236), (244, 214, 186)),
        ("treadmill", "bench", "window", "clock", "towels", "plant"),
    ),
    "music room": _Look(
        _OAK, ((214, 190, 196), (196, 200, 220)),
        ("piano", "sofa", "window", "picture", "floor lamp", "plant"),
    ),
    "laundry room": _Look(
        _TILE, ((232, 238, 240), (238, 238, 220)),
        ("washer", "washer", "towels", "cabinet", "window"),
    ),
    "stairwell": _Look(_OAK, ((234, 226, 214),), ()),
}  # fmt: skip


def furnish(rng: np.random.Generator, plan: Plan, room: Room) -> list[Placed]:
    """Return the room's furniture: along the walls, clear of doors and of each other."""
    look = _LOOKS[room.kind]
    clear = [_door_zone(door, room) for door in plan.doors_of(room)]
    placed: list[Placed] = []
    if look.middle:
        piece = _PIECES[look.middle](rng)
        w, d = piece.width / 2, piece.depth / 2
        turns = int(rng.integers(2))
        if turns:
            w, d = d, w
        x, y = room.middle
        fits = room.holds(x - w, y - d, 0.9) and room.holds(x + w, y + d, 0.9)
        footprint = (x - w, y - d, x + w, y + d)
        if fits and not any(_overlap(footprint, zone, 0.0) for zone in clear):
            placed.append(Placed(piece, room.number, turns, (x, y), footprint))
    for kind in look.wall_pieces:
        piece = _PIECES[kind](rng)
        spot = _against_a_wall(rng, piece, plan, room, placed, clear)
        if spot is not None:
            placed.append(spot)
    return placed


def _against_a_wall(
    rng: np.random.Generator,
    piece: Piece,
    plan: Plan,
    room: Room,
    placed: list[Placed],
    clear: list[Footprint],
) -> Placed | None:
    """Return the piece at a free stretch of wall, or None after many tries."""
    outer = _outer_walls(plan, room)
    for _ in range(60):
        wall = int(rng.integers(4))  # south, east, north, west
        if piece.parts[0].name == "window" and wall not in outer:
            continue
        along = 0 if wall in (0, 2) else 1
        span = (room.low[along] + 0.05 + piece.width / 2, room.high[along] - 0.05 - piece.width / 2)
        if span[0] >= span[1]:
            continue
        place = float(rng.uniform(*span))
        at = (room.low, room.high)[wall in (1, 2)][1 - along]
        origin = (place, at) if along == 0 else (at, place)
        depth = piece.depth if wall in (0, 3) else -piece.depth
        first = (
            (origin[0] - piece.width / 2, at) if along == 0 else (at, origin[1] - piece.width / 2)
        )
        last = (
            (origin[0] + piece.width / 2, at + depth)
            if along == 0
            else (at + depth, origin[1] + piece.width / 2)
        )
        footprint = (
            min(first[0], last[0]), min(first[1], last[1]),
            max(first[0], last[0]), max(first[1], last[1]),
        )  # fmt: skip
        if any(_overlap(footprint, zone, 0.05) for zone in clear):
            continue
        if any(_in_the_way(piece, footprint, other) for other in placed):
            continue
        return Placed(piece, room.number, wall, origin, footprint)
    return None


def _in_the_way(piece: Piece, footprint: Footprint, other: Placed) -> bool:
    """Return whether two pieces cannot both stand or hang there."""
    if piece.hangs != other.piece.hangs:  # above a low piece there is room for a picture
        tall = (
            max(s.high[2] for p in (piece, other.piece) if not p.hangs for s in _solids(p)) > 0.95
        )
        low = min(s.low[2] for p in (piece, other.piece) if p.hangs for s in _solids(p)) < 0.95
        return (tall or low) and _overlap(footprint, other.footprint, 0.02)
    gap = 0.06 if piece.parts[0].name in ("nightstand", "fridge") else 0.3
    return _overlap(footprint, other.footprint, gap)


def _solids(piece: Piece) -> list[Solid]:
    return [solid for part in piece.parts for solid in part.solids]


def _overlap(a: Footprint, b: Footprint, gap: float) -> bool:
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] + gap and b[1] < a[3] + gap


def _door_zone(door: Door, room: Room) -> Footprint:
    """Return the floor in front of a door, on this room's side, that stays free."""
    inward = 1.0 if room.middle[door.axis] > door.at else -1.0
    a, b = sorted((door.at, door.at + inward * (_DOOR_CLEAR_M + WALL_M / 2)))
    low, high = door.low - 0.1, door.high + 0.1
    return (a, low, b, high) if door.axis == 0 else (low, a, high, b)


def _outer_walls(plan: Plan, room: Room) -> set[int]:
    """Return which walls (south, east, north, west) have no room of the storey behind them."""
    beyond = {0: (0, -1), 1: (1, 0), 2: (0, 1), 3: (-1, 0)}
    x, y = room.middle
    size = (room.high[0] - room.low[0], room.high[1] - room.low[1])
    return {
        wall
        for wall, (dx, dy) in beyond.items()
        if not any(
            other.storey == room.storey
            and other.holds(x + dx * (size[0] / 2 + 0.5), y + dy * (size[1] / 2 + 0.5))
            for other in plan.rooms
        )
    }


def room_shell(
    rng: np.random.Generator, plan: Plan, room: Room, placed: list[Placed], openings: "Openings"
) -> list[Shape]:
    """Return a room's floor, ceiling, walls with door openings, skirting and door frames."""
    look = _LOOKS[room.kind]
    wall = Material(look.walls[int(rng.integers(len(look.walls)))])
    z0, z1 = room.floor, room.floor + CEILING_M
    bounds = ((*room.low, z0), (*room.high, z1))
    shadows = tuple(p.footprint for p in placed if not p.piece.hangs)
    shapes: list[Shape] = []
    for x0, y0, x1, y1 in _around(room, openings.floor):
        shapes.append(
            Rect(2, 1, (x0, y0, z0), (x1, y1, z0), look.floor, shadows=shadows, room=bounds)
        )
    for x0, y0, x1, y1 in _around(room, openings.ceiling):
        ceiling = Material((246, 245, 240))
        shapes.append(Rect(2, -1, (x0, y0, z1), (x1, y1, z1), ceiling, room=bounds))
    doors = plan.doors_of(room)
    for axis in (0, 1):
        for sign, at in ((1, room.low[axis]), (-1, room.high[axis])):
            gaps = [d for d in doors if d.axis == axis and abs(d.at - at) < WALL_M]
            shapes += _wall(axis, sign, at, room, gaps, wall)
    return shapes


@dataclass(frozen=True, slots=True)
class Openings:
    """Holes for stairs in a room's floor and ceiling."""

    floor: Footprint | None = None
    ceiling: Footprint | None = None


def _around(room: Room, hole: Footprint | None) -> list[Footprint]:
    """Return the room's area without a hole, as rectangles."""
    (x0, y0), (x1, y1) = room.low, room.high
    if hole is None:
        return [(x0, y0, x1, y1)]
    a, b, c, d = hole
    pieces = [(x0, y0, x1, b), (x0, d, x1, y1), (x0, b, a, d), (c, b, x1, d)]
    return [p for p in pieces if p[2] - p[0] > 1e-6 and p[3] - p[1] > 1e-6]


def _wall(
    axis: int, sign: int, at: float, room: Room, gaps: list[Door], material: Material
) -> list[Shape]:
    """Return one wall's inner face around its doors, with skirting board and door frames."""
    along = 1 - axis
    z0, z1 = room.floor, room.floor + CEILING_M
    bounds = ((*room.low, z0), (*room.high, z1))
    shapes: list[Shape] = []

    def face(low: float, high: float, bottom: float, top: float) -> None:
        if high - low > 1e-6:
            a, b = [at, at, bottom], [at, at, top]
            a[along], b[along] = low, high
            corners = (a[0], a[1], a[2]), (b[0], b[1], b[2])
            shapes.append(Rect(axis, sign, *corners, material, room=bounds))

    def board(
        low: float, high: float, bottom: float, top: float, thick: float, m: Material
    ) -> None:
        a, b = [at, at, bottom], [at, at, top]
        a[along], b[along] = low, high
        a[axis], b[axis] = sorted((at, at + sign * thick))
        shapes.extend(rects_of(Box((a[0], a[1], a[2]), (b[0], b[1], b[2]), m)))

    white = Material((236, 234, 228))
    cursor = room.low[along]
    for door in sorted(gaps, key=lambda d: d.low):
        face(cursor, door.low, z0, z1)
        face(door.low, door.high, z0 + door.top, z1)
        board(cursor, door.low - 0.08, z0, z0 + 0.09, 0.015, white)
        board(door.low - 0.08, door.low, z0, z0 + door.top + 0.08, 0.025, white)
        board(door.high, door.high + 0.08, z0, z0 + door.top + 0.08, 0.025, white)
        board(door.low, door.high, z0 + door.top, z0 + door.top + 0.08, 0.025, white)
        cursor = door.high
    face(cursor, room.high[along], z0, z1)
    board(cursor + (0.08 if gaps else 0.0), room.high[along], z0, z0 + 0.09, 0.015, white)
    return shapes
