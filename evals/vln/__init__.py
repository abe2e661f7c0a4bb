"""R2R and REVERIE: the official submission format and the published scores."""

from qvl_agent.evals.vln.files import load_split, score_r2r_file, score_reverie_file
from qvl_agent.evals.vln.results import Pose, Result, read_results, write_results
from qvl_agent.evals.vln.score import Report, score_r2r, score_reverie
from qvl_agent.evals.vln.walkers import WALKERS, walk_split

__all__ = [
    "WALKERS",
    "Pose",
    "Report",
    "Result",
    "load_split",
    "read_results",
    "score_r2r",
    "score_r2r_file",
    "score_reverie",
    "score_reverie_file",
    "walk_split",
    "write_results",
]
