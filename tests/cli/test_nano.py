"""The bundled policy, from the wheel's files to a won game: what a newcomer runs first."""

from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.actions.desktop import desktop_space
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.navigation import navigation_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.cli.policies import nano_course
from qvl_agent.envs.cards.points import EZPoints
from qvl_agent.model.nano import nano_path

Cli = Callable[..., Any]


@pytest.mark.parametrize(("env", "seed"), [("numberline", 7), ("ezpoints", 7)])
def test_nano_wins_and_says_what_it_reads(cli: Cli, env: str, seed: int) -> None:
    document = cli("run", "--json", "--env", env, "--model", "nano", "--seed", seed).document
    assert document["success"] is True
    assert document["model"] == "nano"
    assert document["errors"] == []
    assert cli("view", document["trace"], "--json").document["model"] == "nano"
    expert = cli("run", "--json", "--env", env, "--model", "expert", "--seed", seed).document
    assert [s["thought"].strip() for s in document["steps"]] == [
        s["thought"].strip() for s in expert["steps"]
    ]


@pytest.mark.parametrize("seed", [0, 7])
def test_nano_finds_pizza_on_the_bundled_phone(cli: Cli, seed: int) -> None:
    ran = cli("run", "--env", "android", "--device", "sim", "--seed", seed, "find pizza", "--json")
    assert ran.document["success"] is True
    assert ran.document["model"] == "nano"
    assert ran.document["errors"] == []


def _rate(cli: Cli, game: str, *options: str) -> float:
    ran = cli(
        "eval", "cards", "--json", "--games", game, "--episodes", "32", "--seed", "5", *options
    )
    percent = ran.document["games"][game]["success"]["percent"]
    assert isinstance(percent, float)
    return percent


@pytest.mark.parametrize("game", ["numberline", "ezpoints"])
def test_nano_looks_at_the_picture(cli: Cli, game: str) -> None:
    assert _rate(cli, game) == 100
    assert _rate(cli, game, "--blank") < 50
    assert _rate(cli, game, "--shuffle") < 50


@pytest.mark.parametrize(
    ("space", "course"),
    [
        (EZPoints().action_space, "cards"),
        (desktop_space(), "miniwob"),
        (mobile_space(), "phone"),
        (navigation_space(), "routes"),
    ],
    ids=["cards", "miniwob", "phone", "routes"],
)
def test_a_world_gets_the_nano_that_was_taught_its_actions(space: ActionSpace, course: str) -> None:
    assert nano_course(space) == course
    assert (nano_path(course) / "model.safetensors").is_file()


def test_nano_is_small_enough_to_ship() -> None:
    sizes = {file: file.stat().st_size for file in nano_path().parent.glob("*/*")}
    assert max(sizes.values()) < 16_000_000
    assert sum(sizes.values()) < 28_000_000
