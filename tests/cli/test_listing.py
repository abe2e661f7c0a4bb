"""`qvl-agent list`: every name it shows is a name that works."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from qvl_agent.actions.errors import DeviceError
from qvl_agent.envs import registry

Cli = Callable[..., Any]


def _names(cli: Cli, what: str) -> list[str]:
    listed = json.loads(cli("list", what, "--json").out)
    assert all(row["summary"] for row in listed)
    return [row["name"] for row in listed]


def test_every_listed_world_can_be_made(cli: Cli) -> None:
    names = _names(cli, "envs")
    assert {"numberline", "blackjack", "ezpoints", "points24"} <= set(names)
    for name in names:
        told = pytest.raises(DeviceError, match="--virtual")  # a machine without a screen
        with told if _has_no_screen(name) else nullcontext():
            registry.make(name).close()


def _has_no_screen(name: str) -> bool:
    return name == "desktop" and sys.platform == "linux" and not os.environ.get("DISPLAY")


@pytest.mark.parametrize("name", ["random", "expert"])
def test_a_listed_model_plays(cli: Cli, name: str) -> None:
    assert name in _names(cli, "models")
    assert cli("run", "--model", name).code in (0, 1)


def test_every_listed_suite_is_a_verb_of_eval(cli: Cli) -> None:
    for name in _names(cli, "suites"):
        assert cli("eval", name, "--help").code == 0


@pytest.mark.parametrize("what", ["envs", "models", "suites"])
def test_people_get_one_line_a_name(cli: Cli, what: str) -> None:
    ran = cli("list", what)
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == _names(cli, what)
