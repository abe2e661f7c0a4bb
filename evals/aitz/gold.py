"""The reference action of an AITZ step, as the dataset writes it: strings that hold JSON.

Coordinates come y first. Boxes are pixels of the stored screenshot; touch and lift are shares of
its size.

| number | action |
| --- | --- |
| 3 | type |
| 4 | gesture: a tap, or a drag when touch and lift are more than 0.04 apart |
| 5, 6, 7 | press back, home, enter |
| 10, 11 | stop: the task is completed, or impossible |
| 0, 1 | long press, wait: not in AITZ, added by AgentCPM-GUI for other datasets |

Source: IMNearth/CoAT README; google-research/android_in_the_wild/action_type.py;
OpenBMB/AgentCPM-GUI eval/utils/action_type.py.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self, TypeAlias

from qvl_agent.actions.errors import DataError

__all__ = ["SWIPE_DISTANCE", "YX", "ActionType", "Box", "Gold"]

YX: TypeAlias = tuple[float, float]
"""A place as shares of height and width, y first."""

Box: TypeAlias = tuple[float, float, float, float]
"""(y, x, height, width) in pixels of the stored screenshot."""

SWIPE_DISTANCE = 0.04
"""A gesture up to this long, as a share of the screen, is a tap."""


class ActionType(IntEnum):
    """The dataset's numbers of actions."""

    LONG_PRESS = 0
    WAIT = 1
    TYPE = 3
    GESTURE = 4
    BACK = 5
    HOME = 6
    ENTER = 7
    COMPLETE = 10
    IMPOSSIBLE = 11


@dataclass(frozen=True, slots=True)
class Gold:
    """What the annotator did in one step.

    Attributes:
        action_type: The dataset's number.
        text: What was typed, "" otherwise.
        touch: Where the finger went down, (-1, -1) when not a gesture.
        lift: Where it was lifted.
        description: `coat_action_desc`, as "click on the Clock app"; its first word is the type
            that the dataset's own scorer goes by.
        boxes: The detected elements of the screen.
    """

    action_type: ActionType
    text: str
    touch: YX
    lift: YX
    description: str
    boxes: tuple[Box, ...]

    @classmethod
    def from_json(cls, step: Mapping[str, Any]) -> Self:
        """Return the reference action of a step's record.

        Raises:
            DataError: Naming the field that is missing or malformed.
        """
        return cls(
            action_type=_action_type(step),
            text=_text(step, "result_action_text"),
            touch=_place(step, "result_touch_yx"),
            lift=_place(step, "result_lift_yx"),
            description=_text(step, "coat_action_desc"),
            boxes=_boxes(step),
        )

    @property
    def is_tap(self) -> bool:
        """Whether the step is a gesture that stays in place."""
        return self.action_type is ActionType.GESTURE and self.length <= SWIPE_DISTANCE

    @property
    def length(self) -> float:
        """How far the finger moved, as a share of the screen."""
        dy, dx = self.touch[0] - self.lift[0], self.touch[1] - self.lift[1]
        return math.sqrt(dy * dy + dx * dx)


def _field(step: Mapping[str, Any], name: str) -> Any:
    try:
        return step[name]
    except KeyError as exc:
        raise DataError(f"the step has no field {name!r}") from exc


def _text(step: Mapping[str, Any], name: str) -> str:
    value = _field(step, name)
    if not isinstance(value, str):
        raise DataError(f"{name} must be a string, got {str(value)[:80]!r}")
    return value


def _action_type(step: Mapping[str, Any]) -> ActionType:
    value = _field(step, "result_action_type")
    try:
        return ActionType(value)
    except ValueError as exc:
        raise DataError(
            f"result_action_type must be one of {[int(t) for t in ActionType]}, got {value!r}"
        ) from exc


def _decoded(step: Mapping[str, Any], name: str) -> Any:
    value = _field(step, name)
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as exc:
        raise DataError(f"{name} must hold JSON, got {value[:80]!r}") from exc


def _place(step: Mapping[str, Any], name: str) -> YX:
    value = _decoded(step, name)
    try:
        y, x = value
        place = float(y), float(x)
    except (TypeError, ValueError, OverflowError) as exc:
        raise DataError(f"{name} must hold [y, x], got {str(value)[:80]!r}") from exc
    if not all(map(math.isfinite, place)):
        raise DataError(f"{name} must hold finite numbers, got {value!r}")
    return place


def _boxes(step: Mapping[str, Any]) -> tuple[Box, ...]:
    value = _decoded(step, "ui_positions")
    try:
        return tuple((float(y), float(x), float(h), float(w)) for y, x, h, w in value)
    except (TypeError, ValueError, OverflowError) as exc:
        raise DataError(
            f"ui_positions must hold a list of [y, x, height, width], got {str(value)[:80]!r}"
        ) from exc
