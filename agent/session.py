"""One task under way: asks until an action stands, keeps count, and writes everything down.

A session never calls a policy: it yields a `Request` and is sent the `Generation`, so whoever
drives it decides whether one policy answers one session or a batch of a thousand. It knows the
guard, the limits and the context, and no world.
"""

import dataclasses
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import ParseError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.context import Context, Sight
from qvl_agent.agent.events import (
    Acted,
    Choice,
    Chose,
    Denied,
    Ended,
    Episode,
    Event,
    Generated,
    ParseFailed,
    Request,
    Started,
    StepSeconds,
    WorldFailed,
)
from qvl_agent.agent.guard import Guard
from qvl_agent.agent.limits import EndReason, GaveUp, Limits
from qvl_agent.agent.repeats import Repeats
from qvl_agent.agent.trace import TraceWriter
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt, Text

__all__ = ["Dialogue", "Session", "drive", "overhear"]

R = TypeVar("R")
Dialogue: TypeAlias = Generator[Request | Event, Generation | None, R]
"""Yields requests, to be sent their generation, and events; returns an `R`."""


class Session:
    """What one task has come to so far. Every event it returns or yields is in the trace already.

    Args:
        context: Makes the prompts.
        space: What may be done.
        dialect: How the policy writes it.
        guard: Judges every action.
        limits: Of the whole session.
        decoding: How the policy is asked; its seed is that of the first try at a step.
        trace: Where events are written down, if anywhere; closed with the session.
    """

    def __init__(
        self,
        context: Context,
        *,
        space: ActionSpace,
        dialect: Dialect,
        guard: Guard,
        limits: Limits,
        decoding: Decoding,
        trace: TraceWriter | None,
    ) -> None:
        self.task = ""
        self._context = context
        self._space = space
        self._dialect = dialect
        self._guard = guard
        self._limits = limits
        self._decoding = decoding
        self._trace = trace
        self._steps = self._turns = self._tokens = self._errors = 0
        self._repeats, self._repeated = Repeats(), 0
        self._reward = 0.0
        self._began = self._step_began = time.perf_counter()
        self._waited = 0.0

    def begin(self, task: str, observation: Observation, info: Mapping[str, Any]) -> Started:
        """Take in the task and the first observation."""
        self.task = task
        self._context.start(task, observation)
        self._step_began = time.perf_counter()
        event = Started(task, self._context.frame, self._context.newest, info)
        self._log(event)
        return event

    def choose(self) -> Dialogue[Choice]:
        """Ask until an action stands.

        Errors are data: they are logged and go back to the policy as a result, and it is asked
        again. A parse error's own message says what was wrong and what the legal form is.

        Raises:
            GaveUp: When a limit is reached or the guard stops.
            PolicyError: When the prompt cannot be made to fit.
        """
        while True:
            generation = yield from self._ask()
            try:
                choice = self._read(generation)
            except ParseError as exc:
                problem = f"Error: {exc}"
                yield self._log(ParseFailed(*self._now, exc.kind, problem, exc.span, exc.flags))
            else:
                problem = yield from self._judge(choice)
                if not problem:
                    return choice
            self._context.add(self._spoken(generation), message=problem)
            self._count_error(problem)

    def foresee(self, choice: Choice) -> Prompt | None:
        """Return what the next prompt will begin with, where that is worth reading ahead."""
        return self._context.foresee(self._spoken(choice.generation))

    def acted(
        self,
        choice: Choice,
        observation: Observation,
        *,
        reward: float | None,
        terminated: bool = False,
        truncated: bool = False,
        info: Mapping[str, Any] | None = None,
        world_seconds: float = 0.0,
    ) -> Acted:
        """Take in what an action came to.

        An action that the world could not carry out has its reason in `info["error"]`. The policy
        is told, and shown the picture again only where it changed. So it is when it does again
        what has changed nothing before, which a world with a screen says by `info["unchanged"]`.
        """
        info = info or {}
        error = str(info.get("error") or "")
        self._repeated = self._repeats.note(choice.action, bool(info.get("unchanged")))
        hint = self._repeats.hint
        self._remember(choice, observation, error, hint)
        now = time.perf_counter()
        agent = max(0.0, now - self._step_began - self._waited - world_seconds)
        step, turn = self._now
        event = Acted(
            step=step,
            turn=turn,
            choice=choice,
            sight=self._context.newest,
            reward=reward,
            terminated=terminated,
            truncated=truncated,
            info=info,
            error=error,
            seconds=StepSeconds(self._waited, world_seconds, agent),
            hint=hint,
        )
        self._steps += 1
        self._reward += reward or 0.0
        self._step_began, self._waited = now, 0.0
        self._log(event)
        return event

    def settle(self, event: Acted) -> None:
        """Count a step whose world goes on: a failed action is an error, a done one ends a row.

        Raises:
            GaveUp: When it is one error too many in a row, or one repetition.
        """
        if self._limits.repeats is not None and self._repeated >= self._limits.repeats:
            tried = f"{event.choice.call.function} {dict(event.choice.call.args)}"
            raise GaveUp(
                "no_progress",
                f"{self._repeated} repeated actions changed nothing on the screen; "
                f"the last: {tried}",
            )
        if event.error:
            self._count_error(f"Failed: {event.error}")
        else:
            self._errors = 0

    def world_failed(self, exc: Exception) -> WorldFailed:
        """Write down that the world broke."""
        event = WorldFailed(self._steps, type(exc).__name__, str(exc))
        self._log(event)
        return event

    def end(self, reason: EndReason, detail: str = "", outcome: Outcome | None = None) -> Ended:
        """Write down how it ended and close the trace."""
        episode = Episode(
            task=self.task,
            reason=reason,
            detail=detail,
            outcome=outcome,
            steps=self._steps,
            turns=self._turns,
            reward=self._reward,
            tokens=self._tokens,
            seconds=time.perf_counter() - self._began,
            trace=self._trace.folder if self._trace else None,
        )
        event = Ended(episode)
        self._log(event)
        self.close()
        return event

    def close(self) -> None:
        """Close the trace; nothing can follow."""
        if self._trace is not None:
            self._trace.close()

    @property
    def _now(self) -> tuple[int, int]:
        """The step under way and the newest turn."""
        return self._steps, self._turns - 1

    def _log(self, event: Event) -> Event:
        if self._trace is not None:
            self._trace.write(event)
        return event

    def _ask(self) -> Dialogue[Generation]:
        """Ask once, within the limits."""
        decoding = self._within_limits()
        prompt = self._context.prompt()
        asked = time.perf_counter()
        generation = yield Request(prompt, decoding)
        if generation is None:
            raise TypeError("a request is answered with send(generation)")
        seconds = time.perf_counter() - asked
        self._waited += seconds
        self._turns += 1
        self._tokens += len(generation.tokens)
        yield self._log(Generated(*self._now, generation, seconds, self._context.window))
        return generation

    def _within_limits(self) -> Decoding:
        """Return how to ask next, so that no limit is passed.

        Raises:
            GaveUp: If one is reached.
        """
        limits, decoding = self._limits, self._decoding
        if self._steps >= limits.steps:
            raise GaveUp("step_limit", f"the limit of {limits.steps} steps is reached")
        if limits.seconds is not None and time.perf_counter() - self._began >= limits.seconds:
            raise GaveUp("time_limit", f"the limit of {limits.seconds:g} s is reached")
        longest = decoding.max_tokens
        if limits.tokens is not None:
            longest = min(longest, limits.tokens - self._tokens)
        if longest <= 0:
            raise GaveUp("token_limit", f"the limit of {limits.tokens} generated tokens is reached")
        # A second try has another seed: with a short history its prompt is the same.
        seed = decoding.seed + (self._errors if decoding.temperature else 0)
        if decoding.space is not None:  # a turned screen may have another grid
            decoding = dataclasses.replace(decoding, frame=self._context.frame)
        if (longest, seed) == (decoding.max_tokens, decoding.seed):
            return decoding
        return dataclasses.replace(decoding, max_tokens=longest, seed=seed)

    def _read(self, generation: Generation) -> Choice:
        """Return the first call of an answer as a typed action.

        Raises:
            ParseError: If there is no valid one.
        """
        frame = self._context.frame
        parsed = self._dialect.parse(generation.text, self._space, frame)
        call = parsed.calls[0]
        return Choice(
            action=self._space.build(call, frame),
            call=call,
            frame=frame,
            thought=parsed.thought,
            flags=parsed.flags,
            generation=generation,
            window=self._context.window,
        )

    def _judge(self, choice: Choice) -> Dialogue[str]:
        """Ask the guard; return what the policy is told, "" when the action stands."""
        observation = self._context.newest.observation
        verdict = self._guard.check(choice.action, observation, self.task)
        if verdict.kind == "allow":
            yield self._log(Chose(*self._now, choice))
            return ""
        reason = verdict.reason or "this action is not allowed here"
        if verdict.kind == "ask":
            reason = f"{verdict.reason or 'this needs consent'}, and nobody is there to be asked"
        yield self._log(Denied(*self._now, choice, verdict.kind, reason))
        if verdict.kind == "stop":
            raise GaveUp("stopped_by_guard", reason)
        return f"Denied: {reason}. Choose another action."

    def _count_error(self, problem: str) -> None:
        self._errors += 1
        if self._errors >= self._limits.errors:
            row = "an error" if self._errors == 1 else f"{self._errors} errors in a row"
            raise GaveUp("too_many_errors", f"{row}; the last: {problem}")

    def _remember(self, choice: Choice, observation: Observation, error: str, hint: str) -> None:
        said = self._spoken(choice.generation)
        told = "\n".join(line for line in (error and f"Failed: {error}", hint) if line)
        if not told:
            self._context.add(said, observation=observation)
        elif error and self._context.newest.looks_like(Sight.of(observation)):
            self._context.add(said, message=told)
        else:
            self._context.add(said, message=f"{told}\n", observation=observation)

    def _spoken(self, generation: Generation) -> Text:
        """Return what the policy said, up to the end of the call that is carried out.

        A server that does not stop there may go on to make up results and further calls; none of
        them happened, so none may stand in the history.
        """
        if generation.stop != "call":
            end = self._dialect.call_end(generation.text)
            if end is not None and end < len(generation.text):
                return Text(generation.text[:end])
        return Text(generation.text, generation.tokens or None)


def drive(dialogue: Dialogue[R], respond: Callable[[Request | Event], Generation | None]) -> R:
    """Run a dialogue to its end and return what it returns.

    Whatever `respond` raises is raised inside the dialogue, so that it ends in good order.

    Args:
        dialogue: What to run.
        respond: Answers a request with its generation, and an event with None.
    """
    try:
        item = next(dialogue)
        while True:
            try:
                reply = respond(item)
            except BaseException as exc:
                item = dialogue.throw(exc)
            else:
                item = dialogue.send(reply)
    except StopIteration as end:
        return cast(R, end.value)


def overhear(
    dialogue: Dialogue[R],
    watch: Callable[[Request | Event], None],
    answer: Callable[[Request], Generation] | None = None,
) -> Dialogue[R]:
    """Pass a dialogue on, and show all of it to somebody on the way.

    What is thrown into this one is thrown into the dialogue, so that it ends in good order.

    Args:
        dialogue: What to pass on.
        watch: Is shown each request and event before it is passed on.
        answer: Answers requests here, in this thread; None passes them on too.
    """
    try:
        item = next(dialogue)
        while True:
            watch(item)
            reply: Generation | None
            try:
                if answer is not None and isinstance(item, Request):
                    reply = answer(item)
                else:
                    reply = yield item
            except BaseException as exc:
                item = dialogue.throw(exc)
            else:
                item = dialogue.send(reply)
    except StopIteration as end:
        return cast(R, end.value)
