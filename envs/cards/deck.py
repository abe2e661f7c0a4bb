"""Playing cards as values: ranks, suits and their names. Knows no game and no picture.

A card's name is its suit and its rank, "S7" or "HT", as in the published programs.

Source: RL4VLM/RL4VLM gym-cards @b989b574 (names of the card images).
"""

from dataclasses import dataclass
from typing import Any, Self

from qvl_agent.actions.errors import UsageError

__all__ = ["FACES", "RANKS", "SUITS", "Card"]

SUITS = "CDHS"
"""Clubs, diamonds, hearts, spades."""

RANKS = "A23456789TJQK"
"""`RANKS[i]` is the symbol of rank i + 1."""

FACES = "JQK"


@dataclass(frozen=True, slots=True)
class Card:
    """One card.

    Attributes:
        rank: 1 (ace) to 13 (king).
        suit: One of `SUITS`.
    """

    rank: int
    suit: str

    @classmethod
    def of(cls, name: Any) -> Self:
        """Return the card of a name.

        Raises:
            UsageError: If there is no such card.
        """
        if isinstance(name, str) and len(name) == 2 and name[0] in SUITS and name[1] in RANKS:
            return cls(RANKS.index(name[1]) + 1, name[0])
        raise UsageError(
            f"there is no card {name!r}; a card is a suit ({', '.join(SUITS)}) followed by "
            f"a rank ({', '.join(RANKS)}), as in 'S7' or 'HT'"
        )

    @property
    def symbol(self) -> str:
        """The rank in one character, "T" for ten."""
        return RANKS[self.rank - 1]

    @property
    def name(self) -> str:
        """Suit and rank, as `of` reads them."""
        return self.suit + self.symbol

    @property
    def points(self) -> int:
        """What it counts: 1 for an ace, 10 for a face card."""
        return min(self.rank, 10)
