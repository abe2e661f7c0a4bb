"""Makes up scenes by seed: a kitchen, a living room, a bedroom, a bathroom. Knows no actions.

"Kitchen7" is always the same kitchen.
"""

import math
import random
from collections.abc import Sequence

from qvl_agent.envs.household.simulator.scene import (
    CELL,
    Box,
    Fixture,
    Pose,
    Scene,
    Thing,
    object_id,
)
from qvl_agent.envs.household.tables import kind_of

__all__ = ["GENERATED", "generate_scene"]

GENERATED = ("Kitchen", "LivingRoom", "Bedroom", "Bathroom")

_FURNITURE: dict[str, tuple[str, ...]] = {
    "Kitchen": ("Fridge", "CounterTop", "Sink", "CounterTop", "Stove", "CounterTop", "GarbageCan")
    + ("DiningTable", "SideTable"),
    "LivingRoom": ("Sofa", "ArmChair", "FloorLamp", "CoffeeTable", "SideTable", "Safe", "Dresser")
    + ("GarbageCan",),
    "Bedroom": ("Bed", "Desk", "DeskLamp", "SideTable", "Safe", "Dresser", "GarbageCan"),
    "Bathroom": ("CounterTop", "Sink", "Toilet", "GarbageCan", "SideTable"),
}
_THINGS: dict[str, tuple[str, ...]] = {
    "Kitchen": ("Apple", "Tomato", "Potato", "Lettuce", "Bread", "Egg", "Mug", "Cup", "Plate")
    + ("Bowl", "Pan", "Pot", "Knife", "ButterKnife", "Fork", "Spoon", "Spatula", "SaltShaker")
    + ("PepperShaker", "SoapBottle", "DishSponge"),
    "LivingRoom": ("Book", "CellPhone", "CreditCard", "KeyChain", "Laptop", "Newspaper", "Pillow")
    + ("RemoteControl", "Statue", "Vase", "Watch", "Box"),
    "Bedroom": ("AlarmClock", "Book", "Bowl", "CD", "CellPhone", "CreditCard", "KeyChain", "Laptop")
    + ("Mug", "Pen", "Pencil", "Pillow"),
    "Bathroom": ("Candle", "Cloth", "HandTowel", "SoapBar", "SoapBottle", "SprayBottle")
    + ("ToiletPaper",),
}
_SURFACES = frozenset(
    {"CounterTop", "DiningTable", "SideTable", "Sofa", "ArmChair", "CoffeeTable", "Dresser"}
    | {"Bed", "Desk"}
)


def generate_scene(name: str) -> Scene:
    """Return the scene of a name such as "Kitchen7".

    Raises:
        ValueError: If it is not one of `GENERATED` and a number.
    """
    kind = name.rstrip("0123456789")
    if kind not in GENERATED or kind == name:
        raise ValueError(f"a made-up scene is called {GENERATED[0]}7 or the like, got {name!r}")
    return _Builder(name, kind).build()


class _Builder:
    """Lines furniture up along the walls of a rectangular room."""

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self.rng = random.Random(name)
        self.width = self.rng.choice((4.0, 4.5, 5.0))
        self.depth = self.rng.choice((3.5, 4.0, 4.5))
        self.fixtures: list[Fixture] = []
        self.used = [0.3, 0.3, 0.3, 0.3]

    def build(self) -> Scene:
        """Return the scene."""
        names = list(_FURNITURE[self.kind])
        self.rng.shuffle(names)
        for name in names:
            self._line_up(name)
        reachable = self._reachable()
        # What nobody can get to is not furnished at all.
        self.fixtures = [f for f in self.fixtures if _near(f.box.centre, reachable, 1.2)]
        start = self.rng.choice(reachable)
        pose = Pose(*start, rotation=90.0 * self.rng.randrange(4), horizon=30.0)
        return Scene(
            self.name, tuple(self.fixtures), tuple(self._things(reachable)), reachable, pose
        )

    def _line_up(self, name: str) -> None:
        """Put a piece of furniture against the next wall that has room."""
        width, height, depth = kind_of("CounterTop" if name in ("Sink", "Stove") else name).size
        if name == "DeskLamp":
            self._stand_lamp()
            return
        walls = list(range(4))
        self.rng.shuffle(walls)
        for wall in walls:
            length = self.width if wall % 2 == 0 else self.depth
            if self.used[wall] + width + 0.3 > length:
                continue
            along = self.used[wall] + width / 2
            self.used[wall] += width + self.rng.choice((0.05, 0.25, 0.4))
            self._add(name, wall, along, (width, height, depth))
            return

    def _add(self, name: str, wall: int, along: float, size: tuple[float, float, float]) -> None:
        width, height, depth = size
        x, z, facing = (
            (along, depth / 2, (0, 1)),
            (self.width - depth / 2, along, (-1, 0)),
            (self.width - along, self.depth - depth / 2, (0, -1)),
            (depth / 2, self.depth - along, (1, 0)),
        )[wall]
        half_x, half_z = (depth / 2, width / 2) if facing[0] else (width / 2, depth / 2)
        body = Box((x - half_x, 0.0, z - half_z), (x + half_x, height, z + half_z))
        base = "CounterTop" if name in ("Sink", "Stove") else name
        y = height if base == "CounterTop" else 0.0
        self.fixtures.append(Fixture(object_id(base, (x, y, z)), (x, y, z), body, facing))
        front_x, front_z = x + facing[0] * depth / 2, z + facing[1] * depth / 2
        if name == "Sink":
            self._basin(x, z, height, facing)
        elif name == "Stove":
            self._stove(x, z, height, facing)
        elif name in ("CounterTop", "Desk", "Dresser"):
            self._front("Drawer", (front_x, height - 0.15, front_z), facing)
            if name != "Desk":
                self._front("Cabinet", (front_x, 0.4, front_z), facing)

    def _front(
        self, name: str, position: tuple[float, float, float], facing: tuple[int, int]
    ) -> None:
        width, height, depth = kind_of(name).size
        x, y, z = position
        x, z = x - facing[0] * depth / 2, z - facing[1] * depth / 2
        half_x, half_z = (depth / 2, width / 2) if facing[0] else (width / 2, depth / 2)
        box = Box(
            (x - half_x, y - height / 2, z - half_z), (x + half_x, y + height / 2, z + half_z)
        )
        self.fixtures.append(Fixture(object_id(name, position), position, box, facing))

    def _basin(self, x: float, z: float, top: float, facing: tuple[int, int]) -> None:
        width, height, depth = kind_of("SinkBasin").size
        half_x, half_z = (depth / 2, width / 2) if facing[0] else (width / 2, depth / 2)
        box = Box((x - half_x, top - height, z - half_z), (x + half_x, top, z + half_z))
        key = object_id("Sink", (x, top, z)) + "|SinkBasin"
        self.fixtures.append(Fixture(key, (x, top, z), box, facing))
        place = (x - facing[0] * 0.24, top + 0.14, z - facing[1] * 0.24)
        width, height, depth = kind_of("Faucet").size
        half_x, half_z = (depth / 2, width / 2) if facing[0] else (width / 2, depth / 2)
        box = Box(
            (place[0] - half_x, top, place[2] - half_z),
            (place[0] + half_x, top + height, place[2] + half_z),
        )
        self.fixtures.append(Fixture(object_id("Faucet", place), place, box, facing))

    def _stove(self, x: float, z: float, top: float, facing: tuple[int, int]) -> None:
        """A stove's burners, and the microwave above it."""
        for along in (-0.2, 0.2):
            px, pz = x + facing[1] * along, z + facing[0] * along
            box = Box((px - 0.11, top - 0.02, pz - 0.11), (px + 0.11, top, pz + 0.11))
            key = object_id("StoveBurner", (px, top, pz))
            self.fixtures.append(Fixture(key, (px, top, pz), box, facing))
        width, height, depth = kind_of("Microwave").size
        px, pz = x - facing[0] * 0.08, z - facing[1] * 0.08
        half_x, half_z = (depth / 2, width / 2) if facing[0] else (width / 2, depth / 2)
        low = top + 0.55
        box = Box((px - half_x, low, pz - half_z), (px + half_x, low + height, pz + half_z))
        key = object_id("Microwave", (px, low, pz))
        self.fixtures.append(Fixture(key, (px, low, pz), box, facing))

    def _stand_lamp(self) -> None:
        tables = [f for f in self.fixtures if f.type in ("Desk", "SideTable", "Dresser")]
        if not tables:
            self._line_up("FloorLamp")
            return
        table = self.rng.choice(tables)
        x, top, z = table.box.centre[0], table.box.high[1], table.box.centre[2]
        width, height, depth = kind_of("DeskLamp").size
        x, z = x - table.facing[0] * 0.08, z - table.facing[1] * 0.08
        box = Box((x - width / 2, top, z - depth / 2), (x + width / 2, top + height, z + depth / 2))
        key = object_id("DeskLamp", (x, top, z))
        self.fixtures.append(Fixture(key, (x, top, z), box, table.facing))

    def _reachable(self) -> tuple[tuple[float, float], ...]:
        """Return the cells of the largest connected free floor."""
        free = set()
        for i in range(int(self.width / CELL) + 1):
            for j in range(int(self.depth / CELL) + 1):
                x, z = i * CELL, j * CELL
                inside = 0.2 < x < self.width - 0.2 and 0.2 < z < self.depth - 0.2
                if inside and not any(f.box.above(x, z, 0.2) for f in self.fixtures):
                    free.add((i, j))
        best: set[tuple[int, int]] = set()
        while free:
            part, edge = set(), [free.pop()]
            while edge:
                i, j = edge.pop()
                part.add((i, j))
                for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                    if near in free:
                        free.remove(near)
                        edge.append(near)
            best = max(best, part, key=len)
        return tuple((i * CELL, j * CELL) for i, j in sorted(best))

    def _things(self, reachable: Sequence[tuple[float, float]]) -> list[Thing]:
        """Return one to two of each thing, apart from each other."""
        names = list(_THINGS[self.kind])
        names += self.rng.sample(names, len(names) // 2)
        places = [p for p in self._places() if _near(p[:3], reachable, 1.0)]
        self.rng.shuffle(places)
        things: list[Thing] = []
        for name in names:
            kind = kind_of(name)
            spot = next((p for p in places if max(kind.size[0], kind.size[2]) < p[3]), None)
            if spot is None:
                continue
            places.remove(spot)
            x, y, z, _ = spot
            y += kind.size[1] / 2 if kind.centred else 0.0
            things.append(Thing(f"{name}_{self.rng.getrandbits(32):08x}", (x, y, z), 0.0))
        return things

    def _places(self) -> list[tuple[float, float, float, float]]:
        """Return x, y, z and the width free at places on furniture and in it."""
        basins = [f.box for f in self.fixtures if f.type in _INSETS]
        found = []
        for fixture in self.fixtures:
            hollow = fixture.type in ("Fridge", "Cabinet")
            if fixture.type not in _SURFACES and not hollow:
                continue
            box, step = fixture.box, 0.3
            levels: Sequence[float] = (fixture.box.high[1],)
            if hollow:
                levels = (0.6, 1.0) if fixture.type == "Fridge" else (box.low[1] + 0.02,)
            nx = max(1, int(box.size[0] / step))
            nz = max(1, int(box.size[2] / step))
            for y in levels:
                for i in range(nx):
                    for j in range(nz):
                        x = box.low[0] + (i + 0.5) * box.size[0] / nx
                        z = box.low[2] + (j + 0.5) * box.size[2] / nz
                        if hollow or not any(b.above(x, z, 0.16) for b in basins):
                            found.append(
                                (x, y, z, 0.5 if fixture.type in ("Bed", "Sofa") else 0.36)
                            )
        return found


def _near(
    place: tuple[float, float, float], reachable: Sequence[tuple[float, float]], reach: float
) -> bool:
    """Return whether an agent can stand within some metres of a place."""
    return any(math.dist((place[0], place[2]), cell) < reach for cell in reachable)


_INSETS = ("SinkBasin", "StoveBurner", "Microwave", "DeskLamp", "Faucet")
