"""Actions of a household robot: skills by name, or low-level actions with a point or a box."""

from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias

from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point

__all__ = [
    "Clean",
    "Close",
    "CloseObject",
    "Cool",
    "Done",
    "GotoLocation",
    "Heat",
    "LookDown",
    "LookUp",
    "MoveAhead",
    "Open",
    "OpenObject",
    "Pickup",
    "PickupObject",
    "PutDown",
    "PutObject",
    "Region",
    "RotateLeft",
    "RotateRight",
    "Slice",
    "SliceObject",
    "Toggle",
    "ToggleObjectOff",
    "ToggleObjectOn",
    "household_space",
    "low_level_space",
    "region_of",
]


@dataclass(frozen=True, slots=True)
class Region:
    """What a policy points at: a spot, or a box.

    Attributes:
        point: The spot, or a corner of the box.
        corner: The opposite corner of the box; None for a spot.
    """

    point: Point
    corner: Point | None = None


_Corner: TypeAlias = Annotated[
    Point | None, "With it, the two points are opposite corners of a box around it"
]
_Spot: TypeAlias = Annotated[Point | None, "A spot on it, which then decides what is meant"]


@dataclass(frozen=True, slots=True)
class GotoLocation(Action):
    """Go to an object or a piece of furniture, and face it."""

    name: Annotated[str, "What to go to, as Fridge or CounterTop_2"]


@dataclass(frozen=True, slots=True)
class Pickup(Action):
    """Pick up an object that is in view and within reach."""

    name: Annotated[str, "The object"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class PutDown(Action):
    """Put the object in hand in or on a receptacle in view; a closed one is opened and closed."""

    name: Annotated[str, "The receptacle"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class Open(Action):
    """Open something in view."""

    name: Annotated[str, "What to open"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class Close(Action):
    """Close something in view."""

    name: Annotated[str, "What to close"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class Clean(Action):
    """Wash the object in hand in the sink in view."""

    name: Annotated[str, "The object in hand"]


@dataclass(frozen=True, slots=True)
class Heat(Action):
    """Heat the object in hand in the microwave in view."""

    name: Annotated[str, "The object in hand"]


@dataclass(frozen=True, slots=True)
class Cool(Action):
    """Cool the object in hand in the fridge in view."""

    name: Annotated[str, "The object in hand"]


@dataclass(frozen=True, slots=True)
class Slice(Action):
    """Slice an object in view with the knife in hand."""

    name: Annotated[str, "The object"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class Toggle(Action):
    """Switch something in view on, or off if it is on."""

    name: Annotated[str, "The lamp, faucet or appliance"]
    point: _Spot = None
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class Done(Action):
    """Say that the task is completed."""


@dataclass(frozen=True, slots=True)
class MoveAhead(Action):
    """Move 25 centimetres ahead."""


@dataclass(frozen=True, slots=True)
class RotateLeft(Action):
    """Turn 90 degrees to the left."""


@dataclass(frozen=True, slots=True)
class RotateRight(Action):
    """Turn 90 degrees to the right."""


@dataclass(frozen=True, slots=True)
class LookUp(Action):
    """Tilt the camera 15 degrees up."""


@dataclass(frozen=True, slots=True)
class LookDown(Action):
    """Tilt the camera 15 degrees down."""


@dataclass(frozen=True, slots=True)
class PickupObject(Action):
    """Pick up the object at a point of the picture."""

    point: Annotated[Point, "A spot on the object"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class PutObject(Action):
    """Put the object in hand in or on the receptacle at a point of the picture."""

    point: Annotated[Point, "A spot on the receptacle"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class OpenObject(Action):
    """Open what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class CloseObject(Action):
    """Close what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class ToggleObjectOn(Action):
    """Switch on what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class ToggleObjectOff(Action):
    """Switch off what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]
    corner: _Corner = None


@dataclass(frozen=True, slots=True)
class SliceObject(Action):
    """Slice the object at a point of the picture with the knife in hand."""

    point: Annotated[Point, "A spot on the object"]
    corner: _Corner = None


_FORMS = (("name",), ("name", "point"), ("name", "point", "corner"))


def region_of(action: Action) -> Region | None:
    """Return what an action points at; None where it points at nothing."""
    point = getattr(action, "point", None)
    return None if point is None else Region(point, getattr(action, "corner", None))


def household_space(*, pointing: bool = False) -> ActionSpace:
    """Return the paper's actions, and `Toggle` and `Done`.

    Args:
        pointing: Whether a skill on something in view also takes a point or a box, which then
            decides what is meant.

    Source: Qwen2-VL paper, 3.2.7 (GotoLocation, Pickup, PutDown, Open, Close, Clean, Heat, Cool,
    Slice). A fifth of ALFRED's tasks cannot be done without switching on a lamp.
    """
    skills = (GotoLocation, Pickup, PutDown, Open, Close, Clean, Heat, Cool, Slice, Toggle)
    functions = [
        replace(f, forms=_FORMS if len(f.parameters) > 1 else ())
        if pointing
        else replace(f, parameters=f.parameters[:1])
        for f in map(Function.of, skills)
    ]
    name = "household-pointing" if pointing else "household"
    return ActionSpace(name, [*functions, Function.of(Done, exact=True)])


def low_level_space() -> ActionSpace:
    """Return ALFRED's twelve low-level actions, and `Done`; a point or a box stands for the mask.

    Source: ALFRED models/eval @f91f4c0c (the actions that the benchmark allows).
    """
    moves = (MoveAhead, RotateLeft, RotateRight, LookUp, LookDown)
    hands = (PickupObject, PutObject, OpenObject, CloseObject)
    hands += (ToggleObjectOn, ToggleObjectOff, SliceObject)  # type: ignore[assignment]
    return ActionSpace(
        "household-low",
        [*(Function.of(a) for a in (*moves, *hands)), Function.of(Done, exact=True)],
    )
