"""Guesses save passes and change no answer."""

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.model.chat import PictureSpan
from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.drafting import PromptLookup
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy


def lookup(ids: Sequence[int], pictures: tuple[PictureSpan, ...] = (), **how: int) -> PromptLookup:
    return PromptLookup(TokenSequence(np.array(ids, np.int64), pictures, len(ids)), **how)


def test_a_guess_is_what_followed_the_same_tokens_the_last_time() -> None:
    assert lookup([1, 2, 3, 4, 1, 2, 3, 5, 6, 1, 2, 3]).guess([]) == [5, 6, 1, 2, 3]
    assert lookup([1, 2, 3, 4, 5, 6], longest=2).guess([9, 2, 3]) == [4, 5]


def test_more_tokens_in_common_count_more_than_a_later_place() -> None:
    assert lookup([7, 8, 9, 1, 5, 9, 2]).guess([7, 8, 9])[0] == 1
    assert lookup([7, 8, 9, 1, 5, 9, 2]).guess([4, 9])[0] == 2


def test_what_was_written_is_looked_up_too() -> None:
    known = lookup([1, 2, 3])
    assert known.guess([7]) == []
    assert known.guess([7, 8, 9, 7]) == [8, 9, 7]


def test_a_picture_is_no_text() -> None:
    span = PictureSpan(2, 1, 3, 2, "a picture", ImageSettings(1, 1000))
    assert lookup([1, 2, 0, 0, 0, 3, 4, 1, 2], (span,)).guess([]) == [3, 4, 1, 2]


@pytest.mark.parametrize("ids", [[], [1], [1, 2]])
def test_of_nothing_nothing_is_guessed(ids: list[int]) -> None:
    assert lookup(ids).guess([]) == []


@pytest.fixture(scope="module")
def pair(tiny_folder: Path) -> tuple[Qwen2VLPolicy, Qwen2VLPolicy]:
    """Return one that guesses and one that does not."""
    guessing, plain = (
        Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="float64", drafting=drafting)
        for drafting in (True, False)
    )
    return guessing, plain


def questions(count: int) -> list[Prompt]:
    source = random.Random(0)
    words = [source.choice(["tap ", "the icon ", "then\n", "[500, 120] "]) for _ in range(40)]
    return [
        Prompt((Turn("user", (Text("".join(words) + str(number)),)), Turn("assistant", ())))
        for number in range(count)
    ]


@pytest.mark.parametrize("space", [None, mobile_space()], ids=["free", "call"])
@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_an_answer_is_the_same_to_the_token(
    pair: tuple[Qwen2VLPolicy, Qwen2VLPolicy], temperature: float, space: ActionSpace | None
) -> None:
    guessing, plain = pair
    decoding = Decoding(max_tokens=150, temperature=temperature, seed=3)
    decoding = dataclasses.replace(decoding, space=space)
    saved = 0
    for prompt in questions(6):
        answer, expected = guessing.generate(prompt, decoding), plain.generate(prompt, decoding)
        assert (answer.text, answer.tokens, answer.stop) == (
            expected.text,
            expected.tokens,
            expected.stop,
        )
        assert answer.forwards <= expected.forwards
        saved += expected.forwards - answer.forwards
    if temperature == 0:  # where a random model is sure of itself, it repeats itself
        assert saved > 0


def test_the_history_goes_on_from_what_was_borne_out(
    pair: tuple[Qwen2VLPolicy, Qwen2VLPolicy],
) -> None:
    guessing, plain = pair
    decoding = Decoding(max_tokens=60)
    (prompt,) = questions(1)
    for _ in range(4):
        answer = guessing.generate(prompt, decoding)
        assert answer.tokens == plain.generate(prompt, decoding).tokens
        said = (*prompt.turns[-1].parts, Text(answer.text, answer.tokens), Text(" Result: done."))
        prompt = Prompt((prompt.turns[0], Turn("assistant", said)))
        difference = guessing.next_logits(prompt) - plain.next_logits(prompt)
        assert np.abs(difference).max() <= 1e-9


def test_guesses_are_off_on_a_cpu_unless_asked_for(tiny_folder: Path) -> None:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu")
    (prompt,) = questions(1)
    answer = policy.generate(prompt, Decoding(max_tokens=20))
    assert policy._engine.drafting is False
    assert answer.forwards == len(answer.tokens) + (answer.stop == "end_of_turn")
