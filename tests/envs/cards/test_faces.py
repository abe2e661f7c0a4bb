from itertools import combinations

import numpy as np
import pytest

from qvl_agent.envs.cards.deck import RANKS, SUITS
from qvl_agent.envs.cards.faces import BACK, face

NAMES = [suit + rank for suit in SUITS for rank in RANKS]


@pytest.fixture(scope="module")
def small() -> dict[str, np.ndarray]:
    """Every card at the smallest size at which a game shows it."""
    return {name: np.asarray(face(name, 67, 93)).astype(int) for name in [*NAMES, BACK]}


def test_no_two_cards_look_alike_even_when_small(small: dict[str, np.ndarray]) -> None:
    for a, b in combinations(small, 2):
        changed = np.abs(small[a] - small[b]).max(axis=-1) > 60
        assert changed.sum() >= 25, (a, b)


def test_red_suits_are_red_and_black_ones_black(small: dict[str, np.ndarray]) -> None:
    for name in NAMES:
        if name[1] not in "JQK":
            red, green, blue, _ = np.moveaxis(small[name], -1, 0)
            coloured = (red - (green + blue) / 2 > 80).sum()
            assert (coloured > 50) == (name[0] in "DH"), name


def test_only_the_corners_are_transparent(small: dict[str, np.ndarray]) -> None:
    for name, card in small.items():
        alpha = card[..., 3]
        assert alpha[0, 0] == alpha[-1, -1] == 0, name
        assert (alpha[5:-5, 5:-5] == 255).all(), name


@pytest.mark.parametrize("rank", RANKS)
def test_a_card_reads_the_same_upside_down(rank: str) -> None:
    # An odd pip out of the middle, and the letters of aces and courts, stand upright only once.
    card = np.asarray(face("D" + rank, 100, 140)).astype(int)
    index = card[5:45, 4:24], np.rot90(card, 2)[5:45, 4:24]
    assert np.abs(index[0] - index[1]).mean() < 6
