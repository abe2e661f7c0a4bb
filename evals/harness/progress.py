"""How long a run will still take, and how sure that is. Knows durations only."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from threading import Lock

from qvl_agent.evals.harness.records import Incident, Key, Record, Trial

__all__ = ["Estimate", "Pacer"]

_FEWEST = 3
_Z = 1.645


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds left, with the ends of a 90 % interval."""

    seconds: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_told(self.seconds)} left ({_told(self.low)} to {_told(self.high)})"


class Pacer:
    """Follows a run as the runner's `watch`; any thread may call.

    Trials that are still under way count with the time they have taken so far: otherwise the
    short ones, which end first, would promise too much.

    Args:
        left: Trials still to be played.
        seats: How many are played at once.
        now: A clock, in seconds.
    """

    def __init__(self, left: int, seats: int, now: Callable[[], float] = time.perf_counter) -> None:
        self.left = left
        self.incidents = 0
        self._seats = max(1, seats)
        self._now = now
        self._began: dict[Key, float] = {}
        self._took: list[float] = []
        self._lock = Lock()

    def __call__(self, event: Trial | Record | Incident) -> None:
        """Take in that a trial began or what it came to."""
        with self._lock:
            if isinstance(event, Trial):
                self._began[event.key] = self._now()
                return
            took = self._now() - self._began.pop(event.key, self._now())
            if isinstance(event, Record):
                self._took.append(took)
                self.left -= 1
            else:
                self.incidents += 1
                self.left -= event.given_up

    @property
    def estimate(self) -> Estimate | None:
        """What is left; None while too few trials have ended to say.

        The mean is total time over ended trials, the estimate for exponential durations of which
        some are cut off; its interval has the spread of what is left and that of the mean itself.
        """
        with self._lock:
            ended = len(self._took)
            if ended < _FEWEST:
                return None
            now = self._now()
            under_way = [now - began for began in self._began.values()]
            mean = (sum(self._took) + sum(under_way)) / ended
            variance = sum((t - mean) ** 2 for t in self._took) / (ended - 1)
            left = max(0, self.left)
        work = max(0.0, left * mean - sum(under_way))
        seats = max(1, min(self._seats, left))
        spread = _Z * sqrt(variance * (left + left**2 / ended)) / seats
        seconds = work / seats
        return Estimate(seconds, max(0.0, seconds - spread), seconds + spread)


def _told(seconds: float) -> str:
    """Return a duration in two units at most, rounded up."""
    whole = ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
