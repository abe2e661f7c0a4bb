"""Events as JSON: one record of a trace each. Knows the events, and no file.

Whatever a world puts into `info` becomes plain JSON here: numpy's numbers and small arrays as
lists, large ones as their shape, NaN and infinity as text, anything else as its `repr`.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, assert_never

import numpy as np

from qvl_agent.actions.functions import ToolCall
from qvl_agent.actions.types import JSON, Action, Point
from qvl_agent.agent.context import Sight
from qvl_agent.agent.events import (
    Acted,
    Choice,
    Chose,
    Denied,
    Ended,
    Event,
    Generated,
    ParseFailed,
    Started,
    WorldFailed,
)
from qvl_agent.model.prompt import Picture

__all__ = ["FIGURE", "action_record", "plain", "record_of", "sights_of"]

FIGURE = "figure"
"""Where among what a world says beside its picture for people stands (`World.figure`)."""

_DEEPEST = 12
_LARGEST_ARRAY = 256
_LONGEST_REPR = 1000

Record = dict[str, Any]


def record_of(event: Event) -> Record:
    """Return the record of an event, without the fields that every line of a trace begins with."""
    match event:
        case Started(task, frame, sight, info):
            return {
                "event": "started",
                "task": task,
                "frame": dataclasses.asdict(frame),
                "observation": _sight(sight),
                **_beside(info),
            }
        case Generated(step, turn, generation, seconds, window):
            return {
                "event": "generated",
                "step": step,
                "turn": turn,
                "generation": dataclasses.asdict(generation),
                "seconds": seconds,
                "window": dataclasses.asdict(window),
            }
        case ParseFailed(step, turn, kind, message, span, flags):
            return {
                "event": "parse_failed",
                "step": step,
                "turn": turn,
                "kind": kind,
                "message": message,
                "span": list(span),
                "flags": list(flags),
            }
        case Denied(step, turn, choice, verdict, reason):
            return {
                "event": "denied",
                "step": step,
                "turn": turn,
                **_choice(choice),
                "verdict": verdict,
                "reason": reason,
            }
        case Chose(step, turn, choice):
            return {"event": "chose", "step": step, "turn": turn, **_choice(choice)}
        case Acted():
            return {
                "event": "acted",
                "step": event.step,
                "turn": event.turn,
                **_choice(event.choice),
                "window": dataclasses.asdict(event.choice.window),
                "observation": _sight(event.sight),
                "reward": plain(event.reward),
                "terminated": event.terminated,
                "truncated": event.truncated,
                **_beside(event.info),
                "error": event.error,
                **({"hint": event.hint} if event.hint else {}),
                "seconds": dataclasses.asdict(event.seconds),
            }
        case WorldFailed(step, kind, message):
            return {"event": "world_failed", "step": step, "kind": kind, "message": message}
        case Ended(episode):
            return {"event": "ended", **_flat(episode), "success": episode.success}
        case _:
            assert_never(event)


def sights_of(event: Event) -> tuple[Picture, ...]:
    """Return the pictures that an event's record names."""
    match event:
        case Started(sight=sight, info=info) | Acted(sight=sight, info=info):
            figure = _figure(info)
            return sight.pictures if figure is None else (*sight.pictures, figure)
        case _:
            return ()


def _figure(info: Mapping[str, Any]) -> Picture | None:
    """Return the world's picture for people, if there is one."""
    drawn = info.get(FIGURE)
    return Picture(drawn) if isinstance(drawn, np.ndarray) else None


def _beside(info: Mapping[str, Any]) -> Record:
    """Return what the world says beside, and the name of its picture for people."""
    figure = _figure(info)
    said = plain({key: value for key, value in info.items() if key != FIGURE})
    return {"info": said} if figure is None else {"info": said, "figure": figure.key}


def plain(value: Any, depth: int = 0) -> JSON:
    """Return any value as JSON that `json.dumps(allow_nan=False)` takes."""
    if depth > _DEEPEST:
        return "..."
    match value:
        case None | bool() | str():
            return value
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else str(float(value))
        case np.bool_():
            return bool(value)
        case Point(x, y):
            return {"x": x, "y": y}
        case Mapping():
            return {str(key): plain(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case set() | frozenset():
            return [plain(item, depth + 1) for item in sorted(value, key=repr)]
        case np.ndarray() if value.size <= _LARGEST_ARRAY:
            return plain(value.tolist(), depth + 1)
        case np.ndarray():
            return {"shape": list(value.shape), "dtype": str(value.dtype)}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return plain(_fields(value), depth)
        case _:
            return repr(value)[:_LONGEST_REPR]


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def _flat(value: Any) -> Record:
    fields = plain({k: str(v) if k == "trace" else v for k, v in _fields(value).items()})
    assert isinstance(fields, dict)
    return fields


def action_record(action: Action) -> Record:
    """Return an action with its type's name; its points are normalised to [0, 1]."""
    if isinstance(action, ToolCall):
        return {"type": action.function, "arguments": plain(action.arguments)}
    arguments: dict[str, Any] = _fields(action) if dataclasses.is_dataclass(action) else {}
    kept = {name: value for name, value in arguments.items() if value is not None}
    return {"type": type(action).__name__, "arguments": plain(kept)}


def _choice(choice: Choice) -> Record:
    return {
        "action": action_record(choice.action),
        "call": plain(choice.call.to_json()),
        "frame": choice.frame.name,
        "thought": choice.thought,
        "flags": list(choice.flags),
    }


def _sight(sight: Sight) -> Record:
    first, *others = sight.pictures
    height, width = first.pixels.shape[:2]
    return {
        "image": first.key,
        "width": width,
        "height": height,
        "text": sight.observation.text,
        "views": [
            {"image": picture.key, "label": view.label}
            for view, picture in zip(sight.observation.views, others, strict=True)
        ],
    }
