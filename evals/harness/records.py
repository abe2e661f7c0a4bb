"""What is to be done and what came of it, as values: trials, records, incidents.

A trial is one task played once. Its record is the one line of it in a results file; an incident
is a try that measured nothing because the world or the model broke. Knows no suite and no file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.suite import Task

__all__ = ["FAILURES", "Failure", "Incident", "Key", "Record", "Trial"]

Failure = Literal["wrong call", "off target", "no progress", "stopped early", "limit"]
"""Why a trial that was measured did not succeed.

A call nobody can read or of the wrong function; a legal one with the wrong effect; actions that
change nothing; an end declared too soon; a bound of the episode. What the environment broke is an
`Incident` and no failure of the policy.
"""

FAILURES: tuple[Failure, ...] = get_args(Failure)

_KINDS: Mapping[str, type] = {
    "task": str,
    "repeat": int,
    "seed": int,
    "success": bool,
    "reason": str,
    "metrics": dict,
    "data": dict,
}

Key = tuple[str, int]
"""A trial's task and repeat: at most one record of each."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One task, to be played once.

    Attributes:
        task: Which.
        repeat: From 0; each repeat has its own seed of the policy and the task's own world.
    """

    task: Task
    repeat: int = 0

    @property
    def key(self) -> Key:
        """What tells it from all other trials of a run."""
        return self.task.id, self.repeat


@dataclass(frozen=True, slots=True)
class Record:
    """What a trial came to.

    Attributes:
        task: The task's id.
        repeat: Which repeat of it.
        seed: Of the world.
        success: By the suite's strict rule.
        reason: Why it ended, one of `EndReason`.
        detail: The same in words.
        failure: The kind, where it did not succeed.
        said_done: Whether the policy declared the task done; None where it has no way to.
        metrics: Further readings of the world by name.
        steps: Actions carried out.
        turns: Answers of the policy.
        reward: Sum of the world's.
        tokens: Generated.
        seconds: Wall time; in no figure, so that a resumed run has the same ones.
        trace: Folder of the trace, relative to the run's; None where none was kept.
        data: What the suite's own scorer needs.
    """

    task: str
    repeat: int
    seed: int
    success: bool
    reason: str
    detail: str = ""
    failure: Failure | None = None
    said_done: bool | None = None
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    steps: int = 0
    turns: int = 0
    reward: float = 0.0
    tokens: int = 0
    seconds: float = 0.0
    trace: str | None = None
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> Key:
        """Of the trial it belongs to."""
        return self.task, self.repeat

    @property
    def errors(self) -> int:
        """Answers that led to no action: where no guard denies any, the unreadable ones."""
        return self.turns - self.steps

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"metrics": dict(self.metrics), "data": dict(self.data)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the record that `to_json` wrote.

        Raises:
            DataError: If it is not one, naming the first field that is wrong.
        """
        for name, kind in _KINDS.items():
            if not isinstance(values.get(name), kind):
                raise DataError(f"{name} must be {kind.__name__}, got {values.get(name)!r:.80}")
        unknown = sorted(values.keys() - set(cls.__dataclass_fields__))
        if unknown:
            raise DataError(f"the field {unknown[0]!r} is not known to this version")
        if values.get("failure") not in (None, *FAILURES):
            raise DataError(f"failure must be one of {', '.join(FAILURES)}")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Incident:
    """A try that measured nothing.

    Attributes:
        task: The task's id.
        repeat: Which repeat of it.
        attempt: Which try at the trial, from 1, in this run of the program.
        by: Who broke.
        kind: The error's class.
        message: What happened.
        given_up: Whether it was the last try at the trial.
    """

    task: str
    repeat: int
    attempt: int
    by: Literal["environment", "policy"]
    kind: str
    message: str
    given_up: bool

    @property
    def key(self) -> Key:
        """Of the trial it belongs to."""
        return self.task, self.repeat

    def to_json(self) -> dict[str, Any]:
        """Return the incident as JSON values."""
        return asdict(self)
