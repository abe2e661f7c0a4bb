"""How to win at blackjack most often: exact probabilities over an infinite deck.

Knows totals, not cards' faces and not pictures. Winning as often as possible is not the same as
losing the least money: a draw counts as nothing.

The result is the published limit of play, 43.163 % of hands; the table that follows from it is
written out in the tests.
"""

from collections.abc import Iterable
from functools import cache

__all__ = ["should_hit", "total", "win_chance"]

_WEIGHTS = {value: 4 if value == 10 else 1 for value in range(1, 11)}
_DECK = sum(_WEIGHTS.values())


def total(points: Iterable[int]) -> tuple[int, bool]:
    """Return a hand's total and whether an ace in it counts 11."""
    points = tuple(points)
    low = sum(points)
    soft = 1 in points and low + 10 <= 21
    return low + 10 * soft, soft


def should_hit(dealer: int, points: Iterable[int], *, hidden: int = 0) -> bool:
    """Return whether one more card wins more often than standing.

    Args:
        dealer: Points of the dealer's open card, 1 to 10.
        points: Of the player's cards that can be seen, an ace as 1.
        hidden: How many more cards the player has that cannot be seen; each has the chances of
            any card, given that the hand is not bust.
    """
    points = tuple(points)
    hands = {(sum(points), 1 in points): 1.0}
    for _ in range(hidden):
        hands = _one_more(hands)
    gain = 0.0
    for (low, ace), chance in hands.items():
        if low <= 21:
            gain += chance * (_win_hit(low, ace, dealer) - _win_stand(low, ace, dealer))
    return gain > 0


def win_chance(dealer: int, points: Iterable[int]) -> float:
    """Return the chance to win under the best play, before any decision on this hand.

    Args:
        dealer: Points of the dealer's open card, 1 to 10.
        points: Of the player's cards, an ace as 1, not over 21.
    """
    points = tuple(points)
    hand = sum(points), 1 in points
    return max(_win_stand(*hand, dealer), _win_hit(*hand, dealer))


def _one_more(hands: dict[tuple[int, bool], float]) -> dict[tuple[int, bool], float]:
    after: dict[tuple[int, bool], float] = {}
    for (low, ace), chance in hands.items():
        for value, weight in _WEIGHTS.items():
            key = (low + value, ace or value == 1)
            after[key] = after.get(key, 0.0) + chance * weight / _DECK
    return after


@cache
def _win_hit(low: int, ace: bool, dealer: int) -> float:
    """Return the chance to win after one more card and the best play from there."""
    return sum(
        chance * max(_win_hit(*hand, dealer), _win_stand(*hand, dealer))
        for hand, chance in _one_more({(low, ace): 1.0}).items()
        if hand[0] <= 21
    )


@cache
def _win_stand(low: int, ace: bool, dealer: int) -> float:
    """Return the chance that the dealer ends below this hand, or bust."""
    mine = _best(low, ace)
    return sum(p for end, p in _dealer_ends(dealer, dealer == 1).items() if end > 21 or end < mine)


@cache
def _dealer_ends(low: int, ace: bool) -> dict[int, float]:
    """Return the chances of the dealer's final totals, 22 standing for any bust."""
    ends: dict[int, float] = {}
    for (after, has_ace), chance in _one_more({(low, ace): 1.0}).items():
        best = _best(after, has_ace)
        final = {min(best, 22): 1.0} if best >= 17 else _dealer_ends(after, has_ace)
        for end, p in final.items():
            ends[end] = ends.get(end, 0.0) + chance * p
    return ends


def _best(low: int, ace: bool) -> int:
    return low + 10 if ace and low + 10 <= 21 else low
