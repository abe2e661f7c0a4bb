import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.evals.edit_distance import indel_ratio


def slow_ratio(a: str, b: str) -> float:
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    total = len(a) + len(b)
    return 1.0 - (total - 2 * row[-1]) / total if total else 1.0


@pytest.mark.parametrize(
    ("a", "b", "ratio"),
    [
        ("pizza", "Pizza", 0.8),
        ("pizza near me", "pizza", 0.555556),
        ("best restaurants in san diego", "best restaurant in san diego", 0.982456),
        ("walmart", "wallmart", 0.933333),
        ("", "", 1.0),
        ("", "pizza", 0.0),
    ],
)
def test_ratios_are_those_of_the_published_scripts(a: str, b: str, ratio: float) -> None:
    assert round(indel_ratio(a, b), 6) == ratio


@given(st.text("abc你", max_size=12), st.text("abc你", max_size=12))
def test_the_fast_ratio_is_the_slow_one(a: str, b: str) -> None:
    assert indel_ratio(a, b) == slow_ratio(a, b) == indel_ratio(b, a)


def test_a_very_long_prediction_does_not_stall_the_scorer() -> None:
    start = time.process_time()
    assert indel_ratio("pizza near me" * 150, "a" * 1_000_000) < 0.01
    assert time.process_time() - start < 60  # two billion pairs of letters take many minutes
