from typing import Any

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.cards.deck import RANKS, SUITS, Card


def test_every_name_reads_back() -> None:
    names = [suit + rank for suit in SUITS for rank in RANKS]
    assert [Card.of(name).name for name in names] == names
    assert len(set(map(Card.of, names))) == 52


@pytest.mark.parametrize(("name", "points"), [("SA", 1), ("H2", 2), ("DT", 10), ("CK", 10)])
def test_what_a_card_counts(name: str, points: int) -> None:
    assert Card.of(name).points == points


@pytest.mark.parametrize("name", ["", "S", "7S", "S10", "s7", "X7", "S1", None, 7, ["S7"]])
def test_what_is_no_card_is_refused_with_the_legal_form(name: Any) -> None:
    with pytest.raises(UsageError, match="'S7' or 'HT'"):
        Card.of(name)
