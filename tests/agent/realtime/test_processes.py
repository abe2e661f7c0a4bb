"""A process that thinks: it may hang, stop or die, and the loop's side goes on at its rate."""

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.cards import Plus, numberline_space
from qvl_agent.agent.realtime import (
    Act,
    Directive,
    Hold,
    ProcessWorker,
    RealtimeAgent,
    Stop,
    StopCause,
    Timing,
)
from qvl_agent.envs.base import Observation

MAKERS = """
import time
from qvl_agent.actions.cards import numberline_space
from qvl_agent.agent import Agent
from qvl_agent.model import ScriptedPolicy

def walks():
    answer = "*FUNCTION*: Plus\\n*ARGS*: {}"
    return Agent(ScriptedPolicy(lambda prompt: answer), numberline_space())

def never_answers():
    return Agent(ScriptedPolicy(lambda prompt: time.sleep(3600)), numberline_space())

def cannot_be_made():
    raise RuntimeError("no such checkpoint")
"""
SECONDS = 60.0
TIMING = Timing(observation_s=1.0, action_s=5.0, dead_man_s=30.0, heartbeat_s=20.0)
BIG = Observation(np.zeros((1080, 1920, 3), np.uint8))


@pytest.fixture(autouse=True)
def makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "makers_of_a_test.py").write_text(MAKERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("makers_of_a_test", None)


def worker(name: str) -> ProcessWorker:
    makers = importlib.import_module("makers_of_a_test")
    return ProcessWorker(getattr(makers, name), numberline_space())


def until(agent: RealtimeAgent, done: Callable[[Directive], bool]) -> Directive:
    """Run the loop, with a large picture at each tick, until a directive comes."""
    give_up = time.monotonic() + SECONDS
    while time.monotonic() < give_up:
        agent.submit(BIG)
        directive = agent.poll()
        if done(directive):
            return directive
        time.sleep(0.01)
    pytest.fail(f"it went on with {directive}")


def stopped(cause: StopCause) -> Callable[[Directive], bool]:
    return lambda directive: isinstance(directive, Stop) and directive.cause == cause


def acting(directive: Directive) -> bool:
    return isinstance(directive, Act)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_action_comes_back_and_a_process_that_died_is_begun_again() -> None:
    with RealtimeAgent(child := worker("walks"), timing=TIMING) as agent:
        agent.begin("walk")
        act = until(agent, acting)
        assert isinstance(act, Act)
        assert act.action == Plus()
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        stop = until(agent, stopped("failed"))
        assert isinstance(stop, Stop)
        assert "exit code -9" in stop.detail
        agent.begin("walk on")
        assert agent.poll() == Hold("starting")
        until(agent, acting)
        second = child.pid
        assert second != first
    assert second is not None
    assert not alive(second)


def test_a_process_that_is_stopped_is_noticed_and_never_waited_for() -> None:
    ahead = 0.0

    def clock() -> float:
        return time.monotonic() + ahead

    with RealtimeAgent(child := worker("walks"), timing=TIMING, clock=clock) as agent:
        agent.begin("walk")
        until(agent, acting)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)

        def silent(directive: Directive) -> bool:  # a second passes at each tick
            nonlocal ahead
            ahead += 1.0
            return stopped("silent")(directive)

        until(agent, silent)  # with six megabytes for a pipe that nobody reads
        os.kill(child.pid, signal.SIGCONT)
        agent.rearm()
        until(agent, acting)


def test_a_policy_that_never_returns_is_ended_with_the_agent() -> None:
    with RealtimeAgent(child := worker("never_answers"), timing=TIMING) as agent:
        agent.begin("walk")
        until(agent, lambda directive: directive == Hold("thinking"))
        pid = child.pid
        assert pid is not None
        assert alive(pid)
        began = time.monotonic()
    assert not alive(pid)
    assert time.monotonic() - began < 60


def test_an_agent_that_cannot_be_made_stops_the_robot_with_the_reason() -> None:
    with RealtimeAgent(worker("cannot_be_made"), timing=TIMING) as agent:
        agent.begin("walk")
        stop = until(agent, stopped("failed"))
    assert isinstance(stop, Stop)
    assert "RuntimeError: no such checkpoint" in stop.detail


def test_the_process_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "import time\n"
        "from makers_of_a_test import never_answers\n"
        "from qvl_agent.actions.cards import numberline_space\n"
        "from qvl_agent.agent.realtime import ProcessWorker, Ready\n"
        "if __name__ == '__main__':\n"
        "    worker = ProcessWorker(never_answers, numberline_space())\n"
        "    while Ready() not in worker.receive():\n"
        "        time.sleep(0.01)\n"
        "    print(worker.pid, flush=True)\n"
        "    time.sleep(3600)\n"
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    with parent, closing(parent.stdout) as said:  # type: ignore[type-var]
        assert said is not None
        pid = int(said.readline())
        assert alive(pid)
        parent.kill()
    give_up = time.monotonic() + SECONDS
    while alive(pid) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not alive(pid)
