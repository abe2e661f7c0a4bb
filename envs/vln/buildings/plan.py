"""Floor plans: a hallway along each storey, rooms on both sides, doors, and stairs between storeys.

This module knows rooms and doors as rectangles in metres. It knows no furniture and no pixels.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["CEILING_M", "STOREY_M", "WALL_M", "Door", "Plan", "Room", "make_plan"]

WALL_M = 0.14
"""Thickness of the walls."""

CEILING_M = 2.6
"""Height of the rooms."""

STOREY_M = 2.9
"""From floor to floor."""

HALL_M = 2.0
"""Width of the hallway."""

_FIRST = ("kitchen", "living room", "bedroom", "bathroom", "dining room", "office")
_FURTHER = (
    "bedroom",
    "bathroom",
    "library",
    "nursery",
    "gym",
    "music room",
    "laundry room",
    "office",
)
_WIDTHS = {
    "bathroom": (2.7, 3.3),
    "laundry room": (2.7, 3.3),
    "living room": (4.6, 5.8),
    "stairwell": (2.6, 2.6),
}


@dataclass(frozen=True, slots=True)
class Room:
    """A room, by the inner faces of its walls.

    Attributes:
        number: Its place in the plan.
        kind: As in "kitchen".
        storey: 0 is the ground floor.
        low: (x, y) of the south-west corner.
        high: (x, y) of the north-east corner.
    """

    number: int
    kind: str
    storey: int
    low: tuple[float, float]
    high: tuple[float, float]

    @property
    def floor(self) -> float:
        """Height of its floor."""
        return self.storey * STOREY_M

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.low[0] + self.high[0]) / 2, (self.low[1] + self.high[1]) / 2

    @property
    def area(self) -> float:
        """Square metres."""
        return (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Return whether a place lies in it, `margin` metres from the walls."""
        return (
            self.low[0] + margin <= x <= self.high[0] - margin
            and self.low[1] + margin <= y <= self.high[1] - margin
        )


@dataclass(frozen=True, slots=True)
class Door:
    """An opening in the wall between two rooms.

    Attributes:
        rooms: Their numbers: west and east of it, or south and north of it.
        axis: 0 where one walks through along x, 1 along y.
        at: The coordinate of the wall's middle plane along that axis.
        low: Where the opening begins along the wall.
        high: Where it ends.
        top: Height of the opening above the floor.
    """

    rooms: tuple[int, int]
    axis: int
    at: float
    low: float
    high: float
    top: float = 2.06

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre, seen from above."""
        along = (self.low + self.high) / 2
        return (self.at, along) if self.axis == 0 else (along, self.at)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rooms and doors of a building."""

    rooms: tuple[Room, ...]
    doors: tuple[Door, ...]

    def doors_of(self, room: Room) -> list[Door]:
        """Return the doors of a room."""
        return [door for door in self.doors if room.number in door.rooms]


def make_plan(rng: np.random.Generator, *, storeys: int, rooms: int) -> Plan:
    """Return a new plan.

    Args:
        rng: Source of every choice.
        storeys: At least 1; with more, a stairwell joins them.
        rooms: Per storey, without hallway and stairwell; at least 2.

    Raises:
        ValueError: If there are too few of either.
    """
    if storeys < 1 or rooms < 2:
        raise ValueError(f"need at least 1 storey of 2 rooms, got {storeys} of {rooms}")
    north, south = (float(d) for d in rng.uniform(4.0, 4.9, 2))
    made: list[Room] = []
    doors: list[Door] = []
    for storey in range(storeys):
        kinds = _kinds(rng, rooms, ground=storey == 0)
        half = (len(kinds) + 1) // 2
        above = [*(["stairwell"] if storeys > 1 else []), *kinds[half:]]
        widths = _widths(rng, kinds[:half], above)
        hall = Room(len(made), "hallway", storey, (0.0, 0.0), (sum(widths[0]), HALL_M))
        made.append(_inset(hall))
        for side, (names, sizes) in enumerate(zip((kinds[:half], above), widths, strict=True)):
            y0, y1 = (-south, 0.0) if side == 0 else (HALL_M, HALL_M + north)
            row, x = [], 0.0
            for name, size in zip(names, sizes, strict=True):
                row.append(_inset(Room(len(made), name, storey, (x, y0), (x + size, y1))))
                made.append(row[-1])
                x += size
            doors += _hall_doors(rng, made, hall.number, row, 0.0 if side == 0 else HALL_M, side)
            doors += _side_doors(rng, row)
    return Plan(tuple(made), tuple(doors))


def _kinds(rng: np.random.Generator, rooms: int, *, ground: bool) -> list[str]:
    """Return what the rooms of a storey are, each kind once before any comes twice."""
    first, further = list(rng.permutation(_FIRST)), list(rng.permutation(_FURTHER))
    kinds = [*first, *further] if ground else [*further, *first]
    while len(kinds) < rooms:
        kinds += list(rng.permutation(_FURTHER))
    return [str(k) for k in rng.permutation(kinds[:rooms])]


def _widths(
    rng: np.random.Generator, south: list[str], north: list[str]
) -> tuple[list[float], list[float]]:
    """Return the rooms' widths on both sides, stretched to the same total; stairs keep theirs."""

    def draw(kind: str) -> float:
        low, high = _WIDTHS.get(kind, (3.5, 4.8))
        return float(rng.uniform(low, high))

    sides = [[draw(kind) for kind in side] for side in (south, north)]
    total = max(map(sum, sides))
    for kinds, widths in zip((south, north), sides, strict=True):
        fixed = sum(w for k, w in zip(kinds, widths, strict=True) if k == "stairwell")
        scale = (total - fixed) / (sum(widths) - fixed)
        widths[:] = [
            w if k == "stairwell" else w * scale for k, w in zip(kinds, widths, strict=True)
        ]
    return sides[0], sides[1]


def _inset(room: Room) -> Room:
    """Return a room given by the middle planes of its walls, by their inner faces."""
    (x0, y0), (x1, y1), w = room.low, room.high, WALL_M / 2
    return Room(room.number, room.kind, room.storey, (x0 + w, y0 + w), (x1 - w, y1 - w))


def _hall_doors(
    rng: np.random.Generator, made: list[Room], hall: int, row: list[Room], at: float, side: int
) -> list[Door]:
    """Return the door of every room on one side of the hallway; living rooms open wide."""
    doors = []
    for room in row:
        wide = room.kind in ("living room", "dining room", "kitchen") and rng.random() < 0.6
        width = 1.7 if wide else 0.95
        low, high = room.low[0] + 0.25, room.high[0] - 0.25 - width
        if room.kind == "stairwell":  # the flight takes the east half
            high = low
        start = float(rng.uniform(low, high)) if high > low else low
        pair = (room.number, hall) if side == 0 else (hall, room.number)
        doors.append(Door(pair, 1, at, start, start + width))
    return doors


def _side_doors(rng: np.random.Generator, row: list[Room]) -> list[Door]:
    """Return doors between some neighbours on one side, so that there is more than one way."""
    doors = []
    for west, east in zip(row, row[1:], strict=False):
        if "stairwell" in (west.kind, east.kind) or rng.random() > 0.4:
            continue
        at = (west.high[0] + east.low[0]) / 2
        start = float(rng.uniform(west.low[1] + 0.4, west.high[1] - 1.4))
        doors.append(Door((west.number, east.number), 0, at, start, start + 0.95))
    return doors
