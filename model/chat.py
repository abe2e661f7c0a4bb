r"""From a prompt to the sequence that the model reads: ids, pictures and M-RoPE positions.

ChatML with vision markers, assembled from ids and never from one long text: every part is
tokenised by itself, so that a part has the same ids wherever it stands, counts add up exactly, and
text cannot forge a marker. Knows the tokenizer and the resize rule, no weights and no torch.

    <|im_start|>user\n <|vision_start|> <|image_pad|> x n <|vision_end|> text <|im_end|>\n
"""

import threading
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.tokenizer import TextTokenizer

__all__ = ["ChatFormat", "PictureSpan", "Sequence"]

Ids = NDArray[np.int64]

_ANSWER = Turn("assistant", ())
"""What a prompt that ends with another's turn is followed by."""

_Names: TypeAlias = tuple[Text | str, ...]
"""Of a turn: `Turn.names`."""

_names_of = attrgetter("names")

_RECENT = 8
"""Layouts kept for the next prompts: about the episodes that run side by side."""


class PictureSpan(NamedTuple):
    """Where a picture's visual tokens stand in a sequence.

    Attributes:
        start: Index of the first one.
        rows: Visual tokens from top to bottom.
        columns: Visual tokens from left to right.
        position: M-RoPE position of the first one.
        name: The picture's key; its pixels are had from `Sequence.picture`.
        settings: How it is resized and cut.
        turn: In which of the prompt's turns it stands.
        part: As which of the turn's parts.
    """

    start: int
    rows: int
    columns: int
    position: int
    name: str
    settings: ImageSettings
    turn: int = 0
    part: int = 0

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
        return self.name, self.settings


@dataclass(frozen=True, slots=True)
class Sequence:
    """What the model reads.

    Attributes:
        ids: int64 (length,); a picture stands as a run of image_pad.
        pictures: In order.
        next_position: M-RoPE position of the token that follows.
        head: Tokens up to where the policy first speaks: what every prompt of an episode begins
            with. When the oldest steps are deleted, they stood right after it.
        turns: The prompt's.
    """

    ids: Ids
    pictures: tuple[PictureSpan, ...]
    next_position: int
    head: int = 0
    turns: tuple[Turn, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def picture(self, span: PictureSpan) -> Picture:
        """Return the picture of one of its spans."""
        part = self.turns[span.turn].parts[span.part]
        assert isinstance(part, Picture)
        return part

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
    """Where a sequence stands at some point: tokens, next M-RoPE position, pictures so far."""

    length: int
    position: int
    pictures: int


class _Tape:
    """Ids that are written once and only grow: what is shared with a longer sequence is not copied.

    Args:
        room: Ids that fit.
    """

    def __init__(self, room: int) -> None:
        self._ids = np.empty(room, np.int64)
        self._written = 0

    def extended(self, length: int, arrays: list[Ids]) -> tuple["_Tape", Ids]:
        """Return the first `length` ids followed by others, and the tape that they stand on.

        That is this one, unless another sequence already goes on from there or no room is left.
        """
        stop = length + sum(map(len, arrays))
        tape = self
        if length != self._written or stop > len(self._ids):
            tape = _Tape(2 * stop)
            tape._ids[:length] = self._ids[:length]
        if arrays:
            np.concatenate(arrays, out=tape._ids[length:stop])
        tape._written = stop
        return tape, tape._ids[:stop]


@dataclass(frozen=True, slots=True)
class _Layout:
    """A recent sequence, kept without its pixels.

    Attributes:
        names: Of its turns.
        marks: Of each turn: where the sequence stood once it was opened, and after each part.
        spans: Of its pictures.
        tape: Holds its ids.
    """

    names: tuple[_Names, ...]
    marks: tuple[tuple[_Mark, ...], ...]
    spans: tuple[PictureSpan, ...]
    tape: _Tape

    def shared(self, names: tuple[_Names, ...], turns: int) -> tuple[int, int]:
        """Return how many turns are the same from the first on, and how many names of the next.

        Args:
            names: The other's.
            turns: If fewer are the same, (0, 0) is told.
        """
        if self.names[:turns] != names[:turns]:
            return 0, 0
        turns = _common(self.names, names, turns)
        if turns == min(len(self.names), len(names)):
            return turns, 0
        return turns, _common(self.names[turns], names[turns], 0)


def _common(one: tuple[Any, ...], other: tuple[Any, ...], least: int) -> int:
    """Return how many items are the same from the first on, of which `least` are known to be."""
    most = min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
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
        self._nothing = _Layout((), (), (), _Tape(0))
        self._recent = [self._nothing]
        self._turn = threading.Lock()  # of what is remembered of recent sequences

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
            PolicyError: If an array is not a picture, has no pixels or an extreme shape.
        """
        turns = prompt.turns if _is_open(prompt) else (*prompt.turns, _ANSWER)
        names = tuple(map(_names_of, turns))
        with self._turn:
            base, same, parts = self._nothing, 0, 0
            for recent in self._recent:
                found = recent.shared(names, same)
                if found > (same, parts):
                    base, (same, parts) = recent, found
            layout, ids = self._extended(base, same, parts, turns, names)
            kept = (recent for recent in self._recent if recent is not base)
            self._recent = [layout, *kept][:_RECENT]
        first_answer = next(i for i, turn in enumerate(turns) if turn.role == "assistant")
        head = layout.marks[first_answer][0].length
        return Sequence(ids, layout.spans, layout.marks[-1][-1].position, head, turns)

    def _extended(
        self,
        base: _Layout,
        same: int,
        parts: int,
        turns: tuple[Turn, ...],
        names: tuple[_Names, ...],
    ) -> tuple[_Layout, Ids]:
        """Return the layout of turns and its ids.

        Args:
            base: Another layout.
            same: How many turns it has in common with these.
            parts: How many names of the next one.
            turns: All of them.
            names: Theirs.
        """
        marks = list(base.marks[:same])
        begun = list(base.marks[same][:parts]) if parts else []
        length, position, pictures = (begun or (marks[-1] if marks else [_Mark(0, 0, 0)]))[-1]
        spans = list(base.spans[:pictures])
        arrays: list[Ids] = []
        shared = length
        for index in range(same, len(turns)):
            turn = turns[index]
            for part in (None, *turn.parts)[len(begun) :]:
                if isinstance(part, Picture):
                    rows, columns = self._grid(part)
                    place = length + 1, rows, columns, position + 1
                    what = part.key, self.settings, index, len(begun) - 1
                    spans.append(PictureSpan(*place, *what))
                    pads = np.full(rows * columns, self.image_pad)
                    arrays += [self._vision_start, pads, self._vision_end]
                    length += len(pads) + 2
                    position += max(rows, columns) + 2
                else:
                    arrays.append(self._ids(part) if part else self._turned(turn.role, index))
                    length += len(arrays[-1])
                    position += len(arrays[-1])
                begun.append(_Mark(length, position, len(spans)))
            marks.append(tuple(begun))
            begun = []
        tape, ids = base.tape.extended(shared, arrays)
        return _Layout(names, tuple(marks), tuple(spans), tape), ids

    def _opening(self, role: str) -> tuple[int, ...]:
        return (self._start, *self.tokenizer.encode(f"{role}\n"))

    def _turned(self, role: str, index: int) -> Ids:
        """Return the ids that close the turn before and open the one with this index."""
        return np.array((*(self._closing if index else ()), *self._opening(role)), np.int64)

    def _ids(self, text: Text) -> Ids:
        ids = self.tokenizer.encode(text.text) if text.tokens is None else text.tokens
        return np.array(ids, np.int64)

    def _grid(self, picture: Picture) -> tuple[int, int]:
        pixels = picture.pixels
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            came = f"{pixels.dtype} {pixels.shape}"
            raise PolicyError(f"a picture is uint8 (height, width, 3), RGB; got {came}")
        try:
            return self.settings.grid(*pixels.shape[:2])
        except ValueError as exc:
            raise PolicyError(f"the policy cannot look at this picture: {exc}") from exc


def _is_open(prompt: Prompt) -> bool:
    """Return whether the last turn is the assistant's, which the policy goes on with."""
    return bool(prompt.turns) and prompt.turns[-1].role == "assistant"
