from fractions import Fraction
from itertools import combinations_with_replacement, permutations

import pytest

from qvl_agent.envs.cards.formula import evaluate
from qvl_agent.envs.cards.solver import complete, solve

MULTISETS = list(combinations_with_replacement(range(1, 11), 4))


def numbers_in(tokens: tuple[str, ...]) -> list[int]:
    return sorted(int(t) for t in tokens if t.isdigit())


def test_565_of_715_deals_can_be_solved_and_every_solution_is_right() -> None:
    solved = {numbers: solve(numbers, 24) for numbers in MULTISETS}
    assert len(solved) == 715
    assert sum(plan is not None for plan in solved.values()) == 565
    for numbers, plan in solved.items():
        if plan is not None:
            assert evaluate(plan) == 24, plan
            assert numbers_in(plan) == list(numbers)
            assert len(plan) <= 11


def test_rounding_loses_only_one_deal() -> None:
    assert solve((3, 3, 8, 8), 24) is None
    plan = solve((3, 3, 8, 8), 24, "strict")
    assert plan == ("8", "/", "(", "3", "-", "8", "/", "3", ")")
    assert evaluate(plan, "strict") == Fraction(24)


@pytest.mark.parametrize(
    ("numbers", "plan"),
    [
        ((1, 1, 4, 6), "1 * 1 * 4 * 6"),
        ((1, 5, 5, 5), "( 5 - 1 / 5 ) * 5"),
        ((3, 3, 7, 7), "( 3 + 3 / 7 ) * 7"),
        ((1, 1, 1, 1), None),
    ],
)
def test_the_plan_is_the_shortest_then_the_first(
    numbers: tuple[int, ...], plan: str | None
) -> None:
    assert solve(numbers, 24) == (tuple(plan.split()) if plan else None)


def test_a_product_to_divide_by_is_not_written_without_brackets() -> None:
    assert solve((2, 3, 24), 4) == ("24", "/", "2", "/", "3")


def brute_force(numbers: tuple[int, ...]) -> tuple[str, ...]:
    """The least of all formulas of three numbers by (length, divisions, tokens)."""
    found = []
    for a, b, c in set(permutations(map(str, numbers))):
        for p in "+-*/":
            for q in "+-*/":
                for tokens in (
                    (a, p, b, q, c),
                    ("(", a, p, b, ")", q, c),
                    (a, p, "(", b, q, c, ")"),
                ):
                    if evaluate(tokens) == 24:
                        found.append((len(tokens), tokens.count("/"), tokens))
    return min(found)[2] if found else ()


@pytest.mark.parametrize("numbers", list(combinations_with_replacement((1, 2, 3, 5, 6, 8, 10), 3)))
def test_the_solver_finds_what_trying_everything_finds(numbers: tuple[int, ...]) -> None:
    assert (solve(numbers, 24) or ()) == brute_force(numbers)


@pytest.mark.parametrize(
    ("begun", "numbers"),
    [
        ("10 *", (1, 5, 7, 10)),
        ("( (", (1, 1, 7, 10)),
        ("- 6", (1, 1, 4, 6)),
        ("2 4", (1, 1, 2, 4)),
        ("( ( ( ( ( (", (1, 1, 4, 6)),
    ],
)
def test_a_begun_formula_is_completed_where_it_can_be(begun: str, numbers: tuple[int, ...]) -> None:
    start = tuple(begun.split())
    whole = complete(start, numbers, 24)
    assert whole is not None
    assert whole[: len(start)] == start
    assert evaluate(whole) == 24
    assert numbers_in(whole) == list(numbers)
    assert len(whole) <= 20


@pytest.mark.parametrize(
    ("begun", "numbers"),
    [
        ("7 +", (3, 3, 7, 7)),
        (")", (1, 2, 3, 4)),
        ("* *", (1, 2, 3, 4)),
        ("10 (", (1, 2, 3, 10)),
        ("( ( ( ( ( ( ( (", (1, 1, 4, 6)),  # no room to close them within 20 tokens
        ("(", (1, 1, 1, 1)),
    ],
)
def test_a_hopeless_beginning_is_given_up(begun: str, numbers: tuple[int, ...]) -> None:
    assert complete(tuple(begun.split()), numbers, 24) is None


def test_a_blank_in_the_beginning_is_kept() -> None:
    assert complete((" ",), (5, 7), 12, signs="+*", brackets=False, limit=5) == (
        *(" ", "5", "+", "7"),
    )
    assert complete((" ", " ", " "), (5, 7), 12, signs="+*", brackets=False, limit=5) is None
