r"""From a prompt to the sequence that the model reads: ids, pictures and M-RoPE positions.

ChatML with vision markers, assembled from ids and never from one long text: every part is
tokenised by itself, so that a part has the same ids wherever it stands, counts add up exactly, and
text cannot forge a marker. Knows the tokenizer and the resize rule, no weights and no torch.

    <|im_start|>user\n <|vision_start|> <|image_pad|> x n <|vision_end|> text <|im_end|>\n
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.prompt import Part, Picture, Prompt, Text
from qvl_agent.model.tokenizer import TextTokenizer

__all__ = ["ChatFormat", "PictureSpan", "Sequence"]

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PictureSpan:
    """Where a picture's visual tokens stand in a sequence.

    Attributes:
        start: Index of the first one.
        rows: Visual tokens from top to bottom.
        columns: Visual tokens from left to right.
        position: M-RoPE position of the first one.
        picture: The picture.
        settings: How it is resized and cut.
    """

    start: int
    rows: int
    columns: int
    position: int
    picture: Picture
    settings: ImageSettings

    @property
    def length(self) -> int:
        """Number of visual tokens."""
        return self.rows * self.columns

    @property
    def stop(self) -> int:
        """Index just after the last one."""
        return self.start + self.length

    @property
    def key(self) -> tuple[str, ImageSettings]:
        """What its features depend on, beside the model: the pixels and how they are cut."""
        return self.picture.key, self.settings


@dataclass(frozen=True, slots=True)
class Sequence:
    """What the model reads.

    Attributes:
        ids: int64 (length,); a picture stands as a run of image_pad.
        pictures: In order.
        next_position: M-RoPE position of the token that follows.
    """

    ids: Ids
    pictures: tuple[PictureSpan, ...]
    next_position: int

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, start: int = 0) -> NDArray[np.int64]:
        """Return the temporal, height and width positions from index `start` on.

        A text token has three equal positions, one more than the largest before it. A picture's
        tokens share one temporal position and count rows and columns from there.

        Returns:
            int64 (3, length - start).

        Source: Qwen2-VL paper 2.1 (M-RoPE); transformers' `Qwen2VLModel.get_rope_index`.
        """
        out = np.empty((3, len(self) - start), np.int64)
        index, position = 0, 0
        for span in self.pictures:
            if span.stop > start:
                _count_up(out, index, span.start, position, start)
                grid = np.indices((span.rows, span.columns)).reshape(2, -1)
                block = np.concatenate([np.zeros((1, span.length), np.int64), grid]) + span.position
                skipped = max(0, start - span.start)
                out[:, span.start + skipped - start : span.stop - start] = block[:, skipped:]
            index = span.stop
            position = span.position + max(span.rows, span.columns)
        _count_up(out, index, len(self), position, start)
        return out


def _count_up(out: NDArray[np.int64], first: int, last: int, position: int, start: int) -> None:
    """Write the positions of text at indices first to last, of which `out` begins at `start`."""
    begin = max(first, start)
    if begin < last:
        out[:, begin - start : last - start] = np.arange(last - begin) + position + begin - first


class ChatFormat:
    """Assembles sequences.

    Args:
        tokenizer: Of the checkpoint.
        settings: How pictures are resized and cut.
    """

    def __init__(self, tokenizer: TextTokenizer, settings: ImageSettings) -> None:
        self.tokenizer = tokenizer
        self.settings = settings
        self.image_pad = tokenizer.special("<|image_pad|>")
        self.end_of_turn = tokenizer.special("<|im_end|>")
        self.end_of_text = tokenizer.special("<|endoftext|>")
        self._vision_start = np.array([tokenizer.special("<|vision_start|>")])
        self._vision_end = np.array([tokenizer.special("<|vision_end|>")])
        self._start = tokenizer.special("<|im_start|>")
        self._closing = np.array([self.end_of_turn, *tokenizer.encode("\n")])
        self._arrays: dict[tuple[int, ...], Ids] = {}

    def count(self, part: Part) -> int:
        """Return how many tokens a part takes, the two delimiters of a picture included."""
        if isinstance(part, Text):
            return len(self._ids(part))
        rows, columns = self._grid(part)
        return rows * columns + 2

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn takes."""
        return len(self._opening(role)) + len(self._closing)

    def length(self, prompt: Prompt) -> int:
        """Return how many tokens a prompt takes: `len(self.assemble(prompt))`, without the work."""
        parts = sum(self.count(part) for turn in prompt.turns for part in turn.parts)
        turns = sum(self.overhead(turn.role) for turn in prompt.turns)
        if _is_open(prompt):
            return parts + turns - len(self._closing)
        return parts + turns + len(self._opening("assistant"))

    def assemble(self, prompt: Prompt) -> Sequence:
        """Return the sequence of a prompt, up to where the policy goes on.

        Raises:
            PolicyError: If a picture has no pixels or an extreme shape.
        """
        arrays: list[Ids] = []
        spans: list[PictureSpan] = []
        length, position = 0, 0
        for piece in self._pieces(prompt):
            if isinstance(piece, Picture):
                rows, columns = self._grid(piece)
                spans.append(PictureSpan(length, rows, columns, position, piece, self.settings))
                arrays.append(np.full(rows * columns, self.image_pad))
                position += max(rows, columns)
            else:
                arrays.append(piece)
                position += len(piece)
            length += len(arrays[-1])
        return Sequence(np.concatenate(arrays), tuple(spans), position)

    def _pieces(self, prompt: Prompt) -> Iterator[Ids | Picture]:
        """Yield ids and pictures in the order in which the model reads them."""
        last = len(prompt.turns) - 1
        for index, turn in enumerate(prompt.turns):
            yield self._opening(turn.role)
            for part in turn.parts:
                if isinstance(part, Picture):
                    yield self._vision_start
                    yield part
                    yield self._vision_end
                else:
                    yield self._ids(part)
            if index < last or not _is_open(prompt):
                yield self._closing
        if not _is_open(prompt):
            yield self._opening("assistant")

    def _opening(self, role: str) -> Ids:
        return self._array((self._start, *self.tokenizer.encode(f"{role}\n")))

    def _ids(self, text: Text) -> Ids:
        return self._array(self.tokenizer.encode(text.text) if text.tokens is None else text.tokens)

    def _array(self, ids: tuple[int, ...]) -> Ids:
        """Return ids as an array; the arrays of long-lived texts are made once."""
        array = self._arrays.get(ids)
        if array is None:
            if len(self._arrays) >= 4096:
                self._arrays.clear()
            array = self._arrays[ids] = np.array(ids, np.int64)
        return array

    def _grid(self, picture: Picture) -> tuple[int, int]:
        try:
            return self.settings.grid(*picture.pixels.shape[:2])
        except ValueError as exc:
            raise PolicyError(f"the policy cannot look at this picture: {exc}") from exc


def _is_open(prompt: Prompt) -> bool:
    """Return whether the last turn is the assistant's, which the policy goes on with."""
    return bool(prompt.turns) and prompt.turns[-1].role == "assistant"
