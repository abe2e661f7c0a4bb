"""`qvl-agent score` with and without the name of a benchmark."""

from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["aitz", "--help"], "score aitz [OPTIONS]"),
        (["r2r", "--help"], "score r2r [OPTIONS]"),
        (["reverie", "--help"], "score reverie [OPTIONS]"),
        (["--protocol", "coat", "--help"], "score aitz [OPTIONS]"),
        (["predictions.jsonl", "--help"], "score aitz [OPTIONS]"),
    ],
)
def test_aitz_is_meant_unless_another_benchmark_is_named(
    cli: Cli, arguments: list[str], usage: str
) -> None:
    ran = cli("score", *arguments)
    assert ran.code == 0
    assert usage in ran.out


def test_help_names_every_benchmark(cli: Cli) -> None:
    ran = cli("score", "--help")
    assert ran.code == 0
    assert all(f" {name} " in ran.out for name in ("aitz", "r2r", "reverie"))


def test_a_missing_data_folder_is_wrong_usage(cli: Cli) -> None:
    for name in ([], ["r2r"], ["reverie"]):
        assert cli("score", *name, "nowhere.json", "--data", "nowhere").code == 2
