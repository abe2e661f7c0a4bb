"""Bodies that die, and bodies that are used long: with ai2thor's Controller and real processes."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import EnvError
from qvl_agent.actions.household import household_space
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.envs.base import World
from qvl_agent.evals.alfred.players import AlfredPlayer
from qvl_agent.evals.alfred.suite import MadeUpSuite
from qvl_agent.evals.alfred.worlds import Setting
from qvl_agent.evals.harness import (
    EpisodePlayer,
    Incident,
    MemoryStore,
    Record,
    Trial,
    WorldProcess,
    run_trials,
)
from qvl_agent.evals.harness import remote as harness_remote
from qvl_agent.model.scripted import ScriptedPolicy

pytest.importorskip("ai2thor", reason="ai2thor is not installed (pip install 'qvl-agent[thor]')")

_PROGRAM = b"qvl_agent.envs.household.simulator"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in which all that is started keeps its files, and by which it is known."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    # The server that worlds' processes are forked from was started in another environment.
    context = harness_remote.process_context().get_context("spawn")
    monkeypatch.setattr(harness_remote, "process_context", lambda: context)
    yield tmp_path
    for pid in _simulators(tmp_path):
        os.kill(pid, signal.SIGKILL)


def _simulators(place: Path) -> list[int]:
    """Return the ids of the simulators that were started with this home, and no others."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            home = f"HOME={place}\0".encode() in (entry / "environ").read_bytes() + b"\0"
        except OSError:
            continue
        if _PROGRAM in command and home:
            found.append(int(entry.name))
    return found


def _agent(world: WorldEnv, on_question: Any = lambda number: None) -> Agent:
    bare = world.unwrapped
    assert isinstance(bare, World)
    dialect, asked = get_dialect("star"), 0

    def answer(_: object) -> str:
        nonlocal asked
        asked += 1
        on_question(asked)
        decision = bare.expert()
        return dialect.render(bare.action_space.to_call(decision.action), decision.thought)

    return Agent(ScriptedPolicy(answer), household_space())


@pytest.mark.parametrize("limit_s", [60, pytest.param(1, marks=pytest.mark.slow)])
def test_a_simulator_killed_in_mid_episode_costs_one_retry(place: Path, limit_s: float) -> None:
    suite = MadeUpSuite(Setting(body="controller"), 3, seed=5)
    killed: list[float] = []

    def kill(number: int) -> None:
        if number == 3 and not killed:
            (pid,) = _simulators(place)
            os.kill(pid, signal.SIGKILL)
            killed.append(time.monotonic())

    process = WorldProcess(suite, seconds=300)
    player = AlfredPlayer(
        EpisodePlayer(suite, lambda world, _: _agent(world, kill), process=process), suite
    )
    seen: list[tuple[float, Any]] = []
    tasks = suite.tasks()
    store = MemoryStore()
    run_trials(
        [Trial(task) for task in tasks],
        [player],
        None,
        store,
        watch=lambda event: seen.append((time.monotonic(), event)),
    )
    assert len(store.records) == 3
    assert all(record.success for record in store.records.values())
    ((at, incident),) = [(at, e) for at, e in seen if isinstance(e, Incident)]
    assert (incident.by, incident.kind, incident.attempt) == ("environment", "EnvError", 1)
    assert not incident.given_up
    assert "the simulator is gone" in incident.message
    assert at - killed[0] < limit_s, "60 s is when an answer is overdue"
    assert sum(isinstance(e, Record) for _, e in seen) == 3
    assert _left_behind(place) == []


def test_an_environment_that_always_breaks_is_given_up_and_leaves_no_record(place: Path) -> None:
    suite = MadeUpSuite(Setting(body="controller"), 1)

    def kill(number: int) -> None:
        (pid,) = _simulators(place)
        os.kill(pid, signal.SIGKILL)

    process = WorldProcess(suite, seconds=300)
    player = EpisodePlayer(suite, lambda world, _: _agent(world, kill), process=process)
    store = MemoryStore()
    incidents: list[Incident] = []
    run_trials(
        [Trial(task) for task in suite.tasks()],
        [player],
        None,
        store,
        attempts=2,
        watch=lambda e: incidents.append(e) if isinstance(e, Incident) else None,
    )
    assert store.records == {}
    assert [i.given_up for i in incidents] == [False, True]
    assert _left_behind(place) == []


def _left_behind(place: Path) -> list[str]:
    """Return what is left of simulators: processes, pipes, temporary files."""
    deadline = time.monotonic() + 60
    while (pids := _simulators(place)) and time.monotonic() < deadline:
        time.sleep(0.05)  # a killed process takes a moment to be gone
    files = [str(path.relative_to(place)) for path in (place / "tmp").rglob("*")]
    return [*map(str, pids), *files]


@pytest.mark.slow
def test_1000_episodes_in_a_row_leave_nothing_behind(place: Path) -> None:
    episodes, fresh = 1000, 25
    suite = MadeUpSuite(Setting(body="controller", names=False), episodes, seed=1)
    process = WorldProcess(suite, seconds=300)
    tasks = suite.tasks()
    open_files: list[int] = []
    pids: set[int] = set()
    for number, task in enumerate(tasks):
        world = process.make(task)
        world.reset(seed=task.seed, options=dict(task.options))
        for _ in range(2):
            world.step(world.expert().action)
        if number % (episodes // fresh) == 0:
            (pid,) = _simulators(place)
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(EnvError):
                world.step(world.expert().action)
        world.close()
        open_files.append(len(list(Path("/proc/self/fd").iterdir())))
    assert len(pids) == fresh
    assert open_files[-1] <= open_files[0]
    assert len(_simulators(place)) == 1, "one simulator serves all episodes of a seat"
    assert len(list((place / "tmp").iterdir())) <= 2, "the pipes of one simulator"
    process.close()
    assert _left_behind(place) == []
