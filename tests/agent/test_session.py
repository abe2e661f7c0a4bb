"""`reset`, `step` and `close`: the agent in somebody else's loop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus
from qvl_agent.actions.errors import PolicyError, ResetNeeded
from qvl_agent.agent.limits import GaveUp
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.model.scripted import ScriptedPolicy

PLUS, MINUS = Plus(), Minus()
World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]
Recorder = Callable[..., Any]


def test_in_somebody_elses_loop_step_returns_the_action(
    corridor: World, recording: Recorder, say: Say, tmp_path: Path
) -> None:
    env, policy = corridor(2), recording([say(PLUS, "Go."), "?", say(PLUS)])
    agent = Agent(policy, env.action_space, trace=tmp_path)
    observation, _ = env.reset()
    agent.reset("walk")
    assert agent.step(observation) == PLUS
    observation, reward, *_, info = env.step(PLUS)
    assert agent.step(observation, reward=reward, info=info) == PLUS
    episode = agent.close(Outcome(True))
    assert episode is not None
    assert (episode.reason, episode.success, episode.steps) == ("success", True, 1)
    assert [p.key for p in policy.asked[1][0].pictures] != []
    assert len(policy.asked[2][0].pictures) == 2
    assert episode.trace is not None
    events = [event["event"] for event in read_trace(episode.trace).events]
    assert events == [
        "started", "generated", "chose", "acted", "generated", "parse_failed", "generated",
        "chose", "ended",
    ]  # fmt: skip


def test_closing_with_the_last_observation_completes_the_last_step(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted([say(PLUS)]), corridor().action_space, trace=tmp_path)
    agent.reset("walk")
    agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))
    episode = agent.close(observation=Observation(np.ones((56, 84, 3), np.uint8)))
    assert episode is not None
    assert (episode.reason, episode.steps) == ("closed", 1)
    assert episode.trace is not None
    assert len(read_trace(episode.trace).steps) == 1


def test_step_copies_what_a_camera_may_overwrite(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env, policy = corridor(9), recording([say(PLUS)] * 2)
    agent = Agent(policy, env.action_space)
    agent.reset("walk")
    buffer = np.zeros((56, 84, 3), np.uint8)
    agent.step(Observation(buffer))
    buffer[:] = 255
    agent.step(Observation(buffer))
    assert [int(p.pixels[0, 0, 0]) for p in policy.asked[1][0].pictures] == [0, 255]


def test_step_tells_the_policy_what_failed(corridor: World, recording: Recorder, say: Say) -> None:
    env, policy = corridor(9), recording([say(PLUS)] * 2)
    agent = Agent(policy, env.action_space)
    agent.reset("walk")
    seen = Observation(np.zeros((56, 84, 3), np.uint8))
    agent.step(seen)
    agent.step(seen, info={"error": "the gripper slipped"})
    assert "Failed: the gripper slipped" in repr(policy.asked[1][0].turns[-1])


def test_step_gives_up_with_a_typed_reason_and_the_task_is_over(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted(["?"] * 3), corridor().action_space, trace=tmp_path)
    agent.reset("walk")
    seen = Observation(np.zeros((56, 84, 3), np.uint8))
    with pytest.raises(GaveUp) as caught:
        agent.step(seen)
    assert caught.value.reason == "too_many_errors"
    with pytest.raises(ResetNeeded):
        agent.step(seen)
    (folder,) = tmp_path.iterdir()
    assert read_trace(folder).events[-1]["reason"] == "too_many_errors"


def test_step_passes_a_policys_failure_on(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted([]), corridor().action_space)
    agent.reset("walk")
    with pytest.raises(PolicyError):
        agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))


def test_step_before_reset_says_what_to_do(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted([]), corridor().action_space)
    with pytest.raises(ResetNeeded, match=r"agent\.reset"):
        agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))
    assert agent.close() is None
