"""What nano is taught: which worlds, in which mixture, and the words it has to know."""

import random
from collections.abc import Iterator

from qvl_agent.actions.mobile import mobile_space
from qvl_agent.cli.lessons_cards import GAMES, Plans, Table
from qvl_agent.cli.lessons_phone import Phones
from qvl_agent.cli.lessons_vln import Routes
from qvl_agent.cli.prompting import PROFILE
from qvl_agent.model.nano.lessons import Source
from qvl_agent.model.nano.train import Phase, Recipe
from qvl_agent.model.prompt import Text

__all__ = ["MAX_PIXELS", "PROFILE", "WHOLE_TOKENS", "recipe", "sources", "texts"]

MAX_PIXELS = 196 * 420
"""A phone's screen of 392 x 840 at half its size, 105 visual tokens; 100 for a card table."""

WHOLE_TOKENS = (
    "\n*FUNCTION*:", "\n*ARGS*:", "\n*RESULT*:", "]}", '"}', " {}",
    ' {"token": "', ' {"point": [', ' {"text": "', ' {"direction": "',
    ' {"start": [', '], "end": [', ' {"time": ', ' {"name": "', ' {"candidate": ',
    "You are a helpful assistant.", ", ".join(f.name for f in mobile_space().functions),
)  # fmt: skip
"""Pieces of calls that are one token each, and the names of a phone's actions, which stand at the
beginning of every prompt and are a quarter of its words."""


def recipe(steps: int, seed: int, threads: int, rate: float = 1.0) -> Recipe:
    """Return the schedule of a run over all worlds.

    Args:
        steps: Optimiser steps.
        seed: Of lessons and weights.
        threads: Of torch.
        rate: Share of the usual learning rates; less where a trained checkpoint goes on.
    """
    cards = {"numberline": 0.02, "blackjack": 0.06, "ezpoints": 0.04, "points24": 0.16}
    mix = {"phone": 0.58, "routes": 0.14, **cards}
    plans = {"points24-plan": 0.4, "points24-steps": 0.5, "ezpoints-plan": 0.1}
    phase = Phase(steps=steps, mix=mix, text_mix=plans, batch=16, text_batch=6)
    return Recipe(
        phases=(phase,),
        learning_rate=1e-3 * rate,
        muon_rate=3e-3 * rate,
        seed=seed,
        threads=threads,
    )


def sources() -> dict[str, Source]:
    """Return the sources of lessons by name.

    `-plan` is a game's text-only practice from an empty formula, `-steps` from a begun one.
    """
    made: dict[str, Source] = {"phone": Phones(), "routes": Routes(PROFILE, buildings=24)}
    for name, make in GAMES.items():
        made[name] = Table(make())
        if name in ("ezpoints", "points24"):
            made[f"{name}-plan"] = Plans(make(), begun=False)
            made[f"{name}-steps"] = Plans(make(), begun=True)
    return made


def texts(count: int, seed: int) -> Iterator[str]:
    """Yield what prompts, answers and screens say, for training the vocabulary."""
    rng = random.Random(seed)
    every = sources()
    for name in ("phone", "routes", *GAMES):
        for _ in range(count):
            lesson = every[name](rng)
            for turn in lesson.prompt.turns:
                yield from (part.text for part in turn.parts if isinstance(part, Text))
                yield f"{turn.role}\n"
            yield lesson.answer
            yield from (f" {drawing.word}" for drawing in lesson.drawings)
    for number in range(100):
        # Coordinates come in pieces of two digits, with and without a blank before them.
        yield from [f" {number}, {number:02}"] * count
