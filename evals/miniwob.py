"""MiniWoB++ as a suite: the published tasks in a real browser, by the published raw reward.

Success is a raw reward of 1, as in the package's `get_binary_reward`; the mean raw reward and the
mean published reward, which falls with time, stand beside it. Knows no policy.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs.miniwob import TASKS, MiniWoB, check_names, open_stage
from qvl_agent.envs.miniwob.env import check_driver
from qvl_agent.envs.miniwob.stage import Stage
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.intervals import bootstrap
from qvl_agent.evals.report.figures import Figure, rate
from qvl_agent.evals.suite import Task

__all__ = ["SEEDS", "MiniWobSuite", "miniwob_figures"]

SEEDS = 100_000
"""Episodes to measure on have seeds below this; those to learn from begin at 1,000,000."""


class MiniWobSuite:
    """Seeded episodes of some tasks. A browser goes from episode to episode, of whatever task.

    Args:
        names: Of the tasks; "all" is every one.
        episodes: How many of each.
        seed: Decides every page.
        driver: "browser" or "desktop".

    Raises:
        UsageError: If there is no such task, the message names the nearest, or no such driver.
        ValueError: If `episodes` is not in [1, `SEEDS`].
    """

    name = "miniwob"
    summary = "MiniWoB++: 128 small tasks on web pages, in a real browser."
    limits: ClassVar[Limits] = Limits(steps=30)

    def __init__(
        self,
        names: Sequence[str] = ("all",),
        *,
        episodes: int = 3,
        seed: int = 0,
        driver: str = "browser",
    ) -> None:
        if not 1 <= episodes <= SEEDS:
            raise ValueError(f"episodes must be in 1..{SEEDS}, got {episodes}")
        check_driver(driver)
        self.names = check_names(names)
        self.driver = driver
        self._episodes = episodes
        self._seed = seed
        self._idle: list[Stage] = []

    def tasks(self) -> list[Task]:
        """Return the episodes, task by task; a task's do not depend on the other tasks."""
        return [task for name in self.names for task in self._tasks_of(name)]

    def _tasks_of(self, name: str) -> list[Task]:
        stream = np.random.default_rng([self._seed, TASKS.index(name)])
        seeds = stream.permutation(SEEDS)[: self._episodes]
        return [
            Task(f"{name}/{number:05d}", "miniwob", int(seed), {"name": name})
            for number, seed in enumerate(seeds)
        ]

    def make(self, task: Task) -> WorldEnv:
        """Return a world for a task; closed, it leaves its browser to the next one."""
        while self._idle:
            stage = self._idle.pop()
            if stage.alive():
                break
            stage.close()
        else:
            stage = open_stage(self.driver)
        return MiniWoB(task.options["name"], stage=stage, release=self._idle.append)

    def close(self) -> None:
        """End the browsers that no world uses."""
        while self._idle:
            self._idle.pop().close()

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: browsers do not."""
        return {**self.__dict__, "_idle": []}


def miniwob_figures(manifest: Mapping[str, Any], records: Sequence[Record]) -> list[Figure]:
    """Return the rate of success over all tasks and of each, and the mean rewards over all."""
    driver = manifest["config"]["driver"]
    rule = f"the page's raw reward is 1; {driver} driver"
    by_task: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_task[record.task.partition("/")[0]].append(record)
    rewards = [
        _mean(records, "raw_reward", f"the page's reward, without regard to time; {driver} driver"),
        _mean(records, "timed_reward", f"the published reward, falling with time; {driver} driver"),
    ]
    rates = [
        rate(members, _success, name="success", group=group, rule=rule)
        for group, members in [("all", list(records)), *by_task.items()]
    ]
    return [rates[0], *rewards, *rates[1:]]


def _mean(records: Sequence[Record], metric: str, rule: str) -> Figure:
    values = [record.metrics.get(metric, 0.0) for record in records]
    interval = bootstrap(values, [1] * len(values)) if len(values) >= 10 else None
    return Figure(
        name=metric,
        group="all",
        percent=round(100 * sum(values) / len(values), 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=len(values),
        unit="episodes",
        rule=rule,
    )


def _success(record: Record) -> float:
    return float(record.success)
