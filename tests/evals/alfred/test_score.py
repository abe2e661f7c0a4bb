import pytest

from qvl_agent.envs.household.goals import Progress
from qvl_agent.evals.alfred.score import EpisodeResult, score, score_by_type


def _result(met: int, total: int, steps: int, expert: int, kind: str = "simple") -> EpisodeResult:
    return EpisodeResult("trial", kind, 0, "do it", Progress(met, total), steps, expert)


def test_goal_conditions_are_averaged_over_conditions_and_not_over_episodes() -> None:
    scores = score([_result(1, 1, 10, 10), _result(0, 3, 10, 10)])
    assert scores.success_rate == 0.5
    assert scores.goal_condition_success == 0.25


def test_path_weights_follow_the_published_formula() -> None:
    # s_spl = 1 * 20/40; PLWSR = 0.5 * 20 / (20 + 60); PLWGC adds 1/3 * 60/60 weighted by 60.
    scores = score([_result(1, 1, 40, 20), _result(1, 3, 60, 60)])
    assert scores.plw_success_rate == pytest.approx(0.5 * 20 / 80)
    assert scores.plw_goal_condition_success == pytest.approx((0.5 * 20 + 60 / 3) / 80)


def test_a_path_shorter_than_the_experts_weighs_one() -> None:
    assert _result(1, 1, 5, 20).path_weight == 1.0


def test_an_episode_without_a_step_is_counted() -> None:
    scores = score([_result(0, 1, 0, 20), _result(1, 1, 20, 20)])
    assert scores.num_episodes == 2
    assert scores.num_without_step == 1
    assert scores.success_rate == 0.5


def test_scores_come_per_type_and_for_all() -> None:
    table = score_by_type([_result(1, 1, 5, 5, "b"), _result(0, 1, 5, 5, "a")])
    assert list(table) == ["a", "b", "all"]
    assert (table["a"].success_rate, table["all"].success_rate) == (0.0, 0.5)


def test_no_episode_scores_nothing() -> None:
    assert score([]).success_rate == 0.0


def test_a_row_has_the_published_fields() -> None:
    row = _result(2, 3, 40, 20).to_json()
    assert row["completed_goal_conditions"] == 2
    assert row["goal_condition_spl"] == pytest.approx(2 / 3 * 0.5)
    assert row["path_len_weighted_goal_condition_spl"] == pytest.approx(2 / 3 * 0.5 * 20)
    assert row["success_spl"] == 0
