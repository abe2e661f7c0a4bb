"""A world in a process of its own is the same world, and can do no harm."""

from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.errors import DeviceError, ResetNeeded
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
        posted, *_ = process.call("reset", (lease.start, lease.size), 2, None)
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
        old = process._process
        assert old is not None
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
