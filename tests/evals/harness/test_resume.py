"""A run that is killed again and again, and resumed, comes to the same as one left alone."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

# The whole path: worlds in processes, a shared policy, four seats, a folder. It is killed from
# within, so that the moment stays near the work under way however busy the machine is.
RUN = """
import os, random, signal, sys, threading, time
from pathlib import Path
from qvl_agent.agent.loop import Agent
from qvl_agent.evals.harness import EpisodePlayer, RunFolder, Trial, WorldProcess, run_trials
from qvl_agent.evals.harness.rehearsal import RehearsalSuite
from qvl_agent.model.scripted import ScriptedPolicy

out, tasks, seconds, moment = sys.argv[1:]
suite = RehearsalSuite(int(tasks), steps=2, seconds=float(seconds))
policy = ScriptedPolicy(lambda _: "*FUNCTION*: Home\\n*ARGS*: {}")
agent_for = lambda world, trial: Agent(policy, world.action_space)
processes = [WorldProcess(suite) for _ in range(4)]
seats = [EpisodePlayer(suite, agent_for, shared=policy, process=p) for p in processes]

def kill():
    rng = random.Random(int(moment))
    goal = len(folder.records) + rng.randrange(4)
    while len(folder.records) < goal:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.05))
    os.kill(os.getpid(), signal.SIGKILL)

with RunFolder(Path(out), {"suite": "rehearsal"}) as folder:
    if moment:
        threading.Thread(target=kill, daemon=True).start()
    run_trials([Trial(task) for task in suite.tasks()], seats, policy, folder)
"""
MARK = "QVL_REHEARSAL"


def _run(out: Path, tasks: int, seconds: float, moment: str, mark: str) -> int:
    """Run until the end, or until it is killed; return the exit code."""
    command = [sys.executable, "-c", RUN, str(out), str(tasks), str(seconds), moment]
    # To a file: its orphans hold a pipe open.
    with (out.parent / "log").open("w") as log:
        return subprocess.run(
            command, env={**os.environ, MARK: mark}, stdout=log, stderr=log, timeout=300
        ).returncode


def _records(out: Path) -> list[dict[str, Any]]:
    lines = (out / "results.jsonl").read_text().splitlines()
    records = [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]
    return sorted(records, key=lambda record: str(record["task"]))


def _alive(mark: str) -> list[str]:
    """Return the processes that were started by marked ones, and theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"{MARK}={mark}".encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize(
    ("kills", "tasks", "seconds"),
    [(4, 60, 0.02), pytest.param(50, 300, 0.05, marks=pytest.mark.slow)],
)
def test_kills_lose_and_double_nothing_and_leave_no_process_behind(
    tmp_path: Path, kills: int, tasks: int, seconds: float
) -> None:
    mark = uuid.uuid4().hex
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    for moment in range(kills):
        assert _run(cut, tasks, seconds, str(moment), mark) == -signal.SIGKILL
    assert [_run(out, tasks, seconds, "", mark) for out in (cut, whole)] == [0, 0]
    assert _records(cut) == _records(whole)
    expected = [(f"rehearsal/{i:04d}", i % 2 == 0) for i in range(tasks)]
    assert [(r["task"], r["success"]) for r in _records(cut)] == expected
    deadline = time.monotonic() + 60
    while _alive(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _alive(mark) == []
