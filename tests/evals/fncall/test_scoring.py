from typing import Any

import pytest

from qvl_agent.actions.types import Call
from qvl_agent.evals.fncall import score_call

GOLD = Call("log_expense", {"merchant": "Luna Pizza", "total": 12.5, "people": 3})


def call(**changes: Any) -> Call:
    return Call("log_expense", dict(GOLD.args) | changes)


@pytest.mark.parametrize(
    "right",
    [
        call(),
        call(total=12.50),
        call(merchant="Luna  Pizza "),
        call(merchant="Ｌｕｎａ Pizza"),
        call(people=3.0),
    ],
)
def test_what_cannot_be_seen_in_a_picture_makes_no_difference(right: Call) -> None:
    assert score_call(GOLD, right).exact_match


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        (call(merchant="luna pizza"), ("merchant",)),
        (call(total="12.5"), ("total",)),
        (call(total=12.51), ("total",)),
        (call(total=float("nan")), ("total",)),
        (call(people=True), ("people",)),
        (call(tip=1), ("tip",)),
        (Call("log_expense", {"merchant": "Luna Pizza"}), ("total", "people")),
        (call(merchant=["Luna Pizza"]), ("merchant",)),
    ],
)
def test_a_wrong_argument_is_named_and_leaves_the_type_match(
    wrong: Call, names: tuple[str, ...]
) -> None:
    score = score_call(GOLD, wrong)
    assert (score.type_match, score.exact_match, score.wrong) == (True, False, names)


def test_another_function_or_none_is_no_match() -> None:
    for other in (None, Call("take_note", GOLD.args)):
        score = score_call(GOLD, other)
        assert not score.type_match
        assert not score.exact_match
