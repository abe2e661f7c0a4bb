"""The command as a whole: its verbs, its version, and its manners as a process."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent import __version__

Cli = Callable[..., Any]

COMMAND = [sys.executable, "-m", "qvl_agent"]


def test_the_version_is_the_packages(cli: Cli) -> None:
    ran = cli("--version")
    assert (ran.code, ran.out) == (0, f"qvl-agent {__version__}\n")


def test_help_names_every_verb(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for verb in ("run", "view", "eval", "train", "parse", "list", "phone"):
        assert f" {verb} " in ran.out


@pytest.mark.parametrize(
    "verb", ["run", "view", "eval", "eval cards", "train nano", "parse", "list", "phone"]
)
def test_every_verb_explains_itself(cli: Cli, verb: str) -> None:
    ran = cli(*verb.split(), "--help")
    assert ran.code == 0
    assert "Usage: qvl-agent" in ran.out


def test_no_verb_at_all_is_wrong_usage_and_shows_help(cli: Cli) -> None:
    ran = cli()
    assert ran.code == 2
    assert "Commands" in ran.out


@pytest.mark.parametrize("arguments", [["fly"], ["list", "planets"], ["eval", "poker"], ["view"]])
def test_a_verb_that_does_not_exist_or_lacks_its_argument_is_wrong_usage(
    cli: Cli, arguments: list[str]
) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.err.startswith("qvl-agent: ")
    assert ran.err.count("\n") == 1


def test_as_a_process_it_exits_with_its_code_and_shows_no_traceback() -> None:
    done = subprocess.run([*COMMAND, "run", "--env", "black-jack"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == ("qvl-agent: there is no world 'black-jack'; did you mean 'blackjack'?\n")


def test_a_reader_who_stops_reading_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "list", "models"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=300
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
