"""Function calling from pictures: which function, and which arguments are printed there."""

from qvl_agent.evals.fncall.conditions import CONDITIONS, Condition
from qvl_agent.evals.fncall.items import LANGUAGES, Item, item, items
from qvl_agent.evals.fncall.scenes import SCENES
from qvl_agent.evals.fncall.scoring import CallScore, score_call
from qvl_agent.evals.fncall.tools import TOOLS
from qvl_agent.evals.fncall.world import FnCallWorld

__all__ = [
    "CONDITIONS",
    "LANGUAGES",
    "SCENES",
    "TOOLS",
    "CallScore",
    "Condition",
    "FnCallWorld",
    "Item",
    "item",
    "items",
    "score_call",
]
