import numpy as np
import pytest

from qvl_agent.actions.errors import ParseError, ResetNeeded, UsageError
from qvl_agent.actions.functions import ToolCall
from qvl_agent.actions.mobile import Answer, Back
from qvl_agent.actions.types import Call
from qvl_agent.envs.testing import check_world
from qvl_agent.envs.tools import Interpreter, Limits, ToolWorld, code_tool


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def draw() -> list[object]:
    """Draw."""
    return [np.zeros((8, 9, 3), np.uint8), np.ones((4, 4, 3), np.uint8), "two pictures"]


def test_it_keeps_the_contract_of_a_world() -> None:
    solution = [ToolCall("add", {"a": 1, "b": 2}), Answer("3")]
    check_world(lambda: ToolWorld([add, draw], task="1 + 2?", solution=solution))


def test_an_episode_calls_tools_and_ends_with_the_answer() -> None:
    world = ToolWorld([add, draw], task="1 + 2?", check=lambda answer: answer == "3")
    observation, _ = world.reset(seed=0)
    assert world.task == "1 + 2?"
    assert world.observation_space.contains(observation)
    action = world.action_space.to_action(Call("add", {"a": 1, "b": 2}))
    observation, reward, terminated, _, info = world.step(action)
    assert (observation.text, reward, terminated, info) == ("3", 0.0, False, {"tool_failed": False})
    assert not world.outcome().success
    _, reward, terminated, _, _ = world.step(Answer("3"))
    assert (reward, terminated, world.outcome().success) == (1.0, True, True)
    with pytest.raises(ResetNeeded):
        world.step(Answer("3"))


def test_pictures_of_a_result_are_the_observation_and_its_views() -> None:
    world = ToolWorld([draw])
    world.reset()
    observation, *_ = world.step(ToolCall("draw", {}))
    assert observation.image.shape == (8, 9, 3)
    assert [(v.label, v.image.shape) for v in observation.views] == [("Picture 2", (4, 4, 3))]
    assert observation.text == "two pictures"


def test_the_questions_picture_is_the_first_observation() -> None:
    picture = np.full((5, 6, 3), 7, np.uint8)
    world = ToolWorld([add])
    observation, _ = world.reset(options={"task": "What is this?", "image": picture})
    assert np.array_equal(observation.image, picture)
    assert world.task == "What is this?"


def test_a_wrong_answer_fails_and_an_unchecked_one_is_marked_as_such() -> None:
    world = ToolWorld([add], check=lambda answer: answer == "3")
    world.reset()
    world.step(Answer("4"))
    assert not world.outcome().success
    unchecked = ToolWorld([add])
    unchecked.reset()
    unchecked.step(Answer("4"))
    assert unchecked.outcome().success
    assert unchecked.outcome().metrics["checked"] == 0


def test_arguments_outside_the_schema_never_reach_the_function() -> None:
    world = ToolWorld([add])
    world.reset()
    with pytest.raises(ParseError) as caught:
        world.action_space.to_action(Call("add", {"a": "1", "b": 2}))
    assert caught.value.kind == "bad_type"


def test_what_is_not_of_this_world_is_refused() -> None:
    world = ToolWorld([add])
    with pytest.raises(ResetNeeded):
        world.step(Answer("3"))
    world.reset()
    with pytest.raises(ValueError, match="not an action of this world"):
        world.step(Back())
    with pytest.raises(UsageError, match="no expert"):
        world.expert()


def test_worlds_without_tools_or_with_two_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        ToolWorld([])
    with pytest.raises(UsageError, match="names of their own"):
        ToolWorld([add, add])


def test_the_code_interpreter_is_a_tool_like_any_other() -> None:
    with Interpreter(Limits(seconds=60)) as interpreter:
        world = ToolWorld([code_tool(interpreter)])
        world.reset()
        call = Call("code_interpreter", {"code": "print(6 * 7)"})
        observation, *_ = world.step(world.action_space.to_action(call))
        assert observation.text.startswith("42")
        *_, info = world.step(ToolCall("code_interpreter", {"code": "1 / 0"}))
        assert info["tool_failed"]
