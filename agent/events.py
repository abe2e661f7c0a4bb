"""What happens in an episode, as values: what `stream` yields and what a trace holds.

    Started
      Request -> Generated            the policy is asked, and answers
        -> ParseFailed | Denied       asked again
        -> Chose -> Acted             a step
        -> WorldFailed
    Ended

`step` counts the actions carried out, `turn` the answers of the policy, both from 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from qvl_agent.actions.errors import ParseErrorKind
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.types import Action, Call
from qvl_agent.agent.context import Sight, Window
from qvl_agent.agent.limits import EndReason
from qvl_agent.envs.base import Outcome
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt

__all__ = [
    "Acted",
    "Choice",
    "Chose",
    "Denied",
    "Ended",
    "Episode",
    "Event",
    "Generated",
    "ParseFailed",
    "Request",
    "Started",
    "StepSeconds",
    "WorldFailed",
]


@dataclass(frozen=True, slots=True)
class Request:
    """Asks whoever drives the episode for a generation; not an event, and not in the trace."""

    prompt: Prompt
    decoding: Decoding


@dataclass(frozen=True, slots=True)
class Started:
    """The world was reset and shows its first observation.

    Attributes:
        task: What is to be done.
        frame: The grid of the policy's points.
        sight: What is seen.
        info: What the world says beside it; never shown to a policy.
    """

    task: str
    frame: Frame
    sight: Sight
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generated:
    """The policy answered.

    Attributes:
        step: The step that it is asked for.
        turn: How many answers came before.
        generation: What it wrote, and where its time went.
        seconds: Wall time from question to answer.
        window: What the prompt showed.
    """

    step: int
    turn: int
    generation: Generation
    seconds: float
    window: Window


@dataclass(frozen=True, slots=True)
class ParseFailed:
    """No valid call could be read from the answer; the policy is told `message`."""

    step: int
    turn: int
    kind: ParseErrorKind
    message: str
    span: tuple[int, int]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """An action, and how the policy came to it.

    Attributes:
        action: What is to be done.
        call: As written, after repair.
        frame: The grid on which the call's points stand.
        thought: The text before the call.
        flags: What was repaired.
        generation: The whole answer.
        window: What its prompt showed.
    """

    action: Action
    call: Call
    frame: Frame
    thought: str
    flags: tuple[str, ...]
    generation: Generation
    window: Window


@dataclass(frozen=True, slots=True)
class Denied:
    """The guard did not let an action pass; the policy is told `reason` unless the guard stops."""

    step: int
    turn: int
    choice: Choice
    verdict: Literal["ask", "deny", "stop"]
    reason: str


@dataclass(frozen=True, slots=True)
class Chose:
    """An action stands and is carried out next."""

    step: int
    turn: int
    choice: Choice


@dataclass(frozen=True, slots=True)
class StepSeconds:
    """Where the wall time of one step went, all its turns included.

    Attributes:
        policy: Waiting for answers.
        world: Carrying out the action and observing.
        agent: Everything else: prompt, parsing, guard and trace.
    """

    policy: float
    world: float
    agent: float


@dataclass(frozen=True, slots=True)
class Acted:
    """A step is finished.

    Attributes:
        step: Its number.
        turn: The answer that led to it.
        choice: The action, and how the policy came to it.
        sight: What is seen now.
        reward: None where the caller of `Agent.step` did not give one.
        terminated: The world reached an end.
        truncated: The world broke off.
        info: What the world says beside it; never shown to a policy.
        error: Why the action could not be carried out; empty when it was.
        seconds: Where the time went.
        hint: What the policy is told beside it: that it repeats itself.
    """

    step: int
    turn: int
    choice: Choice
    sight: Sight
    reward: float | None
    terminated: bool
    truncated: bool
    info: Mapping[str, Any]
    error: str
    seconds: StepSeconds
    hint: str = ""


@dataclass(frozen=True, slots=True)
class WorldFailed:
    """The world broke.

    Attributes:
        step: The step it broke in.
        kind: The error's class, as "DeviceError".
        message: What happened and what to do.
    """

    step: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Episode:
    """How an episode went.

    Attributes:
        task: What was to be done.
        reason: Why it ended.
        detail: The same in words, where there is more to say.
        outcome: The world's state at the end; None when it could not be asked.
        steps: Actions carried out.
        turns: Answers of the policy.
        reward: Sum of the world's rewards.
        tokens: Tokens generated.
        seconds: Wall time.
        trace: The folder where it is recorded, if it is.
    """

    task: str
    reason: EndReason
    detail: str
    outcome: Outcome | None
    steps: int
    turns: int
    reward: float
    tokens: int
    seconds: float
    trace: Path | None = None

    @property
    def success(self) -> bool:
        """Whether the world's state says success, whatever ended the episode."""
        return self.outcome is not None and self.outcome.success


@dataclass(frozen=True, slots=True)
class Ended:
    """The episode is over."""

    episode: Episode


Event: TypeAlias = Started | Generated | ParseFailed | Denied | Chose | Acted | WorldFailed | Ended
