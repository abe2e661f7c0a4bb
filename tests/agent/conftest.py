"""A world small enough to see through, and policies that say what a test wants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus, numberline_space
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import DeviceError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, World
from qvl_agent.model.policy import Decoding, Generation, Profile
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy


@dataclass
class Faults:
    """At which position what goes wrong, once `Plus` is tried there."""

    broken: int | None = None
    """The device is gone."""
    refused: int | None = None
    """The action fails, and nothing moves."""
    invalid: int | None = None
    """The world does not know the action."""
    interrupted: int | None = None
    """Ctrl-C arrives while the world is at work."""


class Corridor(World):
    """Walk `length` doors to the right with `Plus`; `Minus` at the start gives up."""

    def __init__(self, length: int = 3, *, reset_fails: bool = False, **faults: int) -> None:
        self.action_space = numberline_space()
        self.observation_space = ObservationSpace(56, 84)
        self.length = length
        self.faults = Faults(**faults)
        self.reset_fails = reset_fails
        self.resets: list[dict[str, Any]] = []
        self.at = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        if self.reset_fails:
            raise DeviceError("no lamp in the corridor; switch it on")
        self.resets.append({"seed": seed, "options": options})
        self.task = (options or {}).get("task", "walk to the end")
        self.at = 0
        return self._look(), {"at": np.int64(self.at), "secret": "the door is green"}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        faults, here = self.faults, self.at
        if here == faults.broken:
            raise DeviceError("the lamp went out; switch it on")
        if here == faults.interrupted:
            raise KeyboardInterrupt
        if here == faults.invalid:
            raise gymnasium.error.InvalidAction("the corridor knows no such action")
        if here == faults.refused:
            return self._look(), 0.0, False, False, {"error": "the door is locked"}
        lost = isinstance(action, Minus) and here == 0
        self.at += 1 if isinstance(action, Plus) else -1
        won = self.at >= self.length
        return self._look(), float(won), won or lost, False, {"at": self.at}

    def outcome(self) -> Outcome:
        return Outcome(self.at >= self.length, {"doors": float(self.at)})

    def expert(self) -> Decision:
        return Decision("The end is on the right.", Plus())

    def _look(self) -> Observation:
        return Observation(np.full((56, 84, 3), self.at % 256, np.uint8), f"door {self.at}")


@pytest.fixture
def corridor() -> type[Corridor]:
    return Corridor


@pytest.fixture
def say() -> Callable[..., str]:
    """Return a function from an action and a thought to a policy's text."""
    dialect, space = get_dialect("star"), numberline_space()

    def write(action: Action, thought: str = "") -> str:
        return dialect.render(space.to_call(action), thought)

    return write


@pytest.fixture
def scripted() -> Callable[..., ScriptedPolicy]:
    """Return a function from answers and fields of a profile to a policy."""

    def make(outputs: Sequence[str] | Callable[[Prompt], str], **profile: Any) -> ScriptedPolicy:
        return ScriptedPolicy(outputs, profile=Profile(**profile))

    return make


class Recording(ScriptedPolicy):
    """Keeps what it was asked."""

    def __init__(
        self, outputs: Sequence[str], tokens: int = 0, *, unstopped: bool = False, **profile: Any
    ) -> None:
        super().__init__(outputs, profile=Profile(**profile))
        self.asked: list[tuple[Prompt, Decoding]] = []
        self.tokens = tokens
        self.unstopped = unstopped

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        self.asked.append((prompt, decoding))
        # A server may not know where to stop.
        text = self._answer(prompt) if self.unstopped else super().generate(prompt, decoding).text
        return Generation(text, tuple(range(self.tokens)), prompt_tokens=self.length(prompt))


@pytest.fixture
def recording() -> type[Recording]:
    return Recording
