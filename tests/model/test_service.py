"""Requests that come and go at any time are answered as if each were alone."""

import random
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.attention import KeyValues
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.engine import Engine
from qvl_agent.model.policy import Continuous, Decoding, Generation, ReadsAhead
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.rows import Row
from qvl_agent.model.shortage import is_out_of_memory


def prompt(number: int, words: int = 0) -> Prompt:
    """Return one of several prompts with a common beginning and ragged lengths."""
    size = (56 + 28 * (number % 3), 56 + 28 * (number % 4))
    pixels = np.random.default_rng(number).integers(0, 256, (*size, 3), dtype=np.uint8)
    task = Text(f"Task {number}. " + "Go on. " * (words or 7 * (number % 5)))
    return Prompt((Turn("system", (Text("You help."),)), Turn("user", (task, Picture(pixels)))))


def decoding(number: int) -> Decoding:
    """Return greedy decoding, or sampling with a seed of its own; long and short answers."""
    return Decoding(max_tokens=3 + 5 * (number % 4), temperature=0.8 * (number % 2), seed=number)


@pytest.fixture(scope="module")
def precise(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Qwen2VLPolicy:
    """In double precision rounding decides no choice; and chunks are much shorter than prompts."""
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")
    policy._engine._chunk = 16
    return policy


def alone(policy: Qwen2VLPolicy, count: int) -> list[Generation]:
    answers = []
    for number in range(count):
        policy.clear()
        answers.append(policy.generate(prompt(number), decoding(number)))
    policy.clear()
    return answers


def watch_widths(
    monkeypatch: pytest.MonkeyPatch, policy: Qwen2VLPolicy, seconds: float = 0.0
) -> list[int]:
    """Return a list to which each pass adds how many rows it takes; make passes slow."""
    widths: list[int] = []
    run = type(policy._engine)._pass

    def counted(self: Engine, rows: Sequence[Row]) -> None:
        widths.append(len(rows))
        time.sleep(seconds)
        run(self, rows)

    monkeypatch.setattr(type(policy._engine), "_pass", counted)
    return widths


def test_rows_that_join_and_leave_are_answered_as_if_each_were_alone(
    precise: Qwen2VLPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = alone(precise, 24)
    source = random.Random(1)
    widths = watch_widths(monkeypatch, precise)
    desk = precise.desk()
    waiting = list(range(24))
    answers: dict[int, Generation | PolicyError] = {}
    while waiting or len(answers) < 24:
        if waiting and source.random() < 0.4:
            number = waiting.pop(0)
            assert desk.put(prompt(number), decoding(number)) == number
        answers.update(desk.advance())
    for number, alone_ in enumerate(expected):
        together = answers[number]
        assert isinstance(together, Generation)
        assert (together.tokens, together.text) == (alone_.tokens, alone_.text)
        assert together.stop == alone_.stop
    assert max(widths) >= 3
    assert len(set(widths)) >= 3


def test_logits_are_those_of_a_row_alone(precise: Qwen2VLPolicy) -> None:
    precise.clear()
    expected = precise.next_logits(prompt(3))
    precise.clear()
    desk = precise.desk()
    for number in (0, 1, 2):
        desk.put(prompt(number), Decoding(max_tokens=60))
    for _ in range(30):
        desk.advance()
    assert len(precise._engine._rows) == 3
    together = precise.next_logits(prompt(3))  # reads in chunks while the others write
    assert np.abs(together - expected).max() <= 1e-9
    desk.close()


def test_an_answer_does_not_wait_for_longer_ones(precise: Qwen2VLPolicy) -> None:
    desk = precise.desk()
    desk.put(prompt(0), Decoding(max_tokens=200))
    desk.put(prompt(1), Decoding(max_tokens=2))
    answered: list[tuple[int, Generation | PolicyError]] = []
    while not answered:
        answered = desk.advance()
    assert [number for number, _ in answered] == [1]
    desk.close()


def test_a_prompt_that_cannot_be_answered_is_refused_alone(precise: Qwen2VLPolicy) -> None:
    desk = precise.desk()
    desk.put(prompt(0), Decoding(max_tokens=2))
    desk.put(prompt(1, words=3000), Decoding())
    answers = dict(desk.advance())
    assert isinstance(answers[1], PolicyError)
    while 0 not in answers:
        answers.update(desk.advance())
    assert isinstance(answers[0], Generation)


def test_what_nobody_waits_for_is_not_written(precise: Qwen2VLPolicy) -> None:
    desk = precise.desk()
    desk.put(prompt(0), Decoding(max_tokens=500))
    desk.advance()
    desk.close()
    assert desk.advance() == []
    assert precise.generate(prompt(1), Decoding(max_tokens=2)).tokens
    assert not precise._engine._rows


def test_one_row_with_nan_fails_and_the_others_do_not(precise: Qwen2VLPolicy) -> None:
    expected = alone(precise, 2)
    poison = Picture(np.zeros((56, 56, 3), np.uint8))
    sick = Prompt((Turn("user", (poison,)),))
    vision = precise._engine.vision
    precise.next_logits(sick)
    key = precise.assemble(sick).pictures[0].key
    precise._engine.prefixes.clear()
    features = vision.cache.get(key)
    assert features is not None
    with torch.inference_mode():
        features.fill_(float("nan"))
    desk = precise.desk()
    desk.put(prompt(0), decoding(0))
    desk.put(sick, Decoding())
    desk.put(prompt(1), decoding(1))
    answers: dict[int, Generation | PolicyError] = {}
    while len(answers) < 3:
        answers.update(desk.advance())
    assert "not finite" in str(answers[1])
    for number, place in ((0, 0), (1, 2)):
        answer = answers[place]
        assert isinstance(answer, Generation)
        assert answer.tokens == expected[number].tokens
    precise.clear()


def test_a_row_that_does_not_fit_fails_alone_and_says_what_it_needed(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")
    expected = alone(policy, 3)
    forward = TextDecoder.forward

    def scarce(self: TextDecoder, x: torch.Tensor, *more: Any) -> torch.Tensor:
        if len(x) > 200:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, x, *more)

    monkeypatch.setattr(TextDecoder, "forward", scarce)
    desk = policy.desk()
    for number in (0, 1, 2):
        desk.put(prompt(number), decoding(number))
    big = desk.put(prompt(3, words=100), Decoding())
    answers: dict[int, Generation | PolicyError] = {}
    while len(answers) < 4:
        answers.update(desk.advance())
    assert re.search(r"values alone take .* GB and .* GB is free", str(answers.pop(big)))
    for number, answer in answers.items():
        assert isinstance(answer, Generation)
        assert answer.tokens == expected[number].tokens


def test_memory_that_runs_out_when_a_cache_is_made_is_no_crash(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")
    expected = policy.generate(prompt(0), decoding(0))
    make, failing = KeyValues.__init__, iter((True, False, True, True))

    def scarce(self: KeyValues, *sizes: Any) -> None:
        if next(failing, False):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        make(self, *sizes)

    monkeypatch.setattr(KeyValues, "__init__", scarce)
    policy._engine.prefixes.clear()
    assert policy.generate(prompt(0), decoding(0)).tokens == expected.tokens
    policy._engine.prefixes.clear()
    with pytest.raises(PolicyError, match="out of memory"):
        policy.generate(prompt(0), decoding(0))
    assert policy.generate(prompt(0), decoding(0)).tokens == expected.tokens


def test_memory_that_runs_out_while_a_graph_is_recorded_is_told_as_that() -> None:
    failed = RuntimeError("operation failed due to a previous error during capture")
    assert not is_out_of_memory(failed)
    failed.__context__ = torch.OutOfMemoryError("CUDA out of memory")
    assert is_out_of_memory(failed)


def test_threads_that_ask_at_the_same_time_share_passes(
    precise: Qwen2VLPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = alone(precise, 4)
    widths = watch_widths(monkeypatch, precise, seconds=0.002)
    answers: dict[int, Generation] = {}

    def ask(number: int) -> None:
        answers[number] = precise.generate(prompt(number), decoding(number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert [answers[n].tokens for n in range(4)] == [e.tokens for e in expected]
    assert max(widths) >= 2


def test_an_interrupted_caller_leaves_the_others_an_engine_that_works(
    precise: Qwen2VLPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TextDecoder, "forward", interrupted)
        with pytest.raises(KeyboardInterrupt):
            precise.generate(prompt(0), decoding(0))
    assert not precise._engine._rows
    (expected,) = alone(precise, 1)
    assert precise.generate(prompt(0), decoding(0)).tokens == expected.tokens


def test_what_was_prepared_is_not_read_again_and_changes_no_answer(precise: Qwen2VLPolicy) -> None:
    precise.clear()
    whole = prompt(2, words=40)
    expected = precise.generate(whole, decoding(2))
    precise.clear()
    precise.prepare(whole)
    answer = precise.generate(whole, decoding(2))
    assert answer.reused_tokens == answer.prompt_tokens - 1
    assert answer.tokens == expected.tokens


def test_it_can_be_told_what_the_policy_can_do(precise: Qwen2VLPolicy) -> None:
    assert isinstance(precise, Continuous)
    assert isinstance(precise, ReadsAhead)
