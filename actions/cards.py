"""Actions of the four card games, and their spaces."""

from dataclasses import dataclass
from typing import Annotated, Any

from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action

__all__ = [
    "Append",
    "Hit",
    "Minus",
    "Plus",
    "Stand",
    "blackjack_space",
    "formula_space",
    "numberline_space",
]


@dataclass(frozen=True, slots=True)
class Minus(Action):
    """Subtract one from the current number."""


@dataclass(frozen=True, slots=True)
class Plus(Action):
    """Add one to the current number."""


@dataclass(frozen=True, slots=True)
class Stand(Action):
    """Take no more cards and let the dealer play."""


@dataclass(frozen=True, slots=True)
class Hit(Action):
    """Take one more card."""


@dataclass(frozen=True, slots=True)
class Append(Action):
    """Append one number or operator to the formula; "=" ends it."""

    token: Annotated[str, "The number or operator"]


def numberline_space() -> ActionSpace:
    """Return the space of NumberLine, in the published order of ids."""
    return ActionSpace("numberline", [Function.of(Minus), Function.of(Plus)])


def blackjack_space() -> ActionSpace:
    """Return the space of Blackjack, in the published order of ids."""
    return ActionSpace("blackjack", [Function.of(Stand), Function.of(Hit)])


def formula_space(name: str, tokens: tuple[str, ...]) -> ActionSpace:
    """Return the space of EZPoints or Points24: `Append` of one of `tokens`."""
    base = Function.of(Append)
    token = base.parameters[0]
    schema: dict[str, Any] = {"type": "string", "enum": list(tokens)}
    narrowed = type(token)(token.name, token.description, schema)
    return ActionSpace(name, [Function(base.name, base.description, (narrowed,), base.build)])
