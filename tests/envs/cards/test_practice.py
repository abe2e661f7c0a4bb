import random
from collections import Counter

import pytest

from qvl_agent.envs.cards import Blackjack, CardGame, EZPoints, NumberLine, Points24
from qvl_agent.envs.cards.practice import practise


@pytest.mark.parametrize("game", [NumberLine, Blackjack, EZPoints, Points24])
def test_the_same_generator_gives_the_same_states(game: type[CardGame]) -> None:
    worlds = game(), game()  # type: ignore[call-arg]
    thoughts = []
    for world in worlds:
        rng = random.Random(3)
        thoughts.append([(practise(world, rng).text, world.expert().thought) for _ in range(20)])
    assert thoughts[0] == thoughts[1]
    assert len(set(thoughts[0])) > 5


def test_begun_formulas_lie_on_the_plan() -> None:
    world, rng = Points24(), random.Random(0)
    lengths = Counter()  # type: Counter[int]
    for _ in range(150):
        text = practise(world, rng).text.removeprefix("Formula: ")
        written = () if text == "empty" else tuple(text.split())
        plan = world.plan() or ()
        assert plan[: len(written)] == written
        lengths[len(written)] += 1
    assert len(lengths) > 5
    assert lengths[0] > 25


def test_formulas_can_be_left_empty() -> None:
    world, rng = EZPoints(), random.Random(0)
    assert {practise(world, rng, begun=False).text for _ in range(30)} == {"Formula: empty"}


def test_hands_are_never_over_21() -> None:
    world, rng = Blackjack(), random.Random(0)
    for _ in range(200):
        practise(world, rng)
        thought = world.expert().thought
        assert int(thought.rstrip(".").rpartition(" ")[2]) <= 21


def test_there_is_no_practice_for_another_world() -> None:
    with pytest.raises(TypeError, match="no practice for str"):
        practise("chess", random.Random(0))
