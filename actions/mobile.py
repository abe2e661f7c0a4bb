"""Actions on a phone's touch screen, and their space."""

from dataclasses import dataclass
from typing import Annotated, Literal

from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point

__all__ = [
    "Answer",
    "Back",
    "Direction",
    "Done",
    "Enter",
    "Home",
    "LongPress",
    "OpenApp",
    "Swipe",
    "Tap",
    "Type",
    "Wait",
    "mobile_space",
    "paper_space",
]

Direction = Literal["up", "down", "left", "right"]
"""The direction in which the finger moves: "up" shows what is further down."""


@dataclass(frozen=True, slots=True)
class Tap(Action):
    """A gentle tap that commands, chooses, or navigates through a smartphone's user interface."""

    point: Annotated[Point, "The spot to tap"]


@dataclass(frozen=True, slots=True)
class LongPress(Action):
    """Press one spot and hold it for a second."""

    point: Annotated[Point, "The spot to hold"]


@dataclass(frozen=True, slots=True)
class Type(Action):
    """Type text into the field that has the focus."""

    text: Annotated[str, "The text to type"]


@dataclass(frozen=True, slots=True)
class Swipe(Action):
    """Move a finger across the screen, in a direction or from one point to another."""

    start: Annotated[Point | None, "Where the finger goes down"] = None
    end: Annotated[Point | None, "Where the finger is lifted"] = None
    direction: Annotated[Direction | None, "The direction in which the finger moves"] = None

    def __post_init__(self) -> None:
        by_points = self.start is not None and self.end is not None
        if by_points == (self.direction is not None) or (self.start is None) != (self.end is None):
            raise ValueError("a swipe takes either a direction, or a start and an end")


@dataclass(frozen=True, slots=True)
class Back(Action):
    """Press the back button."""


@dataclass(frozen=True, slots=True)
class Home(Action):
    """Go to the phone's home screen."""


@dataclass(frozen=True, slots=True)
class Enter(Action):
    """Press the enter key."""


@dataclass(frozen=True, slots=True)
class OpenApp(Action):
    """Open an app by its name."""

    name: Annotated[str, "The name of the app"]


@dataclass(frozen=True, slots=True)
class Wait(Action):
    """Wait for the screen to change."""

    time: Annotated[float, "Seconds", {"type": "number", "minimum": 0, "maximum": 60}] = 1.0


@dataclass(frozen=True, slots=True)
class Answer(Action):
    """Tell the user the answer to the question that the task asks."""

    text: Annotated[str, "The answer"]


@dataclass(frozen=True, slots=True)
class Done(Action):
    """Say that the task is completed."""


def mobile_space() -> ActionSpace:
    """Return the space of a phone. `Click` is another name of `Tap`."""
    return ActionSpace(
        "mobile",
        [
            Function.of(Tap, aliases=("Click",)),
            Function.of(LongPress),
            Function.of(Type),
            Function.of(Swipe, forms=(("direction",), ("start", "end"))),
            Function.of(Back),
            Function.of(Home),
            Function.of(Enter),
            Function.of(OpenApp),
            Function.of(Wait),
            Function.of(Answer),
            Function.of(Done, exact=True),
        ],
    )


def paper_space() -> ActionSpace:
    """Return the phone's actions that the paper names, and `Wait`.

    Source: Qwen2-VL paper, 2.2.1 (Tap, Home, ...) and figure 30 (Click, Type, Swipe, Back, Home,
    Enter, Done).
    """
    named = {"Tap", "Type", "Swipe", "Back", "Home", "Enter", "Wait", "Done"}
    return ActionSpace("paper", [f for f in mobile_space().functions if f.name in named])
