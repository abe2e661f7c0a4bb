"""The rules by their names. One prediction, several rules: `score_step` with each name.

| name | rule |
| --- | --- |
| `qwen25vl` | points; 0.14 of the screen or an enlarged element (the default) |
| `coat` | boxes; the dataset's own scorer with its click slip mended |
| `coat-as-released` | the same with the slip: correct clicks are wrong |
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from qvl_agent.actions.errors import UsageError
from qvl_agent.evals.aitz.coat import score_coat
from qvl_agent.evals.aitz.data import Step
from qvl_agent.evals.aitz.gold import Gold
from qvl_agent.evals.aitz.notations import Prediction
from qvl_agent.evals.aitz.qwen25vl import score_points
from qvl_agent.evals.aitz.score import StepScore

__all__ = ["DEFAULT_PROTOCOL", "PROTOCOLS", "Scorer", "score_step", "scorer_of"]

Scorer: TypeAlias = Callable[[Gold, Prediction, tuple[int, int]], StepScore]
"""Judges a prediction against the reference action on a screen of (width, height) pixels."""

DEFAULT_PROTOCOL = "qwen25vl"

PROTOCOLS: Mapping[str, Scorer] = {
    "qwen25vl": score_points,
    "coat": score_coat,
    "coat-as-released": partial(score_coat, as_released=True),
}


def scorer_of(protocol: str) -> Scorer:
    """Return the scorer of a rule.

    Raises:
        UsageError: If there is no rule of that name.
    """
    try:
        return PROTOCOLS[protocol]
    except KeyError as exc:
        raise UsageError(
            f"there is no AITZ protocol {protocol!r}; use one of {', '.join(PROTOCOLS)}"
        ) from exc


def score_step(
    step: Step | Gold | Mapping[str, Any],
    prediction: Prediction,
    *,
    protocol: str = DEFAULT_PROTOCOL,
    image_size: tuple[int, int] | None = None,
) -> StepScore:
    """Return what one predicted step is worth.

    Args:
        step: A loaded step, its reference action, or its record as in the dataset's files.
        prediction: A typed action, a record in one of the notations of `evals.aitz.notations`,
            or None for no answer.
        protocol: One of `PROTOCOLS`.
        image_size: (width, height) of the stored screenshot in pixels; a loaded step knows it.

    Raises:
        UsageError: If there is no such protocol.
        DataError: If the record is malformed.
        ValueError: If the size is not given and `step` is not a loaded one.
    """
    scorer = scorer_of(protocol)
    if isinstance(step, Step):
        return scorer(step.gold, prediction, image_size or step.image_size)
    if image_size is None:
        raise ValueError("image_size (width, height) is needed for a step that was not loaded")
    gold = step if isinstance(step, Gold) else Gold.from_json(step)
    width, height = image_size
    return scorer(gold, prediction, (width, height))
