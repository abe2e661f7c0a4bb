"""Plays a suite's tasks as episodes of an agent, and says of what kind a failure was.

Knows agents and worlds by their contracts, and no concrete suite.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, SupportsFloat

import gymnasium

from qvl_agent.actions.errors import EnvError, PolicyError
from qvl_agent.actions.types import Action
from qvl_agent.agent.events import Acted, Denied, Episode, Event, ParseFailed, Request
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.agent.session import Dialogue, overhear
from qvl_agent.envs.base import Observation
from qvl_agent.evals.harness.records import Failure, Record, Trial
from qvl_agent.evals.harness.remote import WorldProcess
from qvl_agent.evals.harness.watchdog import Watchdog
from qvl_agent.evals.suite import Suite, Task
from qvl_agent.model.policy import Generation, Policy

__all__ = ["AgentForTrial", "EpisodePlayer", "KeepTraces", "Sighted", "kept_trace"]

AgentForTrial = Callable[[WorldEnv, Trial], Agent]
"""Says who plays a trial in its world."""

KeepTraces = Literal["failed", "all", "none"]

_ENDINGS = frozenset({"Done", "Answer"})
"""Functions by which a policy declares that it has finished."""

_STANDSTILL = 3
"""So many last actions in a row that change nothing are no progress."""


class EpisodePlayer:
    """A seat in which episodes are played.

    Args:
        suite: Makes the worlds.
        agent_for: Says who plays.
        shared: The policy that the runner asks; any other policy is asked here.
        process: Where the worlds live; None is this very thread, for worlds that only compute.
        seconds: A call to a world in this thread that takes longer is broken off.
        root: The run's folder, to which traces are relative.
        keep: Which traces stay.
    """

    def __init__(
        self,
        suite: Suite,
        agent_for: AgentForTrial,
        *,
        shared: Policy | None = None,
        process: WorldProcess | None = None,
        seconds: float = 120.0,
        root: Path | None = None,
        keep: KeepTraces = "failed",
    ) -> None:
        self._watchdog = Watchdog(seconds)
        self._suite = suite
        self._agent_for = agent_for
        self._shared = shared
        self._process = process
        self._root = root
        self._keep = keep

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Play a trial and return its record.

        Raises:
            EnvError: If the world broke.
            PolicyError: If the policy broke.
            KeyboardInterrupt: If the episode was interrupted.
        """
        began = time.perf_counter()
        world = self._world(trial.task)
        try:
            agent = self._agent_for(world, trial)
            options = trial.task.options
            dialogue = agent.episode(world, seed=trial.task.seed, options=options)
            # A policy that is bound to the seat's world must be asked in its thread.
            own = None if agent.policy is self._shared else _asked(agent.policy)
            seen = Sighted()
            episode = yield from overhear(dialogue, seen, own)
        finally:
            world.close()
        match episode.reason:
            case "env_error":
                raise EnvError(episode.detail)
            case "policy_error":
                raise PolicyError(episode.detail)
            case "interrupted":
                raise KeyboardInterrupt
        outcome = episode.outcome
        return Record(
            task=trial.task.id,
            repeat=trial.repeat,
            seed=trial.task.seed,
            success=episode.success,
            reason=episode.reason,
            detail=episode.detail,
            failure=None if episode.success else seen.failure(episode),
            said_done=seen.said_done if seen.can_say_done(agent) else None,
            metrics={name: float(value) for name, value in outcome.metrics.items()}
            if outcome
            else {},
            steps=episode.steps,
            turns=episode.turns,
            reward=episode.reward,
            tokens=episode.tokens,
            seconds=round(time.perf_counter() - began, 3),
            trace=kept_trace(episode.trace, self._root, self._keep, episode.success),
        )

    def expect(self, trial: Trial) -> None:
        """Have its world made meanwhile, where worlds live in a process."""
        if self._process is not None:
            self._process.expect(trial.task)

    def stop(self) -> None:
        """End the world's process, so that whatever waits for it gets an error."""
        if self._process is not None:
            self._process.interrupt()

    def close(self) -> None:
        """Let go of the world's process."""
        self._watchdog.close()
        if self._process is not None:
            self._process.close()

    def _world(self, task: Task) -> WorldEnv:
        if self._process is not None:
            return self._process.make(task)
        world = self._watchdog.call("make", lambda: self._suite.make(task))
        return _Watched(world, self._watchdog)


class _Watched(gymnasium.Wrapper[Observation, Action, Observation, Action]):
    """A world in this thread whose calls are broken off when they hang."""

    def __init__(self, world: WorldEnv, watchdog: Watchdog) -> None:
        super().__init__(world)
        self._watchdog = watchdog

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode."""
        return self._watchdog.call("reset", lambda: self.env.reset(seed=seed, options=options))

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Carry out an action."""
        return self._watchdog.call("step", lambda: self.env.step(action))


def kept_trace(
    folder: Path | None, root: Path | None, keep: KeepTraces, success: bool
) -> str | None:
    """Return a trace's place in the run's folder; one that is not kept is removed."""
    if folder is None or root is None:
        return None
    if keep == "failed" and success:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return folder.relative_to(root).as_posix()


class Sighted:
    """What of an episode's events says why it failed."""

    def __init__(self) -> None:
        self.said_done = False
        self._still = 0
        self._misread = False

    def __call__(self, event: Request | Event) -> None:
        """Take in an event."""
        match event:
            case Acted():
                self.said_done = event.choice.call.function in _ENDINGS
                unchanged = bool(event.error) or bool(event.info.get("unchanged"))
                self._still = self._still + 1 if unchanged else 0
                self._misread = bool(event.error)
            case ParseFailed() | Denied():
                self._misread = True

    @staticmethod
    def can_say_done(agent: Agent) -> bool:
        """Return whether the agent's space has a way to declare the end."""
        return not _ENDINGS.isdisjoint(agent.space.names)

    def failure(self, episode: Episode) -> Failure:
        """Return the kind of an episode that did not succeed."""
        match episode.reason:
            case "no_progress":
                return "no progress"
            case "too_many_errors":
                return "wrong call"
            case "stopped_by_guard":
                return "stopped early"
            case "step_limit" | "time_limit" | "token_limit":
                return "no progress" if self._still >= _STANDSTILL else "limit"
        if self.said_done:
            return "stopped early"
        metrics = episode.outcome.metrics if episode.outcome else {}
        # Where a world judges the call itself, it says whether it was the right one.
        return "wrong call" if metrics.get("type_match") == 0 else "off target"


def _asked(policy: Policy) -> Callable[[Request], Generation]:
    return lambda request: policy.generate(request.prompt, request.decoding)
