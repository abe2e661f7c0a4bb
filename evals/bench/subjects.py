"""The models and prompts that the engine is measured with.

Weights are random: neither speed nor exactness depends on what a model knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qvl_agent.model.policy import Generation
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint

__all__ = ["Episode", "Subject", "mini", "random_picture", "thin"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One checkpoint, loaded as our policy and as transformers' own model."""

    folder: Path
    policy: Qwen2VLPolicy
    reference: Reference


def mini(folder: Path) -> Subject:
    """Return a model of 40 M parameters with the proportions of the 2B's work."""
    make_tiny_checkpoint(
        folder,
        hidden_size=512,
        layers=8,
        heads=8,
        kv_heads=2,
        intermediate_size=1408,
        vision_layers=8,
        vision_size=320,
        vision_heads=8,
        vocabulary=32_768,
        context=32_768,
        max_pixels=28 * 28 * 2048,
        ends=False,
    )
    return _load(folder)


def thin(folder: Path) -> Subject:
    """Return the 28 layers of the 2B and 7B at a width of 64: nothing but overhead."""
    make_tiny_checkpoint(folder, layers=28, vocabulary=1024, ends=False)
    return _load(folder)


def _load(folder: Path) -> Subject:
    policy = Qwen2VLPolicy.load(folder, device="cpu", dtype="float32")
    return Subject(folder, policy, Reference(policy, folder))


def random_picture(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Return noise: every picture is new to every cache."""
    return Picture(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


class Episode:
    """A history that grows by a picture, some text and the policy's own words, in one open turn."""

    def __init__(self) -> None:
        self.steps: list[tuple[Part, ...]] = []

    def observe(self, picture: Picture, text: str = " Result: the screen has changed.") -> None:
        """Begin a step."""
        self.steps.append((picture, Text(text)))

    def write(self, generation: Generation) -> None:
        """Add what the policy wrote to the newest step."""
        self.steps[-1] += (Text(generation.text, generation.tokens),)

    def drop_oldest(self, count: int) -> None:
        """Forget whole steps."""
        del self.steps[:count]

    def prompt(self, steps: Sequence[tuple[Part, ...]] | None = None) -> Prompt:
        """Return the prompt of these steps, by default of all."""
        kept = self.steps if steps is None else steps
        parts = tuple(part for step in kept for part in step)
        system = Text("You are a helpful assistant. " * 20)
        return Prompt(
            (
                Turn("system", (system,)),
                Turn("user", (Text("Find the pizza."),)),
                Turn("assistant", parts),
            )
        )
