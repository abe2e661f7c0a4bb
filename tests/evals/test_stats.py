"""Wilson's interval against published values, at the edges, and by simulation."""

import random

import pytest

from qvl_agent.evals.stats import Interval, Rate, wilson


# Source: Newcombe 1998, "Two-sided confidence intervals for the single proportion", Statistics in
# Medicine 17, table I, method 3 (score, no continuity correction): 81/263, 15/148, 0/20, 1/29.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_reproduces_newcombes_table(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_the_ends_are_exact_at_none_and_at_all() -> None:
    for n in (1, 7, 1000):
        assert wilson(0, n).low == 0.0
        assert wilson(n, n).high == 1.0


def test_nothing_tried_says_nothing() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert Rate(0, 0).value == 0.0


def test_more_confidence_is_a_wider_interval() -> None:
    narrow, wide = wilson(30, 100, 0.5), wilson(30, 100, 0.99)
    assert wide.low < narrow.low < 0.3 < narrow.high < wide.high


@pytest.mark.parametrize(("successes", "n"), [(-1, 10), (11, 10)])
def test_impossible_counts_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=rf"0\.\.{n}, got {successes}"):
        wilson(successes, n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        wilson(1, 2, confidence)


@pytest.mark.parametrize("truth", [0.02, 0.43, 0.995])
def test_the_95_percent_interval_covers_about_95_percent(truth: float) -> None:
    rng = random.Random(11)
    n, trials = 400, 2000
    covered = 0
    for _ in range(trials):
        interval = wilson(sum(rng.random() < truth for _ in range(n)), n)
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / trials <= 0.975


def test_a_rate_is_written_in_percent_with_its_n() -> None:
    assert Rate(81, 263).to_json() == {
        "percent": 30.8,
        "ci95": [25.53, 36.62],
        "successes": 81,
        "n": 263,
    }
