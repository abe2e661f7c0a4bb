"""Step by step against episodes recorded from the published programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.envs import make
from qvl_agent.envs.cards import Blackjack, CardGame
from qvl_agent.envs.cards.canvas import GREEN, paint
from qvl_agent.envs.cards.deck import Card
from qvl_agent.envs.cards.published import parse_published_answer
from qvl_agent.envs.cards.solver import solve
from qvl_agent.envs.cards.strategy import should_hit

Load = Callable[[str], list[Any]]


def begin(game: str, episode: dict[str, Any]) -> CardGame:
    """Return a game in the state in which the episode began."""
    match game:
        case "numberline":
            world = make(game, max_position=episode["max_position"])
            world.reset(options={"start": episode["start"], "goal": episode["goal"]})
        case "blackjack" if episode["seed"] is not None:
            world = make(game)
            _, info = world.reset(seed=episode["seed"])
            assert as_json(info) == episode["reset_info"]
        case "blackjack":
            world = make(game)
            hands = episode["injected"]
            names = {key: [suit + face for _, face, suit in hands[key]] for key in hands}
            world.reset(options=names)
        case _:
            world = make(game)
            world.reset(options={"cards": episode["cards"]})
    assert isinstance(world, CardGame)
    return world


def as_json(info: dict[str, Any]) -> Any:
    return json.loads(json.dumps(info))


@pytest.mark.parametrize("game", ["numberline", "blackjack", "ezpoints", "points24"])
def test_every_recorded_step_is_reproduced(recorded: Load, game: str) -> None:
    episodes = recorded(f"{game}.jsonl")
    assert len(episodes) >= 100
    for episode in episodes:
        world = begin(game, episode)
        returned = 0.0
        for i, step in enumerate(episode["steps"]):
            _, reward, terminated, truncated, info = world.step(world.ACTIONS[step["action"]])
            returned += float(reward)
            got = (reward, terminated, truncated, as_json(info))
            expected = tuple(step[k] for k in ("reward", "terminated", "truncated", "info"))
            assert got == expected, f"episode {episode['id']}, step {i}"
        assert returned == episode["return"]
        assert world.outcome().success == episode["success"]


def test_a_seed_gives_the_published_stream_of_deals(recorded: Load) -> None:
    for stream in recorded("reset_streams.jsonl"):
        world = make(stream["game"].lower())
        seeds = [stream["python_random_seed"], None, None, None, None]
        infos = [world.reset(seed=seed)[1] for seed in seeds]
        got = [{k: v for k, v in info.items() if k != "Formula"} for info in infos]
        assert got == stream["resets"]


def test_answers_are_read_as_the_published_parser_reads_them(recorded: Load) -> None:
    for case in recorded("parse_vectors.jsonl"):
        assert parse_published_answer(case["env"], case["text"]) == case["action"], case


def test_the_solver_knows_exactly_the_solvable_deals(recorded: Load) -> None:
    for row in recorded("points24_solvable.json")[0]["table"]:
        numbers = tuple(sorted(row["numbers"]))
        assert (solve(numbers, 24) is not None) == row["float"], numbers


@pytest.mark.slow
def test_the_strict_solver_knows_exactly_the_exactly_solvable_deals(recorded: Load) -> None:
    for row in recorded("points24_solvable.json")[0]["table"]:
        numbers = tuple(sorted(row["numbers"]))
        assert (solve(numbers, 24, "strict") is not None) == row["exact"], numbers


def test_the_computed_strategy_is_the_published_table(recorded: Load) -> None:
    for hand, row in recorded("blackjack_dp.json")[0]["policy_win"].items():
        kind, total = hand[:4], int(hand[4:])
        if kind == "soft":
            points = (1, total - 11)
        else:
            points = (10, total - 10) if total > 11 else (2, total - 2)
        up_cards = (2, 3, 4, 5, 6, 7, 8, 9, 10, 1)
        got = "".join("H" if should_hit(up, points) else "S" for up in up_cards)
        assert got == row, hand


def table_cards(name: str) -> tuple[str, list[str]]:
    """Return the dealer's open card and the player's cards of a recorded blackjack picture."""
    _, _, dealer, player = name.split("_")
    return "S" + dealer.removeprefix("D"), player.removeprefix("P").split("-")


def picture_of(path: Path) -> Any:
    return np.asarray(Image.open(path).convert("RGB"))


def test_numberline_pictures_are_the_published_ones_to_the_last_bit(recorded: Load) -> None:
    for path in recorded("frames"):
        if path.name.startswith("numberline"):
            _, _, goal, current = path.stem.split("_")
            options = {"start": int(current[1:]), "goal": int(goal[1:])}
            ours = make("numberline").reset(options=options)[0].image
            assert np.array_equal(ours, picture_of(path)), path.name


def test_blackjack_lays_labels_and_cards_where_the_published_pictures_do(recorded: Load) -> None:
    for path in recorded("frames"):
        if not path.name.startswith("blackjack"):
            continue
        up, player = table_cards(path.stem)
        game = Blackjack()
        game._start(([Card.of(up), Card.of("S4")], [Card.of(name) for name in player]))
        assert_same_layout(paint(game._layout()), picture_of(path), text_rows=(0, 25, 124, 150))


FORMULAS = {
    "ezpoints_0": "",
    "ezpoints_1": "4",
    "ezpoints_2": "10 +",
    "ezpoints_3": "10 * 2",
    "points24_0": "",
    "points24_1": "9",
    "points24_2": "( 5 + 10",
    "points24_3": "( 10 * 10 ) - 5",
    "points24_4": "( ( 2 + 6 ) * 10 ) / 2",
}
"""What is written in the recorded pictures; ezpoints_4 begins with the blank of a wrong number."""


def test_formula_games_lay_out_as_the_published_pictures_do(recorded: Load) -> None:
    for path in recorded("frames"):
        game, index, *cards = path.stem.split("_")
        if game not in ("ezpoints", "points24"):
            continue
        key = f"{game}_{index}"
        formula = FORMULAS[key].split() if key in FORMULAS else [" ", "6", "+"]
        options = {"cards": cards[0].split("-"), "formula": formula}
        ours = make(game).reset(options=options)[0].image
        rows = (250, 300) if game == "ezpoints" else (205, 300)
        assert_same_layout(ours, picture_of(path), text_rows=rows)


def assert_same_layout(ours: Any, theirs: Any, text_rows: tuple[int, ...]) -> None:
    """Text is equal to the last bit; cards cover the same pixels but for their corners."""
    for top, bottom in zip(text_rows[::2], text_rows[1::2], strict=True):
        assert np.array_equal(ours[top:bottom], theirs[top:bottom])
    covered = [(picture != np.array(GREEN)).any(axis=-1) for picture in (ours, theirs)]
    assert (covered[0] != covered[1]).sum() < 50
