"""What a benchmark run says: rows with a figure, a goal and a gate, and where they were measured.

Exactness gates speed: a row whose gate fails has no figure. Times are CPU seconds, so that other
work on the machine disturbs them little; ours and the peer's alternate in one process. A virtual
machine counts what its host takes away as if it had been used: each row says how much that was.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, ParamSpec, TypeVar

__all__ = ["Figure", "Row", "Ticks", "alternate", "environment", "timed"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what it should be.

    Attributes:
        name: What was measured.
        value: The number.
        goal: What it should reach, or None where it is only reported.
        at_most: Whether the goal is an upper bound; otherwise it is a lower one.
    """

    name: str
    value: float
    goal: float | None = None
    at_most: bool = False

    @property
    def passed(self) -> bool:
        """Whether the goal is met."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def to_json(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        sign = None if self.goal is None else ("<=" if self.at_most else ">=")
        return {
            "name": self.name,
            "value": self.value,
            "goal": self.goal,
            "sign": sign,
            "passed": self.passed,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario of the scorecard.

    Attributes:
        id: Its name in the scorecard, such as "S1".
        scenario: What was run.
        peer: What it was compared with in the same run.
        exact: Whether the gate held: answers equal to the peer's.
        figures: What was measured.
        details: Absolute numbers behind the figures.
    """

    id: str
    scenario: str
    peer: str
    exact: bool
    figures: tuple[Figure, ...]
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the gate held and every goal is met."""
        return self.exact and all(figure.passed for figure in self.figures)

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON; without figures if the gate failed."""
        return {
            "id": self.id,
            "scenario": self.scenario,
            "peer": self.peer,
            "exact": self.exact,
            "passed": self.passed,
            "figures": [figure.to_json() for figure in self.figures] if self.exact else [],
            "details": self.details,
        }


@dataclass(frozen=True, slots=True)
class Ticks:
    """What the processors did since the machine started, in the kernel's units.

    Attributes:
        worked: For whom or what ever.
        stolen: Would have, had the host not taken them away; 0 where there is none.
    """

    worked: int = 0
    stolen: int = 0

    @classmethod
    def now(cls) -> "Ticks":
        """Return them; all 0 where the kernel tells none."""
        try:
            with open("/proc/stat", encoding="ascii") as lines:
                user, nice, system, _, _, irq, soft, stolen = map(
                    int, lines.readline().split()[1:9]
                )
        except (OSError, ValueError):
            return cls()
        return cls(user + nice + system + irq + soft, stolen)

    def stolen_since(self, before: "Ticks") -> float:
        """Return the share that was stolen, of the time in which there was something to do."""
        stolen = self.stolen - before.stolen
        return stolen / max(1, self.worked - before.worked + stolen)


def timed(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> tuple[Result, float]:
    """Return what a call returns and the CPU seconds of the whole process that it takes."""
    begin = time.process_time()
    result = function(*args, **kwargs)
    return result, time.process_time() - begin


def alternate(*works: Callable[[], object], repeats: int = 5) -> list[float]:
    """Return the median CPU seconds of each of several calls, run in turn after one warm-up."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, spent in zip(works, times, strict=True):
            spent.append(timed(work)[1])
    return [statistics.median(spent) for spent in times]


def environment() -> dict[str, Any]:
    """Return where and with what the figures were measured."""
    packages = ("qvl-agent", "torch", "transformers", "tokenizers", "numpy", "pillow")
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "default"),
        "load": os.getloadavg()[0],
        "versions": {package: version(package) for package in packages},
    }


def _processor() -> str:
    return next(_models(), platform.machine())


def _models() -> Iterator[str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            yield from (line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except OSError:
        return
