"""MiniWoB++ as a suite: fixed episodes, browsers that are handed on, figures."""

import pickle

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.miniwob import MiniWoB
from qvl_agent.evals import miniwob
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.miniwob import SEEDS, MiniWobSuite
from qvl_agent.evals.report.figures import figures_of


class FakeStage:
    """Counts how many were opened and closed; shows nothing."""

    opened = 0
    closed = 0

    def __init__(self) -> None:
        FakeStage.opened += 1
        self.well = True

    def alive(self) -> bool:
        return self.well

    def close(self) -> None:
        FakeStage.closed += 1


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> type[FakeStage]:
    monkeypatch.setattr(miniwob, "open_stage", lambda driver: FakeStage())
    FakeStage.opened = FakeStage.closed = 0
    return FakeStage


def test_a_tasks_episodes_depend_on_the_seed_alone() -> None:
    alone = MiniWobSuite(["enter-text"], episodes=50, seed=7).tasks()
    among = MiniWobSuite(["click-test", "enter-text"], episodes=5, seed=7).tasks()
    assert alone[:5] == among[5:]
    others = {task.seed for task in MiniWobSuite(["enter-text"], episodes=50, seed=8).tasks()}
    assert len(others & {task.seed for task in alone}) < 3


def test_episodes_are_all_different_and_below_the_seeds_to_learn_from() -> None:
    tasks = MiniWobSuite(["click-test"], episodes=2000, seed=1).tasks()
    seeds = {task.seed for task in tasks}
    assert len(seeds) == len(tasks) == len({task.id for task in tasks})
    assert max(seeds) < SEEDS


def test_a_suite_travels_without_its_browsers(stages: type[FakeStage]) -> None:
    suite = MiniWobSuite(["click-test"])
    suite.make(suite.tasks()[0]).close()
    there = pickle.loads(pickle.dumps(suite))  # noqa: S301 - as a world's process gets it
    assert there.tasks() == suite.tasks()
    there.close()
    assert stages.closed == 0
    suite.close()
    assert stages.closed == 1


def test_wrong_words_are_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'click-test'"):
        MiniWobSuite(["click-tets"])
    with pytest.raises(UsageError, match="browser or desktop"):
        MiniWobSuite(["click-test"], driver="phone")
    with pytest.raises(ValueError, match="episodes"):
        MiniWobSuite(["click-test"], episodes=0)


def _record(task: str, raw: float, timed: float) -> Record:
    metrics = {"raw_reward": raw, "timed_reward": timed}
    return Record(task, 0, 0, raw == 1.0, "success", metrics=metrics, steps=1, turns=1, seconds=1.0)


def test_figures_are_the_rate_of_full_rewards_and_the_mean_rewards() -> None:
    records = [
        _record("click-test/00000", 1.0, 0.9),
        _record("click-test/00001", -1.0, -1.0),
        _record("click-option/00000", 0.5, 0.4),
        _record("click-option/00001", 1.0, 0.7),
    ]
    manifest = {"suite": "miniwob", "model": "expert", "config": {"driver": "desktop"}}
    figures = {(f.group, f.name): f for f in figures_of(manifest, records)}
    assert figures["all", "success"].percent == 50.0
    assert figures["click-option", "success"].percent == 50.0
    assert figures["all", "raw_reward"].percent == 37.5
    assert figures["all", "timed_reward"].percent == 25.0
    assert "desktop driver" in figures["all", "success"].rule


def test_one_browser_serves_one_episode_after_the_other(stages: type[FakeStage]) -> None:
    suite = MiniWobSuite(["click-test", "enter-text"], episodes=2)
    for task in suite.tasks():
        world = suite.make(task)
        assert isinstance(world, MiniWoB)
        assert world.name == task.options["name"]
        world.close()
        world.close()
    assert (stages.opened, stages.closed) == (1, 0)
    suite.close()
    assert stages.closed == 1


def test_a_browser_that_died_is_not_handed_on(stages: type[FakeStage]) -> None:
    suite = MiniWobSuite(["click-test"], episodes=2)
    first, second = suite.tasks()
    world = suite.make(first)
    assert isinstance(world, MiniWoB)
    stage = world._stage
    assert isinstance(stage, FakeStage)
    world.close()
    stage.well = False
    suite.make(second).close()
    assert (stages.opened, stages.closed) == (2, 1)
