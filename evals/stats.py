"""How sure a measured rate is. Knows numbers; knows no suite, no world and no policy."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

__all__ = ["Interval", "Rate", "wilson"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, both ends in [0, 1]."""

    low: float
    high: float


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a binomial rate.

    It stays inside [0, 1] and keeps its coverage near 0 and 1, where these games' rates lie and
    where the textbook interval of `rate +- z * standard error` shrinks to a point.

    Args:
        successes: How many of `n` succeeded.
        n: How many were tried.
        confidence: Wanted coverage, in (0, 1).

    Raises:
        ValueError: If `successes` is not in 0..n or `confidence` not in (0, 1).

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference",
        J. Am. Stat. Assoc. 22(158).
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be in 0..{n}, got {successes}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}")
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    # At 0 of n and n of n the end is exactly 0 or 1; rounding must not put it beside that.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of successes, with what is needed to say how sure it is.

    Attributes:
        successes: How many of `n`.
        n: How many were tried.
    """

    successes: int
    n: int

    @property
    def value(self) -> float:
        """The share, in [0, 1]; 0 where nothing was tried."""
        return self.successes / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval."""
        return wilson(self.successes, self.n)

    def to_json(self) -> dict[str, Any]:
        """Return the rate in percent, its 95 % interval and its n."""
        interval = self.interval
        return {
            "percent": round(100 * self.value, 2),
            "ci95": [round(100 * interval.low, 2), round(100 * interval.high, 2)],
            "successes": self.successes,
            "n": self.n,
        }
