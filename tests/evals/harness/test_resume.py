"""A run that is killed again and again, and resumed, comes to the same as one left alone."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

TASKS = 300

# The whole path: worlds in processes, a shared policy, four seats, a folder.
RUN = f"""
import sys
from pathlib import Path
from qvl_agent.agent.loop import Agent
from qvl_agent.evals.harness import EpisodePlayer, RunFolder, Trial, WorldProcess, run_trials
from qvl_agent.evals.harness.rehearsal import RehearsalSuite
from qvl_agent.model.scripted import ScriptedPolicy

suite = RehearsalSuite({TASKS}, steps=2, seconds=0.02)
policy = ScriptedPolicy(lambda _: "*FUNCTION*: Home\\n*ARGS*: {{}}")
agent_for = lambda world, trial: Agent(policy, world.action_space)
processes = [WorldProcess(suite) for _ in range(4)]
seats = [EpisodePlayer(suite, agent_for, shared=policy, process=p) for p in processes]
with RunFolder(Path(sys.argv[1]), {{"suite": "rehearsal"}}) as folder:
    print("ready", flush=True)
    run_trials([Trial(task) for task in suite.tasks()], seats, policy, folder)
"""


def _start(out: Path) -> "subprocess.Popen[str]":
    run = subprocess.Popen([sys.executable, "-c", RUN, str(out)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    return run


def _records(out: Path) -> list[dict[str, Any]]:
    lines = (out / "results.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]


def _task(record: dict[str, Any]) -> str:
    return str(record["task"])


def _children(pid: int) -> set[int]:
    """Return the processes that a process started, and those that they started."""
    found: set[int] = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(path.parent.name)
            found |= {child} | _children(child)
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _finished(out: Path) -> int:
    """Return how many trials are written down."""
    file = out / "results.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_kills_lose_and_double_nothing_and_leave_no_process_behind(
    tmp_path: Path, kills: int
) -> None:
    rng = random.Random(kills)
    cut, orphans = tmp_path / "cut", set()
    for _ in range(kills):
        goal = _finished(cut) + rng.randrange(4)
        run = _start(cut)
        while run.poll() is None and _finished(cut) < goal:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        assert run.poll() is None, "it was over before it could be killed"
        orphans |= _children(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
    whole = tmp_path / "whole"
    for out in (cut, whole):
        last = _start(out)
        last.communicate(timeout=300)
        assert last.returncode == 0
    records, undisturbed = (sorted(_records(out), key=_task) for out in (cut, whole))
    assert records == undisturbed
    expected = [(f"rehearsal/{i:04d}", i % 2 == 0) for i in range(TASKS)]
    assert [(r["task"], r["success"]) for r in records] == expected
    deadline = time.monotonic() + 10
    while any(map(_alive, orphans)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert orphans
    assert not [pid for pid in orphans if _alive(pid)]
