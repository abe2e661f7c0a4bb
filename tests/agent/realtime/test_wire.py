"""What crosses the pipe comes out as it went in, and nothing else is taken for it."""

import json

import numpy as np
import pytest

from qvl_agent.actions.cards import Plus, numberline_space
from qvl_agent.actions.errors import (
    DataError,
    DeviceError,
    PolicyError,
    QvlAgentError,
    UsageError,
)
from qvl_agent.actions.mobile import Tap, mobile_space
from qvl_agent.actions.types import Point
from qvl_agent.agent.limits import GaveUp
from qvl_agent.agent.realtime.wire import (
    command_frames,
    message_frame,
    question_frames,
    read_command,
    read_message,
    read_question,
)
from qvl_agent.agent.realtime.worker import Answer, Beat, Failure, Message, Question, Ready
from qvl_agent.envs.base import Observation, View


def crossed(question: Question) -> Question:
    head, *pixels = (bytes(frame) for frame in question_frames(question))
    rest = iter(pixels)
    return read_question(read_command(head), lambda: next(rest))


def test_a_question_crosses_with_all_its_pictures() -> None:
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 256, (3, 8, 3), np.uint8)[:, ::2]  # not contiguous
    views = (View(rng.integers(0, 256, (5, 2, 3), np.uint8), 'Candidate "2" é'),)
    question = Question(7, Observation(wide, "links\nvorn 你好", views), "it came too late")
    there = crossed(question)
    assert (there.sequence, there.undone) == (7, "it came too late")
    assert there.observation == question.observation


@pytest.mark.parametrize("message", [Ready(), Beat(), Answer(3, Plus())], ids=str)
def test_a_message_crosses(message: Message) -> None:
    space = numberline_space()
    assert read_message(message_frame(message, space), space) == message


def test_a_point_crosses_without_being_rounded() -> None:
    space = mobile_space()
    answer = Answer(3, Tap(Point(1 / 3, 0.7071067811865476)))
    assert read_message(message_frame(answer, space), space) == answer


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PolicyError("NaN"), PolicyError),
        (UsageError("no such file"), UsageError),
        (DataError("half a checkpoint"), DataError),
        (GaveUp("step_limit", "the limit of 3 steps"), GaveUp),
        (DeviceError("gone"), PolicyError),  # of a kind that is not spoken of
    ],
)
def test_an_error_crosses_with_its_type_and_words(
    error: QvlAgentError, kind: type[QvlAgentError]
) -> None:
    space = numberline_space()
    there = read_message(message_frame(Failure(error, 4, gone=True), space), space)
    assert isinstance(there, Failure)
    assert (there.sequence, there.gone) == (4, True)
    assert type(there.error) is kind
    assert str(error) in str(there.error)
    if isinstance(error, GaveUp):
        assert isinstance(there.error, GaveUp)
        assert there.error.reason == error.reason


@pytest.mark.parametrize(
    "call", [{"function": "reboot", "args": {}}, {"function": "Tap", "args": {"point": [2, 0]}}]
)
def test_an_action_that_the_space_does_not_hold_is_a_failure(call: dict[str, object]) -> None:
    frame = json.dumps({"is": "answer", "sequence": 3, **call}).encode()
    there = read_message(frame, mobile_space())
    assert isinstance(there, Failure)
    assert isinstance(there.error, PolicyError)
    assert there.sequence == 3


def test_a_command_crosses() -> None:
    (frame,) = command_frames("begin", task="reach for the ball")
    assert read_command(bytes(frame)) == {"do": "begin", "task": "reach for the ball"}
