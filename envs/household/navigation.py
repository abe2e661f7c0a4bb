"""Ways over the reachable grid: which low-level actions lead from one pose to another.

Knows cells, quarter turns and 15-degree tilts; no body.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["AHEAD", "CELL", "Spot", "path"]

CELL = 0.25
"""Edge of the grid in metres."""

AHEAD: tuple[tuple[int, int], ...] = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""What a step ahead adds to (x, z) in cells, by quarter turns: 0 looks along +z, 1 along +x."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A pose on the grid.

    Attributes:
        x: Cells.
        z: Cells.
        turn: Quarter turns clockwise from +z, 0 to 3.
        tilt: Steps of 15 degrees below the horizontal.
    """

    x: int
    z: int
    turn: int
    tilt: int

    @classmethod
    def of(cls, agent: Mapping[str, object]) -> "Spot":
        """Return the pose of THOR's `agent` metadata, on the nearest cell."""
        position, rotation = agent["position"], agent["rotation"]
        assert isinstance(position, Mapping)
        assert isinstance(rotation, Mapping)
        return cls(
            round(position["x"] / CELL),
            round(position["z"] / CELL),
            round(rotation["y"] / 90) % 4,
            round(float(str(agent["cameraHorizon"])) / 15),
        )


def path(
    start: Spot, goals: Iterable[Spot], cells: frozenset[tuple[int, int]]
) -> tuple[list[str], Spot] | None:
    """Return the shortest list of actions to the nearest of some goals, and that goal.

    Moves and turns are counted, as ALFRED's planner does; tilts come last.

    Args:
        start: Where the agent is.
        goals: Where it may end; among equally near ones the first.
        cells: Where it can stand.
    """
    wanted: dict[tuple[int, int, int], Spot] = {}
    for goal in goals:
        wanted.setdefault((goal.x, goal.z, goal.turn), goal)
    first = (start.x, start.z, start.turn)
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], str]] = {}
    edge = deque([first])
    seen = {first}
    while edge:
        here = edge.popleft()
        if here in wanted:
            goal = wanted[here]
            return _back(came, first, here) + _tilts(start.tilt, goal.tilt), goal
        for action, there in _next(here):
            if there not in seen and (there[:2] in cells or there[:2] == here[:2]):
                seen.add(there)
                came[there] = (here, action)
                edge.append(there)
    return None


def _next(here: tuple[int, int, int]) -> list[tuple[str, tuple[int, int, int]]]:
    x, z, turn = here
    dx, dz = AHEAD[turn]
    return [
        ("MoveAhead", (x + dx, z + dz, turn)),
        ("RotateRight", (x, z, (turn + 1) % 4)),
        ("RotateLeft", (x, z, (turn - 1) % 4)),
    ]


def _back(
    came: Mapping[tuple[int, int, int], tuple[tuple[int, int, int], str]],
    first: tuple[int, int, int],
    last: tuple[int, int, int],
) -> list[str]:
    actions: list[str] = []
    while last != first:
        last, action = came[last]
        actions.append(action)
    return actions[::-1]


def _tilts(start: int, end: int) -> list[str]:
    return ["LookDown" if end > start else "LookUp"] * abs(end - start)
