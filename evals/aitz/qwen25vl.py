"""The scorer by points that recent papers mean: Qwen2.5-VL's, as ported by AgentCPM-GUI.

The reference type and direction come from the recorded gesture and not from its description. A
click is right inside any enlarged element that holds the reference place, or near that place. A
container that fills the screen makes every click right: a known weakness, kept as published.

`PointRule` holds what differs between datasets; `evals.androidcontrol` uses the same code.

Source: OpenBMB/AgentCPM-GUI eval/utils/evaluator.py@a5612f0, after gists linked from
github.com/QwenLM/Qwen3-VL/issues/904.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from qvl_agent.evals.aitz.coat import action_type
from qvl_agent.evals.aitz.gold import YX, ActionType, Box, Gold
from qvl_agent.evals.aitz.marks import resolve_mark
from qvl_agent.evals.aitz.notations import (
    XY,
    CoatCall,
    Gesture,
    Kind,
    Prediction,
    read_prediction,
)
from qvl_agent.evals.aitz.score import StepScore
from qvl_agent.evals.edit_distance import indel_ratio

__all__ = [
    "AITZ_RULE",
    "ANDROID_CONTROL_RULE",
    "PointRule",
    "click_is_right",
    "gold_direction",
    "gold_kind",
    "score_points",
]

_GROWTH = 1.2


@dataclass(frozen=True, slots=True)
class PointRule:
    """When a click is right.

    Attributes:
        tap_distance: How far from the reference place it may be, as a share of the screen.
        nearest: How many elements, by the distance of their centres from the reference place,
            are targets; None takes those that hold the reference place.
    """

    tap_distance: float
    nearest: int | None = None


AITZ_RULE = PointRule(tap_distance=0.14)
ANDROID_CONTROL_RULE = PointRule(tap_distance=0.04, nearest=5)


def score_points(
    gold: Gold,
    prediction: Prediction,
    image_size: tuple[int, int],
    *,
    rule: PointRule = AITZ_RULE,
) -> StepScore:
    """Return what a predicted step is worth.

    Args:
        gold: The reference action.
        prediction: Any notation; of a predicted box the centre counts.
        image_size: (width, height) of the stored screenshot in pixels.
        rule: When a click is right.
    """
    kind = gold_kind(gold)
    read = read_prediction(prediction)
    if isinstance(read, CoatCall):
        gesture = _as_gesture(resolve_mark(read, gold.boxes, image_size))
    else:
        gesture = read
    if gesture is None:
        return StepScore.of(kind, None)
    # Waiting and stopping are one type here, as published.
    predicted: Kind = "stop" if gesture.kind == "wait" else gesture.kind
    if predicted != kind:
        return StepScore.of(kind, predicted)
    match kind:
        case "click" | "long_press":
            place = gesture.point or (0.0, 0.0)  # as published: unreadable is the corner
            exact = click_is_right(place, gold.touch, gold.boxes, image_size, rule)
            return StepScore.of(kind, predicted, exact=exact)
        case "scroll":
            exact = _predicted_direction(gesture) == gold_direction(gold)
            return StepScore.of(kind, predicted, exact=exact)
        case "type":
            a, b = gesture.text.lower().strip(), gold.text.lower().strip()
            exact = a in b or b in a
            return StepScore.of(kind, predicted, exact=exact, text_dist=indel_ratio(a, b))
        case "press":
            exact = gesture.button.lower() == _BUTTONS.get(gold.action_type)
            return StepScore.of(kind, predicted, exact=exact)
        case "stop" | "wait":
            return StepScore.of(kind, predicted, exact=True)
        case _:
            assert_never(kind)


def click_is_right(
    point: XY, gold: YX, boxes: Sequence[Box], image_size: tuple[int, int], rule: PointRule
) -> bool:
    """Return whether a click hits a target element or falls near the reference place.

    Args:
        point: (x, y) on the 0..1000 grid.
        gold: The reference place, (y, x) as shares of the screen.
        boxes: The screen's elements in pixels.
        image_size: (width, height) of the screen in pixels.
        rule: Which elements are targets, and what near means.
    """
    x, y = point[0] / 1000, point[1] / 1000
    targets = [_enlarged(box, image_size) for box in boxes]
    if rule.nearest is None:
        targets = [box for box in targets if _holds(box, gold)]
    else:
        targets = sorted(targets, key=lambda box: _centre_distance(box, gold))[: rule.nearest]
    if any(_holds(box, (y, x)) for box in targets):
        return True
    # numpy's norm and not math.hypot: the published threshold is compared with its last bit.
    return bool(np.linalg.norm([gold[1] - x, gold[0] - y]) <= rule.tap_distance)


_BUTTONS = {ActionType.BACK: "back", ActionType.HOME: "home", ActionType.ENTER: "enter"}


def gold_kind(gold: Gold) -> Kind:
    """Return the type of the reference action under this rule."""
    match gold.action_type:
        case ActionType.TYPE:
            return "type"
        case ActionType.GESTURE:
            return "click" if gold.is_tap else "scroll"
        case ActionType.LONG_PRESS:
            return "long_press"
        case ActionType.BACK | ActionType.HOME | ActionType.ENTER:
            return "press"
        case ActionType.COMPLETE | ActionType.IMPOSSIBLE | ActionType.WAIT:
            return "stop"


def gold_direction(gold: Gold) -> str | None:
    """Return where the finger of a reference scroll went: "up", "down", "left" or "right"."""
    return _direction(gold.touch, gold.lift)


def _as_gesture(call: CoatCall) -> Gesture | None:
    """Return a call of the dataset's own prompt as a prediction by points."""
    match action_type(call.action):
        case "click":
            return Gesture("click", _centre(call.args.get("bbox")))
        case "scroll":
            direction = call.args.get("direction")
            return Gesture("scroll", to=direction if isinstance(direction, str) else None)
        case "type":
            text = call.args.get("text", "")
            return Gesture("type", text=text) if isinstance(text, str) else None
        case "press":
            return Gesture("press", button=(call.action or "").partition("_")[2])
        case "stop":
            return Gesture("stop")
        case _:
            return None


def _centre(bbox: object) -> XY | None:
    if not isinstance(bbox, list | tuple) or len(bbox) < 4:
        return None
    if not all(isinstance(value, int | float) for value in bbox[:4]):
        return None
    try:
        return (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
    except OverflowError:
        return None


def _predicted_direction(gesture: Gesture) -> str | None:
    if isinstance(gesture.to, str):
        return gesture.to
    if gesture.point is None or gesture.to is None:
        return None
    (x1, y1), (x2, y2) = gesture.point, gesture.to
    return _direction((y1, x1), (y2, x2))


def _direction(start: YX, end: YX) -> str | None:
    """Return the axis direction with the largest cosine; vertical wins a tie."""
    dy, dx = end[0] - start[0], end[1] - start[1]
    length = math.sqrt(dx**2 + dy**2)
    if not 0 < length < math.inf:
        return None
    cosines = {"up": -dy / length, "down": dy / length, "left": -dx / length, "right": dx / length}
    return max(cosines, key=lambda name: cosines[name])


def _enlarged(box: Box, image_size: tuple[int, int]) -> Box:
    """Return a box of pixels as shares of the screen, enlarged about its centre and clamped."""
    width, height = image_size
    y, x, h, w = box[0] / height, box[1] / width, box[2] / height, box[3] / width
    grown_h, grown_w = (_GROWTH - 1) * h, (_GROWTH - 1) * w
    return (
        max(0, y - grown_h / 2),
        max(0, x - grown_w / 2),
        min(1, h + grown_h),
        min(1, w + grown_w),
    )


def _holds(box: Box, place: YX) -> bool:
    y, x, h, w = box
    return y <= place[0] <= y + h and x <= place[1] <= x + w


def _centre_distance(box: Box, place: YX) -> float:
    y, x, h, w = box
    dy, dx = y + h / 2 - place[0], x + w / 2 - place[1]
    return float((dy**2 + dx**2) ** 0.5)
