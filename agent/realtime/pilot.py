"""The agent as a part of a control loop: `submit` what is seen, `poll` what to do; neither waits.

`RealtimeAgent` lives on the control loop's side, in the loop's thread. It is a state machine over
a clock and a `Worker`, and knows neither robot nor policy; the rules' times are `rules.Timing`.

    nothing to think about --submit, poll--> thinking --answer--> acting --time is over--> holding
                                               |  too late: dropped, and the policy is told
                                               +-- cancelled, stopped: void
"""

import copy
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, assert_never

from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.agent.realtime.rules import (
    Act,
    Directive,
    Hold,
    Note,
    NoteKind,
    Stop,
    StopCause,
    Timing,
)
from qvl_agent.agent.realtime.worker import Answer, Beat, Failure, Question, Ready, Worker
from qvl_agent.envs.base import Observation, Outcome

__all__ = ["RealtimeAgent"]

_SAME_CLOCK_S = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """An observation that waits to be thought about."""

    sequence: int
    observation: Observation
    taken_at: float


@dataclass(slots=True)
class _Thinking:
    """The open question; `task` counts the tasks."""

    task: int
    sequence: int
    taken_at: float
    asked_at: float
    void: bool = False


@dataclass(slots=True)
class _Acting:
    """The action whose time it is."""

    action: Action
    sequence: int
    taken_at: float
    handed_over: bool = False


class RealtimeAgent:
    """Tells a control loop at each tick whether to act, hold or stop.

    What always holds, whatever the policy does and however long it takes:

    - An action is handed out only while the observation it was chosen in view of is at most
      `timing.action_s` old, and never after a younger observation's action, `begin`, `cancel`,
      `finish` or a stop.
    - A `Stop` stays until `rearm` or `begin`.

    It is used from one thread. Worker and clock are given, so that all of it can be tested
    without waiting.

    Args:
        worker: Where the agent thinks; closed with this.
        timing: The limits.
        clock: Seconds that never run backwards, the one that dates the observations.
        watch: Called with each line of the log.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        watch: Callable[[Note], object] | None = None,
    ) -> None:
        self.timing = timing or Timing()
        self._worker = worker
        self._clock = clock
        self._watch = watch
        self._counts: Counter[NoteKind] = Counter()
        self._sequence = self._task = 0
        self._seen_at = float("-inf")
        self._ready = self._under_way = False
        self._heard_at = self._fresh_at = clock()
        self._waiting: _Seen | None = None
        self._thinking: _Thinking | None = None
        self._acting: _Acting | None = None
        self._undone = ""
        self._stop: Stop | None = None
        self._last: Directive | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def counts(self) -> Mapping[NoteKind, int]:
        """How often each rule was applied; what was never applied counts 0."""
        return Counter(self._counts)

    def begin(self, task: str) -> None:
        """Begin a task; the one under way is cancelled, and a stop is lifted.

        Raises:
            UsageError: If the task is empty, or this is closed.
        """
        if self._stop is not None and self._stop.cause == "closed":
            raise UsageError("this RealtimeAgent is closed; make a new one")
        if not task.strip():
            raise UsageError('the task is empty; say what to do, as in "reach for the ball"')
        self._hear(self._clock())  # a worker that has ended is known to have, and starts again
        self.cancel()
        self._worker.begin(task)
        self._task += 1
        self._stop, self._undone, self._under_way = None, "", True
        self._heard_at = self._fresh_at = self._clock()
        self._note("began", 0, task)

    def submit(self, observation: Observation, *, taken_at: float | None = None) -> int:
        """Hand in what is seen, and return its number; call it at every tick.

        The newest one replaces what still waits while the policy thinks.

        Args:
            observation: It is copied: a camera may go on writing to its buffer.
            taken_at: When the picture was taken, on this agent's clock; None is now.

        Raises:
            ValueError: If it was taken in the future: by another clock.
        """
        now = self._clock()
        taken_at = now if taken_at is None else taken_at
        if not taken_at <= now + _SAME_CLOCK_S:
            raise ValueError(
                f"the observation was taken {taken_at - now:.3f} s in the future; taken_at and "
                "the agent must read the same clock (time.monotonic unless another was given)"
            )
        self._sequence += 1
        number, age = self._sequence, now - taken_at
        if self._stop is not None or not self._under_way:
            self._note("ignored", number)
        elif age > self.timing.observation_s:
            self._note("too_old", number, self._too_old(age))
        elif taken_at < self._seen_at:
            self._note("too_old", number, "a younger one came before it")
        else:
            self._seen_at = taken_at
            if self._waiting is not None:
                self._note("replaced", self._waiting.sequence, f"by {number}")
            self._waiting = _Seen(number, copy.deepcopy(observation), taken_at)
        return number

    def poll(self) -> Directive:
        """Return what to do until the next tick."""
        now = self._clock()
        self._hear(now)
        self._ask(now)
        directive = self._decide(now)
        self._tell(directive)
        return directive

    def rearm(self) -> None:
        """Go on with the task after a dead-man stop; does nothing where there is no stop.

        Raises:
            ResetNeeded: If the stop ended the task: `begin` another, or the same again.
        """
        if self._stop is None:
            return
        if self._stop.cause not in ("dead_man", "silent"):
            raise ResetNeeded(f"{self._stop.detail}; the task is over: call begin(task)")
        self._stop = None
        self._heard_at = self._fresh_at = self._clock()
        self._note("rearmed")

    def cancel(self) -> None:
        """Drop the task: the action ends now, and what is thought about comes to nothing.

        A policy that writes token by token is broken off; the robot holds until `begin`.
        """
        self._end("cancelled", None)

    def finish(self, outcome: Outcome | None = None) -> None:
        """End the task in good order.

        Args:
            outcome: How it stands, for the trace; None is for whoever does not know.
        """
        self._end("finished", outcome)

    def close(self) -> None:
        """Drop the task and end the worker; waits for it, a few seconds at most."""
        if self._stop is not None and self._stop.cause == "closed":
            return
        self._end("cancelled", None)
        self._halt(Stop("closed", "the agent is closed"))
        self._worker.close()

    def _end(self, kind: NoteKind, outcome: Outcome | None) -> None:
        if self._under_way:
            self._worker.end(self._sequence, outcome)
            self._note(kind, self._sequence)
        self._under_way = False
        self._drop_all()

    def _hear(self, now: float) -> None:
        for message in self._worker.receive():
            self._heard_at = now
            match message:
                case Ready():
                    self._ready, self._fresh_at = True, now
                case Answer():
                    self._take(message, now)
                case Failure():
                    self._fail(message)
                case Beat():
                    pass
                case _:
                    assert_never(message)

    def _take(self, answer: Answer, now: float) -> None:
        """Take in an answer: it is handed over, or dropped and the policy told why."""
        asked, self._thinking = self._thinking, None
        if asked is None or asked.void:
            self._note("void", answer.sequence, "the task or the robot was stopped meanwhile")
            if asked is not None and asked.task == self._task:
                self._undone = "not carried out: the robot was stopped meanwhile"
            return
        age, took = now - asked.taken_at, now - asked.asked_at
        if age > self.timing.action_s:
            why = f"its observation is {age:.2f} s old, the limit is {self.timing.action_s:g} s"
            self._note("stale", answer.sequence, why)
            self._undone = f"not carried out: it came too late; {why}"
            return
        self._acting = _Acting(answer.action, asked.sequence, asked.taken_at)
        self._fresh_at, self._undone = now, ""
        self._waiting = None  # it shows the world before this action
        self._note("fresh", answer.sequence, f"{answer.action} after {took:.2f} s")

    def _fail(self, failure: Failure) -> None:
        """Take in that no action will come, and that the task is over unless it was before."""
        asked, self._thinking = self._thinking, None
        called_off = asked is not None and asked.task != self._task
        if failure.gone:
            self._ready = False
        elif called_off:
            return
        if self._under_way:
            self._under_way = False
            error = failure.error
            self._halt(Stop("failed", f"{type(error).__name__}: {error}", error))

    def _ask(self, now: float) -> None:
        """Give the policy what waits, if it is free and that is fresh."""
        seen = self._waiting
        if seen is None or self._thinking is not None or not self._ready:
            return
        self._waiting = None
        age = now - seen.taken_at
        if age > self.timing.observation_s:
            self._note("too_old", seen.sequence, self._too_old(age))
            return
        self._worker.ask(Question(seen.sequence, seen.observation, self._undone))
        self._thinking = _Thinking(self._task, seen.sequence, seen.taken_at, now)
        self._undone = ""
        self._note("asked", seen.sequence)

    def _decide(self, now: float) -> Directive:
        if self._stop is None and self._ready:
            self._watchdogs(now)
        if self._stop is not None:
            return self._stop
        if not self._under_way:
            return Hold("no_task")
        if not self._ready:
            return Hold("starting")
        if self._acting is not None:
            age = now - self._acting.taken_at
            if age <= self.timing.action_s:
                acting = self._acting
                fresh, acting.handed_over = not acting.handed_over, True
                return Act(acting.action, acting.sequence, age, fresh)
            self._note("expired", self._acting.sequence)
            self._acting = None
        return Hold("thinking" if self._thinking is not None else "waiting")

    def _watchdogs(self, now: float) -> None:
        """Stop if there has been no sign of life, or no fresh action, for too long."""
        timing = self.timing
        silent, idle = now - self._heard_at, now - self._fresh_at
        if silent > timing.heartbeat_s:
            self._watchdog("silent", f"no sign of life of the policy for {silent:.2f} s")
        elif self._under_way and idle > timing.dead_man_s:
            self._watchdog("dead_man", f"no fresh action for {idle:.2f} s")

    def _watchdog(self, cause: StopCause, detail: str) -> None:
        if self._acting is not None:
            self._undone = f"broken off: {detail}"
        self._halt(Stop(cause, detail))

    def _halt(self, stop: Stop) -> None:
        self._stop = stop
        self._drop_all()

    def _drop_all(self) -> None:
        """Whatever waits, is thought about or is under way comes to nothing."""
        self._waiting = self._acting = None
        if self._thinking is not None:
            self._thinking.void = True

    def _too_old(self, age: float) -> str:
        return f"{age:.2f} s old, the limit is {self.timing.observation_s:g} s"

    def _tell(self, directive: Directive) -> None:
        """Log that the robot begins to hold or to stop."""
        if directive != self._last:
            match directive:
                case Hold(cause):
                    self._note("hold", 0, cause)
                case Stop(cause, detail):
                    self._note("stop", 0, f"{cause}: {detail}")
                case Act():
                    pass
        self._last = directive

    def _note(self, kind: NoteKind, sequence: int = 0, detail: str = "") -> None:
        self._counts[kind] += 1
        if self._watch is not None:
            self._watch(Note(self._clock(), kind, sequence, detail))
