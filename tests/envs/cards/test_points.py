from collections import Counter
from typing import Any

import pytest

from qvl_agent.actions.cards import Append
from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.cards import EZPoints, Points24
from qvl_agent.envs.cards.solver import solve


def ez(*cards: str, formula: tuple[str, ...] = (), **config: Any) -> EZPoints:
    world = EZPoints(**config)
    world.reset(options={"cards": list(cards), "formula": list(formula)})
    return world


def four(*cards: str, formula: tuple[str, ...] = (), **config: Any) -> Points24:
    world = Points24(**config)
    world.reset(options={"cards": list(cards), "formula": list(formula)})
    return world


def write(world: EZPoints | Points24, formula: str) -> list[tuple[float, bool, bool]]:
    return [world.step(Append(t))[1:4] for t in formula.split()]  # type: ignore[misc]


def test_the_actions_are_in_the_published_order() -> None:
    numbers = [str(n) for n in range(1, 11)]
    assert tuple(map(Append, [*numbers, *"+*="])) == EZPoints.ACTIONS
    assert tuple(map(Append, [*numbers, *"+-*/()="])) == Points24.ACTIONS


def test_a_right_formula_is_worth_ten() -> None:
    world = ez("S7", "C5")
    assert write(world, "7 + 5 =") == [(0, False, False)] * 3 + [(10, True, False)]
    assert world.outcome().success


@pytest.mark.parametrize("formula", ["7 * 5 =", "7 =", "=", "7 + =", "5 7 =", "+ =", "* 7 + 5 ="])
def test_a_wrong_or_incomplete_formula_costs_one(formula: str) -> None:
    world = ez("S7", "C5")
    assert write(world, formula)[-1] == (-1, True, False)
    assert not world.outcome().success


def test_a_number_that_is_not_there_leaves_a_blank_and_costs_one() -> None:
    world = ez("S7", "C5")
    _, reward, terminated, truncated, info = world.step(Append("6"))
    assert (reward, terminated, truncated) == (-1, False, False)
    assert info["Formula"] == [" "]
    assert write(world, "7 + 5 =")[-1] == (10, True, False)
    assert world.outcome().success  # 9 in all


def test_a_number_can_be_used_as_often_as_it_was_dealt() -> None:
    world = ez("C6", "H6")
    turns = write(world, "6 + 6 6 =")
    assert [reward for reward, *_ in turns] == [0, 0, 0, -1, 10]


def test_six_tokens_truncate_at_the_next_action_whatever_it_is() -> None:
    world = ez("S7", "C5")
    turns = write(world, "+ + + 7 + 5 =")
    assert turns[:-1] == [(0, False, False)] * 6
    assert turns[-1] == (-1, False, True)


def test_every_card_must_be_used() -> None:
    assert write(four("H6", "S4", "DA", "CA"), "6 * 4 =")[-1] == (-1, True, False)
    assert write(four("H6", "S4", "DA", "CA"), "6 * 4 * 1 =")[-1] == (-1, True, False)


def test_points24_truncates_at_the_22nd_action() -> None:
    turns = write(four("H6", "S4", "DA", "CA"), "( " * 22)
    assert [i for i, turn in enumerate(turns) if turn[2]] == [21]


def test_ten_wrong_numbers_turn_a_solved_deal_into_a_failure() -> None:
    world = four("H6", "S4", "DA", "CA")
    write(world, "9 " * 10 + "6 * 4 * 1 * 1 =")
    assert not world.outcome().success
    world.reset(options={"cards": ["H6", "S4", "DA", "CA"]})
    write(world, "9 " * 9 + "6 * 4 * 1 * 1 =")
    assert world.outcome().success


def test_published_rules_have_their_loopholes_and_strict_ones_do_not() -> None:
    joined, rounded = "2 4 * 1 * 1 =", "8 / ( 3 - 8 / 3 ) ="
    assert write(four("H2", "S4", "DA", "CA"), joined)[-1][0] == 10
    assert write(four("H2", "S4", "DA", "CA", rules="strict"), joined)[-1][0] == -1
    assert write(four("H8", "S8", "D3", "C3"), rounded)[-1][0] == -1
    assert write(four("H8", "S8", "D3", "C3", rules="strict"), rounded)[-1][0] == 10


def test_face_cards_can_count_eleven_to_thirteen() -> None:
    world = four("HJ", "SK", "DA", "CA", treat_face_cards_as_10=False)
    assert world.ACTIONS[:13] == tuple(Append(str(n)) for n in range(1, 14))
    assert world.action_space.contains(Append("13"))
    assert "K as 13" in world.task
    assert write(world, "11 + 13 * 1 * 1 =")[-1] == (10, True, False)
    assert len(Points24.ACTIONS) == 17


def test_the_formula_is_told_in_words_and_the_cards_are_not() -> None:
    world = four("H8", "SQ", "D3", "C5")
    assert world.reset(options={"cards": ["H8", "SQ", "D3", "C5"]})[0].text == "Formula: empty"
    assert world.step(Append("8"))[0].text == "Formula: 8"
    assert world.step(Append("*"))[0].text == "Formula: 8 *"
    assert world.step(Append("("))[0].text == "Formula: 8 * ("


def test_info_is_as_published_and_a_copy() -> None:
    world = ez("HK", "S2")
    info = world.step(Append("10"))[4]
    assert info == {"Cards": ["HK", "S2"], "Numbers": [10, 2], "Formula": [10]}
    world.step(Append("+"))
    assert info["Formula"] == [10]
    info["Numbers"].clear()
    assert world.step(Append("2"))[4]["Formula"] == [10, "+", 2]


def test_a_game_can_begin_in_the_middle() -> None:
    world = four("H8", "SQ", "D3", "C5", formula=("8", "*", "("))
    info = world.step(Append("5"))[4]
    assert info["Formula"] == [8, "*", "(", 5]


def test_the_published_deals_of_a_seed() -> None:
    world = Points24()
    assert world.reset(seed=0)[1]["Cards"] == ["S8", "D6", "ST", "H4"]
    assert world.reset()[1]["Cards"] == ["ST", "DK", "H5", "H9"]
    small = EZPoints()
    assert small.reset(seed=1)[1]["Cards"] == ["S3", "C9"]
    assert small.reset()[1]["Cards"] == ["C2", "H6"]
    assert small.reset(seed=1)[1]["Cards"] == ["S3", "C9"]


def test_ezpoints_deals_have_the_published_weights() -> None:
    world = EZPoints()
    world.reset(seed=11)
    deals = Counter(tuple(sorted(world.reset()[1]["Numbers"])) for _ in range(6000))
    parts = {(2, 10): 3 / 8, (5, 7): 1 / 6, (3, 9): 1 / 8, (4, 8): 1 / 8, (2, 6): 1 / 12}
    parts |= {(3, 4): 1 / 12, (6, 6): 1 / 24}
    assert set(deals) == set(parts)
    for pair, part in parts.items():
        assert deals[pair] / 6000 == pytest.approx(part, abs=0.025), pair


def test_the_expert_says_the_cards_the_plan_and_where_it_is() -> None:
    decision = ez("HK", "S2").expert()
    assert decision.thought == "Card 1 K. Card 2 2. Plan | 10 + 2 =. Next 10."
    assert decision.action == Append("10")
    later = ez("H3", "S4", formula=("3", "*", "4")).expert()
    assert later.thought == "Card 1 3. Card 2 4. Plan 3 * 4 | =. Next =."
    assert later.action == Append("=")


def test_the_points24_expert_sorts_first() -> None:
    decision = four("H8", "ST", "D3", "CA", formula=()).expert()
    plan = " ".join(solve((1, 3, 8, 10), 24) or ())
    assert decision.thought == (
        f"Card 1 8. Card 2 T. Card 3 3. Card 4 A. Sort 1 3 8 10. Plan | {plan} =. Next {plan[0]}."
    )


def test_the_expert_ends_an_unsolvable_deal_at_once() -> None:
    decision = four("HA", "SA", "DA", "CA").expert()
    assert decision.thought.endswith("Sort 1 1 1 1. Plan | =. Next =.")
    assert decision.action == Append("=")


def test_the_plan_does_not_depend_on_the_order_of_the_cards() -> None:
    assert four("H8", "ST", "D3", "CA").plan() == four("C3", "DA", "H8", "SK").plan()


@pytest.mark.parametrize("begun", [("10",), ("(", "("), ("7", "*"), (" ",)])
def test_the_expert_finishes_what_others_began(begun: tuple[str, ...]) -> None:
    world = four("HT", "SA", "D7", "CA", formula=begun)
    ended = False
    while not ended:
        ended = world.step(world.expert().action)[2]
    assert world.outcome().success


def test_the_expert_gives_up_a_spoilt_formula() -> None:
    decision = ez("S7", "C5", formula=("7", "*")).expert()
    assert decision.action == Append("=")
    assert decision.thought == "Card 1 7. Card 2 5. Plan | =. Next =."


def test_the_expert_solves_every_deal_that_can_be_solved() -> None:
    for world, count in ((EZPoints(), 150), (Points24(), 300)):
        solved = 0
        for seed in range(count):
            _, info = world.reset(seed=seed)
            ended = False
            while not ended:
                ended = world.step(world.expert().action)[2]
            solvable = isinstance(world, EZPoints) or bool(
                solve(tuple(sorted(info["Numbers"])), 24)
            )
            assert world.outcome().success == solvable
            solved += solvable
        if isinstance(world, Points24):
            assert solved / count == pytest.approx(0.7307, abs=0.08)


def test_the_scene_names_cards_and_tokens_where_they_are_drawn() -> None:
    scene = ez("HK", "S2", formula=("10", "+")).scene()
    assert [d.word for d in scene] == ["K", "2", "10", "+"]
    assert (scene[1].x, scene[1].y, scene[1].w, scene[1].h) == (153, 55, 135, 189)
    for token in scene[2:]:
        assert 95 < token.x < 150
        assert 258 < token.y + token.h / 2 < 285
    assert scene[2].x + scene[2].w <= scene[3].x


def test_a_token_off_the_picture_is_no_part_of_the_scene() -> None:
    world = four("HT", "ST", "DT", "CT", formula=("10", "+") * 3 + ("(",) * 14)
    drawn = world.scene()
    assert all(d.x + d.w <= 300 for d in drawn)
    long = four("HT", "ST", "DT", "CT", formula=("+",) * 20)
    assert [d.word for d in long.scene()].count("+") < 20


def test_blanks_are_no_words_of_the_scene() -> None:
    scene = ez("C6", "H6", formula=(" ", "6")).scene()
    assert [d.word for d in scene] == ["6", "6", "6"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cards": ["S7"]}, "2 cards"),
        ({"cards": "S7C5"}, "2 cards"),
        ({"cards": ["S7", "C11"]}, "C11"),
        ({"cards": ["S7", 5]}, "no card 5"),
        ({"formula": ["7"]}, "cards"),
        ({"cards": ["S7", "C5"], "formula": ["8"]}, "does not have"),
        ({"cards": ["S7", "C5"], "formula": ["7", "7"]}, "does not have"),
        ({"cards": ["S7", "C5"], "formula": ["-"]}, "tokens"),
        ({"cards": ["S7", "C5"], "formula": ["="]}, "tokens"),
        ({"cards": ["S7", "C5"], "formula": "7+"}, "list"),
        ({"cards": ["S7", "C5"], "formula": ["+"] * 7}, "at most"),
        ({"start": 0}, "cards, formula"),
    ],
)
def test_wrong_deals_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        EZPoints().reset(options=options)


def test_unknown_rules_are_refused() -> None:
    with pytest.raises(UsageError, match="published, strict"):
        Points24(rules="lenient")  # type: ignore[arg-type]
