"""ALFRED's scores of finished episodes. Knows no simulator.

Source: ALFRED models/eval/eval_task.py @f91f4c0c (success, goal conditions, path-length weights).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qvl_agent.envs.household.goals import Progress

__all__ = ["EpisodeResult", "Scores", "score", "score_by_type"]


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """One finished episode.

    Attributes:
        trial: The trajectory's task_id.
        task_type: One of the seven.
        repeat_idx: Which annotation.
        instruction: What the agent was told.
        progress: Conditions met on the final state.
        steps: Low-level actions taken, failed ones included.
        expert_steps: Low-level actions of the recorded plan.
        reward: Sum of rewards.
    """

    trial: str
    task_type: str
    repeat_idx: int
    instruction: str
    progress: Progress
    steps: int
    expert_steps: int
    reward: float = 0.0

    @property
    def success(self) -> bool:
        """Whether every condition was met."""
        return self.progress.satisfied

    @property
    def path_weight(self) -> float:
        """L*/max(L*, T), at most 1; an episode without a step weighs 1.

        Upstream divides by T and loses an episode that stopped at once.
        """
        return min(1.0, self.expert_steps / self.steps) if self.steps else 1.0

    @property
    def goal_condition_success(self) -> float:
        """Conditions met of all, of this episode."""
        return self.progress.met / self.progress.total

    def to_json(self) -> dict[str, Any]:
        """Return the published row."""
        success_spl = self.success * self.path_weight
        condition_spl = self.goal_condition_success * self.path_weight
        return {
            "trial": self.trial,
            "type": self.task_type,
            "repeat_idx": self.repeat_idx,
            "goal_instr": self.instruction,
            "completed_goal_conditions": self.progress.met,
            "total_goal_conditions": self.progress.total,
            "goal_condition_success": self.goal_condition_success,
            "success_spl": success_spl,
            "path_len_weighted_success_spl": success_spl * self.expert_steps,
            "goal_condition_spl": condition_spl,
            "path_len_weighted_goal_condition_spl": condition_spl * self.expert_steps,
            "path_len_weight": self.expert_steps,
            "reward": self.reward,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a set of episodes.

    Attributes:
        num_episodes: Episodes scored.
        num_successes: Episodes whose conditions were all met.
        success_rate: SR.
        goal_condition_success: GC, micro-averaged: all conditions met over all conditions.
        plw_success_rate: PLWSR.
        plw_goal_condition_success: PLWGC.
        num_without_step: Episodes that ended before any action; upstream loses these.
    """

    num_episodes: int
    num_successes: int
    success_rate: float
    goal_condition_success: float
    plw_success_rate: float
    plw_goal_condition_success: float
    num_without_step: int = 0


def score(results: Iterable[EpisodeResult]) -> Scores:
    """Return the scores of some episodes; of none, all are 0."""
    rows = list(results)
    weight = sum(r.expert_steps for r in rows)
    successes = sum(r.success for r in rows)

    def weighted(value: Mapping[int, float]) -> float:
        return (
            sum(value[i] * r.expert_steps for i, r in enumerate(rows)) / weight if weight else 0.0
        )

    return Scores(
        num_episodes=len(rows),
        num_successes=successes,
        success_rate=successes / len(rows) if rows else 0.0,
        goal_condition_success=(
            sum(r.progress.met for r in rows) / sum(r.progress.total for r in rows) if rows else 0.0
        ),
        plw_success_rate=weighted({i: r.success * r.path_weight for i, r in enumerate(rows)}),
        plw_goal_condition_success=weighted(
            {i: r.goal_condition_success * r.path_weight for i, r in enumerate(rows)}
        ),
        num_without_step=sum(r.steps == 0 for r in rows),
    )


def score_by_type(results: Iterable[EpisodeResult]) -> dict[str, Scores]:
    """Return the scores per task type, in the order of their names, and of `all`."""
    rows = list(results)
    types = sorted({r.task_type for r in rows})
    return {t: score(r for r in rows if r.task_type == t) for t in types} | {"all": score(rows)}
