"""EZPoints and Points24: write a formula out of the cards' numbers, token by token."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from qvl_agent.actions.cards import Append, formula_space
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision
from qvl_agent.envs.cards.canvas import CardAt, Item, Line
from qvl_agent.envs.cards.deck import Card
from qvl_agent.envs.cards.formula import BLANK, Rules, evaluate
from qvl_agent.envs.cards.game import CardGame, Turn
from qvl_agent.envs.cards.solver import Tokens, complete, solve

__all__ = ["EZPoints", "Points24"]

_SUITS = "HSDC"
"""In the order in which the published programs draw from it."""

_Deal: TypeAlias = tuple[list[Card], list[str]]
"""The cards, and what of the formula is written already."""


class _FormulaGame(CardGame):
    """What the two games share: the formula, its evaluation and the expert."""

    OPTIONS = ("cards", "formula")
    NAME: ClassVar[str]
    TARGET: ClassVar[int]
    DEAL: ClassVar[int]
    LIMIT: ClassVar[int]

    def __init__(self, rules: Rules, render_mode: Literal["rgb_array"] | None) -> None:
        if rules not in get_args(Rules):
            raise UsageError(f"rules must be one of {', '.join(get_args(Rules))}, got {rules!r}")
        self._tokens = tuple(a.token for a in self.ACTIONS if isinstance(a, Append))
        super().__init__(formula_space(self.NAME, self._tokens), render_mode=render_mode)
        self._rules: Rules = rules
        self._cards: list[Card] = []
        self._formula: list[str] = []

    @property
    def _numbers(self) -> list[int]:
        return [self._number(c) for c in self._cards]

    def _number(self, card: Card) -> int:
        return card.points

    def expert(self) -> Decision:
        """Return the next token of the plan: the best formula that starts with what is written.

        Where there is none the plan is to end at once.
        """
        self._need_episode()
        begun = tuple(self._formula)
        plan = self.plan()
        if plan is None or plan[: len(begun)] != begun:
            plan = self._complete(begun)
        whole = (*(plan or ()), "=")
        token = whole[len(begun)] if plan else "="
        cards = "".join(f"Card {i + 1} {c.symbol}. " for i, c in enumerate(self._cards))
        # The bar says where the formula stands in the plan, so the next token is the one behind
        # it. (Wording agreed with the training of nano: writing the formula out again beside the
        # plan makes a small model lose its place.)
        written, rest = " ".join(whole[: len(begun)]), " ".join(whole[len(begun) :])
        plan_told = f"{written} | {rest}" if plan else "| ="
        thought = f"{cards}{self._aside()}Plan {plan_told.strip()}. Next {token}."
        return Decision(thought, Append(token))

    def _aside(self) -> str:
        """Return what the expert says between the cards and the plan."""
        return ""

    @abstractmethod
    def plan(self) -> Tokens | None:
        """Return the best formula of this deal from its beginning, without "=", or None."""

    @abstractmethod
    def _complete(self, begun: Tokens) -> Tokens | None:
        """Return a formula that starts with what is written already, or None."""

    def _given(self, options: Mapping[str, Any]) -> _Deal:
        names = options.get("cards")
        if not isinstance(names, list | tuple) or len(names) != self.DEAL:
            raise UsageError(f"cards must be a list of {self.DEAL} cards, got {names!r}")
        cards = [Card.of(name) for name in names]
        formula = options.get("formula", ())
        if not isinstance(formula, list | tuple) or any(
            t not in (*self._tokens, BLANK) or t == "=" for t in formula
        ):
            raise UsageError(
                f"formula must be a list of tokens out of {' '.join(self._tokens[:-1])}, "
                f"got {formula!r}"
            )
        used = Counter(t for t in formula if t.isdigit())
        if used - Counter(str(self._number(c)) for c in cards):
            raise UsageError(f"formula uses numbers that {names!r} does not have: {formula!r}")
        if len(formula) > self.LIMIT + 1:
            raise UsageError(f"formula must have at most {self.LIMIT + 1} tokens, got {formula!r}")
        return cards, list(formula)

    def _start(self, deal: _Deal) -> None:
        self._cards, self._formula = deal

    def _play(self, action: Action) -> Turn:
        assert isinstance(action, Append)
        token = action.token
        if len(self._formula) > self.LIMIT:
            return -1.0, False, True
        if token == "=":
            return (10.0 if self._is_solved() else -1.0), True, False
        if token.isdigit() and not self._is_left(token):
            self._formula.append(BLANK)
            return -1.0, False, False
        self._formula.append(token)
        return 0.0, False, False

    def _is_left(self, number: str) -> bool:
        dealt = Counter(map(str, self._numbers))
        return dealt[number] > self._formula.count(number)

    def _is_solved(self) -> bool:
        return (
            sum(t.isdigit() for t in self._formula) == self.DEAL
            and evaluate(self._formula, self._rules) == self.TARGET
        )

    def _text(self) -> str:
        return f"Formula: {' '.join(self._formula) or 'empty'}"

    def _info(self) -> dict[str, Any]:
        return {
            "Cards": [c.name for c in self._cards],
            "Numbers": self._numbers,
            "Formula": [int(t) if t.isdigit() else t for t in self._formula],
        }


class EZPoints(_FormulaGame):
    """Two cards that make 12, by a sum or a product.

    A token is worth 0, a number that is not (or no longer) among the cards -1, and leaves a blank
    in the formula. "=" ends the episode: +10 if the formula is right and uses both cards, else -1.
    A formula of six tokens truncates it at the next action, whatever that is.

    `reset(options={"cards": ["S7", "C5"], "formula": ["7"]})` gives the cards and, if wanted, what
    is written already.

    Source: RL4VLM/RL4VLM gym-cards @b989b574, EZPoints-v0.

    Args:
        rules: How the formula is evaluated, see `formula`.
        render_mode: See `CardGame`.
    """

    ACTIONS = tuple(Append(t) for t in (*map(str, range(1, 11)), "+", "*", "="))
    NAME = "ezpoints"
    TARGET = 12
    DEAL = 2
    LIMIT = 5
    task = "Write a formula that makes 12. Use each card once. J, Q and K count as 10."

    def __init__(
        self, rules: Rules = "published", *, render_mode: Literal["rgb_array"] | None = None
    ) -> None:
        super().__init__(rules, render_mode)

    def _draw(self) -> _Deal:
        rank = self._random.randint(2, 13)
        first = Card(rank, self._random.choice(_SUITS))
        number = first.points
        other = 12 - number
        if number in (2, 3, 4, 6) and self._random.random() < 0.5:
            other = 12 // number
        cards = [first, Card(other, self._random.choice(_SUITS))]
        if self._random.random() < 0.5:
            cards.reverse()
        return cards, []

    def plan(self) -> Tokens | None:
        """Return the sum in the cards' order, else the product."""
        a, b = self._numbers
        if a + b == self.TARGET:
            return str(a), "+", str(b)
        return (str(a), "*", str(b)) if a * b == self.TARGET else None

    def _complete(self, begun: Tokens) -> Tokens | None:
        return complete(
            begun,
            tuple(sorted(self._numbers)),
            self.TARGET,
            signs="+*",
            brackets=False,
            limit=self.LIMIT,
            rules=self._rules,
        )

    def _layout(self) -> list[Item]:
        cards = [
            CardAt(c.name, x, 55, 135, 189) for c, x in zip(self._cards, (5, 153), strict=True)
        ]
        return [*cards, Line("Formula: ", tuple(self._formula), 10, 258, 20)]


class Points24(_FormulaGame):
    """Four cards to make 24 of, with + - * / and brackets; 27 % of the deals cannot be solved.

    The rules are those of `EZPoints`, with a limit of 20 tokens.

    Source: RL4VLM/RL4VLM gym-cards @b989b574, Points24-v0.

    Args:
        rules: How the formula is evaluated, see `formula`.
        treat_face_cards_as_10: Otherwise J, Q and K count 11, 12 and 13, with actions to match.
        render_mode: See `CardGame`.
    """

    ACTIONS = tuple(Append(t) for t in (*map(str, range(1, 11)), *"+-*/()="))
    NAME = "points24"
    TARGET = 24
    DEAL = 4
    LIMIT = 20
    task = "Write a formula that makes 24. Use each card once. J, Q and K count as 10."

    def __init__(
        self,
        rules: Rules = "published",
        *,
        treat_face_cards_as_10: bool = True,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        self._faces_are_10 = treat_face_cards_as_10
        if not treat_face_cards_as_10:
            self.ACTIONS = tuple(Append(t) for t in (*map(str, range(1, 14)), *"+-*/()="))
            self.task = (
                "Write a formula that makes 24. Use each card once. "
                "J counts as 11, Q as 12 and K as 13."
            )
        super().__init__(rules, render_mode)

    def _number(self, card: Card) -> int:
        return card.points if self._faces_are_10 else card.rank

    def _draw(self) -> _Deal:
        ranks = [self._random.randint(1, 13) for _ in range(4)]
        return [Card(rank, self._random.choice(_SUITS)) for rank in ranks], []

    def _aside(self) -> str:
        return f"Sort {' '.join(map(str, sorted(self._numbers)))}. "

    def plan(self) -> Tokens | None:
        """Return the solver's formula; it depends on the set of numbers only."""
        return solve(tuple(sorted(self._numbers)), self.TARGET, self._rules)

    def _complete(self, begun: Tokens) -> Tokens | None:
        numbers = tuple(sorted(self._numbers))
        return complete(begun, numbers, self.TARGET, limit=self.LIMIT, rules=self._rules)

    def _layout(self) -> list[Item]:
        cards = [
            CardAt(c.name, x, 103, 67, 93)
            for c, x in zip(self._cards, (5, 78, 152, 226), strict=True)
        ]
        return [
            *cards,
            Line("Formula:", (), 10, 210, 16),
            Line("", tuple(self._formula), 10, 240, 16),
        ]
