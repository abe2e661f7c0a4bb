"""What each type of object of AI2-THOR is and can do. Knows no scene and no state.

Sizes are typical ones in metres; the bundled simulator builds its furniture from them, and
nothing else in this project depends on them.

Source: object types page of AI2-THOR (affordances); ALFRED gen/constants.py @f91f4c0c (which
types its tasks open, heat, cool and clean).
"""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "COOLABLE",
    "HEATABLE",
    "KINDS",
    "LAMPS",
    "Kind",
    "kind_of",
    "type_of",
]

Stands = Literal["floor", "surface", "front", "level", "wall"]
"""How a fixture's published position relates to its body.

| value | meaning | example |
| --- | --- | --- |
| floor | centre of its foot | Fridge, Sofa |
| surface | centre of its top; the body reaches to the floor | CounterTop |
| front | middle of its front; the body lies behind | Drawer, Cabinet |
| level | a thin board's top, or a body's foot | Shelf, StoveBurner, Microwave |
| wall | centre of its body | Faucet, Mirror |
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of object.

    Attributes:
        name: THOR's objectType.
        size: Width, height and depth in metres; width is along the wall.
        stands: How a fixture's position relates to its body.
        centred: Whether a movable thing's position is its centre and not its foot.
        traits: THOR's flags, lower case: pickupable, moveable, receptacle, openable, toggleable,
            sliceable, breakable, dirtyable, fillable, cookable, usable.
    """

    name: str
    size: tuple[float, float, float]
    stands: Stands = "floor"
    centred: bool = False
    traits: frozenset[str] = frozenset()

    def can(self, trait: str) -> bool:
        """Return whether the type has a trait."""
        return trait in self.traits

    @property
    def pickupable(self) -> bool:
        """Whether an agent can hold one."""
        return "pickupable" in self.traits

    @property
    def hollow(self) -> bool:
        """Whether things lie within its body and not on top of it."""
        return self.name in _HOLLOW


_HOLLOW = frozenset(
    {"Box", "Cabinet", "Drawer", "Fridge", "GarbageCan", "LaundryHamper", "Microwave", "Safe"}
)

_FIXTURES: tuple[tuple[str, tuple[float, float, float], Stands, str], ...] = (
    ("ArmChair", (0.85, 0.45, 0.85), "floor", "receptacle"),
    ("Bathtub", (1.5, 0.55, 0.75), "floor", "receptacle"),
    ("BathtubBasin", (1.3, 0.4, 0.6), "floor", "receptacle"),
    ("Bed", (1.7, 0.6, 2.0), "floor", "receptacle"),
    ("Blinds", (1.0, 0.9, 0.05), "wall", "openable"),
    ("Cabinet", (0.5, 0.6, 0.5), "front", "receptacle openable"),
    ("Cart", (0.6, 0.8, 0.4), "floor", "receptacle"),
    ("Chair", (0.45, 0.85, 0.45), "floor", "receptacle moveable"),
    ("CoffeeMachine", (0.22, 0.35, 0.28), "level", "receptacle toggleable moveable"),
    ("CoffeeTable", (1.0, 0.42, 0.6), "floor", "receptacle"),
    ("CounterTop", (0.8, 0.92, 0.6), "surface", "receptacle"),
    ("Curtains", (1.0, 1.4, 0.08), "wall", ""),
    ("Desk", (1.2, 0.86, 0.6), "floor", "receptacle"),
    ("DeskLamp", (0.26, 0.45, 0.26), "level", "toggleable moveable"),
    ("DiningTable", (1.2, 0.76, 0.9), "floor", "receptacle"),
    ("Drawer", (0.5, 0.16, 0.45), "front", "receptacle openable"),
    ("Dresser", (1.2, 0.9, 0.5), "floor", "receptacle"),
    ("Faucet", (0.14, 0.28, 0.2), "wall", "toggleable"),
    ("FloorLamp", (0.7, 1.75, 0.7), "floor", "toggleable moveable"),
    ("Footstool", (0.45, 0.4, 0.45), "floor", "receptacle moveable"),
    ("Fridge", (0.85, 1.85, 0.75), "floor", "receptacle openable"),
    ("GarbageCan", (0.32, 0.5, 0.32), "floor", "receptacle moveable"),
    ("HandTowelHolder", (0.25, 0.08, 0.1), "wall", "receptacle"),
    ("HousePlant", (0.3, 0.5, 0.3), "level", "fillable moveable breakable"),
    ("LaundryHamper", (0.45, 0.6, 0.45), "floor", "receptacle openable moveable"),
    ("LaundryHamperLid", (0.45, 0.04, 0.45), "wall", "openable"),
    ("LightSwitch", (0.08, 0.12, 0.03), "wall", "toggleable"),
    ("Microwave", (0.55, 0.35, 0.42), "level", "receptacle openable toggleable"),
    ("Mirror", (0.6, 0.8, 0.04), "wall", "breakable dirtyable"),
    ("Ottoman", (0.6, 0.42, 0.6), "floor", "receptacle moveable"),
    ("Painting", (0.7, 0.5, 0.04), "wall", ""),
    ("PaintingHanger", (0.1, 0.1, 0.04), "wall", "receptacle"),
    ("Safe", (0.42, 0.42, 0.42), "floor", "receptacle openable moveable"),
    ("Shelf", (0.6, 0.03, 0.35), "level", "receptacle"),
    ("ShowerDoor", (0.7, 1.9, 0.05), "wall", "openable breakable"),
    ("ShowerHead", (0.15, 0.15, 0.15), "wall", "toggleable"),
    ("SideTable", (0.55, 0.62, 0.45), "floor", "receptacle"),
    ("Sink", (0.55, 0.12, 0.42), "surface", "receptacle"),
    ("SinkBasin", (0.5, 0.14, 0.38), "level", "receptacle"),
    ("Sofa", (1.9, 0.48, 0.9), "floor", "receptacle"),
    ("StoveBurner", (0.22, 0.02, 0.22), "level", "receptacle toggleable"),
    ("StoveKnob", (0.05, 0.05, 0.05), "wall", "toggleable"),
    ("TVStand", (1.3, 0.55, 0.45), "floor", "receptacle"),
    ("Television", (1.0, 0.6, 0.08), "wall", "toggleable breakable moveable"),
    ("Toaster", (0.28, 0.2, 0.18), "level", "receptacle toggleable moveable"),
    ("Toilet", (0.42, 0.45, 0.6), "floor", "receptacle openable"),
    ("ToiletPaperHanger", (0.15, 0.08, 0.1), "wall", "receptacle"),
    ("TowelHolder", (0.5, 0.08, 0.1), "wall", "receptacle"),
    ("Window", (1.0, 1.0, 0.04), "wall", "breakable"),
)

# Movable things: size, whether the position is the centre, and traits besides pickupable.
_THINGS: tuple[tuple[str, tuple[float, float, float], bool, str], ...] = (
    ("AlarmClock", (0.12, 0.1, 0.06), False, ""),
    ("Apple", (0.09, 0.09, 0.09), True, "sliceable"),
    ("AppleSliced", (0.08, 0.02, 0.08), True, ""),
    ("BaseballBat", (0.07, 0.75, 0.07), True, ""),
    ("BasketBall", (0.24, 0.24, 0.24), True, ""),
    ("Book", (0.18, 0.04, 0.25), False, "openable"),
    ("Boots", (0.2, 0.3, 0.28), True, ""),
    ("Bowl", (0.18, 0.07, 0.18), False, "receptacle breakable dirtyable fillable"),
    ("Box", (0.34, 0.24, 0.34), True, "receptacle openable"),
    ("Bread", (0.13, 0.12, 0.24), True, "sliceable"),
    ("BreadSliced", (0.1, 0.02, 0.1), True, "cookable"),
    ("ButterKnife", (0.03, 0.015, 0.22), False, ""),
    ("CD", (0.13, 0.01, 0.13), False, ""),
    ("Candle", (0.07, 0.12, 0.07), False, "toggleable"),
    ("CellPhone", (0.075, 0.012, 0.15), False, "toggleable breakable"),
    ("Cloth", (0.2, 0.03, 0.2), False, "dirtyable"),
    ("CreditCard", (0.06, 0.006, 0.09), False, ""),
    ("Cup", (0.09, 0.13, 0.09), False, "receptacle breakable dirtyable fillable"),
    ("DishSponge", (0.08, 0.035, 0.12), False, ""),
    ("Egg", (0.055, 0.07, 0.055), True, "sliceable breakable"),
    ("EggCracked", (0.12, 0.02, 0.12), False, "cookable"),
    ("Fork", (0.03, 0.015, 0.2), False, ""),
    ("Glassbottle", (0.08, 0.26, 0.08), False, "breakable fillable"),
    ("HandTowel", (0.25, 0.4, 0.05), True, ""),
    ("Kettle", (0.2, 0.22, 0.2), False, "openable fillable"),
    ("KeyChain", (0.07, 0.012, 0.1), False, ""),
    ("Knife", (0.035, 0.02, 0.3), False, ""),
    ("Ladle", (0.07, 0.06, 0.3), False, ""),
    ("Laptop", (0.34, 0.2, 0.26), False, "openable toggleable breakable"),
    ("Lettuce", (0.17, 0.16, 0.17), True, "sliceable"),
    ("LettuceSliced", (0.14, 0.03, 0.14), True, ""),
    ("Mug", (0.1, 0.11, 0.1), False, "receptacle breakable dirtyable fillable"),
    ("Newspaper", (0.25, 0.03, 0.3), False, ""),
    ("Pan", (0.28, 0.06, 0.28), False, "receptacle dirtyable"),
    ("PaperTowel", (0.12, 0.26, 0.12), True, "usable"),
    ("PaperTowelRoll", (0.12, 0.26, 0.12), True, "usable"),
    ("Pen", (0.012, 0.012, 0.14), False, ""),
    ("Pencil", (0.01, 0.01, 0.17), False, ""),
    ("PepperShaker", (0.055, 0.11, 0.055), False, ""),
    ("Pillow", (0.45, 0.14, 0.4), True, ""),
    ("Plate", (0.24, 0.025, 0.24), False, "receptacle breakable dirtyable"),
    ("Plunger", (0.14, 0.5, 0.14), False, ""),
    ("Pot", (0.24, 0.16, 0.24), False, "receptacle dirtyable fillable"),
    ("Potato", (0.11, 0.08, 0.08), True, "sliceable cookable"),
    ("PotatoSliced", (0.07, 0.02, 0.07), True, "cookable"),
    ("RemoteControl", (0.05, 0.025, 0.17), False, ""),
    ("SaltShaker", (0.055, 0.11, 0.055), False, ""),
    ("ScrubBrush", (0.12, 0.35, 0.12), False, ""),
    ("SoapBar", (0.09, 0.035, 0.06), False, ""),
    ("SoapBottle", (0.08, 0.2, 0.08), False, "usable"),
    ("Spatula", (0.07, 0.03, 0.3), False, ""),
    ("Spoon", (0.035, 0.015, 0.19), False, ""),
    ("SprayBottle", (0.09, 0.24, 0.09), False, "usable"),
    ("Statue", (0.14, 0.26, 0.14), False, "breakable"),
    ("TennisRacket", (0.28, 0.03, 0.65), True, ""),
    ("TissueBox", (0.22, 0.1, 0.12), False, "usable"),
    ("ToiletPaper", (0.11, 0.1, 0.11), True, "usable"),
    ("ToiletPaperRoll", (0.11, 0.1, 0.11), True, "usable"),
    ("Tomato", (0.08, 0.08, 0.08), True, "sliceable"),
    ("TomatoSliced", (0.07, 0.02, 0.07), True, ""),
    ("Towel", (0.4, 0.5, 0.05), True, ""),
    ("Vase", (0.14, 0.3, 0.14), False, "breakable"),
    ("Watch", (0.06, 0.02, 0.09), False, ""),
    ("WateringCan", (0.25, 0.2, 0.15), False, "fillable"),
    ("WineBottle", (0.085, 0.3, 0.085), False, "breakable fillable"),
)

KINDS: dict[str, Kind] = {
    name: Kind(name, size, stands, False, frozenset(traits.split()))
    for name, size, stands, traits in _FIXTURES
} | {
    name: Kind(name, size, "level", centred, frozenset(traits.split()) | {"pickupable", "moveable"})
    for name, size, centred, traits in _THINGS
}
"""Every known type by name."""

LAMPS = ("DeskLamp", "FloorLamp")
"""What a look task may ask to switch on."""

HEATABLE = frozenset(
    {"Apple", "AppleSliced", "Bread", "BreadSliced", "Cup", "Egg", "Mug", "Plate", "Potato"}
    | {"PotatoSliced", "Tomato", "TomatoSliced"}
)
"""What ALFRED's tasks heat."""

COOLABLE = frozenset(
    {"Apple", "AppleSliced", "Bowl", "Bread", "BreadSliced", "Cup", "Egg", "Lettuce"}
    | {"LettuceSliced", "Mug", "Pan", "Plate", "Pot", "Potato", "PotatoSliced", "Tomato"}
    | {"TomatoSliced", "WineBottle"}
)
"""What ALFRED's tasks cool."""

_UNKNOWN = Kind("Unknown", (0.3, 0.3, 0.3), "level")


def type_of(object_id: str) -> str:
    """Return the objectType of an id: `Sink|-1|+1|+2|SinkBasin` is a SinkBasin.

    Source: ids of AI2-THOR, `Type|x|y|z` and `Type|x|y|z|Child` with `Child` or `Child_3`.
    """
    parts = object_id.split("|")
    return parts[4].split("_")[0] if len(parts) > 4 else parts[0]


def kind_of(object_type: str) -> Kind:
    """Return the kind of a type; a plain box for a type that is not in the table."""
    kind = KINDS.get(object_type)
    if kind is not None:
        return kind
    return Kind(object_type, _UNKNOWN.size, _UNKNOWN.stands)
