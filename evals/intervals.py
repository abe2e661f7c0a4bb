"""Uncertainty beyond a single rate: clustered figures, repeats, and two runs side by side.

Steps of one episode stand or fall together, so a figure over steps is resampled by episodes. It
knows numbers; it knows no suite. `evals.stats` has the interval of a plain rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qvl_agent.evals.stats import Interval

__all__ = [
    "Comparison",
    "DoneClaims",
    "bootstrap",
    "compare",
    "done_claims",
    "mcnemar_exact",
    "paired_difference",
    "pass_at_k",
    "pass_hat_k",
]

_RESAMPLES = 4000
_CHUNK = 2_000_000
"""Most cells of one block of resampling weights, to bound memory: 16 MB."""


def bootstrap(
    sums: ArrayLike,
    counts: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = _RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return the bootstrap interval of a ratio of totals, resampled by episodes.

    The figure is `sum(sums) / sum(counts)`: matches over steps with one entry per episode, or the
    mean of a per-episode figure when `counts` is left out.

    Args:
        sums: float (n,), one total per episode.
        counts: float (n,), what each total is over; 1 each by default.
        confidence: Wanted coverage, in (0, 1).
        resamples: How many times the episodes are drawn anew.
        seed: The same seed gives the same interval.

    Raises:
        ValueError: If there is no episode, the lengths differ, or a count is not positive.

    Source: the expanded percentile interval of Hesterberg 2015, "What Teachers Should Know About
        the Bootstrap", section 3.2.2: plain percentiles are too narrow by about 1 in n.
    """
    numerator = np.asarray(sums, dtype=float)
    denominator = np.ones_like(numerator) if counts is None else np.asarray(counts, dtype=float)
    n = len(numerator)
    if n == 0 or denominator.shape != numerator.shape or not np.all(denominator > 0):
        raise ValueError("one sum and one positive count per episode, and at least one episode")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}")
    rng = np.random.default_rng(seed)
    ratios = []
    # Drawing n of n with replacement is a multinomial count per episode: one matrix product
    # instead of n * resamples look-ups.
    for start in range(0, resamples, block := max(1, _CHUNK // n)):
        size = min(block, resamples - start)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=size)
        ratios.append((weights @ numerator) / (weights @ denominator))
    tail = _expanded_tail(n, confidence)
    low, high = np.quantile(np.concatenate(ratios), [tail, 1 - tail])
    return Interval(float(low), float(high))


def _expanded_tail(n: int, confidence: float) -> float:
    """Return the tail to cut off, from Student's t and the bias of the resampled variance."""
    if n == 1:
        return 0.0
    normal, freedom = NormalDist(), n - 1
    z = normal.inv_cdf((1 + confidence) / 2)
    # Cornish-Fisher expansion of the t quantile (Abramowitz & Stegun 26.7.5): exact to 0.001
    # from four degrees of freedom on.
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return normal.cdf(-sqrt(n / freedom) * t)


def pass_at_k(n: int, successes: int, k: int) -> float:
    """Return the chance that at least one of `k` tries succeeds, estimated from `n` tries.

    Source: Chen et al. 2021, "Evaluating Large Language Models Trained on Code", equation 1.

    Raises:
        ValueError: Unless 0 <= successes <= n and 1 <= k <= n.
    """
    _check_tries(n, successes, k)
    return 1 - comb(n - successes, k) / comb(n, k)


def pass_hat_k(n: int, successes: int, k: int) -> float:
    """Return the chance that all of `k` tries succeed (pass^k), estimated from `n` tries.

    Source: Yao et al. 2024, "tau-bench", section 4.

    Raises:
        ValueError: Unless 0 <= successes <= n and 1 <= k <= n.
    """
    _check_tries(n, successes, k)
    return comb(successes, k) / comb(n, k)


def _check_tries(n: int, successes: int, k: int) -> None:
    if not 0 <= successes <= n or not 1 <= k <= n:
        raise ValueError(
            f"0 <= successes <= n and 1 <= k <= n, got n={n}, successes={successes}, k={k}"
        )


@dataclass(frozen=True, slots=True)
class DoneClaims:
    """What a policy says about its success against what the world says.

    Attributes:
        right: Said done, and was.
        false: Said done, and was not.
        silent: Did not say so, and was done.
        failed: Did not say so, and was not done.
    """

    right: int
    false: int
    silent: int
    failed: int


def done_claims(episodes: Sequence[tuple[bool, bool]]) -> DoneClaims:
    """Count episodes given as (says done, is done)."""
    return DoneClaims(
        right=sum(says and is_ for says, is_ in episodes),
        false=sum(says and not is_ for says, is_ in episodes),
        silent=sum(is_ and not says for says, is_ in episodes),
        failed=sum(not says and not is_ for says, is_ in episodes),
    )


def mcnemar_exact(gained: int, lost: int) -> float:
    """Return the two-sided p-value of so many tasks flipped each way, if chance flipped them.

    Source: McNemar 1947; exact binomial form, Fay 2010.
    """
    n = gained + lost
    if n == 0:
        return 1.0
    tail = sum(comb(n, i) for i in range(min(gained, lost) + 1))
    return float(min(1.0, 2 * tail / 2**n))


def paired_difference(gained: int, lost: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the interval of a difference of two paired rates.

    Half a task is added to each cell of the 2x2 table: without that the interval is too short
    for the few flips that two good runs have, and a point where there are none.

    Source: Agresti & Min 2005, "Simple improved confidence intervals for comparing matched
        proportions", Statistics in Medicine 24(5).
    """
    b, c, total = gained + 0.5, lost + 0.5, n + 2.0
    centre = (b - c) / total
    half = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(b + c - (b - c) ** 2 / total) / total
    return Interval(max(-1.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the same tasks.

    Attributes:
        n: Tasks in both.
        rate_a: Success rate of the first run.
        rate_b: Success rate of the second.
        interval: 95 % interval of `difference`.
        gained: Tasks that only the second run solves.
        lost: Tasks that only the first run solves.
        p_value: Exact McNemar test.
        unpaired: Tasks that only one of the runs has; they are in no figure.
    """

    n: int
    rate_a: float
    rate_b: float
    interval: Interval
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float
    unpaired: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.rate_b - self.rate_a

    @property
    def differs(self) -> bool:
        """Whether chance alone would flip as unevenly in fewer than 5 % of comparisons."""
        return self.p_value < 0.05

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON, rates in percent."""
        return {
            "n": self.n,
            "rate_a": round(100 * self.rate_a, 2),
            "rate_b": round(100 * self.rate_b, 2),
            "difference": round(100 * self.difference, 2),
            "ci95": [round(100 * self.interval.low, 2), round(100 * self.interval.high, 2)],
            "gained": list(self.gained),
            "lost": list(self.lost),
            "p_value": self.p_value,
            "unpaired": list(self.unpaired),
        }


def compare(a: Mapping[str, bool], b: Mapping[str, bool]) -> Comparison:
    """Compare two runs task by task.

    Args:
        a: Success of the first run by task.
        b: Success of the second.

    Raises:
        ValueError: If they have no task in common.
    """
    tasks = sorted(a.keys() & b.keys())
    if not tasks:
        raise ValueError("the two runs have no task in common")
    gained = tuple(t for t in tasks if b[t] and not a[t])
    lost = tuple(t for t in tasks if a[t] and not b[t])
    n = len(tasks)
    return Comparison(
        n=n,
        rate_a=sum(bool(a[t]) for t in tasks) / n,
        rate_b=sum(bool(b[t]) for t in tasks) / n,
        interval=paired_difference(len(gained), len(lost), n),
        gained=gained,
        lost=lost,
        p_value=mcnemar_exact(len(gained), len(lost)),
        unpaired=tuple(sorted(a.keys() ^ b.keys())),
    )
