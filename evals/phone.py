"""The bundled phone's tasks as a suite, level by level.

The phone is a stand-in: what is measured on it is no published benchmark's figure. Contents and
wordings are those of the test split, which no training of this project sees. Knows no policy.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs import registry
from qvl_agent.envs.android.phone.tasks import templates_of
from qvl_agent.evals.suite import Task

__all__ = ["LEVELS", "PhoneSuite"]

LEVELS = (1, 2, 3)

_STREAM = 0xF0E


class PhoneSuite:
    """Seeded episodes of each kind of task.

    Args:
        levels: Which of 1, 2 and 3.
        episodes: How many of each kind.
        seed: Decides every phone and task.

    Raises:
        UsageError: If there is no such level.
        ValueError: If `episodes` is not positive.
    """

    name = "phone"
    summary = "Tasks on the bundled phone in three levels, judged by its state."
    limits: ClassVar[Limits] = Limits(steps=40)

    def __init__(self, levels: Sequence[int] = LEVELS, *, episodes: int = 4, seed: int = 0) -> None:
        if episodes < 1:
            raise ValueError(f"episodes must be at least 1, got {episodes}")
        if unknown := [level for level in levels if level not in LEVELS]:
            raise UsageError(f"there is no level {unknown[0]}; the phone's levels are 1, 2 and 3")
        self.levels = tuple(sorted(set(levels)))
        self._episodes = episodes
        self._seed = seed

    def tasks(self) -> list[Task]:
        """Return the tasks, a round of all kinds after the other, so that a start is a sample.

        Each has a phone of its own: tasks on one phone tend to fail together, and an interval
        that counts them as independent would be too narrow.
        """
        templates = [t for level in self.levels for t in templates_of(level=level)]
        stream = np.random.SeedSequence([self._seed, _STREAM])
        seeds = iter(stream.generate_state(self._episodes * len(templates)))
        return [
            Task(
                f"level{template.level}/{template.name}/{number:03d}",
                "android",
                int(next(seeds) >> 1),
                {"template": template.name, "level": template.level, "split": "test"},
            )
            for number in range(self._episodes)
            for template in templates
        ]

    def make(self, task: Task) -> WorldEnv:
        """Return a new phone."""
        return registry.make(task.world)
