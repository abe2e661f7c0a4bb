"""A call that computes for ever is broken off, and nothing else is."""

import threading
import time

import pytest

from qvl_agent.actions.errors import DeviceError
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.evals.harness import EpisodePlayer, MemoryStore, Trial, run_trials
from qvl_agent.evals.harness.rehearsal import RehearsalSuite
from qvl_agent.evals.harness.watchdog import Watchdog
from qvl_agent.model.scripted import ScriptedPolicy


def _watching() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "watchdog"}


def spin() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:  # as a world that means well
            continue


def test_a_call_that_computes_for_ever_is_broken_off() -> None:
    watchdog = Watchdog(0.2)
    with pytest.raises(DeviceError, match="did not answer step within 0.2 s"):
        watchdog.call("step", spin)
    assert watchdog.call("step", lambda: 3) == 3
    watchdog.close()


def test_what_a_call_returns_or_raises_is_passed_on() -> None:
    watchdog = Watchdog(60)
    assert watchdog.call("step", lambda: "seen") == "seen"
    with pytest.raises(ZeroDivisionError):
        watchdog.call("step", lambda: 1 / 0)
    watchdog.close()


def test_an_exception_that_comes_too_late_hits_nothing_else() -> None:
    """Calls end just when they are given up, again and again."""
    watchdog = Watchdog(0.02)

    def about() -> None:
        until = time.monotonic() + 0.0215
        while time.monotonic() < until:
            pass

    told = 0
    for _ in range(40):
        try:
            watchdog.call("step", about)
        except DeviceError:
            told += 1
        sum(range(2000))  # a stray exception would end the test here
    assert told > 0
    watchdog.close()


def test_a_world_that_spins_costs_its_own_trial_and_the_run_goes_on() -> None:
    others = _watching()  # of tests that ran here before
    suite = RehearsalSuite(4, faults={"rehearsal/0002": "spin"})
    policy = ScriptedPolicy(lambda _: "*FUNCTION*: Home\n*ARGS*: {}")

    def agent_for(world: WorldEnv, trial: Trial) -> Agent:
        return Agent(policy, world.unwrapped.action_space)  # type: ignore[arg-type]

    store = MemoryStore()
    players = [EpisodePlayer(suite, agent_for, shared=policy, seconds=5.0) for _ in range(2)]
    run_trials([Trial(task) for task in suite.tasks()], players, policy, store, attempts=2)
    assert sorted(record.task[-1] for record in store.records.values()) == ["0", "1", "3"]
    assert [(i.task[-1], i.by, i.attempt, i.given_up) for i in store.incidents] == [
        ("2", "environment", 1, False),
        ("2", "environment", 2, True),
    ]
    assert "did not answer step within 5 s" in store.incidents[0].message
    deadline = time.monotonic() + 60
    while _watching() - others and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _watching() - others
