"""A worker that thinks in a thread of the control loop's own process.

For a policy that only waits, as one behind a server does. A model that computes in this process
takes the interpreter away from the loop for milliseconds at a time: give it `ProcessWorker`.
"""

import dataclasses
import queue
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from qvl_agent.actions.errors import PolicyError, QvlAgentError
from qvl_agent.agent.limits import GaveUp
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.realtime.worker import (
    Answer,
    Beat,
    Failure,
    MakeAgent,
    Message,
    Question,
    Ready,
)
from qvl_agent.envs.base import Outcome
from qvl_agent.model.policy import Decoding, Generation, Policy, Profile
from qvl_agent.model.prompt import Part, Prompt

__all__ = ["Thinker", "ThreadWorker", "drained"]

_BYE_S = 2.0


@dataclass(frozen=True, slots=True)
class _Begin:
    task: str


@dataclass(frozen=True, slots=True)
class _End:
    outcome: Outcome | None


class Thinker:
    """A thread with an agent in it, which answers one question after the other.

    Args:
        make: Makes the agent, in the thread.
        post: Called from the thread with each message.
    """

    def __init__(self, make: MakeAgent, post: Callable[[Message], object]) -> None:
        self._make = make
        self._post = post
        self._inbox: queue.SimpleQueue[_Begin | _End | Question | None] = queue.SimpleQueue()
        self._called_off = 0
        self._thread = threading.Thread(target=self._run, name="qvl-agent thinks", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def begin(self, task: str) -> None:
        """Begin a task after what comes before it."""
        self._inbox.put(_Begin(task))

    def ask(self, question: Question) -> None:
        """Answer this next."""
        self._inbox.put(question)

    def end(self, sequence: int, outcome: Outcome | None) -> None:
        """End the task; questions up to `sequence` are called off, the one under way at once."""
        self._called_off = max(self._called_off, sequence)
        self._inbox.put(_End(outcome))

    def close(self, seconds: float = _BYE_S) -> bool:
        """Ask the thread to end and return whether it did within some seconds."""
        self._inbox.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._serve(self._make())
        except Exception as exc:
            self._post(Failure(_typed(exc), gone=True))

    def _serve(self, agent: Agent) -> None:
        policy = _Interruptible(agent.policy, lambda sequence: sequence <= self._called_off)
        agent.policy = policy
        self._post(Ready())
        refused: QvlAgentError | None = None
        while (item := self._inbox.get()) is not None:
            match item:
                case _Begin(task):
                    refused = _refusal(agent, task)
                case Question() if refused is not None:
                    self._post(Failure(refused, item.sequence))
                case Question():
                    policy.sequence = item.sequence
                    self._post(_answered(agent, item))
                case _End(outcome):
                    agent.close(outcome)
        agent.close()


class ThreadWorker:
    """A `Worker` whose agent thinks in a thread of this process.

    A thread cannot be ended by force: a policy that never returns is left behind as a daemon.

    Args:
        make: Makes the agent, in the thread.
    """

    def __init__(self, make: MakeAgent) -> None:
        self._make = make
        self._start()

    def begin(self, task: str) -> None:
        """Begin a task; a thread that has told its end is replaced."""
        if self._gone:
            self._start()
        self._thinker.begin(task)

    def ask(self, question: Question) -> None:
        """Ask what to do."""
        self._thinker.ask(question)

    def end(self, sequence: int, outcome: Outcome | None = None) -> None:
        """End the task and call questions off."""
        self._thinker.end(sequence, outcome)

    def receive(self) -> list[Message]:
        """Return all that has come since the last time."""
        messages = drained(self._outbox)
        self._gone |= any(isinstance(m, Failure) and m.gone for m in messages)
        return [*messages, Beat()] if self._thinker.alive else messages

    def close(self) -> None:
        """End the thread, or leave it behind if it does not end within two seconds."""
        self._thinker.close()

    def _start(self) -> None:
        self._gone = False
        self._outbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._thinker = Thinker(self._make, self._outbox.put)


class _Interruptible:
    """A policy that is broken off, between two tokens, when its question has been called off.

    Attributes:
        sequence: The question under way.
    """

    def __init__(self, policy: Policy, called_off: Callable[[int], bool]) -> None:
        self.name: str = policy.name
        self.profile: Profile = policy.profile
        self.sequence = 0
        self._policy = policy
        self._called_off = called_off

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return the policy's answer.

        Raises:
            GaveUp: If the question was called off.
            PolicyError: What the policy raised.
        """
        self._check()
        complete = decoding.stop_after

        def stop_after(text: str) -> int | None:
            if self._called_off(self.sequence):
                return len(text)
            return complete(text) if complete is not None else None

        generation = self._policy.generate(
            prompt, dataclasses.replace(decoding, stop_after=stop_after)
        )
        self._check()
        return generation

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        """Return one generation per prompt."""
        return [self.generate(prompt, decoding) for prompt in prompts]

    def count(self, part: Part) -> int:
        """Return the number of tokens of a part."""
        return self._policy.count(part)

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn takes."""
        return self._policy.overhead(role)

    def length(self, prompt: Prompt) -> int:
        """Return the number of tokens of a whole prompt."""
        return self._policy.length(prompt)

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the size at which the policy sees a picture."""
        return self._policy.picture_size(height, width)

    def describe(self) -> dict[str, Any]:
        """Return what a trace has to say about the policy."""
        return self._policy.describe()

    def _check(self) -> None:
        if self._called_off(self.sequence):
            raise GaveUp("interrupted", "the question was called off")


def _answered(agent: Agent, question: Question) -> Answer | Failure:
    """Return the agent's answer, or why there is none; the task is then over."""
    try:
        info = {"error": question.undone} if question.undone else None
        action = agent.step(question.observation, info=info)
    except Exception as exc:
        agent.close()
        return Failure(_typed(exc), question.sequence)
    return Answer(question.sequence, action)


def _refusal(agent: Agent, task: str) -> QvlAgentError | None:
    """Begin a task, or return why it cannot be."""
    try:
        agent.reset(task)
    except QvlAgentError as exc:
        return exc
    return None


def drained(messages: "queue.SimpleQueue[Message]") -> list[Message]:
    """Return all that is in a queue now, and take it out."""
    taken = []
    with suppress(queue.Empty):
        while True:
            taken.append(messages.get_nowait())
    return taken


def _typed(exc: Exception) -> QvlAgentError:
    """Return an error of this project's: a bug becomes a `PolicyError` that holds its traceback."""
    if isinstance(exc, QvlAgentError):
        return exc
    error = PolicyError(f"the policy's side has a bug:\n{traceback.format_exc(limit=-8)}")
    error.__cause__ = exc
    return error
