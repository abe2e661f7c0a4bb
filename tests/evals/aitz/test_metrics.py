import json
from pathlib import Path

import pytest

from qvl_agent.evals.aitz import StepResult, StepScore, progress, rates, summarize


def score(kind: str, *, type_match: bool, exact: bool, **changes: object) -> StepScore:
    values = {"format_hit": True, "text_dist": None, "predicted_type": kind} | changes
    return StepScore(type_match=type_match, exact_match=exact, gold_type=kind, **values)  # type: ignore[arg-type]


def test_the_published_figures_of_the_recorded_steps_are_reproduced(shared_data: Path) -> None:
    vector = json.loads((shared_data / "aitz_match_vectors.json").read_text())["atomic_vector"]
    found = rates(
        StepScore(
            type_match=s["type_match"],
            exact_match=s["exact_match"],
            format_hit=s["format_hit"],
            text_dist=s["text_dist"],
            gold_type=s["answer"]["action_type"],
            predicted_type=None,
        )
        for s in vector["steps"]
    )
    for group, expected in vector["expected"].items():
        for name, value in expected.items():
            assert getattr(found[group], name) == value, (group, name)


def test_the_published_episode_figures_are_reproduced(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "aitz_match_vectors.json").read_text())["episode_vectors"]
    for vector in vectors:
        got = progress(vector["episodes_exact_match"])
        assert got.success_rate == vector["expected"]["success_rate"]
        assert got.goal_progress == vector["expected"]["goal_progress"]


def test_goal_progress_stops_at_the_first_miss() -> None:
    assert progress([[True, True, False, True]]).goal_progress == 0.5


def test_totals_are_averages_over_steps_and_not_over_subsets() -> None:
    hit = score("click", type_match=True, exact=True)
    miss = score("scroll", type_match=False, exact=False)
    results = [StepResult("general", "1", i, hit) for i in range(3)]
    results.append(StepResult("install", "2", 0, miss))
    summary = summarize(results)
    assert summary.total.exact_acc == 0.75
    assert {name: r.exact_acc for name, r in summary.by_subset.items()} == {
        "general": 1.0,
        "install": 0.0,
    }
    assert summary.progress.success_rate == 0.5


def test_steps_are_walked_in_order_whatever_the_order_of_the_results() -> None:
    hit = score("click", type_match=True, exact=True)
    miss = score("click", type_match=True, exact=False)
    shuffled = [StepResult("general", "1", i, miss if i == 2 else hit) for i in (3, 2, 0, 1)]
    assert summarize(shuffled).progress.goal_progress == 0.5


def test_an_absent_action_type_has_no_entry() -> None:
    found = rates([score("press", type_match=True, exact=True)])
    assert sorted(found) == ["PRESS", "total"]


def test_nothing_to_aggregate_is_an_error() -> None:
    with pytest.raises(ValueError, match="no step"):
        rates([])
    with pytest.raises(ValueError, match="no episode"):
        progress([])
    with pytest.raises(ValueError, match="at least one step"):
        progress([[]])
