r"""From a prompt to the sequence that the model reads: ids, pictures and M-RoPE positions.

ChatML with vision markers, assembled from ids and never from one long text: every part is
tokenised by itself, so that a part has the same ids wherever it stands, counts add up exactly, and
text cannot forge a marker. Knows the tokenizer and the resize rule, no weights and no torch.

    <|im_start|>user\n <|vision_start|> <|image_pad|> x n <|vision_end|> text <|im_end|>\n
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.prompt import Part, Picture, Prompt, Text
from qvl_agent.model.tokenizer import TextTokenizer

__all__ = ["ChatFormat", "PictureSpan", "Sequence"]

Ids = NDArray[np.int64]

_Item: TypeAlias = Part | str
"""A part, the role of a turn that is opened, or "" where one is closed."""

_RECENT = 8
"""Layouts kept for the next prompts: about the episodes that run side by side."""


class PictureSpan(NamedTuple):
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
        head: Tokens up to where the policy first speaks: what every prompt of an episode begins
            with. When the oldest steps are deleted, they stood right after it.
    """

    ids: Ids
    pictures: tuple[PictureSpan, ...]
    next_position: int
    head: int = 0

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
        first = bisect_right(self.pictures, start, key=lambda span: span.stop)
        index, position = _after(self.pictures[first - 1]) if first else (0, 0)
        for span in self.pictures[first:]:
            _count_up(out, index, span.start, position, start)
            grid = np.indices((span.rows, span.columns)).reshape(2, -1)
            block = np.concatenate([np.zeros((1, span.length), np.int64), grid]) + span.position
            skipped = max(0, start - span.start)
            out[:, span.start + skipped - start : span.stop - start] = block[:, skipped:]
            index, position = _after(span)
        _count_up(out, index, len(self), position, start)
        return out


def _after(span: PictureSpan) -> tuple[int, int]:
    """Return the index and the M-RoPE position of what follows a picture."""
    return span.stop, span.position + max(span.rows, span.columns)


def _count_up(out: NDArray[np.int64], first: int, last: int, position: int, start: int) -> None:
    """Write the positions of text at indices first to last, of which `out` begins at `start`."""
    begin = max(first, start)
    if begin < last:
        out[:, begin - start : last - start] = np.arange(last - begin) + position + begin - first


class _Mark(NamedTuple):
    """Where a sequence stands after an item: tokens, next M-RoPE position, pictures so far."""

    length: int
    position: int
    pictures: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """A recent sequence, kept without its pixels.

    Attributes:
        names: Its items, a picture by its key.
        ids: int64 (length,).
        marks: Where it stood before the first item and after each one.
        places: Start, rows, columns and position of each picture.
    """

    names: tuple[str | Text, ...]
    ids: Ids
    marks: tuple[_Mark, ...]
    places: tuple[tuple[int, int, int, int], ...]

    def shared(self, names: tuple[str | Text, ...]) -> int:
        """Return how many items from the first on are the same."""
        least, most = 0, min(len(self.names), len(names))
        while least < most:
            middle = (least + most + 1) // 2
            if self.names[least:middle] == names[least:middle]:
                least = middle
            else:
                most = middle - 1
        return least


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
        self._closing = (self.end_of_turn, *tokenizer.encode("\n"))
        self._recent = [_Layout((), np.empty(0, np.int64), (_Mark(0, 0, 0),), ())]

    def count(self, part: Part) -> int:
        """Return how many tokens a part takes, the two delimiters of a picture included."""
        if isinstance(part, Text):
            return len(self.tokenizer.encode(part.text) if part.tokens is None else part.tokens)
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

        Only what follows the longest beginning shared with a recent prompt is tokenised and laid
        out: the work of a step does not grow with the history.

        Raises:
            PolicyError: If a picture has no pixels or an extreme shape.
        """
        items = tuple(_items(prompt))
        names = tuple(item.key if isinstance(item, Picture) else item for item in items)
        shared, base = max(
            ((layout.shared(names), layout) for layout in self._recent), key=lambda found: found[0]
        )
        layout = self._extended(base, shared, items, names)
        self._recent = [layout, *(kept for kept in self._recent if kept is not base)][:_RECENT]
        spans = tuple(
            PictureSpan(*place, picture, self.settings)
            for place, picture in zip(
                layout.places, (item for item in items if isinstance(item, Picture)), strict=True
            )
        )
        head = layout.marks[items.index("assistant") + 1].length
        return Sequence(layout.ids, spans, layout.marks[-1].position, head)

    def _extended(
        self, base: "_Layout", shared: int, items: tuple[_Item, ...], names: tuple[str | Text, ...]
    ) -> "_Layout":
        """Return the layout of `items`, of which the first `shared` are those of another."""
        marks = list(base.marks[: shared + 1])
        length, position, pictures = marks[-1]
        places = list(base.places[:pictures])
        arrays = [base.ids[:length]]
        for item in items[shared:]:
            if isinstance(item, Picture):
                rows, columns = self._grid(item)
                places.append((length + 1, rows, columns, position + 1))
                pads = np.full(rows * columns, self.image_pad)
                arrays += [self._vision_start, pads, self._vision_end]
                length += len(pads) + 2
                position += max(rows, columns) + 2
            else:
                arrays.append(self._ids(item))
                length += len(arrays[-1])
                position += len(arrays[-1])
            marks.append(_Mark(length, position, len(places)))
        return _Layout(names, np.concatenate(arrays), tuple(marks), tuple(places))

    def _opening(self, role: str) -> tuple[int, ...]:
        return (self._start, *self.tokenizer.encode(f"{role}\n"))

    def _ids(self, item: Text | str) -> Ids:
        """Return the ids of a text, of the opening of a role's turn, or of the closing ("")."""
        if isinstance(item, Text):
            ids = self.tokenizer.encode(item.text) if item.tokens is None else item.tokens
        else:
            ids = self._opening(item) if item else self._closing
        return np.array(ids, np.int64)

    def _grid(self, picture: Picture) -> tuple[int, int]:
        try:
            return self.settings.grid(*picture.pixels.shape[:2])
        except ValueError as exc:
            raise PolicyError(f"the policy cannot look at this picture: {exc}") from exc


def _items(prompt: Prompt) -> Iterator[_Item]:
    """Yield what the model reads, in order."""
    last = len(prompt.turns) - 1
    for index, turn in enumerate(prompt.turns):
        yield turn.role
        yield from turn.parts
        if index < last or not _is_open(prompt):
            yield ""
    if not _is_open(prompt):
        yield "assistant"


def _is_open(prompt: Prompt) -> bool:
    """Return whether the last turn is the assistant's, which the policy goes on with."""
    return bool(prompt.turns) and prompt.turns[-1].role == "assistant"
