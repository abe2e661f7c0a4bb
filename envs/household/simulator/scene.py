"""What a scene of the bundled simulator is made of: fixtures, things, places to stand.

Knows geometry and no actions. How a scene is read off a dataset is in `recorded`, how one is made
up in `generated`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from qvl_agent.envs.household.tables import Kind, kind_of, type_of

__all__ = ["CELL", "Box", "Fixture", "Pose", "Scene", "Thing", "Vec", "cell_of", "object_id"]

Vec = tuple[float, float, float]
"""x, y, z in metres; y is up, as in Unity."""

CELL = 0.25
"""Edge of the navigation grid in metres. Source: ALFRED gen/constants.py (AGENT_STEP_SIZE)."""


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box between two corners, in metres."""

    low: Vec
    high: Vec

    @property
    def centre(self) -> Vec:
        """The middle."""
        (a, b, c), (d, e, f) = self.low, self.high
        return (a + d) / 2, (b + e) / 2, (c + f) / 2

    @property
    def size(self) -> Vec:
        """Edges along x, y and z."""
        (a, b, c), (d, e, f) = self.low, self.high
        return d - a, e - b, f - c

    def holds(self, point: Vec, margin: float = 0.0) -> bool:
        """Return whether a point lies within, give or take a margin."""
        return all(
            low - margin <= p <= high + margin
            for low, p, high in zip(self.low, point, self.high, strict=True)
        )

    def above(self, x: float, z: float, margin: float = 0.0) -> bool:
        """Return whether (x, z) lies over its outline."""
        return (
            self.low[0] - margin <= x <= self.high[0] + margin
            and self.low[2] - margin <= z <= self.high[2] + margin
        )

    def grown(self, x: float, z: float, margin: float) -> "Box":
        """Return the box with its outline widened to a point and a margin around it."""
        return Box(
            (min(self.low[0], x - margin), self.low[1], min(self.low[2], z - margin)),
            (max(self.high[0], x + margin), self.high[1], max(self.high[2], z + margin)),
        )

    def at_height(self, low: float, high: float) -> "Box":
        """Return the box with other heights."""
        return Box((self.low[0], low, self.low[2]), (self.high[0], high, self.high[2]))


@dataclass(frozen=True, slots=True)
class Pose:
    """Where an agent stands and looks.

    Attributes:
        x: Metres.
        z: Metres.
        rotation: Degrees, 0 looks along +z and 90 along +x.
        horizon: Degrees below the horizontal.
    """

    x: float
    z: float
    rotation: float = 0.0
    horizon: float = 30.0


@dataclass(frozen=True, slots=True)
class Fixture:
    """A piece of furniture, or anything else that stays where it is.

    Attributes:
        id: THOR's objectId.
        position: As the id says it.
        box: Its body.
        facing: Unit vector (x, z) from its back to the room.
    """

    id: str
    position: Vec
    box: Box
    facing: tuple[int, int] = (0, 1)

    @property
    def type(self) -> str:
        """THOR's objectType."""
        return type_of(self.id)

    @property
    def kind(self) -> Kind:
        """What it can do."""
        return kind_of(self.type)

    @property
    def top(self) -> float:
        """Height in metres of what things stand on: the floor of a hollow one, else its top."""
        return self.box.low[1] if self.kind.hollow else self.box.high[1]


@dataclass(frozen=True, slots=True)
class Thing:
    """A movable thing as a scene lists it: THOR's name, as "Apple_560cdd24", and where it is."""

    name: str
    position: Vec
    rotation: float = 0.0

    @property
    def type(self) -> str:
        """THOR's objectType."""
        return self.name.rsplit("_", 1)[0]


@dataclass(frozen=True, slots=True)
class Scene:
    """A place with furniture.

    Attributes:
        name: As "FloorPlan10".
        fixtures: What stays.
        things: What is there after a bare reset.
        reachable: (x, z) of every cell that an agent can stand on.
        start: Where the agent is after a reset.
        agent_y: Height of the agent's centre in metres.
        parents: Receptacles in which a recorded plan found a thing, by the thing's id.
    """

    name: str
    fixtures: tuple[Fixture, ...]
    things: tuple[Thing, ...]
    reachable: tuple[tuple[float, float], ...]
    start: Pose
    agent_y: float = 0.9009992
    parents: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_things(self, things: Iterable[Thing]) -> "Scene":
        """Return the scene with other things in it."""
        return replace(self, things=tuple(things))


def cell_of(x: float, z: float) -> tuple[int, int]:
    """Return the grid cell of a point."""
    return round(x / CELL), round(z / CELL)


def object_id(object_type: str, position: Vec) -> str:
    """Return THOR's id of an object, as `Apple|+01.41|+01.20|-01.00`.

    Numbers are written as .NET writes floats: seven digits, halves away from zero, and no sign
    before a zero that was negative.
    """
    return "|".join([object_type, *map(_written, position)])


def _written(value: float) -> str:
    rounded = Decimal(f"{value:.7g}").quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if rounded == 0:
        return "+00.00" if value >= 0 else "00.00"
    return f"{rounded:+06.2f}"
