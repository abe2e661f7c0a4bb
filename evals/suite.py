"""What a suite is: a set of tasks, and the worlds that they are played in.

Knows worlds by their contract, and no concrete suite; `harness` plays them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from qvl_agent.agent.loop import WorldEnv

__all__ = ["Suite", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One episode to be played; the same task is always the same episode.

    Attributes:
        id: Unique in its suite, as "points24/0007".
        world: Short name of the world.
        seed: Of the world.
        options: Of the world's reset, plain JSON.
    """

    id: str
    world: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)


class Suite(Protocol):
    """A set of tasks, and the worlds they are played in.

    Attributes:
        name: As in `qvl-agent eval NAME`.
        summary: One line for `qvl-agent list suites`.
    """

    name: str
    summary: str

    def tasks(self) -> Sequence[Task]:
        """Return the tasks, the same ones in the same order every time."""
        ...

    def make(self, task: Task) -> WorldEnv:
        """Return a new world for a task."""
        ...
