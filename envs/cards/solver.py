"""Finds formulas that make a target out of given numbers, and completes begun ones.

Knows numbers and tokens, no cards. Among all formulas the best one is the shortest, of these the
one with the fewest divisions, of these the first in the order of their tokens, so the result
depends on the multiset of numbers only.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain, combinations, islice
from typing import TypeAlias

from qvl_agent.envs.cards.formula import BLANK, Rules, can_go_on, evaluate

__all__ = ["complete", "solve"]

Tokens: TypeAlias = tuple[str, ...]
_Rank: TypeAlias = tuple[int, int, Tokens]  # length, divisions, tokens: the least is the best
_Value: TypeAlias = float | Fraction
_Best: TypeAlias = dict[tuple[_Value, int], _Rank]  # by value and binding strength

_SUM, _PRODUCT, _ATOM = 1, 2, 3


@cache
def solve(numbers: tuple[int, ...], target: int, rules: Rules = "published") -> Tokens | None:
    """Return the best formula over + - * / that is exactly `target`, or None.

    Args:
        numbers: Each to be used once, sorted.
        target: What the formula makes.
        rules: Whether it is computed in floats (as published) or in fractions.
    """
    found = [rank for (value, _), rank in _formulas(numbers, rules).items() if value == target]
    return min(found)[2] if found else None


@cache
def _formulas(numbers: tuple[int, ...], rules: Rules) -> _Best:
    """Return the best formula for each value and strength that the numbers can make.

    Keeping only the best part is safe: length and divisions add up, and of two parts of the same
    length the earlier one makes the earlier whole.
    """
    if len(numbers) == 1:
        value = Fraction(numbers[0]) if rules == "strict" else float(numbers[0])
        return {(value, _ATOM): (1, 0, (str(numbers[0]),))}
    best: _Best = {}
    for left, right in _splits(numbers):
        for (a, a_binds), a_rank in _formulas(left, rules).items():
            for (b, b_binds), b_rank in _formulas(right, rules).items():
                for value, binds, rank in _joined(a, a_binds, a_rank, b, b_binds, b_rank):
                    key = (value, binds)
                    if key not in best or rank < best[key]:
                        best[key] = rank
    return best


def _splits(numbers: tuple[int, ...]) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    places = range(len(numbers))
    return {
        (
            tuple(numbers[i] for i in places if i in chosen),
            tuple(numbers[i] for i in places if i not in chosen),
        )
        for size in range(1, len(numbers))
        for chosen in combinations(places, size)
    }


def _joined(
    a: _Value, a_binds: int, a_rank: _Rank, b: _Value, b_binds: int, b_rank: _Rank
) -> Iterator[tuple[_Value, int, _Rank]]:
    """Yield the four formulas with `a` on the left and `b` on the right, brackets where needed."""
    factor = _bracketed(a_rank, a_binds < _PRODUCT)
    # `a + (b + c)` is left out: the split (a + b), c writes the same sum without brackets.
    if b_binds > _SUM:
        yield a + b, _SUM, _with("+", a_rank, b_rank)
    yield a - b, _SUM, _with("-", a_rank, _bracketed(b_rank, b_binds == _SUM))
    if b_binds != _PRODUCT:
        yield a * b, _PRODUCT, _with("*", factor, _bracketed(b_rank, b_binds == _SUM))
    if b != 0:
        yield a / b, _PRODUCT, _with("/", factor, _bracketed(b_rank, b_binds <= _PRODUCT))


def _bracketed(rank: _Rank, needed: bool) -> _Rank:
    length, divisions, tokens = rank
    return (length + 2, divisions, ("(", *tokens, ")")) if needed else rank


def _with(sign: str, a: _Rank, b: _Rank) -> _Rank:
    return a[0] + b[0] + 1, a[1] + b[1] + (sign == "/"), (*a[2], sign, *b[2])


@lru_cache(maxsize=4096)
def complete(
    begun: Tokens,
    numbers: tuple[int, ...],
    target: int,
    *,
    signs: str = "+-*/",
    brackets: bool = True,
    limit: int = 20,
    rules: Rules = "published",
) -> Tokens | None:
    """Return a shortest whole formula that starts with `begun` and makes `target`, or None.

    Only so many endings are tried, those with few brackets first: a beginning such as
    "( ( ( ( ( (" has hundreds of thousands.

    Args:
        begun: The formula so far.
        numbers: All numbers of the deal, those in `begun` included, each used once in the end.
        target: What the formula makes.
        signs: The operators that may follow.
        brackets: Whether brackets may follow.
        limit: Most tokens of the whole formula.
        rules: How it is evaluated.
    """
    words = [t for t in begun if t != BLANK]
    plain = _is_plain(words)
    if plain and solve(tuple(sorted(numbers)), target, rules) is None:
        return None
    wants_number = not words or words[-1] in _WANT_NUMBER
    opened = words.count("(") - words.count(")")
    if not plain and not can_go_on(begun, wants_number, opened):
        return None
    left = Counter(map(str, numbers)) - Counter(w for w in words if w.isdigit())
    shortest = len(begun) + opened + 2 * left.total() - wants_number
    if shortest > limit:
        return None
    most_pairs = min(max(0, left.total() - 2), (limit - shortest) // 2) if brackets else 0
    endings = chain.from_iterable(
        _endings(left, opened, pairs, wants_number, signs) for pairs in range(most_pairs + 1)
    )
    wholes = (begun + ending for ending in islice(endings, _MOST_ENDINGS))
    return next((whole for whole in wholes if evaluate(whole, rules) == target), None)


_MOST_ENDINGS = 20_000

_WANT_NUMBER = frozenset("+-*/(")


def _is_plain(words: Sequence[str]) -> bool:
    """Return whether numbers and operators alternate: no sign, power, floor or joined number."""
    wants_number = True
    for word in words:
        if wants_number != (word.isdigit() or word == "("):
            return False
        wants_number = word in _WANT_NUMBER
    return True


def _endings(
    left: Counter[str], opened: int, new_pairs: int, wants_number: bool, signs: str
) -> Iterator[Tokens]:
    """Yield all ways to go on that use up the numbers, the open brackets and the new pairs."""
    if wants_number:
        if new_pairs and left.total() > 1:
            for rest in _endings(left, opened + 1, new_pairs - 1, True, signs):
                yield ("(", *rest)
        for number in sorted(left):
            fewer = left - Counter([number])
            for rest in _endings(fewer, opened, new_pairs, False, signs):
                yield (number, *rest)
        return
    if not left and not opened and not new_pairs:
        yield ()
    if opened:
        for rest in _endings(left, opened - 1, new_pairs, False, signs):
            yield (")", *rest)
    if left:
        for sign in signs:
            for rest in _endings(left, opened, new_pairs, True, signs):
                yield (sign, *rest)
