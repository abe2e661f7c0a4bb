"""Where one can stand and walk on a storey.

This module knows rooms, doors and footprints. It knows no pictures and no heights but the floor's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.vln.buildings.plan import WALL_M, Plan, Room
from qvl_agent.envs.vln.buildings.rooms import Placed

__all__ = ["Footing", "Storey"]

_CELL_M = 0.1
_BODY_M = 0.2
"""Half the width of who walks."""

_SPACING_M = 1.7
_REACH_M = 4.2


@dataclass(frozen=True, slots=True)
class Footing:
    """A place to stand.

    Attributes:
        x: Metres.
        y: Metres.
        z: Height of the floor, metres.
        room: Number of the room; of a door, the one that is not the hallway.
        door: Number of the door it stands in, or -1.
    """

    x: float
    y: float
    z: float
    room: int
    door: int = -1

    @property
    def place(self) -> tuple[float, float, float]:
        """Its position."""
        return self.x, self.y, self.z


@dataclass(frozen=True, eq=False)
class Storey:
    """One storey's floor, on a grid of 10 cm.

    Attributes:
        plan: All rooms and doors.
        placed: All furniture.
        number: Which storey.
    """

    plan: Plan
    placed: Sequence[Placed]
    number: int

    @property
    def rooms(self) -> list[Room]:
        """Its rooms."""
        return [room for room in self.plan.rooms if room.storey == self.number]

    @cached_property
    def _corner(self) -> tuple[float, float]:
        return min(r.low[0] for r in self.rooms) - 1.0, min(r.low[1] for r in self.rooms) - 1.0

    @cached_property
    def _free(self) -> NDArray[np.bool_]:
        """Bool (X, Y): the middle of a person may be here."""
        x1, y1 = max(r.high[0] for r in self.rooms) + 1, max(r.high[1] for r in self.rooms) + 1
        shape = (int((x1 - self._corner[0]) / _CELL_M), int((y1 - self._corner[1]) / _CELL_M))
        free = np.zeros(shape, bool)
        for room in self.rooms:
            free[self._cells(*room.low, *room.high, -_BODY_M)] = True
        for door in self.plan.doors:
            if self.plan.rooms[door.rooms[0]].storey == self.number:
                a, b = door.at - WALL_M - _BODY_M, door.at + WALL_M + _BODY_M
                low, high = door.low + _BODY_M, door.high - _BODY_M
                area = (a, low, b, high) if door.axis == 0 else (low, a, high, b)
                free[self._cells(*area, 0.0)] = True
        for piece in self.placed:
            if self.plan.rooms[piece.room].storey == self.number and not piece.piece.hangs:
                free[self._cells(*piece.footprint, _BODY_M)] = False
        for room in self.rooms:
            if room.kind == "stairwell":
                x, y0, y1 = room.high[0] - 1.2, room.low[1] + 1.1, room.high[1] - 1.1
                free[self._cells(x, y0, room.high[0], y1, _BODY_M)] = False
        return free

    def _cells(
        self, x0: float, y0: float, x1: float, y1: float, grow: float
    ) -> tuple[slice, slice]:
        (cx, cy), g = self._corner, grow
        return (
            slice(
                max(0, math.ceil((x0 - g - cx) / _CELL_M)), math.floor((x1 + g - cx) / _CELL_M) + 1
            ),
            slice(
                max(0, math.ceil((y0 - g - cy) / _CELL_M)), math.floor((y1 + g - cy) / _CELL_M) + 1
            ),
        )

    def _is_free(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        i = np.rint((x - self._corner[0]) / _CELL_M).astype(int)
        j = np.rint((y - self._corner[1]) / _CELL_M).astype(int)
        (w, h) = self._free.shape
        inside = (i >= 0) & (j >= 0) & (i < w) & (j < h)
        found: NDArray[np.bool_] = inside & self._free[np.clip(i, 0, w - 1), np.clip(j, 0, h - 1)]
        return found

    def footings(self, rng: np.random.Generator) -> list[Footing]:
        """Return where the panoramas of the storey are taken: in every door, and in the rooms."""
        floor = self.rooms[0].floor
        found = []
        for number, door in enumerate(self.plan.doors):
            rooms = [self.plan.rooms[k] for k in door.rooms]
            if rooms[0].storey == self.number:
                named = next((r for r in rooms if r.kind != "hallway"), rooms[0])
                found.append(Footing(*door.middle, floor, named.number, number))
        for room in self.rooms:
            found += self._in_room(rng, room)
        return found

    def _in_room(self, rng: np.random.Generator, room: Room) -> list[Footing]:
        """Return free places of a room: near its middle, spread out, and towards its doors."""
        xs = np.arange(room.low[0] + 0.4, room.high[0] - 0.39, _CELL_M)
        ys = np.arange(room.low[1] + 0.4, room.high[1] - 0.39, _CELL_M)
        grid = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1).reshape(-1, 2)
        grid = grid[self._is_free(grid[:, 0], grid[:, 1])]
        if not len(grid):
            return []
        chosen = [grid[np.argmin(np.linalg.norm(grid - np.array(room.middle), axis=1))]]
        seen = self._straight(grid, chosen[0])  # from where one can walk to some chosen place
        near = np.linalg.norm(grid - chosen[0], axis=1)

        def choose(point: NDArray[np.float64]) -> None:
            chosen.append(point)
            np.logical_or(seen, self._straight(grid, point), out=seen)
            np.minimum(near, np.linalg.norm(grid - point, axis=1), out=near)

        for _ in range(int(np.clip(round(room.area / 5.0), 2, 12)) - 1):
            apart = np.where(seen, near, 0.0)
            if apart.max() < _SPACING_M:
                break
            # Any of the places that are far from all others, not always the outermost corner.
            choose(grid[rng.choice(np.flatnonzero(apart >= max(_SPACING_M, 0.8 * apart.max())))])
        for door in self.plan.doors_of(room):
            place = np.array(door.middle)
            before = self._straight(grid, place)
            if not self._straight(np.array(chosen), place).any() and (before & seen).any():
                away = np.where(before & seen, np.linalg.norm(grid - place, axis=1), np.inf)
                choose(grid[np.argmin(away)])
        return [Footing(float(x), float(y), room.floor, room.number) for x, y in chosen]

    def _straight(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return for each start (N, 2) whether a straight way leads to `end` (2,), within reach."""
        length = np.linalg.norm(start - end, axis=1)
        t = np.linspace(0, 1, 2 + int(_REACH_M / 0.06))[:, None]
        line = start[:, None] + t[None] * (end - start)[:, None]
        free = np.all(self._is_free(line[..., 0], line[..., 1]), axis=1)
        found: NDArray[np.bool_] = np.logical_and(free, length <= _REACH_M)
        return found

    def edges(self, footings: Sequence[Footing]) -> set[tuple[int, int]]:
        """Return the pairs (by place in `footings`) with a free straight way between them."""
        places = np.array([(f.x, f.y) for f in footings]).reshape(-1, 2)
        joined = set()
        for a in range(len(footings)):
            reached = self._straight(places[a + 1 :], places[a])
            joined |= {(a, a + 1 + int(b)) for b in np.flatnonzero(reached)}
        return joined
