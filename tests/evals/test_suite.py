"""Tasks are played once each, whoever plays, and their worlds are closed."""

from typing import ClassVar

import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.envs.cards import NumberLine
from qvl_agent.evals.suite import Result, Task, play
from qvl_agent.model.policy import Policy
from qvl_agent.model.scripted import RandomPolicy, ScriptedPolicy


class Line(NumberLine):
    """A NumberLine that counts how many of it are open."""

    open: ClassVar[int] = 0
    most: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        Line.open += 1
        Line.most = max(Line.most, Line.open)

    def close(self) -> None:
        Line.open -= 1


class Lines:
    """Twenty number lines."""

    name = "lines"
    summary = "For this test."

    def tasks(self) -> list[Task]:
        return [Task(f"lines/{i}", "numberline", i) for i in range(20)]

    def make(self, task: Task) -> WorldEnv:
        return Line()


@pytest.fixture(autouse=True)
def _no_line_is_open() -> None:
    Line.open = Line.most = 0


def _agent(world: WorldEnv, policy: Policy | None = None) -> Agent:
    space = world.action_space
    assert isinstance(space, ActionSpace)
    return Agent(policy or RandomPolicy(space, get_dialect("star")), space)


def _by_task(results: list[Result]) -> dict[str, tuple[object, ...]]:
    return {r.task.id: (r.episode.reason, r.episode.steps, r.episode.reward) for r in results}


def test_every_task_is_played_once_and_no_world_stays_open() -> None:
    suite = Lines()
    results = list(play(suite, suite.tasks(), _agent, batch=4))
    assert sorted(r.task.id for r in results) == sorted(t.id for t in suite.tasks())
    assert Line.open == 0


def test_a_shared_policy_plays_side_by_side_the_same_games() -> None:
    suite = Lines()
    space = suite.make(suite.tasks()[0]).action_space
    assert isinstance(space, ActionSpace)
    policy = RandomPolicy(space, get_dialect("star"))
    alone = list(play(suite, suite.tasks(), lambda world: _agent(world, policy)))
    assert Line.most <= 3
    together = list(play(suite, suite.tasks(), lambda world: _agent(world, policy), batch=6))
    assert Line.most >= 6
    assert _by_task(alone) == _by_task(together)


def test_worlds_are_closed_when_nobody_wants_the_rest() -> None:
    suite = Lines()
    space = suite.make(suite.tasks()[0]).action_space
    assert isinstance(space, ActionSpace)
    policy = RandomPolicy(space, get_dialect("star"))
    before = Line.open
    results = play(suite, suite.tasks(), lambda world: _agent(world, policy), batch=6)
    next(results)
    assert Line.open > before
    results.close()  # type: ignore[attr-defined]
    assert Line.open == before


def test_unreadable_answers_are_counted() -> None:
    suite = Lines()
    policy = ScriptedPolicy(lambda _: "no call")
    results = list(play(suite, suite.tasks()[:2], lambda world: _agent(world, policy)))
    assert [(r.errors, r.episode.steps) for r in results] == [(3, 0), (3, 0)]


def test_a_record_says_what_happened() -> None:
    suite = Lines()
    plus = "*FUNCTION*: Plus\n*ARGS*: {}"
    policy = ScriptedPolicy(lambda _: plus)
    (result,) = play(suite, [Task("lines/up", "numberline", 1)], lambda w: _agent(w, policy))
    record = result.to_json()
    assert record["task"] == "lines/up"
    assert record["seed"] == 1
    assert record["steps"] == result.episode.steps > 0
    assert record["metrics"]["goal_reached"] in (0.0, 1.0)
