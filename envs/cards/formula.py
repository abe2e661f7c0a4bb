"""What a formula of the two points games is worth, without `eval` and without hanging.

Two readings exist.

`published`
    What Python's `eval` makes of the joined tokens, as the published programs do: floats, `**`,
    `//`, signs, and two number tokens side by side that read as one number. Only a power whose
    result has more than 4,096 bits is refused: the original would hang.
`strict`
    Exact fractions over `+ - * /` and brackets, each number token by itself.

This module knows neither cards nor targets.
"""

import ast
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

__all__ = ["BLANK", "Rules", "can_go_on", "evaluate"]

Rules = Literal["published", "strict"]
Number: TypeAlias = int | float | complex | Fraction

BLANK = " "
"""The token that an illegal number leaves in the formula."""

_MOST_BITS = 4096


def evaluate(tokens: Sequence[str], rules: Rules = "published") -> Number | None:
    """Return what the formula is worth, or None where it is worth nothing.

    Args:
        tokens: Numbers, operators, brackets and `BLANK`, at most a few dozen.
        rules: How it is read.
    """
    if rules not in get_args(Rules):
        raise ValueError(f"rules must be one of {get_args(Rules)}, got {rules!r}")
    strict = rules == "strict"
    if strict and _has_adjacent_numbers(tokens):
        return None
    text = "".join(tokens).strip()
    try:
        tree = ast.parse(text, mode="eval")
        return _value(tree.body, _STRICT if strict else _PUBLISHED, Fraction if strict else int)
    except (SyntaxError, ArithmeticError, TypeError, ValueError, RecursionError, MemoryError):
        return None


def can_go_on(tokens: Sequence[str], wants_number: bool, opened: int) -> bool:
    """Return whether a begun formula can still become one, by the grammar alone.

    Args:
        tokens: What is written.
        wants_number: Whether a number has to come next.
        opened: How many brackets are open.
    """
    text = "".join(tokens) + "1" * wants_number + ")" * opened
    try:
        ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    return opened >= 0


def _has_adjacent_numbers(tokens: Sequence[str]) -> bool:
    words = [t for t in tokens if t != BLANK]
    return any(a.isdigit() and b.isdigit() for a, b in zip(words, words[1:], strict=False))


def _power(base: Any, exponent: Any) -> Number:
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and abs(base) > 1
        and exponent * base.bit_length() > _MOST_BITS
    ):
        raise OverflowError("the power is too large")
    return base**exponent  # type: ignore[no-any-return]


_Operators: TypeAlias = dict[type[ast.AST], Callable[..., Any]]

_STRICT: _Operators = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_PUBLISHED: _Operators = _STRICT | {
    ast.FloorDiv: operator.floordiv,
    ast.Pow: _power,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _value(node: ast.expr, operators: _Operators, number: Callable[[int], Number]) -> Number:
    match node:
        case ast.Constant(value=int(value)):
            return number(value)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in operators:
            a = _value(left, operators, number)
            return operators[type(op)](a, _value(right, operators, number))  # type: ignore[no-any-return]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in operators:
            return operators[type(op)](_value(operand, operators, number))  # type: ignore[no-any-return]
    raise ValueError(f"{type(node).__name__} is no part of a formula")
