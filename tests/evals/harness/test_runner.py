"""Every trial is played once, in batches of one policy; what breaks is kept apart."""

import threading
import time
from collections.abc import Sequence

import pytest

from qvl_agent.actions.errors import EnvError, PolicyError
from qvl_agent.agent.events import Request
from qvl_agent.agent.session import Dialogue
from qvl_agent.evals.batch import BatchDesk
from qvl_agent.evals.harness import MemoryStore, Record, Trial, run_trials
from qvl_agent.evals.suite import Task
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.scripted import ScriptedPolicy

TRIALS = [Trial(Task(f"t/{i}", "none", i)) for i in range(30)]


class Echo(ScriptedPolicy):
    """Answers with the question, and remembers how it was asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(lambda prompt: str(prompt.turns[0].parts[0].text))  # type: ignore[union-attr]
        self.sizes: list[int] = []
        self.threads: set[int] = set()
        self.seconds = seconds

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        self.sizes.append(len(prompts))
        self.threads.add(threading.get_ident())
        time.sleep(self.seconds)
        return super().generate_batch(prompts, decoding)


class Asker:
    """Asks three questions a trial; some trials break, so many times each."""

    def __init__(self, broken: dict[str, int], error: type[Exception] = EnvError) -> None:
        self.broken = broken
        self.error = error
        self.closed = False

    def play(self, trial: Trial) -> Dialogue[Record]:
        said = []
        for number in range(3):
            prompt = Prompt((Turn("user", (Text(f"{trial.task.id} {number}"),)),))
            generation = yield Request(prompt, Decoding())
            assert generation is not None
            said.append(generation.text)
            if number == 1 and self.broken.get(trial.task.id, 0) > 0:
                self.broken[trial.task.id] -= 1
                raise self.error(f"{trial.task.id} broke")
        assert said == [f"{trial.task.id} {number}" for number in range(3)]
        return Record(trial.task.id, trial.repeat, trial.task.seed, True, "success")

    def expect(self, trial: Trial) -> None:
        pass

    def stop(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def test_a_player_learns_what_it_plays_next_before_the_last_is_written_down() -> None:
    told: list[str] = []

    class Telling(Asker):
        def play(self, trial: Trial) -> Dialogue[Record]:
            told.append(f"plays {trial.task.id}")
            return super().play(trial)

        def expect(self, trial: Trial) -> None:
            told.append(f"expects {trial.task.id}")

    def watch(item: object) -> None:
        if isinstance(item, Record):
            told.append(f"has {item.task}")

    run_trials(TRIALS[:3], [Telling({"t/1": 1})], Echo(), MemoryStore(), watch=watch)
    assert told == [
        *("plays t/0", "expects t/1", "has t/0"),
        "plays t/1",  # which breaks, and goes to the back
        *("plays t/2", "expects t/1", "has t/2"),
        *("plays t/1", "has t/1"),
    ]


def test_every_trial_gets_its_own_answers_from_one_thread_in_batches() -> None:
    policy, store, players = Echo(0.01), MemoryStore(), [Asker({}) for _ in range(6)]
    run_trials(TRIALS, players, policy, store)
    assert sorted(store.records) == sorted(trial.key for trial in TRIALS)
    assert policy.threads == {threading.get_ident()}
    assert sum(policy.sizes) == 90
    assert max(policy.sizes) > 1
    assert all(player.closed for player in players)


def test_a_policy_that_answers_at_once_is_asked_in_the_seats_and_by_one_at_a_time() -> None:
    class AtOnce(Echo):
        inside = 0

        def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
            self.inside += 1
            assert self.inside == 1
            answers = super().generate_batch(prompts, decoding)
            self.inside -= 1
            return answers

    policy, store = AtOnce(), MemoryStore()
    many = [Trial(Task(f"t/{i}", "none", i)) for i in range(300)]
    run_trials(many, [Asker({}) for _ in range(4)], policy, store)
    assert len(store.records) == 300
    assert sum(policy.sizes) == 900
    assert policy.threads - {threading.get_ident()}


def test_a_policy_with_a_desk_of_its_own_is_asked_from_the_main_thread_alone() -> None:
    class AtDesk(Echo):
        def desk(self) -> BatchDesk:
            return BatchDesk(self)

    policy, store = AtDesk(), MemoryStore()
    run_trials(TRIALS, [Asker({}) for _ in range(4)], policy, store)
    assert len(store.records) == 30
    assert policy.threads == {threading.get_ident()}


def test_a_bug_of_a_policy_that_answers_at_once_is_raised() -> None:
    class Buggy(Echo):
        def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
            if len(self.sizes) > 20:
                raise ZeroDivisionError
            return super().generate_batch(prompts, decoding)

    with pytest.raises(ZeroDivisionError):
        run_trials(TRIALS, [Asker({}) for _ in range(3)], Buggy(), MemoryStore())


def test_what_is_finished_is_not_played_again() -> None:
    policy, store = Echo(), MemoryStore()
    run_trials(TRIALS[:10], [Asker({})], policy, store)
    asked = len(policy.sizes)
    run_trials(TRIALS[:12], [Asker({})], policy, store)
    assert len(policy.sizes) - asked == 6
    assert len(store.records) == 12


def test_a_broken_world_is_tried_again_within_bounds_and_never_silently_dropped() -> None:
    store = MemoryStore()
    broken = {"t/3": 1, "t/5": 99}
    run_trials(TRIALS, [Asker(broken) for _ in range(2)], Echo(), store, attempts=3)
    assert ("t/3", 0) in store.records
    assert ("t/5", 0) not in store.records
    assert len(store.records) == 29
    tries = [(i.task, i.attempt, i.given_up) for i in store.incidents]
    assert sorted(tries) == [("t/3", 1, False), *(("t/5", n, n == 3) for n in (1, 2, 3))]
    assert {i.by for i in store.incidents} == {"environment"}


def test_a_policy_that_breaks_once_costs_its_own_trial_only() -> None:
    store = MemoryStore()
    run_trials(TRIALS, [Asker({"t/4": 1}, PolicyError)], Echo(), store)
    assert len(store.records) == 29
    assert [(i.task, i.by, i.given_up) for i in store.incidents] == [("t/4", "policy", True)]


def test_a_policy_that_always_breaks_ends_the_run_early() -> None:
    store = MemoryStore()
    broken = {trial.task.id: 1 for trial in TRIALS}
    with pytest.raises(PolicyError, match="5 tasks in a row"):
        run_trials(TRIALS, [Asker(broken, PolicyError)], Echo(), store)
    assert len(store.incidents) == 5


def test_a_bug_in_a_seat_is_raised_and_not_swallowed() -> None:
    players = [Asker(broken := {"t/2": 1}, ZeroDivisionError), Asker(broken, ZeroDivisionError)]
    with pytest.raises(ZeroDivisionError):
        run_trials(TRIALS, players, Echo(), MemoryStore())


def test_ctrl_c_ends_all_seats_and_keeps_what_is_finished() -> None:
    class Interrupted(Echo):
        def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
            if len(self.sizes) > 20:
                raise KeyboardInterrupt
            return super().generate_batch(prompts, decoding)

    store, players = MemoryStore(), [Asker({}) for _ in range(3)]
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run_trials(TRIALS, players, Interrupted(), store)
    assert threading.active_count() == before
    assert 0 < len(store.records) < 30
    assert store.incidents == []


@pytest.mark.parametrize(("players", "attempts"), [([], 3), ([Asker({})], 0)])
def test_a_run_needs_somebody_and_a_try(players: list[Asker], attempts: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        run_trials(TRIALS, players, Echo(), MemoryStore(), attempts=attempts)
