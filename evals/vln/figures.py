"""Figures of R2R and REVERIE from a run's records: success, and how well the way was chosen.

The world reckons each episode's metrics as the published evaluators do. Knows records and no
suite.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.intervals import bootstrap
from qvl_agent.evals.report.figures import Figure, rate

__all__ = ["figures"]

_FEWEST = 10
"""Fewer episodes say nothing of how episodes vary, so there is no interval over them."""

_RULES = {
    "r2r": {
        "SR": ("success_rate", "stopped within 3 m of the goal"),
        "OSR": ("oracle_success_rate", "came within 3 m of the goal"),
        "SPL": ("spl", "success weighted by path length, by graph distance as published"),
        "SPL*": ("spl_duet", "the same by the annotated path's length, as in later papers"),
        "nDTW": ("ndtw", "likeness to the annotated path"),
        "SDTW": ("sdtw", "the same where it succeeds"),
        "CLS": ("cls", "coverage weighted by length score"),
    },
    "reverie": {
        "SR": ("success_rate", "the target can be seen where it stopped"),
        "OSR": ("oracle_success_rate", "the target could be seen on the way"),
        "SPL": ("spl", "success weighted by path length, by graph distance as published"),
        "SPL*": ("spl_duet", "the same by the annotated path's length, as in later papers"),
        "RGS": ("rgs", "the right object named"),
        "RGSPL": ("rgspl", "the same weighted by path length, by graph distance as published"),
    },
}
_RATES = frozenset({"SR", "OSR", "RGS"})
_ROWS = {"r2r": "r2r_sr", "reverie": "reverie_sr"}


def figures(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    """Return the figures of a run; a row of the paper's table only for the published split."""
    suite, config = manifest["suite"], manifest["config"]
    found = []
    for name, (key, rule) in _RULES[suite].items():
        measured = [record for record in records if key in record.metrics]
        if not measured:
            continue
        told = f"{rule}; {config['standing']}"
        row = _ROWS[suite] if config["published"] and name == "SR" else None
        found.append(
            rate(measured, _metric(key), name=name, group="all", rule=told, row=row)
            if name in _RATES
            else _mean([r.metrics[key] for r in measured], name, told)
        )
    return found


def _metric(key: str) -> Callable[[Record], float]:
    return lambda record: record.metrics[key]


def _mean(values: Sequence[float], name: str, rule: str) -> Figure:
    interval = bootstrap(list(values), [1.0] * len(values)) if len(values) >= _FEWEST else None
    return Figure(
        name=name,
        group="all",
        percent=round(100 * sum(values) / len(values), 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=len(values),
        unit="episodes",
        rule=rule,
    )
