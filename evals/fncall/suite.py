"""Function calling from pictures as a suite: an item is a task of one step. Knows no policy."""

from typing import ClassVar

from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.evals.fncall.items import item, items
from qvl_agent.evals.fncall.world import FnCallWorld
from qvl_agent.evals.suite import Task

__all__ = ["FnCallSuite"]


class FnCallSuite:
    """The first items of a set.

    Args:
        count: How many.
        seed: Of the set.

    Raises:
        ValueError: If `count` is not positive.
    """

    name = "fncall"
    summary = "Which function, with which arguments, a picture asks for."
    limits: ClassVar[Limits] = Limits(steps=1, errors=1)
    """One answer: what cannot be read is wrong, as in the published measure."""

    def __init__(self, count: int = 480, *, seed: int = 0) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        self._count = count
        self._seed = seed

    def tasks(self) -> list[Task]:
        """Return one task per item, named after scene, language and condition."""
        return [
            Task(f"{i.scene}/{i.language}/{i.condition}/{i.number:06d}", "fncall", i.number)
            for i in items(self._count, seed=self._seed)
        ]

    def make(self, task: Task) -> WorldEnv:
        """Return the item as a world."""
        return FnCallWorld(item(task.seed, seed=self._seed))
