"""What a suite is, and how its tasks are played: many episodes at once on one policy.

Knows agents and worlds by their contracts, and no concrete suite.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from qvl_agent.agent.events import Episode
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.agent.session import Dialogue
from qvl_agent.evals.batch import run_batch

__all__ = ["AgentFor", "Result", "Suite", "Task", "play"]


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


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task."""

    task: Task
    episode: Episode

    @property
    def errors(self) -> int:
        """Answers that led to no action: where no guard denies any, the unreadable ones."""
        return self.episode.turns - self.episode.steps

    def to_json(self) -> dict[str, Any]:
        """Return the result as one record."""
        episode = self.episode
        return {
            "task": self.task.id,
            "seed": self.task.seed,
            "success": episode.success,
            "metrics": dict(episode.outcome.metrics) if episode.outcome else {},
            "reason": episode.reason,
            "detail": episode.detail,
            "steps": episode.steps,
            "turns": episode.turns,
            "reward": episode.reward,
            "tokens": episode.tokens,
        }


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


AgentFor = Callable[[WorldEnv], Agent]
"""Says who plays in a world. Agents that share a policy share its batches."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """Who plays which task where."""

    task: Task
    world: WorldEnv
    agent: Agent


def play(
    suite: Suite, tasks: Iterable[Task], agent_for: AgentFor, *, batch: int = 1
) -> Iterator[Result]:
    """Play tasks, up to `batch` at once, and yield each result as it is there.

    Where an episode ends the next task begins, so a policy's batches stay full until no task is
    left. What is played does not depend on `batch`.

    Args:
        suite: Makes the worlds.
        tasks: Tasks of that suite.
        agent_for: Says who plays.
        batch: Most episodes at once.

    Raises:
        ValueError: If `batch` is not positive.
    """
    worlds = ((task, suite.make(task)) for task in tasks)
    seats = (_Seat(task, world, agent_for(world)) for task, world in worlds)
    for policy, group in groupby(seats, key=lambda seat: seat.agent.policy):
        live: dict[int, _Seat] = {}
        try:
            for number, episode in run_batch(policy, _dialogues(group, live), width=batch):
                seat = live.pop(number)
                seat.world.close()
                yield Result(seat.task, episode)
        finally:
            for seat in live.values():
                seat.world.close()


def _dialogues(seats: Iterable[_Seat], live: dict[int, _Seat]) -> Iterator[Dialogue[Episode]]:
    """Yield the episodes of the seats as they are taken, and note who sits where."""
    for number, seat in enumerate(seats):
        live[number] = seat
        task = seat.task
        yield seat.agent.episode(seat.world, seed=task.seed, options=task.options)
