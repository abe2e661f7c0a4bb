import random
from functools import partial
from pathlib import Path

import pytest

from qvl_agent.model.policy import Decoding
from qvl_agent.model.tokenizer import TextTokenizer
from qvl_agent.model.writing import Writing

TEXT = 'I see 你好 😀. *FUNCTION*: Tap\n*ARGS*: {"point": [500, 120]}\nmore'


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> TextTokenizer:
    return TextTokenizer.from_file(tiny_folder / "tokenizer.json")


def write(tokenizer: TextTokenizer, ids: tuple[int, ...], decoding: Decoding) -> Writing:
    end = tokenizer.special("<|im_end|>")
    writing = Writing(tokenizer, decoding, frozenset([end]), room=1000)
    for token in (*ids, end):
        if writing.add(token):
            break
    return writing


def after(length: int, text: str) -> int | None:
    return length if len(text) >= length else None


def brace(text: str) -> int | None:
    at = text.find("}")
    return at + 1 if at >= 0 else None


def test_a_whole_turn_is_text_without_its_end_marker(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode(TEXT)
    writing = write(tokenizer, ids, Decoding())
    assert (writing.text, writing.tokens, writing.stop) == (TEXT, ids, "end_of_turn")


def test_every_tokenisation_of_the_bytes_gives_the_same_text(tokenizer: TextTokenizer) -> None:
    # One token per byte is the finest tokenisation: every character but ASCII is split.
    ids = tuple(
        i for byte in TEXT.encode() for i in range(256) if tokenizer.piece(i) == b"%c" % byte
    )
    assert write(tokenizer, ids, Decoding()).text == TEXT


def test_text_ends_just_after_the_call_and_tokens_write_exactly_that(
    tokenizer: TextTokenizer,
) -> None:
    ids = tokenizer.encode(TEXT)
    writing = write(tokenizer, ids, Decoding(stop_after=brace))
    assert writing.stop == "call"
    assert writing.text == TEXT[: TEXT.index("}") + 1]
    assert tokenizer.decode(writing.tokens) == writing.text


def test_a_cut_inside_a_token_keeps_the_tokens_before_it(tokenizer: TextTokenizer) -> None:
    special = tokenizer.special("<|object_ref_start|>")
    ids = (*tokenizer.encode("go "), special)
    writing = write(tokenizer, ids, Decoding(stop_words=("ject",)))
    assert writing.text == "go <|ob"
    assert writing.tokens == (*tokenizer.encode("go "), *tokenizer.encode("<|ob"))


@pytest.mark.parametrize("word", ["*ARGS*", "😀", "I", "好 ", "\nmore"])
def test_text_ends_before_a_stop_word(tokenizer: TextTokenizer, word: str) -> None:
    writing = write(tokenizer, tokenizer.encode(TEXT), Decoding(stop_words=("zzz", word)))
    assert writing.stop == "stop_word"
    assert writing.text == TEXT[: TEXT.index(word)]
    assert tokenizer.decode(writing.tokens) == writing.text


def test_the_earlier_of_call_and_stop_word_wins(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode(TEXT)
    early = write(tokenizer, ids, Decoding(stop_words=("Tap",), stop_after=brace))
    late = write(tokenizer, ids, Decoding(stop_words=("more",), stop_after=brace))
    assert (early.stop, late.stop) == ("stop_word", "call")


def test_the_limit_counts_tokens_and_shows_half_characters(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode("😀😀")
    writing = write(tokenizer, ids, Decoding(max_tokens=len(ids) - 1))
    assert writing.stop == "length"
    assert writing.text == "😀�"
    assert writing.tokens == ids[:-1]


def test_no_room_is_complete_at_once(tokenizer: TextTokenizer) -> None:
    assert Writing(tokenizer, Decoding(max_tokens=0), frozenset(), room=9).stop == "length"
    assert Writing(tokenizer, Decoding(), frozenset(), room=0).stop == "length"


def test_noise_with_cuts_never_breaks_the_round_trip(tokenizer: TextTokenizer) -> None:
    noise = random.Random(0)
    for _ in range(500):
        ids = tuple(noise.randrange(340) for _ in range(noise.randrange(1, 40)))
        cut = noise.randrange(1, 30)
        decoding = Decoding(stop_after=partial(after, cut))
        writing = write(tokenizer, ids, decoding)
        full = tokenizer.decode(ids)
        if writing.stop == "call":
            assert writing.text == full[:cut]
        # Kept tokens are verbatim, and only the cut one is written anew.
        assert tokenizer.decode(writing.tokens) == writing.text


def test_restarting_forgets_what_was_written(tokenizer: TextTokenizer) -> None:
    writing = Writing(tokenizer, Decoding(), frozenset([0]), room=9)
    for token in tokenizer.encode("Tap")[:1]:
        writing.add(token)
    writing.restart()
    assert (writing.text, writing.ids, writing.stop) == ("", [], None)
