"""The rules of the control loop, on a clock that only moves when a test says so."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus
from qvl_agent.actions.errors import PolicyError, QvlAgentError, ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.agent.realtime import (
    Act,
    Answer,
    Beat,
    Directive,
    Failure,
    Hold,
    Message,
    Note,
    Question,
    Ready,
    RealtimeAgent,
    Stop,
    Timing,
)
from qvl_agent.envs.base import Observation, Outcome

TIMING = Timing(observation_s=0.2, action_s=1.0, dead_man_s=3.0, heartbeat_s=0.5)
TICK = 0.05


@dataclass
class Desk:
    """A worker that a test plays itself."""

    asked: list[Question] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    ended: list[tuple[int, Outcome | None]] = field(default_factory=list)
    post: list[Message] = field(default_factory=lambda: [Ready()])
    beats: bool = True
    closed: int = 0

    def begin(self, task: str) -> None:
        self.begun.append(task)

    def ask(self, question: Question) -> None:
        self.asked.append(question)

    def end(self, sequence: int, outcome: Outcome | None = None) -> None:
        self.ended.append((sequence, outcome))

    def receive(self) -> list[Message]:
        post, self.post = self.post, []
        return [*post, Beat()] if self.beats else post

    def close(self) -> None:
        self.closed += 1


class Loop:
    """A control loop at 20 Hz, its clock and its log."""

    def __init__(self, *, begun: bool = True) -> None:
        self.now = 100.0
        self.desk = Desk()
        self.log: list[Note] = []
        self.agent = RealtimeAgent(
            self.desk, timing=TIMING, clock=lambda: self.now, watch=self.log.append
        )
        if begun:
            self.agent.begin("reach for the ball")

    def tick(self, *, sees: bool = True) -> Directive:
        """Let a tick pass: see, unless the camera hangs, and ask what to do."""
        self.now += TICK
        if sees:
            self.agent.submit(seen())
        return self.agent.poll()

    def ticks(self, seconds: float, *, sees: bool = True) -> list[Directive]:
        return [self.tick(sees=sees) for _ in range(round(seconds / TICK))]

    def answer(self, action: Action | None = None) -> None:
        """Let the policy answer what it was asked last."""
        self.desk.post.append(Answer(self.desk.asked[-1].sequence, action or Plus()))

    def fail(self, error: QvlAgentError) -> None:
        self.desk.post.append(Failure(error, self.desk.asked[-1].sequence))

    @property
    def kinds(self) -> list[str]:
        return [note.kind for note in self.log]


_count = itertools.count()


def seen() -> Observation:
    """Return an observation that can be told from the last 250."""
    return Observation(np.full((2, 2, 3), next(_count) % 251, dtype=np.uint8))


@pytest.fixture
def loop() -> Loop:
    return Loop()


def test_an_action_is_handed_over_with_the_number_and_age_of_its_observation(loop: Loop) -> None:
    assert loop.tick() == Hold("thinking")
    loop.answer(Minus())
    acting = loop.tick()
    assert isinstance(acting, Act)
    assert (acting.action, acting.sequence, acting.fresh) == (Minus(), 1, True)
    assert acting.age_s == pytest.approx(TICK)
    again = loop.tick()
    assert isinstance(again, Act)
    assert not again.fresh


def test_the_robot_holds_while_the_policy_thinks(loop: Loop) -> None:
    assert set(loop.ticks(2.0)) == {Hold("thinking")}
    assert loop.kinds.count("hold") == 1


def test_numbers_of_observations_only_grow(loop: Loop) -> None:
    picture = seen()
    numbers = [loop.agent.submit(picture) for _ in range(3)]
    loop.agent.cancel()
    numbers.append(loop.agent.submit(picture))
    loop.agent.begin("again")
    numbers.append(loop.agent.submit(picture, taken_at=0.0))
    assert numbers == [1, 2, 3, 4, 5]


def test_the_newest_observation_replaces_the_one_that_waits(loop: Loop) -> None:
    loop.tick()
    loop.ticks(1.5)
    newest = seen()
    number = loop.agent.submit(newest)
    loop.answer()  # too late: what waits is asked about at once
    loop.agent.poll()
    assert [question.sequence for question in loop.desk.asked] == [1, number]
    assert loop.desk.asked[-1].observation == newest
    assert loop.agent.counts["replaced"] == number - 2


def test_one_question_is_open_at_a_time(loop: Loop) -> None:
    loop.ticks(2.5)
    assert len(loop.desk.asked) == 1


def test_an_observation_is_copied_for_a_camera_that_reuses_its_buffer(loop: Loop) -> None:
    buffer = np.zeros((2, 2, 3), np.uint8)
    loop.agent.submit(Observation(buffer))
    buffer[:] = 255
    loop.agent.poll()
    assert not loop.desk.asked[0].observation.image.any()


def test_an_old_observation_is_not_thought_about(loop: Loop) -> None:
    loop.agent.submit(seen(), taken_at=loop.now - TIMING.observation_s - 0.01)
    assert loop.agent.poll() == Hold("waiting")
    assert loop.desk.asked == []
    assert loop.agent.counts["too_old"] == 1


def test_an_observation_that_grew_old_while_it_waited_is_not_thought_about(loop: Loop) -> None:
    loop.agent.submit(seen())
    loop.now += TIMING.observation_s + 0.01
    assert loop.agent.poll() == Hold("waiting")
    assert loop.desk.asked == []


def test_an_observation_out_of_order_is_not_thought_about(loop: Loop) -> None:
    loop.agent.submit(seen(), taken_at=loop.now - 0.01)
    loop.agent.submit(seen(), taken_at=loop.now - 0.02)
    loop.agent.poll()
    assert [question.sequence for question in loop.desk.asked] == [1]


def test_an_observation_from_the_future_is_a_bug_of_the_caller(loop: Loop) -> None:
    with pytest.raises(ValueError, match="same clock"):
        loop.agent.submit(seen(), taken_at=1.8e9)


@pytest.mark.parametrize("taken_at", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_a_bug_of_the_caller(loop: Loop, taken_at: float) -> None:
    with pytest.raises(ValueError, match="same clock"):
        loop.agent.submit(seen(), taken_at=taken_at)


def test_an_action_that_comes_too_late_is_dropped_and_the_policy_is_told(loop: Loop) -> None:
    loop.tick()
    loop.ticks(TIMING.action_s)
    loop.answer()
    assert loop.tick() == Hold("thinking")
    assert loop.agent.counts["stale"] == 1
    assert loop.agent.counts["fresh"] == 0
    assert "not carried out: it came too late" in loop.desk.asked[-1].undone


def test_what_was_carried_out_is_not_called_undone(loop: Loop) -> None:
    loop.tick()
    loop.answer()
    loop.tick()
    loop.tick()
    assert [question.undone for question in loop.desk.asked] == ["", ""]


def test_the_age_of_an_action_counts_from_when_the_picture_was_taken(loop: Loop) -> None:
    loop.agent.submit(seen(), taken_at=loop.now - 0.15)
    loop.agent.poll()
    loop.now += 0.9
    loop.answer()
    loop.agent.poll()
    assert loop.agent.counts["stale"] == 1


def test_an_action_ends_when_its_observation_has_grown_too_old(loop: Loop) -> None:
    loop.tick()
    began = loop.now
    loop.answer()
    acting = [d for d in loop.ticks(2.0) if isinstance(d, Act)]
    assert acting[-1].age_s == pytest.approx(TIMING.action_s, abs=TICK)
    assert max(a.age_s for a in acting) <= TIMING.action_s
    assert loop.now - began > TIMING.action_s
    assert loop.agent.poll() == Hold("thinking")
    assert loop.agent.counts["expired"] == 1


def test_the_policy_next_sees_what_its_action_came_to_and_nothing_older(loop: Loop) -> None:
    loop.tick()
    loop.ticks(0.3)
    loop.answer()
    handed_over = loop.tick()
    assert isinstance(handed_over, Act)
    assert len(loop.desk.asked) == 1  # what waited shows the world before the action
    number = loop.agent.submit(seen())
    loop.agent.poll()
    assert loop.desk.asked[-1].sequence == number


def test_a_younger_action_takes_the_place_of_the_one_under_way(loop: Loop) -> None:
    loop.tick()
    loop.answer(Plus())
    loop.ticks(0.2)
    loop.answer(Minus())
    acting = loop.tick()
    assert isinstance(acting, Act)
    assert acting.action == Minus()
    assert acting.sequence > 1


def test_without_a_fresh_action_in_time_the_robot_stops(loop: Loop) -> None:
    directives = loop.ticks(TIMING.dead_man_s + 3 * TICK)
    stop = directives[-1]
    assert isinstance(stop, Stop)
    assert stop.cause == "dead_man"
    held = [d for d in directives if isinstance(d, Hold)]
    assert len(held) * TICK == pytest.approx(TIMING.dead_man_s, abs=2 * TICK)


def test_a_camera_that_hangs_stops_the_robot_too(loop: Loop) -> None:
    loop.tick()
    loop.answer()
    assert isinstance(loop.tick(), Act)
    assert isinstance(loop.ticks(4.0, sees=False)[-1], Stop)
    assert loop.agent.counts["asked"] == 1


def test_a_fresh_action_winds_the_dead_man_up_and_a_stale_one_does_not(loop: Loop) -> None:
    for _ in range(4):
        loop.tick()
        loop.ticks(0.8)
        loop.answer()
        assert isinstance(loop.tick(), Act)
    for _ in range(2):
        loop.ticks(1.4)
        loop.answer()
    assert isinstance(loop.ticks(0.4)[-1], Stop)


def test_a_stop_stays_whatever_the_policy_says(loop: Loop) -> None:
    stop = loop.ticks(4.0)[-1]
    loop.answer()
    assert set(loop.ticks(2.0)) == {stop}
    assert loop.agent.counts["void"] == 1
    assert len(loop.desk.asked) == 1


def test_after_rearming_the_task_goes_on_and_the_policy_knows_what_was_not_done(
    loop: Loop,
) -> None:
    loop.ticks(4.0)
    loop.agent.rearm()
    assert loop.tick() == Hold("thinking")  # still about what was stopped
    loop.answer()
    loop.tick()
    assert loop.agent.counts["void"] == 1
    assert "not carried out" in loop.desk.asked[-1].undone
    loop.answer()
    assert isinstance(loop.tick(), Act)


def test_an_action_that_a_stop_cut_short_is_told_as_such(loop: Loop) -> None:
    loop.tick()
    loop.answer()
    assert isinstance(loop.tick(sees=False), Act)
    loop.desk.beats = False
    assert isinstance(loop.ticks(0.6, sees=False)[-1], Stop)
    loop.desk.beats = True
    loop.agent.rearm()
    loop.tick()
    assert "broken off" in loop.desk.asked[-1].undone


def test_rearming_where_there_is_no_stop_does_nothing(loop: Loop) -> None:
    loop.tick()
    loop.agent.rearm()
    assert "rearmed" not in loop.kinds


def test_a_policy_without_a_sign_of_life_stops_the_robot(loop: Loop) -> None:
    loop.tick()
    loop.desk.beats = False
    stop = loop.ticks(TIMING.heartbeat_s + 3 * TICK)[-1]
    assert isinstance(stop, Stop)
    assert stop.cause == "silent"


def test_loading_may_take_long() -> None:
    loop = Loop(begun=False)
    loop.desk.post.clear()
    loop.desk.beats = False
    loop.agent.begin("reach for the ball")
    assert set(loop.ticks(30.0)) == {Hold("starting")}
    loop.desk.post.append(Ready())
    loop.desk.beats = True
    assert set(loop.ticks(1.0)) == {Hold("thinking")}


def test_a_policy_that_raises_stops_the_robot_with_its_error(loop: Loop) -> None:
    loop.tick()
    error = PolicyError("NaN in the logits")
    loop.fail(error)
    stop = loop.tick()
    assert isinstance(stop, Stop)
    assert (stop.cause, stop.error) == ("failed", error)
    assert "PolicyError: NaN" in stop.detail
    assert set(loop.ticks(1.0)) == {stop}
    with pytest.raises(ResetNeeded, match="begin"):
        loop.agent.rearm()


def test_a_failure_after_a_dead_man_stop_is_not_lost(loop: Loop) -> None:
    loop.ticks(4.0)
    loop.fail(PolicyError("out of memory"))
    stop = loop.tick()
    assert isinstance(stop, Stop)
    assert stop.cause == "failed"


def test_a_task_begun_anew_lifts_a_stop(loop: Loop) -> None:
    loop.tick()
    loop.fail(PolicyError("out of memory"))
    loop.tick()
    loop.agent.begin("try again")
    assert loop.tick() == Hold("thinking")
    loop.answer()
    assert isinstance(loop.tick(), Act)


def test_what_one_task_left_undone_is_not_told_to_the_next(loop: Loop) -> None:
    loop.tick()
    loop.ticks(1.5, sees=False)
    loop.answer()
    loop.tick(sees=False)
    assert loop.agent.counts["stale"] == 1
    loop.agent.begin("something else")
    loop.tick()
    assert [question.undone for question in loop.desk.asked] == ["", ""]


def test_a_worker_that_died_is_begun_and_waited_for_again(loop: Loop) -> None:
    loop.tick()
    loop.desk.post.append(Failure(PolicyError("the process ended"), gone=True))
    assert isinstance(loop.tick(), Stop)
    loop.agent.begin("try again")
    loop.desk.beats = False
    assert set(loop.ticks(2.0)) == {Hold("starting")}
    loop.desk.post.append(Ready())
    assert loop.tick() == Hold("thinking")


def test_a_worker_that_died_unnoticed_is_known_to_be_dead_when_a_task_begins(loop: Loop) -> None:
    loop.tick()
    loop.desk.post.append(Failure(PolicyError("the process ended"), gone=True))
    loop.agent.begin("try again")
    assert loop.tick() == Hold("starting")


def test_cancelling_ends_the_action_at_once(loop: Loop) -> None:
    loop.tick()
    loop.answer()
    assert isinstance(loop.tick(), Act)
    loop.agent.cancel()
    assert loop.agent.poll() == Hold("no_task")
    assert loop.desk.ended == [(2, None)]


def test_an_answer_to_what_was_cancelled_is_void_for_the_next_task_too(loop: Loop) -> None:
    loop.tick()
    loop.agent.cancel()
    loop.agent.begin("something else")
    assert loop.tick() == Hold("thinking")
    assert len(loop.desk.asked) == 1  # the policy is not free yet
    loop.answer()
    assert loop.tick() == Hold("thinking")
    assert loop.agent.counts["fresh"] == 0
    assert loop.agent.counts["void"] == 1
    assert [question.undone for question in loop.desk.asked] == ["", ""]


def test_a_question_called_off_is_no_failure_of_the_next_task(loop: Loop) -> None:
    loop.tick()
    loop.agent.begin("something else")
    loop.fail(PolicyError("called off"))
    assert loop.tick() == Hold("thinking")
    assert len(loop.desk.asked) == 2


def test_nothing_is_asked_without_a_task() -> None:
    loop = Loop(begun=False)
    assert set(loop.ticks(10.0)) == {Hold("no_task")}
    assert loop.desk.asked == []


def test_a_finished_task_leaves_its_outcome(loop: Loop) -> None:
    loop.tick()
    loop.agent.finish(Outcome(success=True))
    assert loop.desk.ended == [(1, Outcome(success=True))]
    assert loop.tick() == Hold("no_task")


def test_closing_stops_the_robot_and_ends_the_worker_once(loop: Loop) -> None:
    with loop.agent:
        loop.tick()
    loop.agent.close()
    stop = loop.agent.poll()
    assert isinstance(stop, Stop)
    assert stop.cause == "closed"
    assert loop.desk.closed == 1
    with pytest.raises(UsageError, match="closed"):
        loop.agent.begin("more")


def test_a_task_without_words_is_refused(loop: Loop) -> None:
    with pytest.raises(UsageError, match="the task is empty"):
        loop.agent.begin("  ")


def test_whatever_the_policy_does_no_stale_action_is_handed_out() -> None:
    """The one rule that matters, over 20,000 ticks of random thoughts, stops and new tasks."""
    rng = np.random.default_rng(7)
    loop = Loop()
    taken: dict[int, float] = {}
    newest, acts = 0, 0
    due = float("inf")
    for _ in range(20_000):
        loop.now += rng.exponential(TICK)
        if rng.random() < 0.9:
            at = loop.now - rng.exponential(0.05)
            taken[loop.agent.submit(seen(), taken_at=at)] = at
        if loop.now >= due:
            loop.answer()
            due = float("inf")
        asked = len(loop.desk.asked)
        directive = loop.agent.poll()
        if len(loop.desk.asked) > asked:
            due = loop.now + rng.uniform(0.05, 2.0)
        match directive:
            case Act(sequence=sequence, age_s=age_s):
                acts += 1
                assert loop.now - taken[sequence] <= TIMING.action_s
                assert age_s == pytest.approx(loop.now - taken[sequence])
                assert sequence >= newest
                newest = sequence
            case Stop():
                loop.agent.rearm()
            case Hold():
                pass
        if rng.random() < 0.002:
            loop.agent.begin("another")
            newest = loop.agent.submit(seen(), taken_at=loop.now)
            taken[newest] = loop.now
    counts = loop.agent.counts
    assert acts > 2000
    assert min(counts[kind] for kind in ("fresh", "stale", "expired", "void", "stop")) > 10
