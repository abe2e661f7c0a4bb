"""The card games as a suite: fixed deals, strict and lenient success, and the references."""

from fractions import Fraction
from itertools import product

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.limits import EndReason
from qvl_agent.evals.cards import GAMES, REFERENCES, CardsSuite, GameScore
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.pictures import Blank, Shuffled

PERCENT = {row.name: row.percent for row in REFERENCES}


def _record(
    success: bool, *, reached: float | None = None, reason: EndReason = "failure", turns: int = 2
) -> Record:
    metrics = {} if reached is None else {"goal_reached": reached}
    return Record("g/0", 0, 0, success, reason, metrics=metrics, steps=2, turns=turns, seconds=1.0)


def test_the_same_seed_is_the_same_deals_and_another_seed_others() -> None:
    a, b = CardsSuite(seed=7, episodes=50), CardsSuite(seed=7, episodes=50)
    assert a.tasks() == b.tasks()
    others = {task.seed for task in CardsSuite(seed=8, episodes=50).tasks()}
    assert not others & {task.seed for task in a.tasks()}


def test_a_games_deals_depend_neither_on_the_other_games_nor_on_how_many_are_played() -> None:
    alone = CardsSuite(["points24"], seed=7, episodes=100).tasks()
    among = CardsSuite(seed=7, episodes=10).tasks_of("points24")
    assert alone[:10] == among


def test_every_task_has_a_name_of_its_own() -> None:
    tasks = CardsSuite(episodes=30).tasks()
    assert len({task.id for task in tasks}) == len(tasks) == 120


@pytest.mark.parametrize(
    ("game", "hint"), [("point24", "did you mean 'points24'"), ("xyz", "use some of numberline")]
)
def test_an_unknown_game_names_the_nearest(game: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        CardsSuite([game])


def test_no_episodes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        CardsSuite(episodes=0)


def test_pictures_say_what_is_shown() -> None:
    task = CardsSuite().tasks()[0]
    assert isinstance(CardsSuite(pictures="blank").make(task), Blank)
    assert isinstance(CardsSuite(pictures="shuffled").make(task), Shuffled)
    assert CardsSuite().make(task).unwrapped is not None


def test_strict_and_lenient_success_are_counted_apart() -> None:
    records = [_record(True, reached=1.0), _record(False, reached=1.0), _record(False, reached=0.0)]
    score = GameScore.of("numberline", records)
    assert (score.success.successes, score.success.n) == (1, 3)
    assert score.goal_reached is not None
    assert (score.goal_reached.successes, score.goal_reached.n) == (2, 3)
    assert score.seconds_per_step == pytest.approx(0.5)


def test_seats_share_the_time_of_what_they_play_side_by_side() -> None:
    records = [_record(True) for _ in range(4)]
    assert GameScore.of("ezpoints", records, 2).seconds == pytest.approx(2.0)
    assert GameScore.of("ezpoints", records, 32).seconds == pytest.approx(1.0)


def test_a_game_without_a_goal_has_no_lenient_rate() -> None:
    document = GameScore.of("blackjack", [_record(True)]).to_json()
    assert "goal_reached" not in document
    assert document["references"]["limit_of_play"] == 43.16


def test_unreadable_answers_and_ends_are_counted() -> None:
    records = [_record(False, reason="too_many_errors", turns=5), _record(True, reason="success")]
    document = GameScore.of("ezpoints", records).to_json()
    assert document["unreadable_answers"] == 3
    assert document["ends"] == {"success": 1, "too_many_errors": 1}


def test_the_papers_rows_are_the_published_ones() -> None:
    assert [PERCENT["qwen2_vl_72b_zero_shot"][g] for g in GAMES] == [100.0, 42.6, 100.0, 4.5]
    assert [PERCENT["rl4vlm_trained"][g] for g in GAMES] == [89.4, 40.2, 50.0, 2.3]


def test_random_play_of_numberline_is_enumerated() -> None:
    # Each of d moves must be right, at one in two; draws as published, the goal shifted if equal.
    draws = [(s, (g + 1) % 5 if s == g else g) for s, g in product(range(6), range(6))]
    rate = sum(Fraction(1, 2 ** abs(s - g)) for s, g in draws) / len(draws)
    assert PERCENT["random_actions"]["numberline"] == round(100 * float(rate), 1)


def test_the_limit_of_points24_is_the_share_of_deals_that_the_expert_solves() -> None:
    from collections import Counter
    from itertools import combinations_with_replacement
    from math import factorial, prod

    from qvl_agent.envs.cards.solver import solve

    weight = dict.fromkeys(range(1, 10), 1) | {10: 4}  # 10, J, Q and K
    solved = 0
    for hand in combinations_with_replacement(range(1, 11), 4):
        orders = factorial(4) // prod(map(factorial, Counter(hand).values()))
        if solve(hand, 24, "published") is not None:
            solved += orders * prod(weight[number] for number in hand)
    assert round(100 * solved / 13**4, 2) == PERCENT["limit_of_play"]["points24"]
