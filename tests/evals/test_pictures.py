"""Wrong pictures: nothing to see, or somebody else's cards."""

import numpy as np
import pytest

from qvl_agent.actions.cards import Append
from qvl_agent.envs import registry
from qvl_agent.evals.pictures import Blank, Shuffled

GAMES = ["numberline", "blackjack", "ezpoints", "points24"]


@pytest.mark.parametrize("game", GAMES)
def test_a_blank_picture_is_of_one_colour_and_the_words_stay(game: str) -> None:
    true, blank = registry.make(game), Blank(registry.make(game))
    for seed in range(5):
        expected, _ = true.reset(seed=seed)
        observation, _ = blank.reset(seed=seed)
        assert len(np.unique(observation.image)) == 1
        assert observation.image.shape == expected.image.shape
        assert observation.text == expected.text
    after, *_ = blank.step(true.ACTIONS[0])  # type: ignore[attr-defined]
    assert len(np.unique(after.image)) == 1


@pytest.mark.parametrize("game", GAMES)
def test_a_shuffled_picture_shows_something_else_to_read(game: str) -> None:
    true, other = registry.make(game), registry.make(game)
    shuffled = Shuffled(registry.make(game), other)
    for seed in range(50):
        expected, expected_info = true.reset(seed=seed)
        observation, info = shuffled.reset(seed=seed)
        assert info == expected_info
        assert observation.text == expected.text
        assert not np.array_equal(observation.image, expected.image)
        assert sorted(other.expert().thought.split()) != sorted(true.expert().thought.split())


def test_the_game_goes_on_behind_the_wrong_picture() -> None:
    shuffled = Shuffled(registry.make("ezpoints"), registry.make("ezpoints"))
    first, info = shuffled.reset(seed=1)
    number = str(info["Numbers"][0])
    second, *_, info = shuffled.step(Append(number))
    assert np.array_equal(first.image, second.image)
    assert second.text == f"Formula: {number}"
    assert info["Formula"] == [int(number)]


def test_the_same_seed_shows_the_same_wrong_picture() -> None:
    pictures = []
    for _ in range(2):
        shuffled = Shuffled(registry.make("points24"), registry.make("points24"))
        pictures.append(shuffled.reset(seed=9)[0].image)
    assert np.array_equal(pictures[0], pictures[1])
