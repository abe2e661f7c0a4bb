import time
import warnings
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qvl_agent.envs.cards.formula import Rules, evaluate


@pytest.mark.parametrize(
    ("formula", "published", "strict"),
    [
        ("7 + 5", 12, 12),
        ("( 9 + 10 ) + ( 10 / 2 )", 24, 24),
        ("8 / ( 3 - 8 / 3 )", 23.99999999999999, 24),
        ("5 * ( 5 - 1 / 5 )", 24, 24),
        ("2 4 * 1 * 1", 24, None),  # adjacent numbers join
        ("2 * * 3", 8, None),
        ("9 / / 4", 2, None),
        ("- 6 * - 4", 24, None),
        ("+ 6", 6, None),
        ("2 * * - 1", 0.5, None),
        ("6 * 4 / ( 1 - 1 )", None, None),
        ("1 0 / 3", 10 / 3, None),
        ("10 ( 2 )", None, None),  # a call, to Python
        ("( )", None, None),
        ("( 6", None, None),
        ("6 +", None, None),
        ("* 6", None, None),
        ("=", None, None),
        ("", None, None),
        (") 6 (", None, None),
    ],
)
def test_what_a_formula_is_worth(formula: str, published: Any, strict: Any) -> None:
    assert evaluate(formula.split()) == published
    assert evaluate(formula.split(), "strict") == strict


def test_strict_values_are_exact_fractions() -> None:
    assert evaluate(["1", "/", "3", "+", "1", "/", "3"], "strict") == Fraction(2, 3)


@pytest.mark.parametrize(
    ("tokens", "worth"),
    [
        ([" ", "6", "+", "6"], 12),
        (["6", " ", "+", " ", "6", " "], 12),
        (["6", " ", "6"], None),
    ],
)
@pytest.mark.parametrize("rules", ["published", "strict"])
def test_a_blank_is_harmless_except_between_numbers(
    tokens: list[str], worth: int | None, rules: Rules
) -> None:
    assert evaluate(tokens, rules) == worth


@pytest.mark.parametrize(
    "formula", ["10 * * 10 * * 10", "9 * * 9 * * 9 * * 9", "10 10 * * 10 10", "- 9 * * 9 * * 9"]
)
def test_a_tower_of_powers_does_not_hang(formula: str) -> None:
    began = time.monotonic()
    assert evaluate(formula.split()) is None
    assert time.monotonic() - began < 60  # not hours


def test_a_long_formula_is_only_long() -> None:
    assert evaluate(["("] * 9 + ["7"] + [")"] * 9) == 7
    assert evaluate(["("] * 5000 + ["7"] + [")"] * 5000) is None
    assert evaluate(["-"] * 50_000 + ["7"]) is None


def test_unknown_rules_are_an_error() -> None:
    with pytest.raises(ValueError, match="strict"):
        evaluate(["1"], "lenient")  # type: ignore[arg-type]


TOKENS = st.sampled_from([*"123456789", "10", "+", "-", "*", "/", "(", ")", " "])


@settings(max_examples=1500)  # each takes a moment
@given(st.lists(TOKENS, max_size=9).filter(lambda ts: "**" not in "".join(ts)))
def test_published_values_are_those_of_python(tokens: list[str]) -> None:
    # The published programs call `eval`, so here it is the oracle; the alphabet is fixed.
    text = "".join(tokens)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            expected = eval(text)  # noqa: S307
        except Exception:
            expected = None
    if not isinstance(expected, int | float):  # an empty tuple, which equals no target
        expected = None
    assert evaluate(tokens) == expected
