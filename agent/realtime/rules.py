"""What a control loop is told at each tick, and the times that decide it.

Values only: `pilot` applies the rules. Knows no robot, no policy and no clock.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qvl_agent.actions.errors import QvlAgentError
from qvl_agent.actions.types import Action

__all__ = [
    "Act",
    "Directive",
    "Hold",
    "HoldCause",
    "Note",
    "NoteKind",
    "Stop",
    "StopCause",
    "Timing",
]

HoldCause = Literal[
    "starting",  # the policy is being loaded
    "no_task",  # before `begin`, and after `cancel` and `finish`
    "waiting",  # for an observation that is fresh enough to think about
    "thinking",
]

StopCause = Literal[
    "dead_man",  # no fresh action came in time
    "silent",  # no sign of life of the policy's side
    "failed",  # the policy raised, gave up or died; the error says which
    "closed",
]

NoteKind = Literal[
    "began",
    "asked",  # the policy was given an observation
    "replaced",  # a newer observation took the place of one that waited
    "too_old",  # an observation was not thought about
    "ignored",  # an observation came while there was nothing to do with one
    "fresh",  # an action was handed over for the first time
    "stale",  # an action came too late and was dropped
    "void",  # an action came for what had been cancelled or stopped
    "expired",  # an action reached the end of its time
    "hold",
    "stop",
    "rearmed",
    "cancelled",
    "finished",
]


@dataclass(frozen=True, slots=True)
class Timing:
    """The limits of a control loop, in seconds of its clock.

    Attributes:
        observation_s: An observation older than this is not thought about.
        action_s: An action is executed no longer than until the observation it was chosen in view
            of is this old: thinking, travelling and moving together.
        dead_man_s: With no fresh action for this long, the robot is to stop.
        heartbeat_s: With no sign of life of the policy's side for this long, the robot is to stop.

    Raises:
        ValueError: If a limit is not a positive number, or no action could ever be fresh.
    """

    observation_s: float = 0.25
    action_s: float = 2.0
    dead_man_s: float = 4.0
    heartbeat_s: float = 1.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(
                    f"{field.name} must be a positive number of seconds, got {value!r}"
                )
        if self.observation_s >= self.action_s:
            raise ValueError(
                f"observation_s ({self.observation_s:g}) must be below action_s "
                f"({self.action_s:g}): an action is at least as old as its observation"
            )


@dataclass(frozen=True, slots=True)
class Act:
    """Do this, or go on doing it.

    Attributes:
        action: What to do.
        sequence: The number of the observation that it was chosen in view of.
        age_s: How old that observation is now.
        fresh: Whether the action is handed over for the first time.
    """

    action: Action
    sequence: int
    age_s: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """Stay where you are, under power: there is no action whose time it is."""

    cause: HoldCause


@dataclass(frozen=True, slots=True)
class Stop:
    """Come to a stop and stay there until a person, or a rule of the robot's own, goes on.

    Attributes:
        cause: Which rule says so.
        detail: The same in words.
        error: What the policy's side raised, where it did.
    """

    cause: StopCause
    detail: str
    error: QvlAgentError | None = None


Directive: TypeAlias = Act | Hold | Stop


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the log: a rule was applied.

    Attributes:
        at_s: When, on the loop's clock.
        kind: Which.
        sequence: The observation it is about, 0 for none.
        detail: In words, with the figures.
    """

    at_s: float
    kind: NoteKind
    sequence: int = 0
    detail: str = ""
