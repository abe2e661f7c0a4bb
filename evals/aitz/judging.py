"""A whole file of predictions under several rules, and how sure the figures are."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qvl_agent.evals.aitz.data import Dataset
from qvl_agent.evals.aitz.files import Key
from qvl_agent.evals.aitz.metrics import StepResult
from qvl_agent.evals.aitz.notations import Prediction
from qvl_agent.evals.aitz.protocols import scorer_of
from qvl_agent.evals.intervals import bootstrap
from qvl_agent.evals.stats import Interval

__all__ = ["MIN_EPISODES", "disagreements", "judge", "rate_intervals"]

MIN_EPISODES = 10
"""Fewer episodes say nothing of how episodes vary: one resampled with itself has no spread."""


def judge(
    dataset: Dataset, predicted: Mapping[Key, Prediction], protocols: Sequence[str]
) -> dict[str, list[StepResult]]:
    """Return the judged steps of the dataset by rule; a step without prediction is a miss."""
    scorers = {name: scorer_of(name) for name in protocols}
    results: dict[str, list[StepResult]] = {name: [] for name in protocols}
    for step in dataset.steps:
        size = step.image_size
        prediction = predicted.get((step.episode_id, step.step_id))
        for name, scorer in scorers.items():
            judged = scorer(step.gold, prediction, size)
            results[name].append(StepResult(step.subset, step.episode_id, step.step_id, judged))
    return results


def rate_intervals(results: Sequence[StepResult]) -> dict[str, Interval]:
    """Return 95 % intervals of the totals by name, resampled by episodes.

    Empty where there are fewer than `MIN_EPISODES`.
    """
    episodes: dict[tuple[str, str], list[StepResult]] = defaultdict(list)
    for result in results:
        episodes[result.subset, result.episode_id].append(result)
    if len(episodes) < MIN_EPISODES:
        return {}
    counts = [len(steps) for steps in episodes.values()]

    def of(match: Callable[[StepResult], bool]) -> Interval:
        return bootstrap([sum(map(match, steps)) for steps in episodes.values()], counts)

    return {
        "type_acc": of(lambda r: r.score.type_match),
        "exact_acc": of(lambda r: r.score.exact_match),
    }


def disagreements(results: Mapping[str, list[StepResult]]) -> list[dict[str, Any]]:
    """Return the steps on which not all rules give the same type and exact match."""
    found: list[dict[str, Any]] = []
    for judged in zip(*results.values(), strict=True):
        verdicts = {(r.score.type_match, r.score.exact_match) for r in judged}
        if len(verdicts) > 1:
            found.append(
                {
                    "subset": judged[0].subset,
                    "episode_id": judged[0].episode_id,
                    "step_id": judged[0].step_id,
                    "protocols": {
                        name: dict(r.score) for name, r in zip(results, judged, strict=True)
                    },
                }
            )
    return found
