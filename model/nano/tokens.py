"""nano's vocabulary: a small byte-level BPE with Qwen2-VL's real special tokens and chat format.

Knows text only. The vocabulary is trained on the texts that the bundled worlds and experts write;
being byte-level it can still read and write anything else, more slowly.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from qvl_agent.model.chatml import CHAT_TEMPLATE, SPECIAL_TOKENS

__all__ = ["ACROSS", "DOWN", "Vocabulary", "train_vocabulary"]

ACROSS = tuple(f"{10 * n}, " for n in range(100))
"""How the first coordinate of a point is said: in thousandths of a picture's width, by tens."""

DOWN = tuple(f"{10 * n}]" for n in range(100))
"""How the second is said: in thousandths of its height."""

_PIECES = r" ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]|\s+"
"""A word, a number of up to two digits or a sign, each with the blank before it."""

_APART = r"\p{Han}|[\p{L}&&[^\p{Han}]]+|\p{N}|[^\s\p{L}\p{N}]|\s"
"""The same without the blank, digit by digit and Chinese characters one by one: so a name has the
same tokens wherever it stands."""


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer with the ids that the model's configuration needs."""

    tokenizer: Tokenizer

    @property
    def special(self) -> dict[str, int]:
        """Ids of the special tokens."""
        ids = {token: self.tokenizer.token_to_id(token) for token in SPECIAL_TOKENS}
        return {token: i for token, i in ids.items() if i is not None}

    @property
    def padded_size(self) -> int:
        """Rows of the embedding: the vocabulary, rounded up to a multiple of 32."""
        return -(-self.tokenizer.get_vocab_size() // 32) * 32

    def pieces(self, text: str) -> list[tuple[int, float]]:
        """Return the ids of a word that follows a blank, each with the share of it that is told."""
        encoding = self.tokenizer.encode(f" {text}", add_special_tokens=False)
        pairs = zip(encoding.ids, encoding.tokens, strict=True)
        # A byte is one character in these tokens, and the blank is this one.
        lengths = [(i, len(piece.lstrip("Ġ "))) for i, piece in pairs]
        whole, told, pieces = sum(length for _, length in lengths), 0, []
        for i, length in lengths:
            told += length
            if length:
                pieces.append((i, told / whole))
        return pieces

    def spell(self, text: str) -> list[int]:
        """Return the ids of a text."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def save(self, folder: Path) -> None:
        """Write the tokenizer's files and the chat template as the hub has them."""
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.encode_special_tokens = False
        self.tokenizer.save(str(folder / "tokenizer.json"))
        config = {
            "tokenizer_class": "Qwen2Tokenizer",
            "model_max_length": 4096,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "additional_special_tokens": list(SPECIAL_TOKENS[1:]),
            "chat_template": CHAT_TEMPLATE,
        }
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Return the vocabulary of a checkpoint folder."""
        return cls(Tokenizer.from_file(str(folder / "tokenizer.json")))


def train_vocabulary(
    texts: Iterable[str], size: int, whole: Iterable[str] = (), *, apart: bool = False
) -> Vocabulary:
    """Return a vocabulary trained on texts.

    Args:
        texts: What the worlds and experts write, without special tokens.
        size: Entries in all, special tokens and the 256 bytes included.
        whole: Strings that are one token wherever they stand, as the call markers.
        apart: Whether blanks are tokens of their own, and digits: longer, and easy to copy from.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_APART if apart else _PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(w, normalized=False) for w in whole])
    return Vocabulary(tokenizer)
