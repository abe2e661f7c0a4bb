"""ALFRED's episodes as a suite: whole tasks, single sub-goals, or tasks that this project makes up.

On the bundled simulator the figures are a stand-in's: the goals, limits and metrics are ALFRED's,
the rooms are not. Knows the dataset and no policy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Literal

import numpy as np

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs.household.goals import TASK_TYPES, TaskType
from qvl_agent.evals.alfred.data import SPLITS, Annotation, Episode, Trajectory, episodes
from qvl_agent.evals.alfred.subgoals import SUBGOALS
from qvl_agent.evals.alfred.worlds import Setting, Worlds
from qvl_agent.evals.suite import Task

__all__ = ["AlfredSuite", "Facts", "Instructions", "MadeUpSuite", "SubgoalSuite"]

Instructions = Literal["goal", "steps"]
"""What is told of an annotation: the goal alone, or the steps to it as well."""

_STREAM = 0xA1F
_SPLITS = (*SPLITS, "tests")


@dataclass(frozen=True, slots=True)
class Facts:
    """What scoring has to know of an episode beside how it went.

    Attributes:
        trial: The trajectory's task_id.
        kind: One of the seven task types, or of the eight sub-goals; "" in the test splits.
        repeat_idx: Which annotation.
        instruction: What the policy was told.
        expert_steps: Low-level actions of the recorded plan, or of the expert where there is none.
        split: Of the dataset, or "made-up".
    """

    trial: str
    kind: str
    repeat_idx: int
    instruction: str
    expert_steps: int
    split: str


class _Suite:
    """What all three have in common: worlds by a setting, ALFRED's limits."""

    name = "alfred"
    summary = "Household tasks with ALFRED's goals, limits and metrics."
    limits: ClassVar[Limits] = Limits(steps=1000, errors=10)
    """As many skills as low-level actions: `Household` counts those, and the failures in all."""

    def __init__(self, setting: Setting) -> None:
        self.worlds = Worlds(setting)

    def make(self, task: Task) -> WorldEnv:
        """Return a new world for a task."""
        return self.worlds.make(task)

    def close(self) -> None:
        """Let go of the body that worlds were made on."""
        self.worlds.close()

    def __getstate__(self) -> dict[str, Any]:
        """Travel to a world's process with nothing but what makes worlds."""
        return {"worlds": self.worlds}


class AlfredSuite(_Suite):
    """The episodes of a split, in the published order.

    Args:
        setting: With `data`, the folder of the dataset.
        split: As "valid_unseen"; "tests" is both test splits, which have no goals.
        instructions: What the policy is told.
        missing_ok: Whether a sample of the dataset will do.

    Raises:
        UsageError: If there is no such split, or the setting has no data.
    """

    def __init__(
        self,
        setting: Setting,
        split: str = "valid_unseen",
        *,
        instructions: Instructions = "goal",
        missing_ok: bool = False,
    ) -> None:
        super().__init__(setting)
        if split not in _SPLITS:
            raise UsageError(f"split must be one of {', '.join(_SPLITS)}, got {split!r}")
        if instructions not in ("goal", "steps"):
            raise UsageError(f"instructions must be goal or steps, got {instructions!r}")
        self.split = split
        self._data = _data(setting)
        self._instructions = instructions
        self._missing_ok = missing_ok
        self._facts: dict[str, Facts] = {}

    def tasks(self) -> Sequence[Task]:
        """Return one task per episode, in the published order.

        Raises:
            DataError: If a file is missing or broken, or the split holds no episode at all.
        """
        found = []
        for split, episode in self._episodes():
            found += self._tasks_of(split, episode)
        if not found:
            raise DataError(f"{self._data} holds no episode of {self.split}")
        return found

    def facts(self, task: Task) -> Facts:
        """Return what scoring has to know of a task of `tasks()`."""
        return self._facts[task.id]

    def trajectories(self) -> dict[str, Trajectory]:
        """Return the trajectory of each task, for a replay."""
        return {
            task.id: episode.trajectory
            for split, episode in self._episodes()
            for task in self._tasks_of(split, episode)
        }

    def _episodes(self) -> Iterator[tuple[str, Episode]]:
        for split in ("tests_seen", "tests_unseen") if self.split == "tests" else (self.split,):
            for episode in episodes(self._data, split, missing_ok=self._missing_ok):
                yield split, episode

    def _tasks_of(self, split: str, episode: Episode) -> list[Task]:
        trajectory, goal = episode.trajectory, episode.trajectory.goal
        kind = split if goal is None else goal.task_type
        words = _words(episode.annotation, self._instructions)
        options: dict[str, Any] = {"scene": dict(trajectory.scene), "instruction": words}
        if goal is not None:
            options["goal"] = asdict(goal)
        key = f"{kind}/{trajectory.task_id}/{episode.repeat_idx}"
        self._facts[key] = Facts(
            trajectory.task_id,
            "" if goal is None else kind,
            episode.repeat_idx,
            words,
            len(trajectory.low),
            split,
        )
        return [Task(key, "household", 0, options)]


class SubgoalSuite(AlfredSuite):
    """Each sub-goal of some types in each episode of a split, the plan before it being done.

    Args:
        setting: With `data`, the folder of the dataset.
        split: One with plans.
        kinds: Some of `SUBGOALS`.
        missing_ok: Whether a sample of the dataset will do.

    Raises:
        UsageError: If there is no such split or type, or the setting has no data.
    """

    name = "alfred-subgoals"

    def __init__(
        self,
        setting: Setting,
        split: str = "valid_unseen",
        *,
        kinds: Sequence[str] = SUBGOALS,
        missing_ok: bool = False,
    ) -> None:
        super().__init__(setting, split, missing_ok=missing_ok)
        if unknown := [kind for kind in kinds if kind not in SUBGOALS]:
            raise UsageError(
                f"there is no sub-goal {unknown[0]!r}; use some of {', '.join(SUBGOALS)}"
            )
        self.kinds = tuple(kinds)

    def _tasks_of(self, split: str, episode: Episode) -> list[Task]:
        trajectory = episode.trajectory
        if not trajectory.has_plan:
            raise DataError(f"{trajectory.task_id} has no plan, so there are no sub-goals in it")
        plan = [asdict(step) for step in trajectory.high]
        found = []
        for position, step in enumerate(trajectory.high):
            own = sum(low.high_index == step.index for low in trajectory.low)
            if step.action not in self.kinds or not own:
                continue
            told = episode.annotation.steps
            words = episode.annotation.goal
            if position < len(told):
                words += f" Now only this step: {told[position]}"
            before = [dict(low.command) for low in trajectory.low if low.high_index < step.index]
            key = f"{step.action}/{trajectory.task_id}/{episode.repeat_idx}/{position}"
            subgoal = {"before": before, "plan": plan, "position": position}
            options = {"scene": dict(trajectory.scene), "instruction": words, "subgoal": subgoal}
            found.append(Task(key, "household", 0, options))
            self._facts[key] = Facts(
                trajectory.task_id, step.action, episode.repeat_idx, words, own, split
            )
        return found


class MadeUpSuite(_Suite):
    """Tasks that this project makes up by seed, in rooms that no training sees.

    Args:
        setting: Without data; its body has to know the made-up rooms.
        count: How many.
        seed: Decides all of them.

    Raises:
        UsageError: If the setting has THOR's own build, which knows no such rooms.
        ValueError: If `count` is not positive.
    """

    split = "made-up"

    def __init__(self, setting: Setting, count: int = 70, *, seed: int = 0) -> None:
        super().__init__(setting)
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        if setting.body == "thor":
            raise UsageError(
                "THOR's own build does not know the made-up rooms: give ALFRED's dataset with "
                "--data, or take --body bundled"
            )
        self._count = count
        self._seed = seed
        self._scout = Worlds(Setting())
        self._scouting = Lock()

    def tasks(self) -> Sequence[Task]:
        """Return the tasks, one task type after the other, so that a start is a sample."""
        seeds = np.random.SeedSequence([self._seed, _STREAM]).generate_state(self._count)
        return [
            Task(
                f"{_kind(number)}/{number:04d}",
                "household",
                int(seed >> 1),
                {"split": "test", "task_type": _kind(number)},
            )
            for number, seed in enumerate(seeds)
        ]

    def facts(self, task: Task) -> Facts:
        """Return what scoring has to know; the expert plays the task to count its steps."""
        kind, _, number = task.id.partition("/")
        with self._scouting:
            world: Any = self._scout.make(task).unwrapped
            world.reset(seed=task.seed, options=dict(task.options))
            ended = cut = False
            while not (ended or cut):
                _, _, ended, cut, _ = world.step(world.expert().action)
            return Facts(number, kind, 0, world.task, world.session.num_steps, self.split)


def _kind(number: int) -> TaskType:
    return TASK_TYPES[number % len(TASK_TYPES)]


def _data(setting: Setting) -> Path:
    if setting.data is None:
        raise UsageError("a split of ALFRED needs the folder of its dataset")
    return setting.data


def _words(annotation: Annotation, instructions: Instructions) -> str:
    if instructions == "goal":
        return annotation.goal
    numbered = " ".join(f"{k}. {step}" for k, step in enumerate(annotation.steps, 1))
    return f"{annotation.goal} {numbered}"
