"""Seats for ALFRED: an agent's episodes with what the leaderboard wants of them, and replays.

What scoring and the leaderboard need is in each record's `data`, so that neither needs the dataset
afterwards.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Protocol

from qvl_agent.agent.events import Acted, Event, Request
from qvl_agent.agent.session import Dialogue, overhear
from qvl_agent.envs.household.goals import Progress, progress
from qvl_agent.envs.household.session import Session
from qvl_agent.evals.alfred.data import Trajectory
from qvl_agent.evals.alfred.score import EpisodeResult
from qvl_agent.evals.alfred.subgoals import subgoal_done
from qvl_agent.evals.alfred.suite import Facts
from qvl_agent.evals.alfred.worlds import Worlds
from qvl_agent.evals.harness.records import Record, Trial
from qvl_agent.evals.harness.runner import Player
from qvl_agent.evals.suite import Task

__all__ = ["AlfredPlayer", "ReplayPlayer", "result_of"]


class _Knows(Protocol):
    def facts(self, task: Task) -> Facts: ...

    def close(self) -> None: ...


class AlfredPlayer:
    """Another player's seat, in which the low-level actions that were sent are kept.

    Args:
        inner: Plays.
        suite: Knows the facts of each task.
    """

    def __init__(self, inner: Player, suite: _Knows) -> None:
        self._inner = inner
        self._suite = suite

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Play a trial and return its record.

        Raises:
            EnvError: If the world broke.
            PolicyError: If the policy broke.
        """
        sent: list[Mapping[str, Any]] = []

        def hear(event: Request | Event) -> None:
            if isinstance(event, Acted):
                sent.extend(event.info.get("executed", ()))

        record = yield from overhear(self._inner.play(trial), hear)
        return replace(record, data=_data(self._suite.facts(trial.task), sent))

    def expect(self, trial: Trial) -> None:
        """See `Player.expect`."""
        self._inner.expect(trial)

    def stop(self) -> None:
        """See `Player.stop`."""
        self._inner.stop()

    def close(self) -> None:
        """See `Player.close`."""
        self._inner.close()
        self._suite.close()


class ReplayPlayer:
    """A seat in which the dataset's own plans are sent, on a body of its own.

    Args:
        worlds: Has the body.
        suite: Knows the facts of each task.
        trajectories: By task; each with a plan.
    """

    def __init__(
        self, worlds: Worlds, suite: _Knows, trajectories: Mapping[str, Trajectory]
    ) -> None:
        self._worlds = worlds
        self._suite = suite
        self._trajectories = trajectories

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Send a plan and return its record.

        Raises:
            EnvError: If the body broke.
        """
        yield from ()
        began = time.perf_counter()
        session = Session(self._worlds.body())
        success, metrics = self._sent(session, trial.task)
        return Record(
            task=trial.task.id,
            repeat=trial.repeat,
            seed=trial.task.seed,
            success=success,
            reason="success" if success else "failure",
            failure=None if success else "off target",
            metrics={
                "low_level_steps": float(session.num_steps),
                "failures": float(session.num_failures),
                **metrics,
            },
            steps=session.num_steps,
            turns=session.num_steps,
            reward=float(success),
            seconds=round(time.perf_counter() - began, 3),
            data=_data(self._suite.facts(trial.task), session.log),
        )

    def _sent(self, session: Session, task: Task) -> tuple[bool, dict[str, float]]:
        """Send what belongs to a task, and return whether it was done."""
        trajectory = self._trajectories[task.id]
        session.restore(trajectory.scene)
        subgoal = task.options.get("subgoal")
        if subgoal is None:
            for step in trajectory.low:
                session.low(step.command)
            assert trajectory.goal is not None
            matching = self._worlds.setting.matching
            now = session.now.metadata
            done = progress(trajectory.goal, now, session.treated, matching=matching)
            met, total = float(done.met), float(done.total)
            return done.satisfied, {"goal_conditions_met": met, "goal_conditions": total}
        for command in subgoal["before"]:
            session.low(command)
        session.begin()
        position = subgoal["position"]
        index = trajectory.high[position].index
        for step in trajectory.low:
            if step.high_index == index:
                session.low(step.command)
                now = session.now.metadata
                # The plan's own poses are its goals: no way has to be searched for.
                if subgoal_done(trajectory.high, position, now, session.treated, frozenset()):
                    return True, {}
        return False, {}

    def expect(self, trial: Trial) -> None:
        """Nothing: there is nothing to get ready."""

    def stop(self) -> None:
        """Nothing: no answer of a body takes longer than its own timeout."""

    def close(self) -> None:
        """Let go of the body."""
        self._worlds.close()


def result_of(record: Record) -> EpisodeResult:
    """Return a whole task's record as ALFRED counts it."""
    data, metrics = record.data, record.metrics
    return EpisodeResult(
        trial=data["trial"],
        task_type=data["kind"],
        repeat_idx=data["repeat_idx"],
        instruction=data["instruction"],
        progress=Progress(int(metrics["goal_conditions_met"]), int(metrics["goal_conditions"])),
        steps=int(metrics["low_level_steps"]),
        expert_steps=data["expert_steps"],
        reward=record.reward,
    )


def _data(facts: Facts, sent: list[Mapping[str, Any]]) -> dict[str, Any]:
    return asdict(facts) | {"actions": [dict(command) for command in sent]}
