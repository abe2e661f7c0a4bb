from itertools import product

import pytest

from qvl_agent.envs.cards.strategy import should_hit, total, win_chance

WEIGHT = {value: 4 if value == 10 else 1 for value in range(1, 11)}
UP_CARDS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 1)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([10, 5], (15, False)),
        ([1, 5], (16, True)),
        ([1, 10], (21, True)),
        ([1, 1], (12, True)),
        ([1, 5, 10], (16, False)),
        ([10, 10, 1], (21, False)),
    ],
)
def test_an_ace_counts_eleven_where_it_can(points: list[int], expected: tuple[int, bool]) -> None:
    assert total(points) == expected


# The published win-maximising table; columns are the dealer's 2 to 10, then the ace.
@pytest.mark.parametrize(
    ("points", "row"),
    [
        ((5, 6), "HHHHHHHHHH"),
        ((10, 2), "SSSSSHHHHH"),
        ((10, 4), "SSSSSHHHHH"),
        ((10, 5), "SSSSSHHHSH"),
        ((10, 6), "SSSSSHSSSH"),
        ((10, 7), "SSSSSSSSSH"),
        ((10, 8), "SSSSSSSSSS"),
        ((1, 6), "HHHHHHHHHH"),
        ((1, 7), "SSSSSSHHHH"),
        ((1, 8), "SSSSSSSSSS"),
    ],
)
def test_the_strategy_is_the_published_table(points: tuple[int, ...], row: str) -> None:
    assert "".join("H" if should_hit(up, points) else "S" for up in UP_CARDS) == row


def test_the_best_play_wins_43_163_percent() -> None:
    deals = product(WEIGHT, repeat=3)
    won = sum(WEIGHT[up] * WEIGHT[a] * WEIGHT[b] * win_chance(up, (a, b)) for up, a, b in deals)
    assert won / 13**3 == pytest.approx(0.43162951362524754, abs=1e-12)


def test_a_hidden_card_makes_a_hand_heavier() -> None:
    assert should_hit(9, (2, 2, 3, 6))
    assert not should_hit(9, (2, 2, 3, 6), hidden=1)
    assert should_hit(9, (2, 2), hidden=1)
