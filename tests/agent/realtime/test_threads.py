"""A thread that thinks: one answer per question, called off between tokens, errors typed."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.cards import Plus, numberline_space
from qvl_agent.actions.errors import PolicyError, UsageError
from qvl_agent.agent.limits import GaveUp, Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.realtime.threads import Thinker, ThreadWorker
from qvl_agent.agent.realtime.worker import (
    Answer,
    Beat,
    Failure,
    MakeAgent,
    Message,
    Question,
    Ready,
)
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt, Text
from qvl_agent.model.scripted import ScriptedPolicy

PLUS = "*FUNCTION*: Plus\n*ARGS*: {}"
SECONDS = 60.0


class Gate(ScriptedPolicy):
    """Writes one token after the other and asks whether it is done, as a model does."""

    def __init__(self) -> None:
        super().__init__(lambda _: PLUS)
        self.thinking, self.may_go_on = threading.Event(), threading.Event()
        self.tokens = 0

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        self.thinking.set()
        assert decoding.stop_after is not None
        while decoding.stop_after("hm " * self.tokens) is None:
            self.tokens += 1
            if self.may_go_on.wait(0.001):
                return super().generate(prompt, decoding)
        return Generation("hm " * self.tokens)


class Bench:
    """A thinker and what it posts."""

    def __init__(self, make: MakeAgent) -> None:
        self.posted: queue.Queue[Message] = queue.Queue()
        self.thinker = Thinker(make, self.posted.put)

    def next(self) -> Message:
        return self.posted.get(timeout=SECONDS)


def question(sequence: int, undone: str = "") -> Question:
    return Question(sequence, Observation(np.full((28, 28, 3), sequence, np.uint8)), undone)


def scripted(*outputs: str, trace: Path | None = None, limits: Limits | None = None) -> MakeAgent:
    return lambda: Agent(ScriptedPolicy(outputs), numberline_space(), trace=trace, limits=limits)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(gate: Gate) -> Iterator[Bench]:
    bench = Bench(lambda: Agent(gate, numberline_space()))
    assert bench.next() == Ready()
    yield bench
    gate.may_go_on.set()
    assert bench.thinker.close()


def test_a_question_is_answered_with_an_action() -> None:
    bench = Bench(scripted(PLUS))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(4))
    assert [bench.next(), bench.next()] == [Ready(), Answer(4, Plus())]
    assert bench.thinker.close()
    assert not bench.thinker.alive


def test_a_question_called_off_is_broken_off_between_two_tokens(gated: Bench, gate: Gate) -> None:
    gated.thinker.begin("walk")
    gated.thinker.ask(question(4))
    assert gate.thinking.wait(SECONDS)
    gated.thinker.end(4, None)
    failure = gated.next()
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, GaveUp)
    assert failure.error.reason == "interrupted"
    assert (failure.sequence, failure.gone) == (4, False)


def test_after_a_question_was_called_off_the_next_task_is_thought_about(
    gated: Bench, gate: Gate
) -> None:
    gated.thinker.begin("walk")
    gated.thinker.ask(question(4))
    assert gate.thinking.wait(SECONDS)
    gated.thinker.end(4, None)
    gated.thinker.begin("walk on")
    gated.thinker.ask(question(5))
    assert isinstance(gated.next(), Failure)
    gate.may_go_on.set()
    assert gated.next() == Answer(5, Plus())


def test_the_policy_is_told_why_its_action_was_not_carried_out() -> None:
    prompts: list[Prompt] = []

    def answer(prompt: Prompt) -> str:
        prompts.append(prompt)
        return PLUS

    bench = Bench(lambda: Agent(ScriptedPolicy(answer), numberline_space()))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(1))
    bench.thinker.ask(question(2, "not carried out: it came too late"))
    assert [bench.next() for _ in range(3)][1:] == [Answer(1, Plus()), Answer(2, Plus())]
    said = "".join(p.text for turn in prompts[-1].turns for p in turn.parts if isinstance(p, Text))
    assert "Failed: not carried out: it came too late" in said
    bench.thinker.close()


def test_an_error_of_the_policy_ends_the_task_and_not_the_thread() -> None:
    bench = Bench(scripted(PLUS))
    bench.thinker.begin("walk")
    for sequence in (1, 2):
        bench.thinker.ask(question(sequence))
    assert [bench.next(), bench.next()] == [Ready(), Answer(1, Plus())]
    failure = bench.next()
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, PolicyError)
    assert (failure.sequence, failure.gone) == (2, False)
    assert bench.thinker.alive
    bench.thinker.close()


def test_a_limit_is_a_failure_with_its_reason() -> None:
    bench = Bench(scripted("no call", limits=Limits(errors=1)))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(1))
    assert bench.next() == Ready()
    failure = bench.next()
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, GaveUp)
    assert failure.error.reason == "too_many_errors"
    bench.thinker.close()


def test_a_bug_of_the_policy_is_a_policy_error_with_its_traceback() -> None:
    def answer(_: Prompt) -> str:
        raise ZeroDivisionError("in the attention")

    bench = Bench(lambda: Agent(ScriptedPolicy(answer), numberline_space()))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(1))
    assert bench.next() == Ready()
    failure = bench.next()
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, PolicyError)
    assert "ZeroDivisionError: in the attention" in str(failure.error)
    bench.thinker.close()


def test_an_agent_that_cannot_be_made_ends_the_thread_with_the_reason() -> None:
    def make() -> Agent:
        raise UsageError("there is no checkpoint at /nowhere")

    bench = Bench(make)
    failure = bench.next()
    assert isinstance(failure, Failure)
    assert failure.gone
    assert isinstance(failure.error, UsageError)
    assert bench.thinker.close()


def test_a_trace_that_cannot_be_written_is_told_at_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bench = Bench(scripted(PLUS, trace=tmp_path / "file"))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(1))
    assert bench.next() == Ready()
    failure = bench.next()
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, UsageError)
    bench.thinker.close()


def test_a_finished_task_has_its_outcome_in_the_trace(tmp_path: Path) -> None:
    bench = Bench(scripted(PLUS, trace=tmp_path))
    bench.thinker.begin("walk")
    bench.thinker.ask(question(1))
    bench.thinker.end(0, Outcome(success=True))
    assert bench.thinker.close()
    (folder,) = tmp_path.iterdir()
    assert read_trace(folder).events[-1]["reason"] == "success"


def test_a_thread_worker_beats_while_its_policy_thinks(gate: Gate) -> None:
    worker = ThreadWorker(lambda: Agent(gate, numberline_space()))
    worker.begin("walk")
    worker.ask(question(1))
    assert gate.thinking.wait(SECONDS)
    assert worker.receive() == [Ready(), Beat()]
    assert worker.receive() == [Beat()]
    worker.end(1)
    worker.close()
    assert [type(message) for message in worker.receive()] == [Failure]


def test_a_thread_that_told_its_end_is_replaced_at_the_next_task() -> None:
    makes = [scripted(PLUS)]

    def make() -> Agent:
        if len(makes) == 1:
            makes.append(makes[0])
            raise UsageError("not yet")
        return makes[0]()

    worker = ThreadWorker(make)
    worker._thinker._thread.join(SECONDS)
    assert [type(message) for message in worker.receive()] == [Failure]
    worker.begin("walk")
    worker.ask(question(1))
    worker.close()
    assert worker.receive() == [Ready(), Answer(1, Plus())]
