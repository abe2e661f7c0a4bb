"""R2R and REVERIE: the official submission format and the published scores."""

from qvl_agent.evals.vln.results import Pose, Result, read_results, write_results
from qvl_agent.evals.vln.score import Report, score_r2r, score_reverie
from qvl_agent.evals.vln.walkers import WALKERS, walk_split

__all__ = [
    "WALKERS",
    "Pose",
    "Report",
    "Result",
    "read_results",
    "score_r2r",
    "score_reverie",
    "walk_split",
    "write_results",
]
