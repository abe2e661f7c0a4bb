"""The state of the bundled household: every object, what it contains, where it stands.

Knows geometry and containment; actions are in `actions`, what is seen in `sight`.
"""

import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qvl_agent.envs.household.simulator.scene import (
    Box,
    Fixture,
    Pose,
    Scene,
    Thing,
    Vec,
    cell_of,
    object_id,
)
from qvl_agent.envs.household.tables import Kind, kind_of, type_of

__all__ = ["NUM_SLICES", "Home", "Item"]

T = TypeVar("T")

NUM_SLICES = {"Apple": 8, "Bread": 10, "Lettuce": 8, "Potato": 8, "Tomato": 8}
"""Pieces that a slicing gives, numbered from 1 in their ids."""

_OPEN_AT_FIRST = frozenset({"Box", "LaundryHamper", "Laptop"})
"""What ALFRED's plans fill without opening it, and close before picking it up."""

_MARGIN = 0.06
_SLACK = 0.02
_HELD_AHEAD = 0.35


@dataclass(slots=True)
class Item:
    """One object with its state.

    Attributes:
        id: THOR's objectId.
        name: THOR's name, as "Apple_560cdd24".
        position: As THOR gives it, in metres.
        rotation: Degrees around the vertical.
        box: Its body.
        fixture: Whether it is furniture.
        facing: Of furniture: unit vector (x, z) to the room.
        parent: Id of the receptacle that it is in or on.
        contents: Ids of what is in or on it.
        gone: Whether it was sliced up or cracked; it stays in the metadata, as in THOR.
        type: THOR's objectType.
        kind: What its type can do.
    """

    id: str
    name: str
    position: Vec
    box: Box
    rotation: float = 0.0
    fixture: bool = False
    facing: tuple[int, int] = (0, 1)
    parent: str | None = None
    contents: list[str] = field(default_factory=list)
    is_open: bool = False
    is_toggled: bool = False
    is_sliced: bool = False
    is_broken: bool = False
    is_dirty: bool = False
    is_cooked: bool = False
    is_used_up: bool = False
    liquid: str | None = None
    temperature: str = "RoomTemp"
    gone: bool = False
    type: str = field(init=False)
    kind: Kind = field(init=False)

    def __post_init__(self) -> None:
        self.type = type_of(self.id)
        self.kind = kind_of(self.type)

    @property
    def shut(self) -> bool:
        """Whether its contents are out of sight and reach."""
        return self.kind.hollow and self.kind.can("openable") and not self.is_open

    @property
    def floor(self) -> float:
        """Height in metres of what its contents stand on."""
        if self.kind.hollow or self.type in ("Bowl", "Cup", "Mug", "Pan", "Pot", "SinkBasin"):
            return self.box.low[1] + 0.01
        return self.box.high[1]


class Home:
    """A scene in a state: who is where, in what, and how.

    Args:
        scene: What is there after a reset.

    Attributes:
        pose: The agent's.
        held: Id of what is in its hand.
        items: Every object by id.
        fov: Horizontal field of view in degrees.
        cells: The cells of the grid where an agent can stand.
        version: Counts the changes of anything but the agent's empty-handed pose.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.pose: Pose = scene.start
        self.fov = 60.0
        self.version = 0
        self.cells = frozenset(cell_of(x, z) for x, z in scene.reachable)
        self.held: str | None = None
        self.items: dict[str, Item] = {}
        self._memory: dict[str, tuple[int, Any]] = {}
        for fixture in scene.fixtures:
            self.items[fixture.id] = _furniture(fixture)
        self._fixtures = tuple(self.items)
        self.place(scene.things)

    def place(self, things: Iterable[Thing]) -> None:
        """Put exactly these movable things into the scene; all others disappear."""
        self.held = None
        self.items = {key: self.items[key] for key in self._fixtures}
        for item in self.items.values():
            item.contents = []
        for thing in things:
            item = _movable(thing)
            self.items.setdefault(item.id, item)
        movable = [i for i in self.items.values() if not i.fixture]
        # Large ones first, so that a pan stands on the counter before the egg lies in the pan.
        for item in sorted(movable, key=lambda i: -math.prod(i.box.size)):
            self._settle(item)

    def __getitem__(self, key: str) -> Item:
        return self.items[key]

    def remembered(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returns; it is asked again when `version` has changed."""
        version, value = self._memory.get(name, (-1, None))
        if version != self.version:
            value = make()
            self._memory[name] = self.version, value
        found: T = value
        return found

    def inside(self, item: Item) -> Iterator[Item]:
        """Yield what is in or on an item, and what is in that."""
        for key in item.contents:
            yield self.items[key]
            yield from self.inside(self.items[key])

    def closed_around(self, item: Item) -> Item | None:
        """Return the shut receptacle that an item is in, if it is."""
        parent = item.parent
        while parent is not None:
            if self.items[parent].shut:
                return self.items[parent]
            parent = self.items[parent].parent
        return None

    def take_out(self, item: Item) -> None:
        """Take an item out of what it is in."""
        if item.parent is not None:
            self.items[item.parent].contents.remove(item.id)
            item.parent = None

    def put_in(self, item: Item, receptacle: Item) -> None:
        """List an item in a receptacle, without moving it."""
        self.take_out(item)
        item.parent = receptacle.id
        receptacle.contents.append(item.id)

    def move(self, item: Item, foot: Vec) -> None:
        """Move an item, and what is in it, so that the middle of its underside is at `foot`."""
        box = item.box
        x, y, z = box.centre
        shift = (foot[0] - x, foot[1] - box.low[1], foot[2] - z)
        for moved in (item, *self.inside(item)):
            moved.position = _shifted(moved.position, shift)
            moved.box = Box(_shifted(moved.box.low, shift), _shifted(moved.box.high, shift))

    def carry(self) -> None:
        """Bring the held item before the camera."""
        if self.held is not None:
            turn = math.radians(self.pose.rotation)
            x = self.pose.x + _HELD_AHEAD * math.sin(turn)
            z = self.pose.z + _HELD_AHEAD * math.cos(turn)
            self.move(self.items[self.held], (x, self.scene.agent_y + 0.25, z))

    def add(self, item: Item) -> None:
        """Add an item to the scene."""
        self.items[item.id] = item

    def make(self, key: str, foot: Vec, rotation: float = 0.0) -> Item:
        """Return a new movable item in nothing, the middle of its underside at `foot`."""
        kind = kind_of(type_of(key))
        height = kind.size[1]
        position = (foot[0], foot[1] + (height / 2 if kind.centred else 0.0), foot[2])
        return Item(key, _name(key), position, _body(kind, position, rotation), rotation)

    def _settle(self, item: Item) -> None:
        """List a thing in the receptacle where it lies; nothing in sight of it means the floor."""
        x, y, z = item.box.centre
        foot = item.box.low[1]
        best: tuple[float, float, Item] | None = None
        for other in self.items.values():
            if other is item or not other.kind.can("receptacle") or other.parent == item.id:
                continue
            gap = _gap(other, (x, foot, z))
            if gap is None or math.prod(other.box.size) < math.prod(item.box.size):
                continue
            ranked = (round(gap, 2), other.box.size[0] * other.box.size[2], other)
            if best is None or ranked[:2] < best[:2]:
                best = ranked
        chosen = best[2].id if best is not None else None
        known = self.scene.parents.get(item.id)
        if known and chosen not in known:
            chosen = min(known)
        if chosen is not None:
            self.put_in(item, self.items[chosen])


def _gap(receptacle: Item, foot: Vec) -> float | None:
    """Return how far above a receptacle's floor a thing lies, None where it is not in or on it."""
    x, y, z = foot
    if receptacle.kind.hollow:
        box = receptacle.box
        within = box.above(x, z, _MARGIN) and box.low[1] - _SLACK <= y <= box.high[1] + _SLACK
        return 0.0 if within else None
    margin = 0.0 if not receptacle.fixture else _MARGIN / 2
    if not receptacle.box.above(x, z, margin):
        return None
    gap = y - receptacle.floor
    low, high = (-0.02, 0.12) if not receptacle.fixture else (-0.1, 0.2)
    return abs(gap) if low <= gap <= high else None


def _furniture(fixture: Fixture) -> Item:
    return Item(
        fixture.id,
        _name(fixture.id),
        fixture.position,
        fixture.box,
        fixture=True,
        facing=fixture.facing,
        is_open=fixture.type in _OPEN_AT_FIRST,
    )


def _movable(thing: Thing) -> Item:
    key = object_id(thing.type, thing.position)
    kind = kind_of(thing.type)
    body = _body(kind, thing.position, thing.rotation)
    is_open = thing.type in _OPEN_AT_FIRST
    return Item(key, thing.name, thing.position, body, thing.rotation, is_open=is_open)


def _body(kind: Kind, position: Vec, rotation: float) -> Box:
    x, y, z = position
    width, height, depth = kind.size
    if round(rotation / 90) % 2:
        width, depth = depth, width
    low = y - height / 2 if kind.centred else y
    return Box((x - width / 2, low, z - depth / 2), (x + width / 2, low + height, z + depth / 2))


def _name(key: str) -> str:
    return f"{type_of(key)}_{zlib.crc32(key.encode()):08x}"


def _shifted(point: Vec, shift: Vec) -> Vec:
    return point[0] + shift[0], point[1] + shift[1], point[2] + shift[2]
