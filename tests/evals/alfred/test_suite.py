import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError, EnvError, UsageError
from qvl_agent.actions.household import GotoLocation, Pickup, low_level_space
from qvl_agent.envs.base import World
from qvl_agent.envs.household.bodies import standing
from qvl_agent.evals.alfred.data import Trajectory
from qvl_agent.evals.alfred.subgoal_world import SubgoalWorld
from qvl_agent.evals.alfred.suite import AlfredSuite, MadeUpSuite, SubgoalSuite
from qvl_agent.evals.alfred.worlds import Setting, Worlds
from qvl_agent.evals.suite import Task


def _played(suite: Any, task: Task) -> World:
    world: World = suite.make(task).unwrapped
    world.reset(seed=task.seed, options=dict(task.options))
    ended = cut = False
    while not (ended or cut):
        _, _, ended, cut, _ = world.step(world.expert().action)
    return world


def test_the_expert_does_a_splits_tasks_in_its_published_order(alfred_folder: Path) -> None:
    suite = AlfredSuite(Setting(data=alfred_folder), missing_ok=True)
    tasks = suite.tasks()
    assert len(tasks) == len({task.id for task in tasks}) == 87
    for task in tasks[:4]:
        json.dumps(task.options)
        facts = suite.facts(task)
        assert task.id == f"{facts.kind}/{facts.trial}/{facts.repeat_idx}"
        assert facts.expert_steps > 10
        assert _played(suite, task).outcome().success


def test_steps_are_told_where_they_are_asked_for(alfred_folder: Path) -> None:
    setting = Setting(data=alfred_folder)
    goal = AlfredSuite(setting, missing_ok=True).tasks()[0].options["instruction"]
    steps = AlfredSuite(setting, instructions="steps", missing_ok=True).tasks()[0]
    assert steps.options["instruction"].startswith(f"{goal} 1. ")


def test_a_test_split_comes_without_goals_and_is_played_all_the_same(tested: Path) -> None:
    suite = AlfredSuite(Setting(data=tested), "tests")
    (task,) = suite.tasks()
    assert task.id.startswith("tests_unseen/trial_")
    assert "goal" not in task.options
    assert (suite.facts(task).kind, suite.facts(task).expert_steps) == ("", 0)
    world = suite.make(task).unwrapped
    assert isinstance(world, World)
    world.reset(options=dict(task.options))
    world.step(GotoLocation("Desk"))
    assert not world.outcome().success
    assert set(world.outcome().metrics) == {"low_level_steps", "failures"}
    with pytest.raises(UsageError, match="comes without"):
        world.expert()


def test_made_up_tasks_are_the_same_for_a_seed_and_the_expert_counts_their_steps() -> None:
    a, b, c = (MadeUpSuite(Setting(), 7, seed=seed) for seed in (1, 1, 2))
    assert a.tasks() == b.tasks() != c.tasks()
    task = a.tasks()[3]
    facts = a.facts(task)
    assert facts == b.facts(task)
    assert facts.expert_steps == _played(a, task).outcome().metrics["low_level_steps"] > 0


def test_thors_own_build_does_not_know_made_up_rooms() -> None:
    with pytest.raises(UsageError, match="--data"):
        MadeUpSuite(Setting(body="thor"), 7)


@pytest.mark.parametrize(
    "options",
    [
        {"body": "robot"},
        {"mode": "high"},
        {"matching": "exact"},
        {"segmenter": "sam"},
        {"segmenter": "oracle:x"},
        {"segmenter": "magic"},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"must be"):
        Setting(**options)


def test_a_slip_in_split_instructions_or_sub_goal_is_told(alfred_folder: Path) -> None:
    setting = Setting(data=alfred_folder)
    with pytest.raises(UsageError, match="split must be one of"):
        AlfredSuite(setting, "test")
    with pytest.raises(UsageError, match="goal or steps"):
        AlfredSuite(setting, instructions="both")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no sub-goal 'Fly'"):
        SubgoalSuite(setting, kinds=["Fly"])
    with pytest.raises(DataError, match="no episode of train"):
        AlfredSuite(setting, "train", missing_ok=True).tasks()


def test_only_2_1_0_gives_alfreds_figures() -> None:
    assert standing("ai2thor 2.1.0").endswith("as ALFRED asks for")
    assert "not those of 2.1.0: not comparable" in standing("ai2thor 5.0.0")
    assert "bundled simulator: not comparable" in standing("bundled simulator")


def test_worlds_travel_without_their_body_and_keep_one_between_episodes() -> None:
    worlds = Worlds(Setting(mode="low", names=False))
    body = worlds.body()
    assert worlds.body() is body
    again = pickle.loads(pickle.dumps(worlds))  # noqa: S301
    assert again.setting == worlds.setting
    assert again.body() is not body
    world = again.make(Task("x", "household", 0)).unwrapped
    assert world.action_space == low_level_space()
    observation, _ = world.reset(seed=0)
    assert observation.text == "", "the simulator knows the names, the picture does not tell them"


def test_a_sub_goal_begins_where_the_expert_left_and_ends_when_it_is_done(
    alfred_folder: Path,
) -> None:
    suite = SubgoalSuite(Setting(data=alfred_folder), kinds=["PickupObject"], missing_ok=True)
    task = suite.tasks()[0]
    world = suite.make(task).unwrapped
    assert isinstance(world, SubgoalWorld)
    world.reset(options=dict(task.options))
    assert world.session.num_steps == 0
    assert not world.outcome().success
    decision = world.expert()
    assert isinstance(decision.action, Pickup)
    _, reward, ended, cut, info = world.step(decision.action)
    assert (reward, ended, cut, info.get("error")) == (1.0, True, False, None)
    assert world.outcome().success
    assert world.outcome().metrics["low_level_steps"] == suite.facts(task).expert_steps


def test_a_sub_goal_is_not_done_by_another_action(alfred_folder: Path) -> None:
    suite = SubgoalSuite(Setting(data=alfred_folder), kinds=["PickupObject"], missing_ok=True)
    task = suite.tasks()[0]
    world = suite.make(task).unwrapped
    assert isinstance(world, SubgoalWorld)
    world.reset(options=dict(task.options))
    _, _, ended, _, _ = world.step(GotoLocation("Fridge"))
    assert not ended
    assert not world.outcome().success


def test_an_experts_part_that_fails_is_the_environments_fault(
    alfred_folder: Path, trajectories: list[Trajectory]
) -> None:
    suite = SubgoalSuite(Setting(data=alfred_folder), kinds=["PutObject"], missing_ok=True)
    task = suite.tasks()[0]
    subgoal = dict(task.options["subgoal"])
    subgoal["before"] = [{"action": "PickupObject", "objectId": "Ghost|+00.00|+00.00|+00.00"}]
    world = suite.make(task)
    with pytest.raises(EnvError, match="the expert's part fails at PickupObject"):
        world.reset(options={**task.options, "subgoal": subgoal})
