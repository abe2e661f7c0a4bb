"""What each suite's records say: figures with their n, interval and rule.

Which row of the paper's table a figure belongs to is decided here, and only a figure of the
published data under the published rule belongs to one. Knows suites by the name in a manifest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.intervals import bootstrap
from qvl_agent.evals.stats import Interval, wilson

__all__ = ["Figure", "figures_of"]

_FEWEST = 10
"""Fewer episodes say nothing of how episodes vary, so there is no interval over them."""


_NO_MODELS = ("expert", "random", "scripted", "none", "replay", "stop", "annotated")
"""Policies that see the state, or nothing: their figures are bounds and belong to no table."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Attributes:
        name: What is measured, as "success".
        group: Of which tasks.
        percent: The figure.
        low: Lower end of its 95 % interval in percent; None where there are too few episodes.
        high: Upper end.
        n: Over how many.
        unit: Of what.
        rule: When something counts.
        row: Row of the paper's table that measures the same, if any.
    """

    name: str
    group: str
    percent: float
    low: float | None
    high: float | None
    n: int
    unit: str
    rule: str
    row: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)


def figures_of(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    """Return the figures of a run, [] where nothing was measured."""
    if not records:
        return []
    from qvl_agent.evals.alfred.figures import alfred_figures, subgoal_figures
    from qvl_agent.evals.miniwob import miniwob_figures
    from qvl_agent.evals.vln.figures import figures as vln_figures

    makers: Mapping[str, Callable[[Mapping[str, Any], Sequence[Record]], list[Figure]]] = {
        "cards": _cards,
        "fncall": _fncall,
        "aitz": _aitz,
        "phone": _phone,
        "miniwob": miniwob_figures,
        "alfred": alfred_figures,
        "alfred-subgoals": subgoal_figures,
        "r2r": vln_figures,
        "reverie": vln_figures,
    }
    figures = makers.get(manifest["suite"], _plain)(manifest, records)
    if str(manifest["model"]).partition(":")[0] in _NO_MODELS:
        return [replace(figure, row=None) for figure in figures]
    return figures


def rate(
    records: Sequence[Record],
    of: Callable[[Record], float],
    *,
    name: str,
    group: str,
    rule: str,
    row: str | None = None,
) -> Figure:
    """Return the share of records for which `of` is 1.

    Repeats of a task stand or fall together, so with repeats tasks are resampled; without any the
    interval is Wilson's.
    """
    by_task: dict[str, list[float]] = defaultdict(list)
    for record in records:
        by_task[record.task].append(of(record))
    values = [value for task in by_task.values() for value in task]
    interval: Interval | None
    if len(values) == len(by_task):
        interval = wilson(round(sum(values)), len(values))
    else:
        interval = _resampled([sum(v) for v in by_task.values()], list(map(len, by_task.values())))
    return _figure(sum(values) / len(values), interval, len(values), name, group, rule, row)


def _figure(
    share: float,
    interval: Interval | None,
    n: int,
    name: str,
    group: str,
    rule: str,
    row: str | None,
    unit: str = "episodes",
) -> Figure:
    return Figure(
        name=name,
        group=group,
        percent=round(100 * share, 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=n,
        unit=unit,
        rule=rule,
        row=row,
    )


def _resampled(sums: Sequence[float], counts: Sequence[int]) -> Interval | None:
    """Return the interval of a share, resampled by episodes; None where they are too few.

    Where all episodes are wholly right, or all wholly wrong, resampling gives a point, which says
    too much: the interval is Wilson's over episodes then.
    """
    n = len(sums)
    if n < _FEWEST:
        return None
    if sum(sums) in (0, sum(counts)):
        return wilson(n if sum(sums) else 0, n)
    return bootstrap(sums, counts)


def _groups(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Return records by the first part of their task's id."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[record.task.partition("/")[0]].append(record)
    return groups


def _plain(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    rule = "the world's state says success"
    return [rate(records, _success, name="success", group="all", rule=rule)]


def _cards(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    pictures = manifest["config"]["pictures"]
    rule = "the return of the episode is above 0, as published"
    if pictures != "true":
        rule += f"; pictures {pictures}"
    return [
        rate(
            members,
            _success,
            name="success",
            group=game,
            rule=rule,
            # The games are the published ones themselves, by their exact rules.
            row=game if pictures == "true" else None,
        )
        for game, members in _groups(records).items()
    ]


def _phone(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    rule = "the phone's state says success; a simulated phone, comparable with itself only"
    groups = {**_groups(records), "all": list(records)}
    return [
        rate(members, _success, name="success", group=group, rule=rule)
        for group, members in groups.items()
    ]


def _fncall(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    rules = {
        "type_match": "the right function; this project's own pictures, not the paper's",
        "exact_match": "and all arguments as the picture shows them; this project's own pictures",
    }
    groups = {"all": list(records), **_groups(records)}
    return [
        rate(members, _metric(metric), name=metric, group=group, rule=rule)
        for group, members in groups.items()
        for metric, rule in rules.items()
    ]


def _aitz(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    from qvl_agent.evals.aitz import PROTOCOLS
    from qvl_agent.evals.aitz.player import step_results

    config = manifest["config"]
    published = config["complete_split"] and config["split"] == "test"
    found = []
    for protocol in PROTOCOLS:
        rule = f"{protocol}, history of {config['history']}"
        if not published:
            rule += "; a sample of the split"
        episodes = [[r.score for r in step_results(record, protocol)] for record in records]
        counts = [len(scores) for scores in episodes]
        for field, row in (("type_match", "aitz_tm"), ("exact_match", "aitz_em")):
            sums = [sum(getattr(score, field) for score in scores) for scores in episodes]
            found.append(
                _figure(
                    sum(sums) / sum(counts),
                    _resampled(sums, counts),
                    sum(counts),
                    field,
                    protocol,
                    rule,
                    row if published and protocol == config["rule"] else None,
                    unit="steps",
                )
            )
        shares = [_progress([s.exact_match for s in scores]) for scores in episodes]
        for name, values in (
            ("goal_progress", shares),
            ("success_rate", [float(share == 1) for share in shares]),
        ):
            mean = sum(values) / len(values)
            interval = _resampled(values, [1] * len(values))
            found.append(_figure(mean, interval, len(values), name, protocol, rule, None))
    return found


def _progress(matches: Sequence[bool]) -> float:
    """Return the share of an episode before its first miss."""
    first_miss = next((i for i, right in enumerate(matches) if not right), len(matches))
    return first_miss / len(matches)


def _success(record: Record) -> float:
    return float(record.success)


def _metric(name: str) -> Callable[[Record], float]:
    return lambda record: record.metrics.get(name, 0.0)
