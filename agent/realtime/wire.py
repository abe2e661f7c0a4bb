"""What crosses the pipe to a policy's process: JSON, with the pixels raw behind it; never pickles.

So neither side can make the other run anything, and an action that comes back has been validated
against the action space once more. Knows no process.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

import numpy as np

from qvl_agent.actions.errors import (
    DataError,
    EnvError,
    ParseError,
    PolicyError,
    QvlAgentError,
    UsageError,
)
from qvl_agent.actions.frames import FRAME_UNIT
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Call
from qvl_agent.agent.limits import GaveUp
from qvl_agent.agent.realtime.worker import Answer, Beat, Failure, Message, Question, Ready
from qvl_agent.envs.base import Image, Observation, View

__all__ = [
    "Frames",
    "command_frames",
    "message_frame",
    "question_frames",
    "read_command",
    "read_message",
    "read_question",
]

Frames: TypeAlias = list[bytes | memoryview]
"""One JSON document, then one frame of pixels per picture it speaks of."""

_ERRORS: Mapping[str, type[QvlAgentError]] = {
    kind.__name__: kind for kind in (DataError, EnvError, PolicyError, UsageError)
}


def command_frames(do: str, **fields: Any) -> Frames:
    """Return the frame of a command without pictures."""
    return [_dumped({"do": do, **fields})]


def question_frames(question: Question) -> Frames:
    """Return the frames of a question."""
    seen = question.observation
    views = [{"label": view.label, "shape": view.image.shape} for view in seen.views]
    head = {
        "do": "ask",
        "sequence": question.sequence,
        "undone": question.undone,
        "text": seen.text,
        "shape": seen.image.shape,
        "views": views,
    }
    images = [seen.image, *(view.image for view in seen.views)]
    return [_dumped(head), *(np.ascontiguousarray(image).data.cast("B") for image in images)]


def read_command(frame: bytes) -> dict[str, Any]:
    """Return a command: `do` says which."""
    command: dict[str, Any] = json.loads(frame)
    return command


def read_question(command: Mapping[str, Any], receive: Callable[[], bytes]) -> Question:
    """Return the question of an "ask" command.

    Args:
        command: As read.
        receive: Returns the next frame.
    """
    image = _image(receive(), command["shape"])
    views = tuple(
        View(_image(receive(), view["shape"]), view["label"]) for view in command["views"]
    )
    observation = Observation(image, command["text"], views)
    return Question(command["sequence"], observation, command["undone"])


def message_frame(message: Message, space: ActionSpace) -> bytes:
    """Return the frame of a message."""
    match message:
        case Ready():
            return _dumped({"is": "ready"})
        case Beat():
            return _dumped({"is": "beat"})
        case Answer(sequence, action):
            call = space.to_call(action, FRAME_UNIT).to_json()
            return _dumped({"is": "answer", "sequence": sequence, **call})
        case Failure(error, sequence, gone):
            return _dumped(
                {
                    "is": "failure",
                    "sequence": sequence,
                    "gone": gone,
                    "error": type(error).__name__,
                    "reason": error.reason if isinstance(error, GaveUp) else None,
                    "message": str(error),
                }
            )
        case _:
            assert_never(message)


def read_message(frame: bytes, space: ActionSpace) -> Message:
    """Return a message; an action that the space does not hold is a failure."""
    fields = json.loads(frame)
    match fields["is"]:
        case "ready":
            return Ready()
        case "beat":
            return Beat()
        case "failure":
            return Failure(_error(fields), fields["sequence"], fields["gone"])
        case _:
            return _answer(fields, space)


def _answer(fields: Mapping[str, Any], space: ActionSpace) -> Answer | Failure:
    try:
        action = space.to_action(Call(fields["function"], fields["args"]), FRAME_UNIT)
    except ParseError as exc:
        problem = PolicyError(f"the policy's process sent what is no action of this space: {exc}")
        return Failure(problem, fields["sequence"])
    return Answer(fields["sequence"], action)


def _error(fields: Mapping[str, Any]) -> QvlAgentError:
    if fields["reason"] is not None:
        return GaveUp(fields["reason"], fields["message"])
    kind = _ERRORS.get(fields["error"])
    if kind is None:
        return PolicyError(f"{fields['error']}: {fields['message']}")
    return kind(fields["message"])


def _image(pixels: bytes, shape: list[int]) -> Image:
    return np.frombuffer(pixels, np.uint8).reshape(shape)


def _dumped(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()
