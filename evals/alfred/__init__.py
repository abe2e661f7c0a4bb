"""ALFRED: its dataset, its plans, its scores, the leaderboard's form."""

from qvl_agent.evals.alfred.data import (
    SPLITS,
    Annotation,
    Episode,
    HighStep,
    LowStep,
    Trajectory,
    decode_mask,
    encode_mask,
    episodes,
    find_trajectories,
    read_trajectory,
)
from qvl_agent.evals.alfred.leaderboard import leaderboard_form, write_leaderboard
from qvl_agent.evals.alfred.replay import key_step, replay
from qvl_agent.evals.alfred.score import EpisodeResult, Scores, score, score_by_type
from qvl_agent.evals.alfred.subgoals import SUBGOALS, subgoal_done
from qvl_agent.evals.alfred.suite import AlfredSuite, MadeUpSuite, SubgoalSuite
from qvl_agent.evals.alfred.worlds import Setting, Worlds

__all__ = [
    "SPLITS",
    "SUBGOALS",
    "AlfredSuite",
    "Annotation",
    "Episode",
    "EpisodeResult",
    "HighStep",
    "LowStep",
    "MadeUpSuite",
    "Scores",
    "Setting",
    "SubgoalSuite",
    "Trajectory",
    "Worlds",
    "decode_mask",
    "encode_mask",
    "episodes",
    "find_trajectories",
    "key_step",
    "leaderboard_form",
    "read_trajectory",
    "replay",
    "score",
    "score_by_type",
    "subgoal_done",
    "write_leaderboard",
]
