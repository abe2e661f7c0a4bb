"""What breaks, and who stops: the reason is kept apart, and the trace is whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus
from qvl_agent.actions.errors import DeviceError
from qvl_agent.agent.events import Acted, Chose, Ended, Event, WorldFailed
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy

PLUS, MINUS = Plus(), Minus()
World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]


def test_a_broken_world_is_an_env_error_and_not_the_policys_failure(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3, broken=1)
    *_, failed, ended = Agent(scripted([say(PLUS)] * 3), env.action_space).stream(env)
    assert isinstance(failed, WorldFailed)
    assert isinstance(ended, Ended)
    assert (failed.step, failed.kind) == (1, "DeviceError")
    assert (ended.episode.reason, ended.episode.outcome) == ("env_error", None)
    assert ended.episode.detail == "the lamp went out; switch it on"


@pytest.mark.parametrize(
    "image",
    [np.zeros((56, 84), np.uint8), np.zeros((3, 8, 8)), np.zeros((0, 8, 3), np.uint8), None],
)
def test_a_broken_image_is_an_env_error_that_says_what_came(
    corridor: World, say: Say, scripted: Scripted, image: Any
) -> None:
    env = corridor(3)
    env.step = lambda action: (Observation(image), 0.0, False, False, {})
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert episode.reason == "env_error"
    assert "image is uint8 (height, width, 3), got" in episode.detail


def test_a_world_that_cannot_say_how_it_ended_is_an_env_error(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)

    def gone() -> Outcome:
        raise DeviceError("the lamp went out")

    env.outcome = gone
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert (episode.reason, episode.outcome, episode.steps) == ("env_error", None, 1)


def test_a_world_that_cannot_be_reset_is_an_env_error(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    env = corridor(reset_fails=True)
    agent = Agent(scripted([]), env.action_space, trace=tmp_path)
    failed, ended = agent.stream(env)
    assert isinstance(failed, WorldFailed)
    assert isinstance(ended, Ended)
    assert ended.episode.reason == "env_error"
    assert ended.episode.trace is not None
    assert [e["event"] for e in read_trace(ended.episode.trace).events] == ["world_failed", "ended"]


def test_a_broken_policy_is_a_policy_error_and_the_world_is_still_asked(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3)
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert (episode.reason, episode.steps) == ("policy_error", 1)
    assert "script" in episode.detail
    assert episode.outcome == Outcome(False, {"doors": 1.0})


def test_an_observation_beyond_the_budget_is_a_policy_error(
    corridor: World, scripted: Scripted
) -> None:
    env = corridor()
    episode = Agent(scripted([]), env.action_space, context_tokens=600).run(env)
    assert episode.reason == "policy_error"
    assert "budget is 600" in episode.detail


def test_a_bug_is_not_swallowed_and_the_trace_is_closed(
    corridor: World, tmp_path: Path, scripted: Scripted
) -> None:
    def broken(prompt: Prompt) -> str:
        raise ZeroDivisionError

    agent = Agent(scripted(broken), corridor().action_space, trace=tmp_path)
    with pytest.raises(ZeroDivisionError):
        agent.run(corridor())
    (folder,) = tmp_path.iterdir()
    trace = read_trace(folder)
    assert [event["event"] for event in trace.events] == ["started"]
    assert trace.notes == ("the run was cut off: the trace does not say how it ended",)


def interrupt(*_: object) -> str:
    raise KeyboardInterrupt


def test_ctrl_c_while_the_policy_thinks_ends_in_good_order(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted(interrupt), corridor().action_space, trace=tmp_path)
    episode = agent.run(corridor())
    assert episode.reason == "interrupted"
    assert episode.trace is not None
    assert [e["event"] for e in read_trace(episode.trace).events] == ["started", "ended"]


def test_ctrl_c_while_the_world_is_at_work_ends_in_good_order(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3, interrupted=1)
    episode = Agent(scripted([say(PLUS)] * 3), env.action_space).run(env)
    assert (episode.reason, episode.steps) == ("interrupted", 1)


def test_ctrl_c_while_a_step_is_shown_ends_in_good_order(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    def watch(event: Event) -> None:
        if isinstance(event, Acted):
            raise KeyboardInterrupt

    agent = Agent(scripted([say(PLUS)] * 3), corridor().action_space)
    episode = agent.run(corridor(), watch=watch)
    assert (episode.reason, episode.steps) == ("interrupted", 1)


def test_who_stops_listening_leaves_a_closed_trace(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted([say(PLUS)] * 3), corridor().action_space, trace=tmp_path)
    for event in agent.stream(corridor()):
        if isinstance(event, Chose):
            break
    del event
    (folder,) = tmp_path.iterdir()
    ended = read_trace(folder).events[-1]
    assert (ended["event"], ended["reason"]) == ("ended", "interrupted")
