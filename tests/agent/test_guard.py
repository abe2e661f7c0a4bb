import numpy as np
import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.mobile import Home, OpenApp, Tap, mobile_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.guard import (
    ALLOW,
    AllowAll,
    AskFunctions,
    AskGuard,
    DenyFunctions,
    Guard,
    Verdict,
)
from qvl_agent.envs.base import Observation

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
