"""The agent: observe, reason, act, until the world says that it is over.

An `Agent` knows the protocols of worlds, policies and dialects, and none of their members. The
loop itself is `Agent._play`; what can end it is `limits.EndReason`.

    episode = Agent(policy, env.action_space).run(env)              # to the end
    for event in agent.stream(env, seed=7): ...                     # as it happens
    agent.reset("pick up the cup"); agent.step(observation)         # in somebody else's loop
"""

import dataclasses
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, cast

import gymnasium

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import EnvError, PolicyError, ResetNeeded, UsageError
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.agent.ahead import ReadingAhead
from qvl_agent.agent.context import Context, fixed_frame
from qvl_agent.agent.events import Choice, Episode, Event, Request
from qvl_agent.agent.guard import AllowAll, Guard
from qvl_agent.agent.limits import EndReason, GaveUp, Limits
from qvl_agent.agent.record import FIGURE
from qvl_agent.agent.session import Dialogue, Session, drive
from qvl_agent.agent.trace import TraceWriter, new_trace_folder
from qvl_agent.envs.base import Observation, Outcome, World
from qvl_agent.model.policy import Decoding, Generation, Policy

__all__ = ["Agent", "WorldEnv"]

WorldEnv: TypeAlias = gymnasium.Env[Observation, Action]
"""A `World`, bare or in gymnasium's wrappers."""

Options: TypeAlias = Mapping[str, Any]


class Agent:
    """A policy that acts in worlds of one action space.

    An episode keeps nothing in the agent, so one agent can play any number of them at once;
    `reset`, `step` and `close` hold the one task of somebody else's loop.

    A world says that an action could not be carried out by `info["error"]`, a text: the policy is
    told, and may choose again.

    Args:
        policy: Decides.
        space: What may be done.
        dialect: How calls are written, or its name; by default the policy's profile says.
        frame: The grid of points, or its name; by default the policy's profile says.
        limits: Of one episode.
        guard: Judges every action before it is carried out.
        trace: A folder in which each episode gets a folder of its own; None writes none.
        context_tokens: A token budget below the policy's own window.
        temperature: 0 is greedy.
        top_p: Nucleus, used when the temperature is above 0.
        seed: Of the sampling.
        constrained: Whether the policy, if it can, writes under the space's grammar: a thought and
            one call that is always valid.
        read_ahead: Whether the policy, if it can, reads what is known of the next prompt while
            the world carries out an action. It is known when the oldest turns will be dropped, and
            answers are the same. It pays where policy and world do not share the same cores.

    Raises:
        UsageError: If there is no such dialect or frame.
    """

    def __init__(
        self,
        policy: Policy,
        space: ActionSpace,
        *,
        dialect: Dialect | str | None = None,
        frame: Frame | str | None = None,
        limits: Limits | None = None,
        guard: Guard | None = None,
        trace: Path | str | None = None,
        context_tokens: int | None = None,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        constrained: bool = False,
        read_ahead: bool = False,
    ) -> None:
        dialect = dialect or policy.profile.dialect
        self.policy = policy
        self.dialect = get_dialect(dialect) if isinstance(dialect, str) else dialect
        self.space = self.dialect.space_for(space)
        self.frame = frame or policy.profile.frame
        self.limits = limits or Limits()
        self.guard = guard or AllowAll()
        self.trace = None if trace is None else Path(trace)
        self.context_tokens = context_tokens
        self.read_ahead = read_ahead
        self.decoding = Decoding(
            max_tokens=policy.profile.max_tokens,
            stop_words=self.dialect.stop_words,
            stop_after=self.dialect.call_end,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            space=self.space if constrained else None,
            dialect=self.dialect if constrained else None,
        )
        fixed_frame(self.frame)  # an unknown one is told here and not in the middle of things
        self._live: Session | None = None
        self._choice: Choice | None = None
        self._handed_over = 0.0

    def run(
        self,
        env: WorldEnv,
        task: str | None = None,
        *,
        seed: int | None = None,
        options: Options | None = None,
        watch: Callable[[Event], object] | None = None,
    ) -> Episode:
        """Play one episode to its end and return how it went.

        Ctrl-C ends it like any other end: the trace is closed and the reason is "interrupted".

        Args:
            env: A `World`, bare or in gymnasium's wrappers; it is reset, and not closed.
            task: What to do, for worlds that take tasks in words; None is the world's own task.
            seed: Of the world.
            options: Of the world's reset.
            watch: Called with each event, after it was written to the trace.

        Raises:
            UsageError: If the task is empty or the trace cannot be written.
        """

        def respond(item: Request | Event) -> Generation | None:
            if watch is not None and not isinstance(item, Request):
                watch(item)
            return self._answer(item)

        return drive(self.episode(env, task, seed=seed, options=options), respond)

    def stream(
        self,
        env: WorldEnv,
        task: str | None = None,
        *,
        seed: int | None = None,
        options: Options | None = None,
    ) -> Generator[Event, None, Episode]:
        """Play one episode and yield its events as they happen; the last one is `Ended`."""
        episode = self.episode(env, task, seed=seed, options=options)
        try:
            item = next(episode)
            while True:
                try:
                    if not isinstance(item, Request):
                        yield item
                    reply = self._answer(item)
                except BaseException as exc:  # raised inside, so that it ends in good order
                    item = episode.throw(exc)
                else:
                    item = episode.send(reply)
        except StopIteration as end:
            return cast(Episode, end.value)

    def episode(
        self,
        env: WorldEnv,
        task: str | None = None,
        *,
        seed: int | None = None,
        options: Options | None = None,
    ) -> Dialogue[Episode]:
        """Play one episode without asking the policy: it yields each `Request`, to be answered.

        So a thousand episodes can share the batches of one policy. A policy's error is answered
        with `throw`, and ends the episode in good order.
        """
        if task is not None:
            options = {**(options or {}), "task": _checked(task)}
        session = self._session(env, seed, options)
        outcome: Outcome | None = None
        reason: EndReason
        try:
            try:
                yield from self._play(session, env, seed, options)
                outcome = _world(env).outcome()
                reason, detail = "success" if outcome.success else "failure", ""
            except EnvError as exc:
                yield session.world_failed(exc)
                reason, detail = _reason(exc), str(exc)
            except (PolicyError, GaveUp, KeyboardInterrupt) as exc:
                reason, detail = _reason(exc), str(exc)
                with suppress(EnvError):
                    outcome = _world(env).outcome()
            except GeneratorExit:
                session.end("interrupted", "the caller stopped listening")
                raise
            ended = session.end(reason, detail, outcome)
        finally:
            session.close()
        yield ended
        return ended.episode

    def _play(
        self, session: Session, env: WorldEnv, seed: int | None, options: Options | None
    ) -> Dialogue[None]:
        """Observe, reason, act, until the world says that it is over."""
        observation, info = env.reset(seed=seed, options=dict(options) if options else None)
        info = self._illustrated(env, info)
        yield session.begin(_checked(_world(env).task), observation, info)
        with ReadingAhead(self.policy) as ahead:
            while True:
                choice = yield from session.choose()
                if self.read_ahead:
                    ahead.start(session.foresee(choice))
                began = time.perf_counter()
                try:
                    observation, reward, terminated, truncated, info = env.step(choice.action)
                except gymnasium.error.InvalidAction as exc:  # nothing done: data for the policy
                    reward, terminated, truncated, info = 0.0, False, False, {"error": str(exc)}
                acted = session.acted(
                    choice,
                    observation,
                    reward=float(reward),
                    terminated=bool(terminated),
                    truncated=bool(truncated),
                    info=self._illustrated(env, info),
                    world_seconds=time.perf_counter() - began,
                )
                yield acted
                if terminated or truncated:
                    return
                session.settle(acted)

    def _illustrated(self, env: WorldEnv, info: dict[str, Any]) -> dict[str, Any]:
        """Return what the world says beside, with its picture for people where a trace keeps it."""
        figure = None if self.trace is None else _world(env).figure()
        return info if figure is None else {**info, FIGURE: figure}

    def reset(self, task: str) -> None:
        """Begin a task in somebody else's control loop.

        Raises:
            UsageError: If the task is empty or the trace cannot be written.
        """
        self.close()
        session = self._session(None, None, {"task": _checked(task)})
        session.task = task
        self._live = session

    def step(
        self,
        observation: Observation,
        *,
        reward: float | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> Action:
        """Return what to do in view of an observation, which shows what the last action came to.

        Args:
            observation: What is seen now. It is copied: a camera may go on writing to its buffer.
            reward: Of the last action, for the trace.
            info: Of the last action; `info["error"]` says why it could not be carried out.

        Raises:
            GaveUp: When a limit is reached or the guard stops; the task is over.
            PolicyError: If the policy cannot answer; the task is over.
            EnvError: If the observation holds no picture; the task is over.
            ResetNeeded: If no task is under way.
        """
        session = self._live
        if session is None:
            raise ResetNeeded("no task is under way: call agent.reset(task) before agent.step")
        try:
            self._take_in(session, observation, reward, info)
            choice = drive(session.choose(), self._answer)
        except (EnvError, PolicyError, GaveUp, KeyboardInterrupt) as exc:
            self._end(_reason(exc), str(exc))
            raise
        self._choice, self._handed_over = choice, time.perf_counter()
        return choice.action

    def close(
        self, outcome: Outcome | None = None, observation: Observation | None = None
    ) -> Episode | None:
        """End the task of `reset` and `step`, if one is under way, and return how it went.

        Args:
            outcome: How the task stands, where the caller knows.
            observation: What the last action came to, so that its step is complete as well.
        """
        if self._live is not None and observation is not None:
            with suppress(GaveUp):
                self._take_in(self._live, observation, None, None)
        if outcome is None:
            return self._end("closed")
        return self._end("success" if outcome.success else "failure", outcome=outcome)

    def _take_in(
        self,
        session: Session,
        observation: Observation,
        reward: float | None,
        info: Mapping[str, Any] | None,
    ) -> None:
        """Take in what is seen after the action that was handed over, or at first."""
        observation = _copied(observation)
        if self._choice is None:
            session.begin(session.task, observation, info or {})
            return
        took = time.perf_counter() - self._handed_over
        acted = session.acted(
            self._choice, observation, reward=reward, info=info, world_seconds=took
        )
        session.settle(acted)

    def _end(
        self, reason: EndReason, detail: str = "", outcome: Outcome | None = None
    ) -> Episode | None:
        session, self._live, self._choice = self._live, None, None
        return None if session is None else session.end(reason, detail, outcome).episode

    def _answer(self, item: Request | Event) -> Generation | None:
        """Return the policy's answer to a request, None to an event."""
        if isinstance(item, Request):
            return self.policy.generate(item.prompt, item.decoding)
        return None

    def _context(self) -> Context:
        return Context(
            self.policy.profile,
            self.dialect,
            self.space,
            self.policy,
            frame=self.frame,
            limit=self.context_tokens,
        )

    def _session(self, env: WorldEnv | None, seed: int | None, options: Options | None) -> Session:
        """Return a new session; its trace is there before anything else is done."""
        trace = None
        if self.trace is not None:
            name = "session" if env is None else _name(env)
            manifest = self._manifest(name, seed, options)
            trace = TraceWriter(new_trace_folder(self.trace, name), manifest)
        return Session(
            self._context(),
            space=self.space,
            dialect=self.dialect,
            guard=self.guard,
            limits=self.limits,
            decoding=self.decoding,
            trace=trace,
        )

    def _manifest(self, env: str, seed: int | None, options: Options | None) -> dict[str, Any]:
        """Return all that is needed to run the same again."""
        decoding = self.decoding
        return {
            "env": env,
            "task": (options or {}).get("task"),
            "seed": seed,
            "options": options,
            "policy": {"name": self.policy.name, **self.policy.describe()},
            "profile": self.policy.profile,
            "space": self.space.name,
            "dialect": self.dialect.name,
            "frame": self.frame if isinstance(self.frame, str) else self.frame.name,
            "limits": self.limits,
            "context_tokens": self._context().budget,
            "guard": type(self.guard).__name__,
            "decoding": {
                "max_tokens": decoding.max_tokens,
                "stop_words": decoding.stop_words,
                "temperature": decoding.temperature,
                "top_p": decoding.top_p,
                "seed": decoding.seed,
                "constrained": decoding.space is not None,
            },
            "read_ahead": self.read_ahead,
        }


def _reason(exc: BaseException) -> EndReason:
    match exc:
        case GaveUp():
            return exc.reason
        case EnvError():
            return "env_error"
        case PolicyError():
            return "policy_error"
        case _:
            return "interrupted"


def _checked(task: str) -> str:
    """Return the task.

    Raises:
        UsageError: If there is nothing in it.
    """
    if not task.strip():
        raise UsageError('the task is empty; say what to do, as in "find pizza"')
    return task


def _world(env: WorldEnv) -> World:
    return cast(World, env.unwrapped)


def _name(env: WorldEnv) -> str:
    return env.spec.id if env.spec else type(env.unwrapped).__name__


def _copied(observation: Observation) -> Observation:
    views = tuple(dataclasses.replace(view, image=view.image.copy()) for view in observation.views)
    return dataclasses.replace(observation, image=observation.image.copy(), views=views)
