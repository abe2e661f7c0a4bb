"""What a scene is: a record, how it looks, and what can be asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TypeAlias

import numpy as np
from PIL import Image

from qvl_agent.evals.fncall.vocabulary import Language

__all__ = ["Ask", "Record", "Scene", "clock", "some_day"]

Record: TypeAlias = Mapping[str, Any]
"""Everything that is printed; plain JSON but for dates."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, and the call that answers it.

    Attributes:
        question: In the picture's language.
        function: Name of the right tool.
        args: Its arguments, all but those in the question read off the picture.
    """

    question: str
    function: str
    args: Mapping[str, Any]


class Scene(Protocol):
    """One kind of document. Its three methods each get a random stream of their own."""

    def record(self, rng: np.random.Generator, language: Language) -> Record:
        """Return what a document of this kind says."""
        ...

    def picture(self, record: Record, rng: np.random.Generator, language: Language) -> Image.Image:
        """Return how it looks."""
        ...

    def ask(self, record: Record, rng: np.random.Generator, language: Language) -> Ask:
        """Return a question about it with exactly one right call."""
        ...


def some_day(rng: np.random.Generator, first: int = 2022, years: int = 6) -> date:
    """Return a day in the given years."""
    return date(first, 1, 1) + timedelta(days=int(rng.integers(365 * years)))


def clock(minutes: int) -> str:
    """Return minutes after midnight as HH:MM."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
