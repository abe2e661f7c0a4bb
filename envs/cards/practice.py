"""States of the card games to learn from: what an expert meets, with rare kinds evened out.

Knows the games and no training.
"""

import random
from collections.abc import Callable
from itertools import combinations_with_replacement

from qvl_agent.envs.base import Observation
from qvl_agent.envs.cards.blackjack import Blackjack
from qvl_agent.envs.cards.numberline import NumberLine
from qvl_agent.envs.cards.points import EZPoints, Points24

__all__ = ["practise"]

_SUITS = "CDHS"
_RANKS = "A23456789TJQK"
_MULTISETS = tuple(combinations_with_replacement(range(1, 11), 4))


def practise(
    world: object, rng: random.Random, *, begun: bool = True, even: bool = False
) -> Observation:
    """Put a card game into a random state worth learning from, and return what is seen.

    Args:
        world: One of the four games.
        rng: Decides everything.
        begun: Whether formulas may already be begun, along the expert's plan.
        even: In Points24, whether each set of numbers is as likely as any other.

    Raises:
        TypeError: If it is another world.
    """
    match world:
        case NumberLine():
            start, goal = rng.sample(range(world.max_position + 1), 2)
            return world.reset(options={"start": start, "goal": goal})[0]
        case Blackjack():
            return _deal_hand(world, rng)
        case EZPoints():
            return _begin(world, lambda: _pair(rng), rng, begun)
        case Points24():
            return _begin(world, lambda: _four(rng, even), rng, begun)
        case _:
            raise TypeError(f"there is no practice for {type(world).__name__}")


def _deal_hand(world: Blackjack, rng: random.Random) -> Observation:
    """Deal a hand that is not bust, with up to two cards more than the first two."""
    while True:
        count = rng.choice((2, 2, 2, 3, 3, 4))
        player = [_card(rng) for _ in range(count)]
        if sum(_worth(card) for card in player) <= 21:
            dealer = [_card(rng), _card(rng)]
            return world.reset(options={"dealer": dealer, "player": player})[0]


def _card(rng: random.Random) -> str:
    """Draw from the infinite deck of the published Blackjack, where tens are always faces."""
    rank = rng.choice("A23456789****")
    return rng.choice(_SUITS) + (rng.choice("JQK") if rank == "*" else rank)


def _worth(card: str) -> int:
    return min(_RANKS.index(card[1]) + 1, 10)


def _pair(rng: random.Random) -> list[str]:
    """Return two cards that make 12, sums and products equally often."""
    pairs = [(a, 12 - a) for a in range(2, 11)] if rng.random() < 0.5 else _PRODUCTS
    first, second = rng.choice(pairs)
    cards = [_of_number(first, rng, faces=True), _of_number(second, rng, faces=False)]
    rng.shuffle(cards)
    return cards


_PRODUCTS = [(2, 6), (3, 4), (4, 3), (6, 2)]


def _of_number(number: int, rng: random.Random, *, faces: bool) -> str:
    rank = rng.choice("TJQK") if faces and number == 10 else _RANKS[number - 1]
    return rng.choice("HSDC") + rank


def _four(rng: random.Random, even: bool) -> list[str]:
    if even:
        numbers = list(rng.choice(_MULTISETS))
        rng.shuffle(numbers)
        return [_of_number(n, rng, faces=True) for n in numbers]
    return [rng.choice("HSDC") + rng.choice(_RANKS) for _ in range(4)]


def _begin(
    world: EZPoints | Points24, cards: Callable[[], list[str]], rng: random.Random, begun: bool
) -> Observation:
    """Deal cards, and write a random beginning of the expert's formula, often an empty one.

    Hopeless deals come a third as often as they are dealt.
    """
    while True:
        dealt = cards()
        observation = world.reset(options={"cards": dealt})[0]
        plan = world.plan()
        if plan is not None or rng.random() < 0.35:
            break
    if plan is None or not begun or rng.random() < 0.2:
        return observation
    written = list(plan[: rng.randrange(len(plan) + 1)])
    return world.reset(options={"cards": dealt, "formula": written})[0]
