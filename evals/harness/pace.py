"""What the harness costs: an instant policy in worlds of a known pace, against the ideal.

A quiet machine is needed: beside the harness it prints how late bare sleeps wake up, of which
nothing here can be faster.
"""

import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.evals.harness.episodes import EpisodePlayer
from qvl_agent.evals.harness.folder import RunFolder
from qvl_agent.evals.harness.memory import MemoryStore
from qvl_agent.evals.harness.records import Trial
from qvl_agent.evals.harness.rehearsal import RehearsalSuite
from qvl_agent.evals.harness.remote import WorldProcess
from qvl_agent.evals.harness.runner import run_trials
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy

__all__ = ["Throughput", "measure_throughput"]


@dataclass(frozen=True, slots=True)
class Throughput:
    """One measurement.

    Attributes:
        step_s: What the world takes for an action.
        shared: Whether the seats ask one policy together, as they ask a model, or each its own, as
            they ask experts.
        workers: Seats.
        steps: Actions of all seats.
        ideal_s: Wall time if nothing but the worlds took any.
        wall_s: Wall time.
        bare_s: Wall time of the same sleeps in as many bare threads.
        cpu_ms: Processor time of the parent per action: loop, prompt, parser, results.
    """

    step_s: float
    shared: bool
    workers: int
    steps: int
    ideal_s: float
    wall_s: float
    bare_s: float
    cpu_ms: float

    @property
    def share(self) -> float:
        """Of the ideal throughput."""
        return self.ideal_s / self.wall_s

    @property
    def overhead_ms(self) -> float:
        """What an action takes beyond the world's time and what bare sleeps lose."""
        return 1000 * (self.wall_s - self.bare_s) * self.workers / self.steps

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self) | {"share": self.share, "overhead_ms": self.overhead_ms}


def measure_throughput(
    step_s: float, *, shared: bool = True, workers: int = 4, tasks: int = 16, steps: int = 10
) -> Throughput:
    """Return the throughput of an instant policy in worlds that take so long for a step.

    Args:
        step_s: Seconds of an action.
        shared: Whether the policy is asked for all seats together.
        workers: Seats, each with a process for its worlds.
        tasks: A multiple of `workers`, so that the ideal is known.
        steps: Actions of a task.

    Raises:
        ValueError: If `tasks` is no multiple of `workers`.
    """
    if tasks % workers:
        raise ValueError(f"{tasks} tasks are no multiple of {workers} workers")
    suite = RehearsalSuite(tasks, steps=steps, seconds=step_s)
    policy = _Instant([], name="instant")
    desk = policy if shared else None

    def agent_for(world: WorldEnv, trial: Trial) -> Agent:
        space = world.action_space
        assert isinstance(space, ActionSpace)
        return Agent(policy, space)

    processes = [WorldProcess(suite) for _ in range(workers)]
    players = [EpisodePlayer(suite, agent_for, shared=desk, process=p) for p in processes]
    for process in processes:  # starting them is not what is measured
        process.make(suite.tasks()[0]).reset(seed=0)
    first = RehearsalSuite(workers)
    here = [EpisodePlayer(first, agent_for, shared=desk) for _ in range(workers)]
    run_trials([Trial(task) for task in first.tasks()], here, desk, MemoryStore())
    trials = [Trial(task) for task in suite.tasks()]
    with tempfile.TemporaryDirectory() as out, RunFolder(Path(out), {}) as folder:
        ends = [(time.perf_counter(), time.process_time())]
        run_trials(
            trials,
            players,
            desk,
            folder,
            # Ending the processes is not measured either.
            watch=lambda _: ends.append((time.perf_counter(), time.process_time())),
        )
        wall, cpu = (last - first for first, last in zip(ends[0], ends[-1], strict=True))
    total = tasks * steps
    return Throughput(
        step_s=step_s,
        shared=shared,
        workers=workers,
        steps=total,
        ideal_s=total * step_s / workers,
        wall_s=wall,
        bare_s=_bare(step_s, workers, total // workers),
        cpu_ms=1000 * cpu / total,
    )


class _Instant(ScriptedPolicy):
    """Answers at once: what a policy takes is not the harness's."""

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return always the same call."""
        return Generation("*FUNCTION*: Home\n*ARGS*: {}", stop="call")


def _bare(step_s: float, workers: int, steps: int) -> float:
    """Return how long bare threads take for the same sleeps."""

    def sleep() -> None:
        for _ in range(steps):
            time.sleep(step_s)

    threads = [threading.Thread(target=sleep) for _ in range(workers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began
