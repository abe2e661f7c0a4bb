"""Text to token ids and back, byte for byte. Knows no chat format, no pictures and no model.

Reads a `tokenizer.json` of the byte-level BPE family (Qwen, GPT-2). Special tokens are never
recognised in text: what a screen shows or a user types cannot open or close a turn.
"""

from collections import OrderedDict
from pathlib import Path

from tokenizers import Tokenizer, decoders, pre_tokenizers

from qvl_agent.actions.errors import DataError

__all__ = ["TextTokenizer"]


def _byte_alphabet() -> dict[str, int]:
    """Return the byte that each character of a byte-level vocabulary stands for.

    Source: openai/gpt-2 src/encoder.py, `bytes_to_unicode`.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    alphabet = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + i): byte for i, byte in enumerate(others)}


_BYTES = _byte_alphabet()


class TextTokenizer:
    """A byte-level BPE tokenizer.

    Args:
        tokenizer: Of the `tokenizers` library. It is changed to read special tokens as text.
        remember: How many texts keep their ids, the most recently used ones.

    Raises:
        DataError: If it is not byte-level.
    """

    def __init__(self, tokenizer: Tokenizer, *, remember: int = 4096) -> None:
        if not _is_byte_level(tokenizer):
            raise DataError(
                "expected a byte-level BPE tokenizer, as all Qwen checkpoints have, "
                f"got {tokenizer.pre_tokenizer!r:.80}"
            )
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self._added = {i: t.content for i, t in tokenizer.get_added_tokens_decoder().items()}
        self._pieces: dict[int, bytes] = {}
        self._remember = remember
        self._ids: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    @classmethod
    def from_file(cls, path: Path) -> "TextTokenizer":
        """Return the tokenizer of a `tokenizer.json`.

        Raises:
            DataError: If the file cannot be read as one.
        """
        try:
            return cls(Tokenizer.from_file(str(path)))
        except DataError:
            raise
        except Exception as exc:  # the library raises bare `Exception` for every kind of bad file
            raise DataError(f"{path} is not a readable tokenizer.json: {exc}") from exc

    @property
    def size(self) -> int:
        """How many ids there are, special ones included."""
        count: int = self._tokenizer.get_vocab_size(with_added_tokens=True)
        return count

    def to_json(self) -> str:
        """Return it as the text of a `tokenizer.json`."""
        text: str = self._tokenizer.to_str()
        return text

    def special(self, token: str) -> int:
        """Return the id of a special token.

        Raises:
            DataError: If the vocabulary has none of that name.
        """
        token_id: int | None = self._tokenizer.token_to_id(token)
        if token_id is None:
            raise DataError(f"the tokenizer has no token {token!r}: not a Qwen2-VL vocabulary")
        return token_id

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the ids of a text, special tokens in it spelt out as plain characters."""
        ids = self._ids.get(text)
        if ids is None:
            ids = tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)
            self._ids[text] = ids
            if len(self._ids) > self._remember:
                self._ids.popitem(last=False)
        else:
            self._ids.move_to_end(text)
        return ids

    def piece(self, token_id: int) -> bytes:
        """Return the bytes of one token; ids beyond the vocabulary (padding rows) have none."""
        piece = self._pieces.get(token_id)
        if piece is None:
            added = self._added.get(token_id)
            token = self._tokenizer.id_to_token(token_id) or ""
            if added is not None:
                piece = added.encode()
            else:
                piece = bytes(_BYTES[character] for character in token)
            self._pieces[token_id] = piece
        return piece

    def decode(self, ids: tuple[int, ...]) -> str:
        """Return the text of ids, special tokens included; broken UTF-8 becomes U+FFFD."""
        return b"".join(map(self.piece, ids)).decode(errors="replace")


def _is_byte_level(tokenizer: Tokenizer) -> bool:
    return isinstance(tokenizer.decoder, decoders.ByteLevel) or isinstance(
        tokenizer.pre_tokenizer, pre_tokenizers.ByteLevel
    )
