"""The estimate of the time left is honest about what is still under way."""

from collections.abc import Callable

from qvl_agent.evals.harness import Incident, Pacer, Record, Trial
from qvl_agent.evals.suite import Task

Make = Callable[..., Record]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _play(pacer: Pacer, clock: Clock, record: Make, durations: list[float]) -> None:
    for number, seconds in enumerate(durations):
        pacer(Trial(Task(f"t/{number}", "w", 0)))
        clock.now += seconds
        pacer(record(f"t/{number}"))


def test_too_few_ends_say_nothing(record: Make) -> None:
    clock = Clock()
    pacer = Pacer(10, 1, clock)
    _play(pacer, clock, record, [1, 1])
    assert pacer.estimate is None


def test_even_trials_are_foretold_exactly(record: Make) -> None:
    clock = Clock()
    pacer = Pacer(10, 1, clock)
    _play(pacer, clock, record, [2, 2, 2, 2])
    estimate = pacer.estimate
    assert estimate is not None
    assert (estimate.low, estimate.seconds, estimate.high) == (12, 12, 12)


def test_seats_share_what_is_left(record: Make) -> None:
    clock = Clock()
    pacer = Pacer(12, 4, clock)
    _play(pacer, clock, record, [2, 2, 2, 2])
    assert pacer.estimate is not None
    assert pacer.estimate.seconds == 4


def test_a_slow_trial_under_way_moves_the_estimate_before_it_ends(record: Make) -> None:
    clock = Clock()
    pacer = Pacer(10, 2, clock)
    pacer(Trial(Task("slow", "w", 0)))
    _play(pacer, clock, record, [1, 1, 1])
    before = pacer.estimate
    clock.now += 100
    after = pacer.estimate
    assert before is not None
    assert after is not None
    assert after.seconds > 3 * before.seconds


def test_uneven_trials_have_a_wide_interval(record: Make) -> None:
    clock = Clock()
    pacer = Pacer(100, 1, clock)
    _play(pacer, clock, record, [1, 9, 1, 9, 1, 9])
    estimate = pacer.estimate
    assert estimate is not None
    assert estimate.low < estimate.seconds < estimate.high
    assert estimate.high - estimate.low > 200


def test_what_is_given_up_is_not_waited_for(record: Make) -> None:
    pacer = Pacer(10, 1, Clock())
    pacer(Trial(Task("t/0", "w", 0)))
    pacer(Incident("t/0", 0, 1, "environment", "DeviceError", "gone", False))
    assert (pacer.left, pacer.incidents) == (10, 1)
    pacer(Trial(Task("t/0", "w", 0)))
    pacer(Incident("t/0", 0, 2, "environment", "DeviceError", "gone", True))
    assert (pacer.left, pacer.incidents) == (9, 2)
