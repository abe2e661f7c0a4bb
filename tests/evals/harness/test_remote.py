"""A world in a process of its own is the same world, and can do no harm."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.errors import DeviceError, ResetNeeded, UsageError
from qvl_agent.actions.mobile import Home
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.evals.cards import CardsSuite
from qvl_agent.evals.harness import EpisodePlayer, MemoryStore, Trial, WorldProcess, run_trials
from qvl_agent.evals.harness.rehearsal import Fault, RehearsalSuite
from qvl_agent.model.scripted import ScriptedPolicy


def test_a_remote_world_shows_says_and_knows_what_the_world_itself_does() -> None:
    suite = CardsSuite(["points24"], episodes=1, seed=3)
    (task,) = suite.tasks()
    process = WorldProcess(suite)
    try:
        near, far = suite.make(task), process.make(task)
        assert far.action_space == near.action_space
        seen, info = near.reset(seed=task.seed)
        assert far.reset(seed=task.seed) == (seen, info)
        terminated = False
        while not terminated:
            action = near.unwrapped.expert().action  # type: ignore[attr-defined]
            assert far.expert().action == action
            here, there = near.step(action), far.step(action)
            assert here == there
            terminated = bool(here[2])
        assert far.outcome() == near.unwrapped.outcome()  # type: ignore[attr-defined]
        with pytest.raises(ResetNeeded):
            far.step(action)
    finally:
        process.close()


def test_the_outcome_comes_with_the_last_step_and_goes_with_the_next_episode() -> None:
    suite = CardsSuite(["numberline"], episodes=1, seed=3)
    (task,) = suite.tasks()
    process = WorldProcess(suite)
    try:
        world = process.make(task)

        def win() -> None:
            world.reset(seed=task.seed)
            assert not world.outcome().success
            while not world.step(world.expert().action)[2]:
                assert not world.outcome().success
            assert world.outcome().success

        win()
        win()
        process.kill()
        assert world.outcome().success  # nobody was asked again
    finally:
        process.close()


def test_spaces_are_told_once_while_worlds_are_alike_and_again_when_they_are_not() -> None:
    suite = CardsSuite(["numberline", "points24"], episodes=2, seed=3)
    first, second, *others = suite.tasks()
    process = WorldProcess(suite)
    try:
        assert process.make(second).action_space is process.make(first).action_space
        for task in (*others, first, *others):
            near, far = suite.make(task), process.make(task)
            assert (far.action_space, far.observation_space) == (
                near.action_space,
                near.observation_space,
            )
            near.reset(seed=task.seed)
            far.reset(seed=task.seed)
            assert far.action_space == near.action_space
        process.kill()
        assert process.make(first).action_space == suite.make(first).action_space
    finally:
        process.close()


class _Sent:
    """What a process is told."""

    def __init__(self, process: WorldProcess, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        send = process._send

        def heard(name: str, *arguments: object) -> None:
            self.names.append(name)
            send(name, *arguments)

        monkeypatch.setattr(process, "_send", heard)


def test_an_episode_begins_with_its_world_and_again_where_another_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suite = RehearsalSuite(4)
    process = WorldProcess(suite)
    sent = _Sent(process, monkeypatch)
    try:
        for seed in (3, 1, 3):
            sent.names.clear()
            world = process.make(suite.tasks()[3])
            seen, _ = world.reset(seed=seed)
            assert (seen.image == seed).all()
            assert sent.names == ["begin", "reset"][: 1 if seed == 3 else 2]
        world.step(Home())
        assert world.outcome().metrics["steps"] == 1
        seen, _ = world.reset(seed=3)  # has not begun a second time by itself
        assert world.outcome().metrics["steps"] == 0
    finally:
        process.close()


def test_a_world_that_is_expected_is_made_once_and_any_other_can_still_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suite = CardsSuite(["numberline", "points24"], episodes=2, seed=3)
    tasks = suite.tasks()
    process = WorldProcess(suite)
    sent = _Sent(process, monkeypatch)
    try:
        for expected, task in [(0, 0), (1, 1), (0, 1), (1, 0), (2, 0), (0, 3)]:
            sent.names.clear()
            process.expect(tasks[expected])
            near, far = suite.make(tasks[task]), process.make(tasks[task])
            assert far.action_space == near.action_space
            seed = tasks[task].seed
            assert far.reset(seed=seed) == near.reset(seed=seed)
            assert sent.names == ["begin"] * (1 if expected == task else 2)
    finally:
        process.close()


def test_a_process_that_dies_over_an_expected_world_says_so_where_the_world_is_asked_for() -> None:
    suite = RehearsalSuite(1)
    (task,) = suite.tasks()
    process = WorldProcess(suite)
    try:
        process.make(task).reset(seed=task.seed)
        assert process._live is not None
        old = process._live.process
        os.kill(old.pid or 0, signal.SIGSTOP)  # so that it cannot answer first
        process.expect(task)
        process.interrupt()
        with pytest.raises(DeviceError, match="died during make"):
            process.make(task)
        process.make(task).reset(seed=task.seed)
        process.interrupt()
        process._live.process.join(20)
        process.expect(task)  # says nothing, so that what was played before is written down
        assert process.make(task).reset(seed=task.seed)[0] == suite.make(task).reset(seed=0)[0]
    finally:
        process.close()


def test_nobody_waits_for_an_expected_world_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = RehearsalSuite(1)
    (task,) = suite.tasks()
    process = WorldProcess(suite)
    sent = _Sent(process, monkeypatch)
    process.make(task).reset(seed=task.seed)
    process.expect(task)
    assert process._live is not None
    child = process._live.process
    process.close()
    assert sent.names == ["begin", "begin"]
    assert not child.is_alive()
    process.make(task).reset(seed=task.seed)
    process.close()
    assert sent.names[2:] == ["begin", "finish"]


def test_what_is_wrong_with_a_task_is_said_where_it_would_be_without_a_process() -> None:
    suite = CardsSuite(["numberline"], episodes=1, seed=3)
    (task,) = suite.tasks()
    process = WorldProcess(suite)
    try:
        process.make(task).reset(seed=task.seed)
        assert process._live is not None
        first = process._live.process
        odd = replace(task, options={"no such option": 1})
        process.expect(odd)
        world = process.make(odd)
        with pytest.raises(UsageError, match="no such option"):
            world.reset(seed=odd.seed, options=dict(odd.options))
        process.expect(replace(task, world="no such world"))
        with pytest.raises(UsageError, match="no such world"):
            process.make(replace(task, world="no such world"))
        process.expect(odd)
        assert process.make(task).reset(seed=1) == suite.make(task).reset(seed=1)
        assert process._live.process is first
    finally:
        process.close()


@pytest.mark.parametrize("fate", ["dies", "hangs"])
def test_a_process_that_is_lost_before_its_picture_is_there_says_so(
    fate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = RehearsalSuite(1)
    process = WorldProcess(suite, seconds=5.0)
    try:
        world = process.make(suite.tasks()[0])
        world.reset(seed=1)  # says how large pictures are
        lease = process.board.lease()
        posted, *_ = process.call("reset", lease.slot, 2, None)
        assert (process.see(posted, lease).image == 2).all()
        if fate == "dies":
            process.interrupt()
        else:
            monkeypatch.setattr(process, "_seconds", 0.1)
        expected = {"dies": "died during a picture", "hangs": "did not finish a picture"}[fate]
        with pytest.raises(DeviceError, match=expected):
            process.see(posted, lease)  # waits for one that nobody writes
        assert (process.make(suite.tasks()[0]).reset(seed=3)[0].image == 3).all()
    finally:
        process.close()


def test_a_picture_stays_what_it_was_when_the_next_one_comes() -> None:
    suite = RehearsalSuite(2)
    process = WorldProcess(suite)
    try:
        world = process.make(suite.tasks()[0])
        first, _ = world.reset(seed=1)
        kept = first.image.copy()
        world.reset(seed=2)
        assert np.array_equal(first.image, kept)
    finally:
        process.close()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("hang", "did not answer step within 1 s"),
        ("die", "died during step"),
        ("bug", "ZeroDivisionError: a bug, as rehearsed"),
    ],
)
def test_a_world_that_hangs_dies_or_has_a_bug_loses_its_process(fault: Fault, told: str) -> None:
    suite = RehearsalSuite(1, faults={"rehearsal/0000": fault})
    process = WorldProcess(suite)
    try:
        world = process.make(suite.tasks()[0])
        world.reset(seed=0)
        assert process._live is not None
        old = process._live.process
        world.step(Home())
        if fault == "hang":  # on a busy machine all else may take longer than that
            process._seconds = 1
        with pytest.raises(DeviceError, match=told):
            world.step(Home())
        assert not old.is_alive()
        process._seconds = 120
        process.make(suite.tasks()[0]).reset(seed=0)  # there is a new one
    finally:
        process.close()


def test_a_page_that_is_touched_late_changes_no_picture() -> None:
    suite = RehearsalSuite(1, steps=80)
    process = WorldProcess(suite)
    try:
        world = process.make(suite.tasks()[0])
        seen = [world.reset(seed=5)[0]]
        seen += [world.step(Home())[0] for _ in range(70)]  # more than there are slots for
        assert all((one.image == 5).all() for one in seen)
    finally:
        process.close()


def test_faults_are_requeued_and_everything_is_measured_in_the_end(tmp_path: Path) -> None:
    kinds: dict[str, Fault] = {"0001": "hang", "0002": "die", "0004": "raise", "0005": "bug"}
    faults = {f"rehearsal/{number}": fault for number, fault in kinds.items()}
    suite = RehearsalSuite(8, faults=faults, once=tmp_path)
    policy = ScriptedPolicy(lambda _: "*FUNCTION*: Home\n*ARGS*: {}")

    def agent_for(world: WorldEnv, trial: Trial) -> Agent:
        return Agent(policy, world.action_space)  # type: ignore[arg-type]

    players = [
        EpisodePlayer(suite, agent_for, shared=policy, process=WorldProcess(suite, seconds=20))
        for _ in range(2)
    ]
    store = MemoryStore()
    run_trials([Trial(task) for task in suite.tasks()], players, policy, store)
    assert [store.records[f"rehearsal/{i:04d}", 0].success for i in range(8)] == [True, False] * 4
    assert sorted(i.task for i in store.incidents) == sorted(faults)
    assert not any(i.given_up for i in store.incidents)
