from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.actions.cards import Plus
from qvl_agent.agent.limits import GaveUp, Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.base import Outcome
from qvl_agent.model.scripted import ScriptedPolicy

PLUS = Plus()
World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]
Recorder = Callable[..., Any]


@pytest.mark.parametrize("name", ["steps", "seconds", "tokens", "errors", "repeats"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_that_is_not_positive_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


def test_giving_up_carries_its_typed_reason() -> None:
    assert GaveUp("step_limit", "enough").reason == "step_limit"


@pytest.mark.parametrize(
    ("limits", "reason", "steps"),
    [
        (Limits(steps=4), "step_limit", 4),
        (Limits(tokens=25), "token_limit", 3),
        (Limits(seconds=1e-9), "time_limit", 0),
    ],
)
def test_each_limit_ends_the_episode_with_its_reason(
    corridor: World, recording: Recorder, say: Say, limits: Limits, reason: str, steps: int
) -> None:
    env, policy = corridor(99), recording([say(PLUS)] * 9, tokens=10)
    episode = Agent(policy, env.action_space, limits=limits).run(env)
    assert (episode.reason, episode.steps) == (reason, steps)
    assert episode.detail


def test_no_answer_may_be_longer_than_what_the_token_limit_leaves(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env, policy = corridor(99), recording([say(PLUS)] * 9, tokens=10, max_tokens=12)
    Agent(policy, env.action_space, limits=Limits(tokens=25)).run(env)
    assert [decoding.max_tokens for _, decoding in policy.asked] == [12, 12, 5]


def test_a_success_at_the_step_limit_is_success_by_the_worlds_state(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)
    env.step = lambda action: (env._look(), 0.0, False, False, {})
    env.outcome = lambda: Outcome(True)
    agent = Agent(scripted([say(PLUS)]), env.action_space, limits=Limits(steps=1))
    episode = agent.run(env)
    assert (episode.reason, episode.success) == ("step_limit", True)


def test_three_errors_in_a_row_end_the_episode_with_the_last_ones_words(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(9)
    policy = scripted([say(PLUS), "?", "?", say(PLUS), "?", "?", "?", say(PLUS)])
    episode = Agent(policy, env.action_space).run(env)
    assert episode.reason == "too_many_errors"
    assert (episode.steps, episode.turns) == (2, 7)
    assert episode.detail.startswith("3 errors in a row; the last: Error: there is no call")
    assert not episode.success


def test_the_limit_of_errors_can_be_one(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted(["?"]), corridor().action_space, limits=Limits(errors=1))
    assert agent.run(corridor()).reason == "too_many_errors"
