import json
from pathlib import Path

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.base import World
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.evals.alfred.score import score
from qvl_agent.evals.alfred.suite import AlfredSuite


def test_episodes_are_played_and_counted_as_alfred_does(alfred_folder: Path) -> None:
    suite = AlfredSuite(alfred_folder, missing_ok=True)
    tasks = list(suite.tasks())
    assert len(tasks) == len({task.id for task in tasks}) > 26
    results = []
    for task in tasks[:6]:
        json.dumps(task.options)
        world = suite.make(task)
        assert isinstance(world, World)
        world.reset(seed=task.seed, options=dict(task.options))
        assert world.task == task.options["instruction"]
        ended = cut = False
        while not (ended or cut):
            _, reward, ended, cut, _ = world.step(world.expert().action)
        results.append(suite.result(task, world.outcome(), float(reward)))
    scores = score(results)
    assert (scores.success_rate, scores.goal_condition_success) == (1.0, 1.0)
    assert scores.plw_success_rate > 0.9
    assert all(r.expert_steps > 10 for r in results)


def test_step_by_step_instructions_are_told_on_request(alfred_folder: Path) -> None:
    suite = AlfredSuite(alfred_folder, steps=True, missing_ok=True)
    task = suite.tasks()[0]
    words = suite.episodes[task.id].annotation
    assert task.options["instruction"] == " ".join(
        [words.goal, *(f"{k}. {s}" for k, s in enumerate(words.steps, 1))]
    )


def test_the_test_split_cannot_be_scored(alfred_folder: Path) -> None:
    with pytest.raises(DataError, match="has no goals"):
        AlfredSuite(alfred_folder, "tests_unseen", missing_ok=True).tasks()


def test_a_stand_ins_figures_are_called_that(alfred_folder: Path) -> None:
    told = AlfredSuite.standing(BundledBody(alfred_folder))
    assert told.startswith("measured on the bundled simulator: not comparable")
