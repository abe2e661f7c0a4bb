from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.mobile import Home, OpenApp, Tap, mobile_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.events import Acted, Denied, Ended
from qvl_agent.agent.guard import (
    ALLOW,
    AllowAll,
    AskFunctions,
    AskGuard,
    DenyFunctions,
    Guard,
    Verdict,
)
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.base import Observation
from qvl_agent.model.scripted import ScriptedPolicy

World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]
Recorder = Callable[..., Any]

PLUS, MINUS = Plus(), Minus()
SPACE = mobile_space()
TAP = Tap(Point(0.5, 0.5))
SEEN = Observation(np.zeros((28, 28, 3), np.uint8))


def check(guard: Guard, action: Action) -> Verdict:
    return guard.check(action, SEEN, "find pizza")


def test_allow_all_allows() -> None:
    assert check(AllowAll(), Home()) == ALLOW


def test_deny_functions_denies_the_named_and_allows_the_rest() -> None:
    guard = DenyFunctions(SPACE, ["OpenApp"], "no new apps")
    assert check(guard, OpenApp("Maps")) == Verdict("deny", "no new apps")
    assert check(guard, Home()) == ALLOW


def test_a_rule_on_an_alias_is_a_rule_on_its_function() -> None:
    assert check(DenyFunctions(SPACE, ["Click"]), TAP) == Verdict("deny", "Tap is not allowed here")


def test_a_rule_on_a_users_tool_goes_by_the_tools_name() -> None:
    space = ActionSpace.of_tools("shop", [{"name": "buy"}, {"name": "look"}])
    guard = DenyFunctions(space, ["buy"])
    buy, look = (function.build({}) for function in space.functions)
    assert check(guard, buy).kind == "deny"
    assert check(guard, look).kind == "allow"


def test_a_rule_with_a_slip_in_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="Tpa"):
        DenyFunctions(SPACE, ["Tpa"])


def test_ask_guard_asks_about_every_action_and_says_what_it_is_about() -> None:
    asked: list[tuple[Action, str]] = []

    def consent(action: Action, observation: Observation, task: str, reason: str) -> bool:
        asked.append((action, task))
        return isinstance(action, Home)

    guard = AskGuard(consent)
    assert check(guard, Home()) == ALLOW
    assert check(guard, TAP) == Verdict("deny", "the user did not consent")
    assert asked == [(Home(), "find pizza"), (TAP, "find pizza")]


def test_ask_guard_around_a_rule_asks_only_where_the_rule_does() -> None:
    reasons: list[str] = []

    def consent(action: Action, observation: Observation, task: str, reason: str) -> bool:
        reasons.append(reason)
        return False

    guard = AskGuard(consent, AskFunctions(SPACE, ["OpenApp"]))
    assert check(guard, Home()) == ALLOW
    assert check(guard, OpenApp("Bank")) == Verdict("deny", "OpenApp needs a person's consent")
    assert reasons == ["OpenApp needs a person's consent"]


def test_ask_guard_passes_a_denial_on_without_asking() -> None:
    guard = AskGuard(lambda *_: pytest.fail("asked"), DenyFunctions(SPACE, ["Home"]))
    assert check(guard, Home()).kind == "deny"


class Rule:
    """A guard with one verdict on `Plus`."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        return self.verdict if action == PLUS else ALLOW


def test_a_denied_action_is_not_carried_out_and_its_reason_goes_back(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env, policy = corridor(3), recording([say(PLUS), say(MINUS)])
    agent = Agent(policy, env.action_space, guard=Rule(Verdict("deny", "the door is private")))
    events = list(agent.stream(env))
    assert [type(event).__name__ for event in events] == [
        "Started", "Generated", "Denied", "Generated", "Chose", "Acted", "Ended",
    ]  # fmt: skip
    told = policy.asked[1][0].turns[-1].parts
    assert "Denied: the door is private. Choose another action." in repr(told)
    assert sum(isinstance(event, Acted) for event in events) == 1


def test_asking_with_nobody_there_is_a_denial(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor()
    agent = Agent(scripted([say(PLUS)] * 3), env.action_space, guard=Rule(Verdict("ask")))
    *events, ended = agent.stream(env)
    denied = [event for event in events if isinstance(event, Denied)]
    assert [event.verdict for event in denied] == ["ask"] * 3
    assert "nobody is there" in denied[0].reason
    assert isinstance(ended, Ended)
    assert ended.episode.reason == "too_many_errors"
    assert env.at == 0


def test_a_guard_can_stop_the_episode(corridor: World, say: Say, scripted: Scripted) -> None:
    env = corridor()
    guard = Rule(Verdict("stop", "a person stands in the door"))
    agent = Agent(scripted([say(PLUS)] * 3), env.action_space, guard=guard)
    episode = agent.run(env)
    assert (episode.reason, episode.detail) == ("stopped_by_guard", "a person stands in the door")
    assert (episode.turns, env.at) == (1, 0)
