from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.cards import Hit, Stand
from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.cards import Blackjack


def hand(dealer: list[str], player: list[str], seed: int = 0) -> Blackjack:
    world = Blackjack()
    world.reset(seed=seed, options={"dealer": dealer, "player": player})
    return world


@pytest.mark.parametrize(
    ("dealer", "player", "reward"),
    [
        (["SK", "H7"], ["CQ", "D8"], 1),
        (["SK", "H9"], ["CQ", "D7"], -1),
        (["SK", "H8"], ["CQ", "D8"], 0),
        (["S9", "H8"], ["CA", "DK"], 1),  # a natural pays no more
        (["SA", "H6"], ["CA", "D7"], 1),  # the dealer stands on a soft 17
    ],
)
def test_standing_compares_the_hands(dealer: list[str], player: list[str], reward: int) -> None:
    world = hand(dealer, player)
    got = world.step(Stand())
    assert got[1:4] == (reward, True, False)
    assert len(got[4]["Dealer Card"]) == 2
    assert world.outcome().success == (reward > 0)
    assert world.outcome().metrics == {"draw": float(reward == 0)}


def test_a_bust_dealer_loses_to_anything() -> None:
    rewards = set()
    for seed in range(60):
        world = hand(["SK", "H6"], ["C2", "D2"], seed)
        *_, info = step = world.step(Stand())
        dealer = sum(value for value, _, _ in info["Dealer Card"])
        assert dealer >= 17
        rewards.add((dealer > 21, step[1]))
    assert rewards == {(True, 1.0), (False, -1.0)}


def test_going_over_21_loses_at_once_and_the_card_is_shown() -> None:
    world = hand(["SK", "H6"], ["CK", "DQ", "HA"])
    before = world.scene()
    _, reward, terminated, _, info = world.step(Hit())
    assert (reward, terminated) == (-1, True)
    assert len(info["Player Card"]) == 4
    assert len(world.scene()) == len(before) + 1


def test_the_published_deal_of_a_seed() -> None:
    _, info = Blackjack().reset(seed=0)
    assert info == {
        "Dealer Card": [(10, "Q", "H"), (4, "4", "D")],
        "Player Card": [(1, "A", "C"), (1, "A", "C")],
    }


def test_a_used_world_repeats_a_seed_to_the_end() -> None:
    fresh, used = Blackjack(), Blackjack()
    used.reset(seed=8)
    used.step(Hit())
    for world in (fresh, used):
        world.reset(seed=4)
    assert fresh.step(Hit())[4] == used.step(Hit())[4]


@pytest.mark.parametrize("hole", ["S2", "HA", "DK"])
def test_the_hole_card_reaches_no_observation_thought_or_scene(hole: str) -> None:
    plain = hand(["D9", "C5"], ["C2", "H2"], seed=3)
    other = hand(["D9", hole], ["C2", "H2"], seed=3)
    for action in (None, Hit(), Stand()):
        if action is not None:
            a, b = plain.step(action)[0], other.step(action)[0]
            assert a == b
        if action != Stand():
            assert plain.expert() == other.expert()
        assert plain.scene() == other.scene()
        assert plain.task == other.task


def test_the_dealers_draws_are_not_shown_at_the_end() -> None:
    world = hand(["S2", "H2"], ["CK", "D8"])
    before = world.reset(options={"dealer": ["S2", "H2"], "player": ["CK", "D8"]})[0]
    after, *_, info = world.step(Stand())
    assert len(info["Dealer Card"]) > 2
    assert after == before


def test_the_fifth_card_is_off_the_picture_and_the_sixth_shows_its_top() -> None:
    four = ["C2", "H2", "S3", "D2"]
    pictures = {
        n: Blackjack().reset(options={"dealer": ["D9", "SK"], "player": cards})[0].image
        for n, cards in ((4, four), (5, [*four, "CA"]), (6, [*four, "CA", "S4"]))
    }
    assert np.array_equal(pictures[4], pictures[5])
    changed = np.nonzero((pictures[5] != pictures[6]).any(axis=-1))
    assert (changed[0].min(), changed[0].max()) == (252, 299)
    assert (changed[1].min(), changed[1].max()) == (5, 74)


def test_the_expert_says_each_card_it_sees_with_the_total_so_far() -> None:
    decision = hand(["D9", "SK"], ["C2", "HA"]).expert()
    assert decision.thought == "Dealer 9. Card 1 2 hard 2. Card 2 A soft 13."
    assert decision.action == Hit()
    hard = hand(["DK", "SK"], ["CJ", "HA", "D9"]).expert()
    assert hard.thought == "Dealer K. Card 1 J hard 10. Card 2 A soft 21. Card 3 9 hard 20."
    assert hard.action == Stand()


def test_the_expert_decides_by_what_is_on_the_picture() -> None:
    four = ["C2", "H2", "S3", "D6"]  # 13 in sight; 17 with the hidden fifth card
    assert hand(["D9", "SK"], [*four, "C4"]).expert() == hand(["D9", "SK"], four).expert()
    # Of thirteen in sight one takes another card, unless a sixth card tells that one is hidden.
    six = hand(["D9", "SK"], ["C2", "H2", "S2", "D3", "CA", "S4"]).expert()
    assert six.thought.endswith("Card 4 3 hard 9.")
    assert six.action == Stand()
    assert hand(["D9", "SK"], ["C2", "H2", "S6", "D3"]).expert().action == Hit()


def test_the_scene_names_the_ranks_in_their_boxes() -> None:
    scene = hand(["DQ", "SK"], ["C2", "HA", "S3"]).scene()
    assert [(d.word, d.x, d.y, d.w, d.h) for d in scene] == [
        ("Q", 5, 25, 70, 98),
        ("2", 5, 150, 70, 98),
        ("A", 79, 150, 70, 98),
        ("3", 153, 150, 70, 98),
    ]
    hidden = hand(["DQ", "SK"], ["C2", "HA", "S3", "D2", "C3", "H2"]).scene()
    assert [d.word for d in hidden] == ["Q", "2", "A", "3", "2", "2"]
    assert (hidden[-1].y, hidden[-1].h) == (252, 48)


def test_the_expert_wins_as_often_as_can_be() -> None:
    world = Blackjack()
    wins = 0
    for seed in range(2000):
        world.reset(seed=seed)
        ended = False
        while not ended:
            ended = world.step(world.expert().action)[2]
        wins += world.outcome().success
    assert wins / 2000 == pytest.approx(0.4316, abs=0.033)  # three standard errors


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"dealer": ["D9", "SK"]}, "player"),
        ({"player": ["D9", "SK"]}, "dealer"),
        ({"dealer": ["D9", "SK", "S2"], "player": ["D9", "SK"]}, "hole card"),
        ({"dealer": ["D9", "SK"], "player": ["D9"]}, "at least two"),
        ({"dealer": ["D9", "SK"], "player": ["D9", "S1"]}, "S1"),
        ({"dealer": ["D9", "SK"], "player": ["D9", "ST"]}, "no ten"),
        ({"dealer": ["D9", "SK"], "player": ["DK", "SK", "H2"]}, "over 21"),
        ({"dealer": "D9SK", "player": ["DK", "SK"]}, "list"),
        ({"hole": "D9"}, "dealer, player"),
    ],
)
def test_wrong_hands_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Blackjack().reset(options=options)


def test_info_is_a_copy() -> None:
    world = hand(["D9", "SK"], ["C2", "H2"])
    info = world.step(Hit())[4]
    before = len(info["Player Card"])
    world.step(Hit())
    assert len(info["Player Card"]) == before
    info["Player Card"].clear()
    assert world.expert().thought.startswith("Dealer 9. Card 1 2")
