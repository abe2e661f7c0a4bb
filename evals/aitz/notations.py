"""How predictions are written down, and one reading of all of them.

| notation | written by | as in |
| --- | --- | --- |
| call | this project's traces | `{"function": "Click", "args": {"point": [607, 498]}}` |
| CoAT | the dataset's scripts | `{"ACTION": "click_element", "ARGS": {"bbox": [x1, y1, x2, y2]}}` |
| POINT | AgentCPM-GUI's scripts | `{"POINT": [607, 498], "to": "up"}`, `{"PRESS": "HOME"}` |
| typed | short form of POINT | `{"type": "scroll", "point": [500, 800], "to": [510, 300]}` |

Positions are on the 0..1000 grid. CoAT and POINT may also come wrapped in
`{"action_predict": {MODE: {SCREEN: ...}}}`, as their scripts store them. Predictions are model
output: whatever is in them, reading ends in a `CoatCall`, a `Gesture` or None (unreadable).

Source: IMNearth/CoAT coat/evaluate.py@9ab1a9f; OpenBMB/AgentCPM-GUI
eval/utils/{evaluator,convert_output,qwen_mobile_tool}.py@a5612f0.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, TypeAlias

from qvl_agent.actions.frames import Frame
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.evals.aitz.gold import SWIPE_DISTANCE

__all__ = ["XY", "CoatCall", "Gesture", "Kind", "Prediction", "read_prediction"]

Prediction: TypeAlias = Action | Mapping[str, Any] | None
"""What a policy answered: a typed action, a record in one of the notations, or nothing."""

Kind = Literal["click", "long_press", "scroll", "type", "press", "stop", "wait"]

XY: TypeAlias = tuple[float, float]
"""A place on the 0..1000 grid, x first."""

_GRID = Frame("0-1000", 1000, 1000, integer=False)
_LONG_PRESS_MS = 200
"""AgentCPM-GUI's default duration: a touch that lasts longer is a long press."""
_STOP_STATUS = frozenset({"finish", "satisfied", "impossible", "interrupt", "need_feedback"})
_KINDS: Mapping[str, Kind] = {
    "click": "click",
    "tap": "click",
    "long_press": "long_press",
    "long_point": "long_press",
    "scroll": "scroll",
    "swipe": "scroll",
    "type": "type",
    "input": "type",
    "press": "press",
    "stop": "stop",
    "terminate": "stop",
    "wait": "wait",
}


@dataclass(frozen=True, slots=True)
class CoatCall:
    """A call of the dataset's own prompt; which action it is, the `coat` rule decides.

    Attributes:
        action: The API word, as in "click_element"; None when there is none.
        args: Its arguments, unchecked.
        by_marks: Whether elements were numbered on the screen, so that `idx` means one of them.
    """

    action: str | None
    args: Mapping[str, Any]
    by_marks: bool = False


@dataclass(frozen=True, slots=True)
class Gesture:
    """A prediction by points.

    Attributes:
        kind: What is done.
        point: Where; None when it cannot be read.
        to: Where a scroll ends, or its direction in words; None when it cannot be read.
        text: What is typed.
        button: Which button is pressed, as written.
    """

    kind: Kind
    point: XY | None = None
    to: XY | str | None = None
    text: str = ""
    button: str = ""


def read_prediction(prediction: Prediction) -> CoatCall | Gesture | None:
    """Return what a prediction says, or None where it says nothing that can be read."""
    if isinstance(prediction, Action):
        try:
            call = _mobile().to_call(prediction, _GRID)
        except ValueError:
            return None
        return _from_call(call.function, call.args)
    if not isinstance(prediction, Mapping):
        return None
    if "action_predict" in prediction:
        return _from_stored(prediction["action_predict"])
    if isinstance(prediction.get("function"), str):
        args = prediction.get("args")
        return _from_call(prediction["function"], args if isinstance(args, Mapping) else {})
    if isinstance(prediction.get("type"), str):
        return _from_typed(prediction)
    action = prediction.get("ACTION")
    if isinstance(action, str):
        args = prediction.get("ARGS")
        return CoatCall(action, args if isinstance(args, Mapping) else {})
    if isinstance(action, Mapping):
        parts = {"STATUS": prediction.get("STATUS")}
        args = prediction.get("ARGS")
        return _from_point({**action, **(args if isinstance(args, Mapping) else {}), **parts})
    return _from_point(prediction)


@cache
def _mobile() -> ActionSpace:
    return mobile_space()


def _from_stored(modes: Any) -> CoatCall | Gesture | None:
    """Read `{MODE: {SCREEN: record}}`, the first one of each; on "tag" elements have numbers."""
    for _ in range(2):
        if not isinstance(modes, Mapping) or not modes:
            return None
        screen, modes = next(iter(modes.items()))
    read = read_prediction(modes)
    return replace(read, by_marks=screen == "tag") if isinstance(read, CoatCall) else read


def _from_call(function: str, args: Mapping[str, Any]) -> Gesture | None:
    """Read a call of this project's mobile space.

    A long press counts as a click and a swipe of up to 0.04 of the screen as a click at its
    start, as where Qwen's output is converted for this dataset.
    """
    match function:
        case "Click" | "Tap" | "LongPress":
            return Gesture("click", _pair(args.get("point")))
        case "Swipe":
            start, end = _pair(args.get("start")), _pair(args.get("end"))
            if start is None or end is None:
                return Gesture("scroll", start, _direction(args.get("direction")))
            if math.dist(start, end) <= SWIPE_DISTANCE * 1000:
                return Gesture("click", start)
            return Gesture("scroll", start, end)
        case "Type":
            return _typing(args.get("text"))
        case "Back" | "Home" | "Enter":
            return Gesture("press", button=function)
        case "Done":
            return Gesture("stop")
        case "Wait":
            return Gesture("wait")
        case _:
            return None


def _from_typed(record: Mapping[str, Any]) -> Gesture | None:
    kind = _KINDS.get(record["type"].lower())
    if kind is None:
        return None
    if kind == "type":
        return _typing(record.get("text"))
    button = record.get("button")
    if kind == "press" and not isinstance(button, str):
        return None
    to = record.get("to", record.get("direction"))
    return Gesture(
        kind,
        point=_pair(record.get("point")),
        to=_direction(to) or _pair(to),
        button=button if isinstance(button, str) else "",
    )


def _from_point(record: Mapping[str, Any]) -> Gesture | None:
    """Read AgentCPM-GUI's notation, in the order in which its own scorer looks at the keys."""
    duration = record.get("duration", _LONG_PRESS_MS)
    status = record.get("STATUS")
    if isinstance(status, str) and status in _STOP_STATUS:
        return Gesture("stop")
    if "TYPE" in record:
        return _typing(record["TYPE"])
    if "POINT" in record:
        point = _pair(record["POINT"])
        if isinstance(duration, int | float) and duration > _LONG_PRESS_MS:
            return Gesture("long_press", point)
        if "to" in record:
            return Gesture("scroll", point, _direction(record["to"]) or _pair(record["to"]))
        return Gesture("click", point)
    if "PRESS" in record:
        button = record["PRESS"]
        return Gesture("press", button=button) if isinstance(button, str) else None
    return Gesture("wait") if "duration" in record else None


def _typing(text: Any) -> Gesture | None:
    return Gesture("type", text=text) if isinstance(text, str) else None


def _direction(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _pair(value: Any) -> XY | None:
    """Return the first two numbers of a list, or None."""
    if not isinstance(value, list | tuple) or len(value) < 2:
        return None
    x, y = value[:2]
    if isinstance(x, int | float) and isinstance(y, int | float):
        try:
            return float(x), float(y)
        except OverflowError:
            return None
    return None
