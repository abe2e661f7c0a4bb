"""What the harness costs: an instant policy in worlds of a known pace, against the ideal.

A quiet machine is needed: beside the harness it says how late bare sleeps wake up, of which nothing
here can be faster, and what it costs to ask for them in bare processes over a pipe, which is the
part of the overhead that no program with worlds in processes is spared.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.evals.batch import BatchDesk
from qvl_agent.evals.harness.episodes import EpisodePlayer
from qvl_agent.evals.harness.folder import RunFolder
from qvl_agent.evals.harness.memory import MemoryStore
from qvl_agent.evals.harness.records import Trial
from qvl_agent.evals.harness.rehearsal import RehearsalSuite
from qvl_agent.evals.harness.remote import WorldProcess, process_context
from qvl_agent.evals.harness.runner import run_trials
from qvl_agent.model.policy import Decoding, Desk, Generation
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.scripted import ScriptedPolicy

__all__ = ["ASKED", "Asked", "Throughput", "measure_throughput"]

Asked = Literal["together", "desk", "apart"]
"""How the policy is asked: by all seats; by all through a desk of its own, as local models are; in
each seat by itself, as experts are."""

ASKED: tuple[Asked, ...] = ("together", "desk", "apart")


@dataclass(frozen=True, slots=True)
class Throughput:
    """One measurement.

    Attributes:
        step_s: What the world takes for an action.
        asked: How the policy is asked.
        workers: Seats.
        steps: Actions of all seats.
        ideal_s: Wall time if nothing but the worlds took any.
        wall_s: Wall time.
        bare_s: Wall time of the same sleeps in as many bare threads.
        pipes_s: Wall time of the same sleeps in as many bare processes, asked for over pipes.
        cpu_ms: Processor time of the parent per action: loop, prompt, parser, results.
    """

    step_s: float
    asked: Asked
    workers: int
    steps: int
    ideal_s: float
    wall_s: float
    bare_s: float
    pipes_s: float
    cpu_ms: float

    @property
    def share(self) -> float:
        """Of the ideal throughput."""
        return self.ideal_s / self.wall_s

    @property
    def overhead_ms(self) -> float:
        """What an action takes beyond the world's time and what bare sleeps lose."""
        return 1000 * (self.wall_s - self.bare_s) * self.workers / self.steps

    @property
    def pipes_ms(self) -> float:
        """What of that bare processes and their pipes take."""
        return 1000 * (self.pipes_s - self.bare_s) * self.workers / self.steps

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        told = {name: getattr(self, name) for name in ("share", "overhead_ms", "pipes_ms")}
        return asdict(self) | told


def measure_throughput(
    step_s: float,
    *,
    asked: Asked = "together",
    workers: int = 4,
    tasks: int = 16,
    steps: int = 10,
) -> Throughput:
    """Return the throughput of an instant policy in worlds that take so long for a step.

    Args:
        step_s: Seconds of an action.
        asked: How the policy is asked.
        workers: Seats, each with a process for its worlds.
        tasks: A multiple of `workers`, so that the ideal is known.
        steps: Actions of a task.

    Raises:
        ValueError: If `tasks` is no multiple of `workers`.
    """
    if tasks % workers:
        raise ValueError(f"{tasks} tasks are no multiple of {workers} workers")
    suite = RehearsalSuite(tasks, steps=steps, seconds=step_s)
    policy = (_InstantAtDesk if asked == "desk" else _Instant)([], name="instant")
    shared = None if asked == "apart" else policy

    def agent_for(world: WorldEnv, trial: Trial) -> Agent:
        space = world.action_space
        assert isinstance(space, ActionSpace)
        return Agent(policy, space)

    processes = [WorldProcess(suite) for _ in range(workers)]
    players = [EpisodePlayer(suite, agent_for, shared=shared, process=p) for p in processes]
    for process in processes:  # starting them is not what is measured, nor is their first picture
        for task in suite.tasks()[:2]:
            process.make(task).reset(seed=task.seed)
    first = RehearsalSuite(workers)
    here = [EpisodePlayer(first, agent_for, shared=shared) for _ in range(workers)]
    run_trials([Trial(task) for task in first.tasks()], here, shared, MemoryStore())
    trials = [Trial(task) for task in suite.tasks()]
    with tempfile.TemporaryDirectory() as out, RunFolder(Path(out), {}) as folder:
        ends = [(time.perf_counter(), time.process_time())]
        run_trials(
            trials,
            players,
            shared,
            folder,
            # Ending the processes is not measured either.
            watch=lambda _: ends.append((time.perf_counter(), time.process_time())),
        )
        wall, cpu = (last - first for first, last in zip(ends[0], ends[-1], strict=True))
        began = time.perf_counter()
        folder.sync()
        wall += time.perf_counter() - began
    total = tasks * steps
    return Throughput(
        step_s=step_s,
        asked=asked,
        workers=workers,
        steps=total,
        ideal_s=total * step_s / workers,
        wall_s=wall,
        bare_s=_bare(step_s, workers, total // workers),
        pipes_s=_piped(step_s, workers, total // workers),
        cpu_ms=1000 * cpu / total,
    )


class _Instant(ScriptedPolicy):
    """Answers at once: what a policy takes is not the harness's."""

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return always the same call."""
        return Generation("*FUNCTION*: Home\n*ARGS*: {}", stop="call")


class _InstantAtDesk(_Instant):
    """The same with a desk of its own."""

    def desk(self) -> Desk:
        """Return one that answers in batches."""
        return BatchDesk(self)


def _bare(step_s: float, workers: int, steps: int) -> float:
    """Return how long bare threads take for the same sleeps."""
    return _all_at_once([lambda: time.sleep(step_s)] * workers, steps)


def _piped(step_s: float, workers: int, steps: int) -> float:
    """Return how long bare processes take for the same sleeps, each asked for by a bare thread."""
    context = process_context()
    pipes, processes = [], []
    for _ in range(workers):
        ours, theirs = context.Pipe()
        process = context.Process(target=_sleeper, args=(theirs, step_s), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)

    def asking(pipe: Connection) -> Callable[[], object]:
        def ask() -> object:
            pipe.send(None)
            return pipe.recv()

        return ask

    questions = [asking(pipe) for pipe in pipes]
    _all_at_once(questions, 1)  # starting them is not what is measured
    took = _all_at_once(questions, steps)
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.close()
        process.join()
    return took


def _sleeper(pipe: Connection, step_s: float) -> None:
    with suppress(EOFError):
        while True:
            pipe.recv()
            time.sleep(step_s)
            pipe.send(None)


def _all_at_once(works: list[Callable[[], object]], times: int) -> float:
    """Return how long it takes to do each work so many times in a thread of its own."""

    def repeat(work: Callable[[], object]) -> None:
        for _ in range(times):
            work()

    threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began
