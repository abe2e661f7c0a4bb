"""From judged steps to the published figures. Knows no rule and no file.

* `type_acc`, `exact_acc`, `hit_rate`: matches over steps (a micro average), in total, per type of
  the reference action, per subset.
* `text_dist`: mean similarity over the typed texts whose type matched.
* `goal_progress`: mean over episodes of the share of steps before the first miss.
* `success_rate`: share of episodes without a miss.

All are rounded to four digits, as published. Where an action type is absent the published script
divides by zero; here it has no entry.

Source: IMNearth/CoAT coat/evaluate.py@9ab1a9f, `compute_atomic_metrics`,
`compute_episode_metrics`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from qvl_agent.evals.aitz.score import StepScore

__all__ = ["Progress", "Rates", "StepResult", "Summary", "progress", "rates", "summarize"]

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class StepResult:
    """A judged step and where it belongs."""

    subset: str
    episode_id: str
    step_id: int
    score: StepScore


@dataclass(frozen=True, slots=True)
class Rates:
    """Figures over a set of steps.

    Attributes:
        count: Steps.
        hit_rate: Share with a recognised action type.
        type_acc: Share with the right type ("TM" in tables).
        exact_acc: Share that is right in full ("EM").
        text_dist: Mean similarity of typed texts, None where there is none.
    """

    count: int
    hit_rate: float
    type_acc: float
    exact_acc: float
    text_dist: float | None

    @classmethod
    def of(cls, scores: Sequence[StepScore]) -> Self:
        """Return the figures of at least one judged step."""
        count = len(scores)
        texts = [s.text_dist for s in scores if s.text_dist is not None]
        return cls(
            count=count,
            hit_rate=round(sum(s.format_hit for s in scores) / count, _DIGITS),
            type_acc=round(sum(s.type_match for s in scores) / count, _DIGITS),
            exact_acc=round(sum(s.exact_match for s in scores) / count, _DIGITS),
            text_dist=round(sum(texts) / len(texts), _DIGITS) if texts else None,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Figures over a set of episodes."""

    episodes: int
    success_rate: float
    goal_progress: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the publication reports.

    Attributes:
        total: Over all steps.
        by_type: Per type of the reference action, in capitals as published.
        by_subset: The same figures per subset.
        progress: Over all episodes.
        subset_progress: Per subset.
    """

    total: Rates
    by_type: Mapping[str, Rates]
    by_subset: Mapping[str, Rates]
    progress: Progress
    subset_progress: Mapping[str, Progress]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "total": _plain(self.total) | _plain(self.progress),
            "by_type": {name: _plain(r) for name, r in self.by_type.items()},
            "by_subset": {
                name: _plain(r) | _plain(self.subset_progress[name])
                for name, r in self.by_subset.items()
            },
        }


def rates(scores: Iterable[StepScore]) -> dict[str, Rates]:
    """Return the figures of judged steps: "total", then per type of the reference action.

    Raises:
        ValueError: If there is no step.
    """
    groups: dict[str, list[StepScore]] = {"total": []}
    for score in scores:
        groups["total"].append(score)
        groups.setdefault(score.gold_type.upper(), []).append(score)
    if not groups["total"]:
        raise ValueError("no step to aggregate")
    return {name: Rates.of(members) for name, members in groups.items()}


def progress(episodes: Iterable[Sequence[bool]]) -> Progress:
    """Return the figures of episodes, each given as the exact matches of its steps in order.

    Raises:
        ValueError: If there is no episode, or one without steps.
    """
    shares = []
    for matches in episodes:
        if not matches:
            raise ValueError("an episode needs at least one step")
        first_miss = next((i for i, right in enumerate(matches) if not right), len(matches))
        shares.append(first_miss / len(matches))
    if not shares:
        raise ValueError("no episode to aggregate")
    return Progress(
        episodes=len(shares),
        success_rate=round(sum(share == 1 for share in shares) / len(shares), _DIGITS),
        goal_progress=round(sum(shares) / len(shares), _DIGITS),
    )


def summarize(results: Iterable[StepResult]) -> Summary:
    """Return everything the publication reports.

    Raises:
        ValueError: If there is no step.
    """
    ordered = sorted(results, key=lambda r: (r.subset, r.episode_id, r.step_id))
    overall = rates(r.score for r in ordered)
    subsets: dict[str, list[StepScore]] = defaultdict(list)
    episodes: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in ordered:
        subsets[result.subset].append(result.score)
        episodes[result.subset, result.episode_id].append(result.score.exact_match)
    return Summary(
        total=overall.pop("total"),
        by_type=dict(sorted(overall.items())),
        by_subset={name: Rates.of(scores) for name, scores in subsets.items()},
        progress=progress(episodes.values()),
        subset_progress={
            name: progress(m for (subset, _), m in episodes.items() if subset == name)
            for name in subsets
        },
    )


def _plain(record: Rates | Progress) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
