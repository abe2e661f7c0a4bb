"""A suite to rehearse a run with: worlds that take their time, hang, die or fail when told to.

The harness is measured and tested on it. It knows no benchmark, and scores on it mean nothing.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from qvl_agent.actions.errors import DeviceError, ResetNeeded
from qvl_agent.actions.mobile import Done, Home, mobile_space
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, World
from qvl_agent.evals.suite import Task

__all__ = ["Fault", "Pace", "RehearsalSuite"]

Fault = Literal["hang", "spin", "die", "raise", "bug"]
"""What can be rehearsed: to wait for ever, to compute for ever, to die, to fail, to have a bug."""


class Pace(World):
    """A world of a known length, in which every step takes a known time.

    It shows one grey, of a phone screen's size. A task succeeds when its seed is even, so that runs
    can be told apart by their results.

    Args:
        steps: Actions until it ends.
        seconds: What each takes.
        fault: What happens at the second action, if anything.
    """

    def __init__(self, steps: int, seconds: float, fault: Fault | None = None) -> None:
        self.action_space = mobile_space()
        self.observation_space = ObservationSpace()
        self.task = "rehearse"
        self._steps = steps
        self._seconds = seconds
        self._fault = fault
        self._done = -1

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin."""
        super().reset(seed=seed)
        self._seed = seed or 0
        self._done = 0
        self._image = np.full((840, 392, 3), self._seed % 251, np.uint8)
        return Observation(self._image), {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Take the time of a step; at the second one the fault happens."""
        if self._done < 0:
            raise ResetNeeded("call reset first")
        self._done += 1
        time.sleep(self._seconds)
        if self._done == 2:
            match self._fault:
                case "hang":
                    time.sleep(3600)
                case "spin":
                    while True:
                        pass
                case "die":
                    os._exit(7)
                case "raise":
                    raise DeviceError("the device is gone, as rehearsed")
                case "bug":
                    raise ZeroDivisionError("a bug, as rehearsed")
        over = self._done >= self._steps
        return Observation(self._image), float(over and self._won), over, False, {}

    @property
    def _won(self) -> bool:
        return self._seed % 2 == 0

    def outcome(self) -> Outcome:
        """Return whether the seed is even."""
        return Outcome(self._done >= self._steps and self._won, {"steps": float(self._done)})

    def expert(self) -> Decision:
        """Return the end on the last step, and Home until then."""
        return Decision("", Done() if self._done + 1 >= self._steps else Home())


@dataclass(frozen=True)
class RehearsalSuite:
    """Tasks of one pace, some of them with faults.

    Attributes:
        count: Tasks.
        steps: Actions of each.
        seconds: What an action takes.
        faults: By task id, what happens there.
        once: A folder; a fault then happens only the first time that its task is played.
    """

    name = "rehearsal"
    summary = "Worlds that take their time, to rehearse a run."

    count: int
    steps: int = 3
    seconds: float = 0.0
    faults: Mapping[str, Fault] = field(default_factory=dict)
    once: Path | None = None

    def tasks(self) -> list[Task]:
        """Return the tasks."""
        return [Task(f"rehearsal/{i:04d}", "rehearsal", i) for i in range(self.count)]

    def make(self, task: Task) -> World:
        """Return the world of a task, with its fault where it is due."""
        return Pace(self.steps, self.seconds, self._due(task.id))

    def _due(self, task: str) -> Fault | None:
        fault = self.faults.get(task)
        if fault is None or self.once is None:
            return fault
        try:
            (self.once / task.replace("/", "-")).touch(exist_ok=False)
        except FileExistsError:
            return None
        return fault
