"""The generator: item number i of a seed, always the same one.

Scenes, languages and conditions take turns, so any run of 48 items holds each combination once.
A picture is drawn only when it is asked for.

Source: Qwen2-VL paper, 3.2.7 "Function Calling", for the task; its own set is internal. These
items are this project's, and a score on them is not comparable with the paper's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qvl_agent.actions.types import Call
from qvl_agent.envs.base import Image
from qvl_agent.evals.fncall.conditions import CONDITIONS, Condition, taken
from qvl_agent.evals.fncall.scenes import SCENES, Ask, Record
from qvl_agent.evals.fncall.tools import TOOLS
from qvl_agent.evals.fncall.vocabulary import Language

__all__ = ["LANGUAGES", "Item", "item", "items"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
_RECORD, _ASK, _TOOLS, _PICTURE, _CONDITION = range(5)
"""Random streams of an item: a change to how it looks changes nothing of what it asks."""


@dataclass(frozen=True)
class Item:
    """A picture, a question, functions to choose from, and the one right call.

    Attributes:
        id: As "fncall/0/000017": seed and number.
        seed: Of the set.
        number: From 0.
        scene: Kind of document.
        language: Of picture and question.
        condition: How the picture was taken.
        question: What the user asks.
        tools: OpenAI-style schemas, the right one among them.
        gold: The right call.
        record: What the picture shows.
    """

    id: str
    seed: int
    number: int
    scene: str
    language: Language
    condition: Condition
    question: str
    tools: tuple[Mapping[str, Any], ...]
    gold: Call
    record: Record

    def picture(self) -> Image:
        """Draw the picture: uint8 (H, W, 3), RGB."""
        stream = (self.seed, self.number)
        clean = SCENES[self.scene].picture(self.record, _rng(*stream, _PICTURE), self.language)
        return np.array(taken(clean, self.condition, _rng(*stream, _CONDITION)))


def item(number: int, *, seed: int = 0) -> Item:
    """Return one item of a set.

    Raises:
        ValueError: If number or seed is negative.
    """
    if number < 0 or seed < 0:
        raise ValueError(f"number and seed must not be negative, got {number} and {seed}")
    turn = number
    turn, which = divmod(turn, len(SCENES))
    scene = list(SCENES)[which]
    language = LANGUAGES[turn % len(LANGUAGES)]
    condition = CONDITIONS[turn // len(LANGUAGES) % len(CONDITIONS)]
    record = SCENES[scene].record(_rng(seed, number, _RECORD), language)
    ask = SCENES[scene].ask(record, _rng(seed, number, _ASK), language)
    return Item(
        id=f"fncall/{seed}/{number:06d}",
        seed=seed,
        number=number,
        scene=scene,
        language=language,
        condition=condition,
        question=ask.question,
        tools=_choice(ask, _rng(seed, number, _TOOLS)),
        gold=Call(ask.function, dict(ask.args)),
        record=record,
    )


def items(count: int, *, seed: int = 0) -> Iterator[Item]:
    """Yield the first `count` items of a set."""
    return (item(number, seed=seed) for number in range(count))


def _choice(ask: Ask, rng: np.random.Generator) -> tuple[Mapping[str, Any], ...]:
    """Return the right tool among three to six others, in random order."""
    others = [name for name in TOOLS if name != ask.function]
    chosen = rng.choice(len(others), size=int(rng.integers(3, 7)), replace=False)
    names = [ask.function, *(others[int(i)] for i in chosen)]
    return tuple(TOOLS[names[int(i)]] for i in rng.permutation(len(names)))


def _rng(seed: int, number: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, number, stream])
