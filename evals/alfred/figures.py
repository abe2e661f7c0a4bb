"""ALFRED's figures from a run's records: SR, GC, and both weighted by path length, per task type.

Episodes of one trajectory stand or fall together, so intervals resample trajectories. Knows
records and no suite.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from qvl_agent.envs.household.bodies import OFFICIAL
from qvl_agent.evals.alfred.players import result_of
from qvl_agent.evals.alfred.score import EpisodeResult
from qvl_agent.evals.alfred.subgoals import subgoal_weight
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.intervals import bootstrap
from qvl_agent.evals.report.figures import Figure
from qvl_agent.evals.stats import Interval, wilson

__all__ = ["alfred_figures", "subgoal_figures"]

T = TypeVar("T")

_FEWEST = 10
"""Fewer trajectories say nothing of how trajectories vary, so there is no interval over them."""

_Part = Callable[[EpisodeResult], float]
_MEASURES: Mapping[str, tuple[_Part, _Part, str]] = {
    "SR": (lambda r: float(r.success), lambda r: 1.0, "all conditions of the goal met at the end"),
    "GC": (lambda r: r.progress.met, lambda r: r.progress.total, "conditions met of all"),
    "PLWSR": (
        lambda r: r.success * r.path_weight * r.expert_steps,
        lambda r: r.expert_steps,
        "SR weighted by path length",
    ),
    "PLWGC": (
        lambda r: r.goal_condition_success * r.path_weight * r.expert_steps,
        lambda r: r.expert_steps,
        "GC weighted by path length",
    ),
}
"""Per measure: an episode's share, what it is over, and the rule."""

_ROWS = {"SR": "alfred_sr", "GC": "alfred_gc"}


def alfred_figures(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    """Return the figures of whole tasks; none of the test splits, which have no goals."""
    results = [result_of(r) for r in records if "goal_conditions" in r.metrics]
    if not results:
        return []
    config = manifest["config"]
    published = (
        config["complete_split"]
        and config["split"] == "valid_unseen"
        and config["body"] == OFFICIAL
        and config["matching"] == "substring"
    )
    figures = []
    for group, members in _groups(results, lambda r: r.task_type).items():
        for name, (share, over, rule) in _MEASURES.items():
            figures.append(
                _ratio(
                    [(r.trial, share(r), over(r)) for r in members],
                    name,
                    group,
                    f"{rule}; {config['standing']}",
                    _ROWS.get(name) if published and group == "all" else None,
                )
            )
    return figures


def subgoal_figures(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    """Return the rate of success and its path-length weighted form per type of sub-goal."""
    standing = manifest["config"]["standing"]
    figures = []
    for group, members in _groups(records, lambda r: str(r.data["kind"])).items():
        successes = [(r.data["trial"], float(r.success), 1.0) for r in members]
        weighted = []
        for record in members:
            expert = record.data["expert_steps"]
            steps = int(record.metrics["low_level_steps"])
            weight = subgoal_weight(record.success, steps, expert)
            weighted.append((record.data["trial"], weight * expert, float(expert)))
        rule = f"the plan's tracker says that the sub-goal is done; {standing}"
        figures.append(_ratio(successes, "SR", group, rule))
        figures.append(_ratio(weighted, "PLW SR", group, f"SR weighted by path length; {standing}"))
    return figures


def _groups(items: Sequence[T], kind: Callable[[T], str]) -> dict[str, list[T]]:
    """Return all, and then each kind in the order of the names."""
    groups: dict[str, list[T]] = {"all": list(items)}
    for name in sorted({kind(item) for item in items}):
        groups[name] = [item for item in items if kind(item) == name]
    return groups


def _ratio(
    parts: Sequence[tuple[str, float, float]],
    name: str,
    group: str,
    rule: str,
    row: str | None = None,
) -> Figure:
    """Return a ratio of totals with its interval.

    Args:
        parts: Trajectory, share, and what it is over, per episode.
        name: Of the figure.
        group: Of the episodes.
        rule: When something counts.
        row: Of the paper's table.
    """
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, float] = defaultdict(float)
    for trial, share, over in parts:
        sums[trial] += share
        counts[trial] += over
    total = sum(counts.values())
    value = sum(sums.values()) / total if total else 0.0
    interval = _interval([sums[t] for t in sums], [counts[t] for t in sums], len(parts))
    return Figure(
        name=name,
        group=group,
        percent=round(100 * value, 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=len(parts),
        unit="episodes",
        rule=rule,
        row=row,
    )


def _interval(sums: list[float], counts: list[float], episodes: int) -> Interval | None:
    n = len(sums)
    if n < _FEWEST or not all(count > 0 for count in counts):
        return None
    if sum(sums) in (0, sum(counts)):
        # Resampling would give a point, which says too much.
        return wilson(n if sum(sums) else 0, n)
    if n == episodes and set(sums) <= {0.0, 1.0} and set(counts) == {1.0}:
        return wilson(round(sum(sums)), n)
    return bootstrap(sums, counts)
