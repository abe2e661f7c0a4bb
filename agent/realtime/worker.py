"""Where the policy thinks, as the control loop sees it: questions out, messages in, nothing waits.

The contract and its values. `threads` and `processes` keep it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from qvl_agent.actions.errors import QvlAgentError
from qvl_agent.actions.types import Action
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.base import Observation, Outcome

__all__ = ["Answer", "Beat", "Failure", "MakeAgent", "Message", "Question", "Ready", "Worker"]

MakeAgent: TypeAlias = Callable[[], Agent]
"""Makes the agent where it is to think; what is heavy is imported in there."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What to do in view of this?

    Attributes:
        sequence: The observation's number.
        observation: What is seen.
        undone: Why the last action was not carried out; empty where it was.
    """

    sequence: int
    observation: Observation
    undone: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The policy is loaded."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The action chosen for a question."""

    sequence: int
    action: Action


@dataclass(frozen=True, slots=True)
class Failure:
    """No action came of it, and the task is over.

    Attributes:
        error: `PolicyError`, `GaveUp` (a limit, the guard, or the question was called off) or what
            else the agent raised.
        sequence: The question; 0 where none was asked, as when the policy cannot be loaded.
        gone: Whether the worker has ended with it; `Worker.begin` starts another.
    """

    error: QvlAgentError
    sequence: int = 0
    gone: bool = False


Message: TypeAlias = Ready | Beat | Answer | Failure


class Worker(Protocol):
    """Where an agent thinks. No method but `close` waits for it.

    Every question is answered exactly once, by an `Answer` or a `Failure`, the one called off
    included; a worker that ends says so once, with `Failure.gone`.
    """

    def begin(self, task: str) -> None:
        """Begin a task, when what comes before it is done; start the worker if it has ended."""
        ...

    def ask(self, question: Question) -> None:
        """Ask what to do. At most one question is open at a time."""
        ...

    def end(self, sequence: int, outcome: Outcome | None = None) -> None:
        """End the task; questions up to `sequence` are called off as soon as the policy can."""
        ...

    def receive(self) -> list[Message]:
        """Return all that has come since the last time, in order."""
        ...

    def close(self) -> None:
        """End the worker, by force if it does not end by itself within a few seconds."""
        ...
