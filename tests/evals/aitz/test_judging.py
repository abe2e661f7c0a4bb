import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.evals.aitz import PROTOCOLS, disagreements, judge, load, rate_intervals, summarize
from qvl_agent.evals.aitz.data import Dataset, Episode

Make = Callable[..., Any]


def test_a_step_without_a_prediction_counts_as_wrong(
    tmp_path: Path, step_record: Make, write_episode: Make
) -> None:
    steps = [step_record("general", "7", i, 2) for i in range(2)]
    write_episode(tmp_path, "general", "7", steps)
    dataset = load(tmp_path / "general")
    predicted = {("7", 0): {"type": "click", "point": [600, 550]}}
    (judged,) = judge(dataset, predicted, ["qwen25vl"]).values()
    assert [r.score.exact_match for r in judged] == [True, False]
    assert summarize(judged).total.count == 2


def test_disagreements_are_the_steps_that_two_rules_judge_differently(
    tmp_path: Path, step_record: Make, write_episode: Make
) -> None:
    steps = [step_record("general", "7", i, 2) for i in range(2)]
    write_episode(tmp_path, "general", "7", steps)
    dataset = load(tmp_path / "general")
    predicted = {
        ("7", 0): {"type": "click", "point": [600, 550]},
        ("7", 1): {"type": "click", "point": [700, 600]},  # near, but another place
    }
    found = disagreements(judge(dataset, predicted, ["qwen25vl", "coat"]))
    assert [d["step_id"] for d in found] == []
    predicted["7", 1] = {"type": "click", "point": [710, 630]}
    found = disagreements(judge(dataset, predicted, ["qwen25vl", "coat"]))
    assert [d["step_id"] for d in found] == [1]
    assert found[0]["protocols"]["qwen25vl"]["exact_match"] is True
    assert found[0]["protocols"]["coat"]["exact_match"] is False


def test_few_episodes_have_no_interval_and_many_have_one_around_the_figure(
    shared_data: Path,
) -> None:
    (example,) = load(shared_data / "aitz").episodes
    episodes = tuple(
        Episode(example.subset, str(i), tuple(replace(s, episode_id=str(i)) for s in example.steps))
        for i in range(40)
    )
    predicted = {(str(i), 0): {"type": "press", "button": "home"} for i in range(0, 40, 2)}
    results = judge(Dataset(episodes, complete=False), predicted, ["qwen25vl"])["qwen25vl"]
    assert rate_intervals(results[:4]) == {}
    interval = rate_intervals(results)["exact_acc"]
    assert interval.low < summarize(results).total.exact_acc == 0.125 < interval.high


@pytest.mark.parametrize("limit_s", [60, pytest.param(5, marks=pytest.mark.slow)])
def test_the_whole_test_split_is_scored_under_all_rules_in_time(
    shared_data: Path, limit_s: float
) -> None:
    """5 s are promised, on a quiet machine."""
    (example,) = load(shared_data / "aitz").episodes
    # 4,724 steps of real screens and real element counts.
    repeats = 4724 // len(example.steps)
    dataset = Dataset((example,) * repeats, complete=False)
    predicted = {
        (s.episode_id, s.step_id): {"type": "click", "point": [607, 498]} for s in example.steps
    }
    start = time.process_time()
    results = judge(dataset, predicted, list(PROTOCOLS))
    for judged in results.values():
        summarize(judged)
    assert sum(map(len, results.values())) == 3 * 4724
    assert time.process_time() - start <= limit_s
