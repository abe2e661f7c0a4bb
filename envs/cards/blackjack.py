"""Blackjack: win a hand against the dealer."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from qvl_agent.actions.cards import Hit, Stand, blackjack_space
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision
from qvl_agent.envs.cards.canvas import SIDE, CardAt, Item, Line
from qvl_agent.envs.cards.deck import FACES, RANKS, SUITS, Card
from qvl_agent.envs.cards.faces import BACK
from qvl_agent.envs.cards.game import CardGame, Turn
from qvl_agent.envs.cards.strategy import should_hit, total

__all__ = ["Blackjack"]

_DECK = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10)
_WIDTH, _HEIGHT = 70, 98

_Hands: TypeAlias = tuple[list[Card], list[Card]]
"""The dealer's cards, the hole card second, and the player's."""


class Blackjack(CardGame):
    """One hand, cards drawn with replacement, the dealer stands on every 17.

    The reward is that of the end: 1 for a win, 0 for a draw, -1 for a loss. A draw is no success.
    As published, the player's fifth card lies off the picture and cards six to nine show their
    top half. The dealer's hole card is in `info` only, so `info` must not reach a policy.

    `reset(options={"dealer": ["D9", "SK"], "player": ["C2", "H2"]})` gives the hands, the hole
    card second.

    Source: RL4VLM/RL4VLM gym-cards @b989b574, Blackjack-v0.
    """

    ACTIONS = (Stand(), Hit())
    OPTIONS = ("dealer", "player")
    task = "Win this hand of blackjack."

    def __init__(self, *, render_mode: Literal["rgb_array"] | None = None) -> None:
        super().__init__(blackjack_space(), render_mode=render_mode)
        self._dealer: list[Card] = []
        self._player: list[Card] = []

    def expert(self) -> Decision:
        """Return the play that wins most often, by what the picture shows."""
        self._need_episode()
        thought = f"Dealer {self._dealer[0].symbol}."
        for i, card in enumerate(self._player[:4]):
            points, soft = total(c.points for c in self._player[: i + 1])
            kind = "soft" if soft else "hard"
            thought += f" Card {i + 1} {card.symbol} {kind} {points}."
        # With five cards the picture is that of four; a sixth one tells that one is hidden.
        seen = [c.points for i, c in enumerate(self._player) if _place(i)[0] < SIDE]
        hit = should_hit(self._dealer[0].points, seen, hidden=int(len(self._player) > 5))
        return Decision(thought, Hit() if hit else Stand())

    def _reseed(self, seed: int) -> None:
        """Do nothing: this game draws from gymnasium's generator, which `reset` has seeded."""

    def _given(self, options: Mapping[str, Any]) -> _Hands:
        return _given_hands(options)

    def _draw(self) -> _Hands:
        dealer = [self._draw_card(), self._draw_card()]
        player = [self._draw_card(), self._draw_card()]
        # The published reset draws the suit (and face) of the open card once more, for nothing.
        self.np_random.choice(tuple(SUITS))
        if dealer[0].points == 10:
            self.np_random.choice(tuple(FACES))
        return dealer, player

    def _start(self, deal: _Hands) -> None:
        self._dealer, self._player = deal

    def _draw_card(self) -> Card:
        points = int(self.np_random.choice(_DECK))
        suit = str(self.np_random.choice(tuple(SUITS)))
        if points < 10:
            return Card(points, suit)
        return Card(RANKS.index(str(self.np_random.choice(tuple(FACES)))) + 1, suit)

    def _play(self, action: Action) -> Turn:
        if action == Hit():
            self._player.append(self._draw_card())
            bust = _total(self._player) > 21
            return (-1.0 if bust else 0.0), bust, False
        while _total(self._dealer) < 17:
            self._dealer.append(self._draw_card())
        mine, its = _total(self._player), _total(self._dealer)
        its = 0 if its > 21 else its
        return float((mine > its) - (mine < its)), True, False

    def _metrics(self) -> Mapping[str, float]:
        return {"draw": float(self._phase == "over" and self._return == 0)}

    def _info(self) -> dict[str, Any]:
        return {
            "Dealer Card": [(c.points, c.symbol, c.suit) for c in self._dealer],
            "Player Card": [(c.points, c.symbol, c.suit) for c in self._player],
        }

    def _layout(self) -> list[Item]:
        items: list[Item] = [
            Line("Dealer", (), 5, 5, 16, bold=True),
            CardAt(self._dealer[0].name, 5, 25, _WIDTH, _HEIGHT),
            CardAt(BACK, 78, 25, _WIDTH, _HEIGHT),
            Line("Player", (), 5, 130, 16, bold=True),
        ]
        for i, card in enumerate(self._player):
            items.append(CardAt(card.name, *_place(i), _WIDTH, _HEIGHT))
        return items


def _place(i: int) -> tuple[int, int]:
    """Return the corner of the player's i-th card; the fifth one is off the picture."""
    return (5 + 74 * i, 150) if i < 5 else (5 + 74 * (i - 5), 252)


def _total(hand: list[Card]) -> int:
    return total(c.points for c in hand)[0]


def _given_hands(options: Mapping[str, Any]) -> _Hands:
    hands = []
    for key in ("dealer", "player"):
        names = options.get(key)
        if not isinstance(names, list | tuple) or len(names) < 2:
            raise UsageError(f"{key} must be a list of at least two cards, got {names!r}")
        hands.append([Card.of(name) for name in names])
        if any(c.symbol == "T" for c in hands[-1]):
            raise UsageError(f"there is no ten in this game; take a J, Q or K, got {names!r}")
    dealer, player = hands
    if len(dealer) != 2:
        raise UsageError(f"dealer must be the open card and the hole card, got {options['dealer']}")
    if _total(player) > 21:
        raise UsageError(f"player must not be over 21 already, got {options['player']!r}")
    return dealer, player
