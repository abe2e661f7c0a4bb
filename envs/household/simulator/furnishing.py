"""Gives furniture a body: from positions and free floor to boxes. Knows no files and no actions."""

from collections.abc import Iterable, Mapping, Sequence

from qvl_agent.envs.household.simulator.scene import Box, Fixture, Vec, cell_of, object_id
from qvl_agent.envs.household.tables import Kind, kind_of, type_of

__all__ = ["build_fixtures", "facing_of"]

_SIDES: Sequence[tuple[int, int]] = ((1, 0), (-1, 0), (0, 1), (0, -1))
_BROAD = frozenset(
    {"ArmChair", "Bed", "CoffeeTable", "CounterTop", "Desk", "DiningTable", "Dresser", "Shelf"}
    | {"SideTable", "Sofa", "TVStand"}
)
"""What is widened under the things that stood on it."""

_REACH = 0.5
_BESIDE = 0.12
"""Metres that a body keeps off the middle of a cell where an agent can stand."""


def build_fixtures(
    positions: Mapping[str, Vec],
    reachable: Sequence[tuple[float, float]],
    stood: Iterable[tuple[str, Vec]],
) -> tuple[Fixture, ...]:
    """Return the furniture of a scene.

    Args:
        positions: Position of each by its id.
        reachable: (x, z) of the cells where an agent can stand.
        stood: Type and position of things seen anywhere in the scene.
    """
    cells = frozenset(cell_of(x, z) for x, z in reachable)
    bodies = {}
    for key, position in _with_faucets(positions, cells).items():
        facing = facing_of(position, cells)
        bodies[key] = Fixture(key, position, _body(key, position, facing), facing)
    feet = [_foot(name, position) for name, position in stood]
    for key, fixture in bodies.items():
        if fixture.type in _BROAD:
            bodies[key] = _widened(fixture, feet, bodies, reachable)
    return tuple(bodies.values())


def facing_of(position: Vec, cells: frozenset[tuple[int, int]]) -> tuple[int, int]:
    """Return the side from which a position is nearest to free floor, as a unit vector (x, z)."""
    i, j = cell_of(position[0], position[2])

    def steps(side: tuple[int, int]) -> float:
        a, b = side
        for k in range(12):
            for w in (0, 1, -1):
                if (i + k * a + w * b, j + k * b + w * a) in cells:
                    return k + abs(w) / 4
        return 99.0

    return min(_SIDES, key=steps)


def _with_faucets(
    positions: Mapping[str, Vec], cells: frozenset[tuple[int, int]]
) -> dict[str, Vec]:
    """Return the positions with a faucet at each sink that no trajectory names one of."""
    found = dict(positions)
    for key, (x, y, z) in positions.items():
        if type_of(key) != "SinkBasin":
            continue
        near = any(
            type_of(k) == "Faucet" and abs(p[0] - x) + abs(p[2] - z) < 0.7 for k, p in found.items()
        )
        if not near:
            a, b = facing_of((x, y, z), cells)
            place = (x - 0.22 * a, y + 0.2, z - 0.22 * b)
            found[object_id("Faucet", place)] = place
    return found


def _body(key: str, position: Vec, facing: tuple[int, int]) -> Box:
    kind = kind_of(type_of(key))
    x, y, z = position
    width, height, depth = kind.size
    a, b = facing
    half_x, half_z = (depth / 2, width / 2) if a else (width / 2, depth / 2)
    if kind.stands == "front":
        x, z = x - a * depth / 2, z - b * depth / 2
    low, high = _heights(key, kind, y, height)
    return Box((x - half_x, low, z - half_z), (x + half_x, high, z + half_z))


def _heights(key: str, kind: Kind, y: float, height: float) -> tuple[float, float]:
    if kind.name == "SinkBasin":  # an id holds the sink's rim, not the basin's bottom
        return y - height, y
    match kind.stands:
        case "floor":
            return 0.0, y if kind.name in _BROAD and y > 0.25 else height
        case "surface":
            return 0.0, y
        case "level":
            return (y - height, y) if height <= 0.03 else (y, y + height)
        case _:
            return y - height / 2, y + height / 2


def _foot(name: str, position: Vec) -> Vec:
    kind = kind_of(name)
    x, y, z = position
    return x, y - (kind.size[1] / 2 if kind.centred else 0.0), z


def _widened(
    fixture: Fixture,
    feet: Sequence[Vec],
    bodies: Mapping[str, Fixture],
    reachable: Sequence[tuple[float, float]],
) -> Fixture:
    """Return a fixture with a body under what stood on it, and off the free floor."""
    box = fixture.box
    rivals = [f for f in bodies.values() if f.type in _BROAD and f.id != fixture.id]
    heights = sorted(
        y for x, y, z in feet if box.above(x, z) and 0.6 * box.high[1] < y < 1.5 * box.high[1] + 0.1
    )
    if heights and fixture.kind.stands == "floor":
        top = heights[len(heights) // 2]
        box = box.at_height(0.0, top)
    for x, y, z in feet:
        if abs(y - box.high[1]) > 0.09 or not fixture.box.above(x, z, _REACH):
            continue
        if any(abs(r.box.high[1] - y) < 0.12 and r.box.above(x, z, 0.02) for r in rivals):
            continue
        box = box.grown(x, z, 0.07)
    return Fixture(fixture.id, fixture.position, _off_floor(box, reachable), fixture.facing)


def _off_floor(box: Box, reachable: Sequence[tuple[float, float]]) -> Box:
    """Return the box with its sides drawn in until no agent stands in it."""
    low, high = list(box.low), list(box.high)
    for x, z in reachable:
        if not (
            low[0] - _BESIDE < x < high[0] + _BESIDE and low[2] - _BESIDE < z < high[2] + _BESIDE
        ):
            continue
        sides = (
            (x + _BESIDE - low[0], 0, low, x + _BESIDE),
            (high[0] - x + _BESIDE, 0, high, x - _BESIDE),
            (z + _BESIDE - low[2], 2, low, z + _BESIDE),
            (high[2] - z + _BESIDE, 2, high, z - _BESIDE),
        )
        _, axis, corner, value = min(sides, key=lambda s: s[0])
        corner[axis] = value
    for axis in (0, 2):  # never thinner than a board
        if high[axis] - low[axis] < 0.1:
            middle = (box.low[axis] + box.high[axis]) / 2
            low[axis], high[axis] = middle - 0.05, middle + 0.05
    return Box((low[0], box.low[1], low[2]), (high[0], box.high[1], high[2]))
