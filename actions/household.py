"""Actions of a household robot: skills by name, or low-level actions with a point."""

from dataclasses import dataclass
from typing import Annotated

from qvl_agent.actions.space import ActionSpace, Function
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
    "RotateLeft",
    "RotateRight",
    "Slice",
    "SliceObject",
    "Toggle",
    "ToggleObjectOff",
    "ToggleObjectOn",
    "household_space",
    "low_level_space",
]


@dataclass(frozen=True, slots=True)
class GotoLocation(Action):
    """Go to an object or a piece of furniture, and face it."""

    name: Annotated[str, "What to go to, as Fridge or CounterTop_2"]


@dataclass(frozen=True, slots=True)
class Pickup(Action):
    """Pick up an object that is in view and within reach."""

    name: Annotated[str, "The object"]


@dataclass(frozen=True, slots=True)
class PutDown(Action):
    """Put the object in hand in or on a receptacle in view; a closed one is opened and closed."""

    name: Annotated[str, "The receptacle"]


@dataclass(frozen=True, slots=True)
class Open(Action):
    """Open something in view."""

    name: Annotated[str, "What to open"]


@dataclass(frozen=True, slots=True)
class Close(Action):
    """Close something in view."""

    name: Annotated[str, "What to close"]


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


@dataclass(frozen=True, slots=True)
class Toggle(Action):
    """Switch something in view on, or off if it is on."""

    name: Annotated[str, "The lamp, faucet or appliance"]


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


@dataclass(frozen=True, slots=True)
class PutObject(Action):
    """Put the object in hand in or on the receptacle at a point of the picture."""

    point: Annotated[Point, "A spot on the receptacle"]


@dataclass(frozen=True, slots=True)
class OpenObject(Action):
    """Open what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]


@dataclass(frozen=True, slots=True)
class CloseObject(Action):
    """Close what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]


@dataclass(frozen=True, slots=True)
class ToggleObjectOn(Action):
    """Switch on what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]


@dataclass(frozen=True, slots=True)
class ToggleObjectOff(Action):
    """Switch off what is at a point of the picture."""

    point: Annotated[Point, "A spot on it"]


@dataclass(frozen=True, slots=True)
class SliceObject(Action):
    """Slice the object at a point of the picture with the knife in hand."""

    point: Annotated[Point, "A spot on the object"]


def household_space() -> ActionSpace:
    """Return the paper's actions, and `Toggle` and `Done`.

    Source: Qwen2-VL paper, 3.2.7 (GotoLocation, Pickup, PutDown, Open, Close, Clean, Heat, Cool,
    Slice). A fifth of ALFRED's tasks cannot be done without switching on a lamp.
    """
    skills = (GotoLocation, Pickup, PutDown, Open, Close, Clean, Heat, Cool, Slice, Toggle)
    return ActionSpace(
        "household", [*(Function.of(s) for s in skills), Function.of(Done, exact=True)]
    )


def low_level_space() -> ActionSpace:
    """Return ALFRED's twelve low-level actions, and `Done`; a point stands for the mask.

    Source: ALFRED models/eval @f91f4c0c (the actions that the benchmark allows).
    """
    moves = (MoveAhead, RotateLeft, RotateRight, LookUp, LookDown)
    hands = (PickupObject, PutObject, OpenObject, CloseObject)
    hands += (ToggleObjectOn, ToggleObjectOff, SliceObject)  # type: ignore[assignment]
    return ActionSpace(
        "household-low",
        [*(Function.of(a) for a in (*moves, *hands)), Function.of(Done, exact=True)],
    )
