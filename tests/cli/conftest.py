"""The command line in this process, and worlds that no user has."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from qvl_agent.actions.errors import DeviceError
from qvl_agent.actions.mobile import Done, mobile_space
from qvl_agent.actions.types import Action
from qvl_agent.cli.app import main
from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, World


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; there must be nothing beside it."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run `qvl-agent` with some arguments in an empty folder, on a terminal 200 columns wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Write answers to a file and return the model's name that plays them."""

    def write(*answers: str) -> str:
        path = tmp_path / "script.jsonl"
        path.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
        return f"scripted:{path}"

    return write


class Phone(World):
    """A phone on which nothing happens until somebody says that it is done."""

    task = "find pizza"

    def __init__(self, **_: Any) -> None:
        self.action_space = mobile_space()
        self.observation_space = ObservationSpace(64, 32)
        self._done = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.task = (options or {}).get("task", self.task)
        self._done = False
        return self._see(), {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        self._done = isinstance(action, Done)
        return self._see(), 0.0, self._done, False, {}

    def outcome(self) -> Outcome:
        return Outcome(self._done)

    def expert(self) -> Decision:
        return Decision("", Done())

    def _see(self) -> Observation:
        return Observation(np.zeros((64, 32, 3), np.uint8))


class BrokenPhone(Phone):
    """A phone whose cable falls out at the first touch."""

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        raise DeviceError("the phone is gone: plug it in again")


class FaultyPhone(Phone):
    """A phone with a bug in its driver."""

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        raise ZeroDivisionError("a bug, not an error raised on purpose")


@pytest.fixture
def phones() -> Iterator[None]:
    """Register the phones as test/Phone-v0, test/BrokenPhone-v0 and test/FaultyPhone-v0."""
    worlds = {f"test/{cls.__name__}-v0": cls for cls in (Phone, BrokenPhone, FaultyPhone)}
    for name, cls in worlds.items():
        gymnasium.register(name, entry_point=cls)
    yield
    for name in worlds:
        del gymnasium.registry[name]
