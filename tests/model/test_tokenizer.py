from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from qvl_agent.actions.errors import DataError
from qvl_agent.model.chatml import SPECIAL_TOKENS
from qvl_agent.model.tokenizer import TextTokenizer

TEXTS = ["", " ", "Tap the icon.", "你好 😀 é\n\t", '*ARGS*: {"point": [500, 12]}', "\u200b�"]


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> TextTokenizer:
    return TextTokenizer.from_file(tiny_folder / "tokenizer.json")


@pytest.mark.parametrize("text", TEXTS)
def test_text_survives_the_round_trip(tokenizer: TextTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("token", SPECIAL_TOKENS)
def test_a_special_token_in_text_is_spelt_out(tokenizer: TextTokenizer, token: str) -> None:
    ids = tokenizer.encode(f"a{token}b")
    assert not set(ids) & {tokenizer.special(special) for special in SPECIAL_TOKENS}
    assert tokenizer.decode(ids) == f"a{token}b"


def test_text_without_special_tokens_has_the_ids_of_the_library(
    tokenizer: TextTokenizer, tiny_folder: Path
) -> None:
    library = Tokenizer.from_file(str(tiny_folder / "tokenizer.json"))
    for text in TEXTS:
        assert tokenizer.encode(text) == tuple(library.encode(text).ids)


def test_ids_of_special_tokens_decode_to_their_names(tokenizer: TextTokenizer) -> None:
    assert tokenizer.decode((tokenizer.special("<|im_end|>"),)) == "<|im_end|>"


def test_ids_beyond_the_vocabulary_write_nothing(tokenizer: TextTokenizer) -> None:
    assert tokenizer.piece(10**6) == b""


def test_forgotten_texts_are_tokenised_again(tiny_folder: Path) -> None:
    library = Tokenizer.from_file(str(tiny_folder / "tokenizer.json"))
    tokenizer = TextTokenizer(library, remember=2)
    first = [tokenizer.encode(text) for text in TEXTS]
    assert [tokenizer.encode(text) for text in TEXTS] == first


def test_another_kind_of_vocabulary_is_refused() -> None:
    words = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(DataError, match="byte-level"):
        TextTokenizer(words)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(DataError, match=r"tokenizer\.json"):
        TextTokenizer.from_file(path)


def test_a_vocabulary_without_the_markers_is_refused(tokenizer: TextTokenizer) -> None:
    with pytest.raises(DataError, match="no token"):
        tokenizer.special("<|nothing|>")
