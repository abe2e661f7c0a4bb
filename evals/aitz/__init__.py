"""Android in the Zoo: phone tasks judged step by step, under several published rules.

A step's prediction goes through `score_step` once per rule; `summarize` makes the published
figures of the scores. The rules differ enough to move the same predictions by twenty points, so a
figure is never given without its rule.
"""

from qvl_agent.evals.aitz.data import HOW_TO_GET, Dataset, Episode, Step, load
from qvl_agent.evals.aitz.experts import expert_prediction
from qvl_agent.evals.aitz.files import read_predictions
from qvl_agent.evals.aitz.gold import ActionType, Gold
from qvl_agent.evals.aitz.judging import disagreements, judge, rate_intervals
from qvl_agent.evals.aitz.metrics import (
    Progress,
    Rates,
    StepResult,
    Summary,
    progress,
    rates,
    summarize,
)
from qvl_agent.evals.aitz.notations import Prediction, read_prediction
from qvl_agent.evals.aitz.protocols import DEFAULT_PROTOCOL, PROTOCOLS, score_step, scorer_of
from qvl_agent.evals.aitz.score import StepScore

__all__ = [
    "DEFAULT_PROTOCOL",
    "HOW_TO_GET",
    "PROTOCOLS",
    "ActionType",
    "Dataset",
    "Episode",
    "Gold",
    "Prediction",
    "Progress",
    "Rates",
    "Step",
    "StepResult",
    "StepScore",
    "Summary",
    "disagreements",
    "expert_prediction",
    "judge",
    "load",
    "progress",
    "rate_intervals",
    "rates",
    "read_prediction",
    "read_predictions",
    "score_step",
    "scorer_of",
    "summarize",
]
