"""ALFRED's episodes as a suite, and their results as ALFRED counts them. Knows no policy.

On the bundled simulator the figures are a stand-in's: the goals, limits and metrics are ALFRED's,
the rooms are not. Only THOR 2.1.0 gives official numbers; `standing` says so in a report.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from qvl_agent.actions.errors import DataError
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs.base import Outcome
from qvl_agent.envs.household.body import Body
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.goals import Matching, Progress
from qvl_agent.evals.alfred.data import Episode, episodes
from qvl_agent.evals.alfred.score import EpisodeResult
from qvl_agent.evals.suite import Task

__all__ = ["AlfredSuite"]


class AlfredSuite:
    """The episodes of a split, in the published order.

    Args:
        data: Folder of the dataset.
        split: As "valid_unseen"; the test splits have no goals and cannot be scored here.
        body: Returns a new body for an episode; by default the bundled simulator.
        steps: Whether the step-by-step instructions are told beside the goal.
        matching: "substring" as published, or "type".
        missing_ok: Whether a sample of the dataset will do.
    """

    name = "alfred"
    summary = "ALFRED's household tasks, with its goals, limits and metrics."
    limits: ClassVar[Limits] = Limits(steps=100)

    def __init__(
        self,
        data: Path,
        split: str = "valid_unseen",
        *,
        body: Callable[[], Body] | None = None,
        steps: bool = False,
        matching: Matching = "substring",
        missing_ok: bool = False,
    ) -> None:
        self._data, self._split = data, split
        self._body = body or (lambda: BundledBody(data))
        self._steps, self._matching, self._missing_ok = steps, matching, missing_ok

    @cached_property
    def episodes(self) -> dict[str, Episode]:
        """The split's episodes by the id of their task.

        Raises:
            DataError: If the split has no goals, or a file is missing.
        """
        found = {}
        for episode in episodes(self._data, self._split, missing_ok=self._missing_ok):
            trajectory = episode.trajectory
            if trajectory.goal is None:
                raise DataError(f"{self._split} has no goals: only the leaderboard can score it")
            key = f"{trajectory.goal.task_type}/{trajectory.task_id}/{episode.repeat_idx}"
            found[key] = episode
        return found

    def tasks(self) -> Sequence[Task]:
        """Return one task per episode, in the published order."""
        return [
            Task(
                key,
                "household",
                0,
                {
                    "scene": dict(episode.trajectory.scene),
                    "goal": asdict(episode.trajectory.goal) if episode.trajectory.goal else {},
                    "instruction": self._instruction(episode),
                },
            )
            for key, episode in self.episodes.items()
        ]

    def make(self, task: Task) -> WorldEnv:
        """Return a household on a new body."""
        return Household(self._body(), matching=self._matching)

    def result(self, task: Task, outcome: Outcome, reward: float = 0.0) -> EpisodeResult:
        """Return a finished episode as ALFRED counts it."""
        episode, metrics = self.episodes[task.id], outcome.metrics
        return EpisodeResult(
            trial=episode.trajectory.task_id,
            task_type=task.id.split("/")[0],
            repeat_idx=episode.repeat_idx,
            instruction=str(task.options["instruction"]),
            progress=Progress(int(metrics["goal_conditions_met"]), int(metrics["goal_conditions"])),
            steps=int(metrics["low_level_steps"]),
            expert_steps=len(episode.trajectory.low),
            reward=reward,
        )

    @staticmethod
    def standing(body: Body) -> str:
        """Return what a report has to say of figures that were measured on a body."""
        if body.name == "ai2thor 2.1.0":
            return "measured on AI2-THOR 2.1.0, as ALFRED asks for"
        return f"measured on the {body.name}: not comparable with published ALFRED scores"

    def _instruction(self, episode: Episode) -> str:
        words = episode.annotation
        if not self._steps:
            return words.goal
        numbered = " ".join(f"{k}. {step}" for k, step in enumerate(words.steps, 1))
        return f"{words.goal} {numbered}"
