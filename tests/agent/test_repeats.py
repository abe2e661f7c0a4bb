from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import Plus
from qvl_agent.actions.mobile import Back, Tap
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.events import Acted, Event
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.record import record_of
from qvl_agent.agent.repeats import Repeats
from qvl_agent.envs.base import Observation
from qvl_agent.model.prompt import Text

A, B = Tap(Point(0.5, 0.5)), Back()


@pytest.mark.parametrize(
    ("actions", "counts"),
    [
        ([A, A, A, A], [0, 1, 2, 3]),
        ([A, B, A, B], [0, 0, 1, 2]),
        ([A, Tap(Point(0.5, 0.6)), Tap(Point(0.5, 0.7))], [0, 0, 0]),
    ],
)
def test_what_is_tried_again_on_the_same_screen_counts(
    actions: list[Action], counts: list[int]
) -> None:
    repeats = Repeats()
    assert [repeats.note(action, unchanged=True) for action in actions] == counts


def test_a_change_of_the_screen_begins_anew() -> None:
    repeats = Repeats()
    for _ in range(4):
        repeats.note(A, unchanged=True)
    assert repeats.hint
    assert repeats.note(A, unchanged=False) == 0
    assert not repeats.hint
    assert repeats.note(A, unchanged=True) == 0


class Wall:
    """A world whose screen shows the same until it is left."""

    def __init__(self, corridor: Any, unchanged: bool = True) -> None:
        self.env = corridor(99)
        self.env.step = self._step
        self.unchanged = unchanged

    def _step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        seen = Observation(np.zeros((56, 84, 3), np.uint8), "a wall")
        return seen, 0.0, False, False, {"unchanged": 1} if self.unchanged else {}


def test_who_repeats_himself_is_told_and_then_stopped(
    corridor: Any, say: Callable[..., str], recording: Callable[..., Any]
) -> None:
    env, policy = Wall(corridor).env, recording([say(Plus())] * 9)
    events: list[Event] = []
    agent = Agent(policy, env.action_space, limits=Limits(repeats=4))
    episode = agent.run(env, watch=events.append)
    assert (episode.reason, episode.steps) == ("no_progress", 5)
    assert episode.detail == ("4 repeated actions changed nothing on the screen; the last: Plus {}")
    acted = [event for event in events if isinstance(event, Acted)]
    assert [bool(event.hint) for event in acted] == [False, False, True, True, True]
    assert [("hint" in record_of(event)) for event in acted] == [False, False, True, True, True]
    prompt, _ = policy.asked[3]
    words = "".join(p.text for turn in prompt.turns for p in turn.parts if isinstance(p, Text))
    assert words.count("Try something else.") == 1
    assert "*RESULT*: The screen has not changed, and this was tried before." in words


@pytest.mark.parametrize("unchanged", [True, False])
def test_without_a_limit_or_a_screen_nobody_is_stopped(
    corridor: Any, say: Callable[..., str], scripted: Callable[..., Any], unchanged: bool
) -> None:
    env = Wall(corridor, unchanged).env
    limits = Limits(steps=12, repeats=None if unchanged else 2)
    agent = Agent(scripted([say(Plus())] * 12), env.action_space, limits=limits)
    assert agent.run(env).reason == "step_limit"
