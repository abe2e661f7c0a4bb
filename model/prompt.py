"""What a policy is asked: turns of text and pictures. Knows no tokenizer and no model."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Part", "Picture", "Prompt", "Role", "Text", "Turn"]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Text:
    """A piece of text, tokenised by itself.

    Special tokens in it are read as plain characters: text that comes from a screen, a task or a
    tool cannot open or close a turn.

    Attributes:
        text: The characters.
        tokens: The exact ids, when this text was written by the policy itself: the sequence then
            continues as it was generated, whatever the tokenizer would make of the characters.
    """

    text: str
    tokens: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, identified by its content.

    Attributes:
        pixels: uint8 (H, W, 3), RGB. Not to be written to afterwards.
    """

    pixels: NDArray[np.uint8]

    @cached_property
    def key(self) -> str:
        """SHA-256 over size and pixels, in hex: the name of the picture in caches and traces."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Part: TypeAlias = Text | Picture


@dataclass(frozen=True)
class Turn:
    """What one side says."""

    role: Role
    parts: tuple[Part, ...]

    @cached_property
    def names(self) -> tuple[Text | str, ...]:
        """The role and then the parts, a picture by its key: what it is known by without pixels."""
        return (self.role, *(p if isinstance(p, Text) else p.key for p in self.parts))


@dataclass(frozen=True)
class Prompt:
    """A whole conversation, up to where the policy goes on.

    A last turn of the assistant is left open and continued; otherwise a new one is opened.
    """

    turns: tuple[Turn, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, in order."""
        return tuple(p for turn in self.turns for p in turn.parts if isinstance(p, Picture))
