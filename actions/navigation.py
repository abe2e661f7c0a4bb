"""Actions of an agent that walks from viewpoint to viewpoint through a building, and its space."""

from dataclasses import dataclass
from typing import Annotated, Literal

from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action

__all__ = ["GoTo", "Look", "Select", "Stop", "Turn", "navigation_space"]


@dataclass(frozen=True, slots=True)
class GoTo(Action):
    """Walk to one of the numbered candidates."""

    candidate: Annotated[int, "The number of the candidate", {"type": "integer", "minimum": 1}]


@dataclass(frozen=True, slots=True)
class Turn(Action):
    """Turn on the spot by 30 degrees."""

    direction: Annotated[Literal["left", "right"], "Where to turn"]


@dataclass(frozen=True, slots=True)
class Look(Action):
    """Tilt the view by 30 degrees, between 30 below and 30 above the horizon."""

    direction: Annotated[Literal["up", "down"], "Where to look"]


@dataclass(frozen=True, slots=True)
class Stop(Action):
    """Stop here: this is where the instruction leads."""


@dataclass(frozen=True, slots=True)
class Select(Action):
    """After stopping, name the object that the instruction means."""

    object: Annotated[int, "The number of the object", {"type": "integer", "minimum": 0}]


def navigation_space(*, low_level: bool = False, objects: bool = False) -> ActionSpace:
    """Return the space of a walk.

    Args:
        low_level: Whether the agent turns and looks around itself, and may only go to what it
            faces; otherwise every neighbour is a candidate.
        objects: Whether an object has to be named at the end (REVERIE).
    """
    functions = [Function.of(GoTo)]
    if low_level:
        functions += [Function.of(Turn), Function.of(Look)]
    functions.append(Function.of(Stop))
    if objects:
        functions.append(Function.of(Select))
    return ActionSpace("navigation", functions)
