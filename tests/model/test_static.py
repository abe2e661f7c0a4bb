"""Decoding with tensors that never move writes what the ordinary passes write."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.static import StaticDecode

WRITE = Decoding(max_tokens=50)
CALL = Decoding(max_tokens=120, space=mobile_space())


@pytest.fixture(scope="module")
def ordinary(tiny_folder: Path) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")


@pytest.fixture
def static(tiny_folder: Path) -> Qwen2VLPolicy:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64")
    engine = policy._engine
    engine.static = StaticDecode(engine.decoder, engine.decoder.window, graphs=False, block=16)
    return policy


def asking(words: str) -> Prompt:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 60, 3), dtype=np.uint8)
    return Prompt((Turn("user", (Picture(pixels), Text(words))), Turn("assistant", ())))


@pytest.mark.parametrize("drafting", [False, True])
@pytest.mark.parametrize("temperature", [0.0, 1.2])
@pytest.mark.parametrize("decoding", [WRITE, CALL], ids=["free", "call"])
def test_it_writes_what_the_ordinary_passes_write(
    ordinary: Qwen2VLPolicy,
    static: Qwen2VLPolicy,
    decoding: Decoding,
    temperature: float,
    drafting: bool,
) -> None:
    static._engine.drafting = drafting
    how = dataclasses.replace(decoding, temperature=temperature, seed=5)
    for number in range(4):
        prompt = asking(f"Do {number}: tap the icon, tap the icon and tap")
        answer, expected = static.generate(prompt, how), ordinary.generate(prompt, how)
        assert (answer.text, answer.tokens) == (expected.text, expected.tokens)
        assert answer.forwards <= expected.forwards


def test_the_next_step_finds_its_keys_and_values_in_the_slot(
    ordinary: Qwen2VLPolicy, static: Qwen2VLPolicy
) -> None:
    first = asking("Look")
    answer = static.generate(first, WRITE)
    said = Text(answer.text, answer.tokens)
    again = Prompt((*first.turns[:-1], Turn("assistant", (said, Text(" and then")))))
    ordinary.clear()
    difference = static.next_logits(again) - ordinary.next_logits(again)
    assert np.abs(difference).max() <= 1e-9
    went_on = static.generate(again, WRITE)
    assert went_on.reused_tokens >= answer.prompt_tokens + len(answer.tokens) - 1
    assert went_on.tokens == ordinary.generate(again, WRITE).tokens


def test_an_answer_that_others_join_and_leave_goes_on_where_it_was(
    ordinary: Qwen2VLPolicy, static: Qwen2VLPolicy
) -> None:
    prompts = [asking("A" * number) for number in (1, 30)]
    how = [WRITE, dataclasses.replace(WRITE, max_tokens=9)]
    expected = [ordinary.generate(*pair).tokens for pair in zip(prompts, how, strict=True)]
    desk = static.desk()
    numbers = [desk.put(prompts[0], how[0])]
    answers = [answer for _ in range(6) for answer in desk.advance()]
    assert not answers
    numbers.append(desk.put(prompts[1], how[1]))
    while len(answers) < 2:
        answers += desk.advance()
    found = dict(answers)
    assert [found[number].tokens for number in numbers] == expected  # type: ignore[union-attr]


def test_the_end_of_the_window_is_reached_and_not_passed(
    tiny_folder: Path, ordinary: Qwen2VLPolicy
) -> None:
    prompt = asking("Go on")
    room = ordinary.length(prompt) + 20
    narrow = dataclasses.replace(ordinary.profile, context_tokens=room)
    plain, fixed = (
        Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64", profile=narrow)
        for _ in range(2)
    )
    engine = fixed._engine
    engine.static = StaticDecode(engine.decoder, room, graphs=False, block=16)
    engine.drafting = True
    answer, expected = fixed.generate(prompt, WRITE), plain.generate(prompt, WRITE)
    assert answer.tokens == expected.tokens
    assert answer.stop in ("length", "end_of_turn")


def test_guessing_is_measured_before_it_is_used(static: Qwen2VLPolicy) -> None:
    prompt = asking("Tap tap tap")
    before = static.generate(prompt, WRITE)
    assert static._engine.drafting is not None
    assert before.tokens == static.generate(prompt, WRITE).tokens


def test_few_shapes_are_recorded_and_little_is_attended_to_in_vain(static: Qwen2VLPolicy) -> None:
    decode = static._engine.static
    assert decode is not None
    lengths = range(1, 4096)
    blocks = [decode._attended(length) for length in lengths]
    assert all(b * 16 >= n for b, n in zip(blocks, lengths, strict=True))
    assert all(b * 16 <= 1.125 * n + 16 for b, n in zip(blocks, lengths, strict=True))
    assert len(set(blocks)) <= 60


def test_an_answer_that_is_not_finite_leaves_nothing_behind(
    ordinary: Qwen2VLPolicy, static: Qwen2VLPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = TextDecoder.embed

    def sick(self: TextDecoder, ids: Tensor) -> Tensor:
        x = embed(self, ids)
        return x if len(ids) > 1 else x * torch.nan  # what is written, not what is read

    with monkeypatch.context() as patch:
        patch.setattr(TextDecoder, "embed", sick)
        with pytest.raises(PolicyError, match="not finite"):
            static.generate(asking("Tap tap tap"), WRITE)
    for words in ("Tap tap", "Tap", "T"):  # one of them ends in the block where it happened
        expected = ordinary.generate(asking(words), WRITE)
        assert static.generate(asking(words), WRITE).tokens == expected.tokens
