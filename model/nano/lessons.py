"""What nano learns from, and how it becomes a batch. Knows no world and no optimiser.

A `Lesson` is a prompt with the answer an expert gives. Loss is taken on the answer's tokens only:
what the assistant says. Beside it, the picture's own content is a lesson: whoever draws a picture
knows which word stands where, and each picture token is asked to name the word in its cell.
"""

import math
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.images import resize
from qvl_agent.model.nano.forward import (
    COPYING,
    LETTERS,
    POINTING,
    SLOTS,
    Batch,
    Labels,
    Looks,
    Names,
)
from qvl_agent.model.nano.tokens import ACROSS, DOWN, Vocabulary
from qvl_agent.model.prompt import Prompt, Text

__all__ = ["Collator", "Copied", "Drawing", "Lesson", "Read", "Source"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A word drawn on a picture: its box, in pixels of the picture as the world shows it.

    Attributes:
        ends: Where each of its letters ends, as shares of the width; () where that is not known.
    """

    word: str
    x: float
    y: float
    width: float
    height: float
    ends: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What is read off a picture: the last token of a stretch of the answer, and where it is.

    Attributes:
        stretch: Of the answer; it is there once.
        x: Pixels of the picture as the world shows it.
        y: The same.
    """

    stretch: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Copied:
    """A stretch of the answer that is copied from the task, the last text of the prompt.

    Attributes:
        start: Index of its first character in the answer.
        length: Characters.
        source: Index of the first in the task.
    """

    start: int
    length: int
    source: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing to learn.

    Attributes:
        prompt: What the policy is asked, as it will be asked when it plays.
        answer: What it should write.
        given: Stretches of the answer, in their order, that are shown to it without a loss.
        drawings: The words on the picture.
        read: What of the answer is read off the picture, beside the points in it.
        copied: What of it is copied.
    """

    prompt: Prompt
    answer: str
    given: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    read: tuple[Read, ...] = ()
    copied: tuple[Copied, ...] = ()


class Source(Protocol):
    """Makes lessons, each a function of the random state alone."""

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson."""
        ...


class Collator:
    """Makes batches of lessons.

    Args:
        vocabulary: Of the model.
        chat: Turns prompts into ids: the one that is used when playing.
        seed: Of the choice of cells for the read-out.
        cells_per_picture: Empty cells that count in each picture, beside those with a word.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        chat: ChatFormat,
        *,
        seed: int,
        cells_per_picture: int = 6,
    ) -> None:
        self.vocabulary = vocabulary
        self.chat = chat
        self.cells_per_picture = cells_per_picture
        self._rng = np.random.default_rng(seed)
        self._cell = chat.settings.factor
        self._pad = vocabulary.special["<|endoftext|>"]
        self._picture = vocabulary.special["<|image_pad|>"]
        self._across = _numbered(vocabulary, ACROSS)
        self._down = _numbered(vocabulary, DOWN)

    def __call__(self, lessons: Sequence[Lesson]) -> Batch:
        """Return the batch of lessons that all have a picture of one size, or all have none."""
        rows = [self._encode(lesson) for lesson in lessons]
        length = max(map(len, rows))
        ids = np.full((len(rows), length), self._pad, dtype=np.int64)
        targets = np.full((len(rows), length), -1, dtype=np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = [token for token, _ in row]
            targets[i, : len(row) - 1] = [token if learnt else -1 for token, learnt in row[1:]]
        looks = self._looks(lessons, ids, targets)
        if not lessons[0].prompt.pictures:
            return Batch(torch.from_numpy(ids), torch.from_numpy(targets), looks=looks)
        pictures, labels = self.pictures(lessons)
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(targets),
            pictures,
            labels,
            self._places(pictures.shape[1] // self._cell, pictures.shape[2] // self._cell),
            looks,
        )

    def pictures(self, lessons: Sequence[Lesson]) -> tuple[torch.Tensor, Labels]:
        """Return the pictures and labels, as in `Batch`, of lessons with pictures of one size."""
        pictures, cells, letters = [], [], []
        found: list[tuple[int, list[int], NDArray[np.float32]]] = []
        for row, lesson in enumerate(lessons):
            pixels = lesson.prompt.pictures[0].pixels
            picture = resize(pixels, *self.chat.settings.size(*pixels.shape[:2]))
            rows, columns = picture.shape[0] // self._cell, picture.shape[1] // self._cell
            scale = columns / pixels.shape[1], rows / pixels.shape[0]
            pictures.append(picture)
            cells.append(self._words(lesson.drawings, rows, columns, scale))
            found += (
                (row, pieces, where)
                for pieces, where in self._names(lesson.drawings, rows, columns, scale)
            )
            if any(drawing.ends for drawing in lesson.drawings):
                letters.append(_letters(lesson.drawings, rows, columns, scale))
        words, shares = (torch.from_numpy(np.stack(each)) for each in zip(*cells, strict=True))
        spelled = torch.from_numpy(np.stack(letters)) if len(letters) == len(lessons) else None
        labels = Labels(words, shares, spelled, _named(found))
        return torch.from_numpy(np.stack(pictures)), labels

    def _places(self, rows: int, columns: int) -> torch.Tensor | None:
        """Return the tokens of each cell's middle (rows * columns, 2), None if there are none."""
        token = self.vocabulary.tokenizer.token_to_id
        if token(ACROSS[0]) is None:
            return None
        places = [
            (
                token(ACROSS[int((c + 0.5) / columns * 100)]),
                token(DOWN[int((r + 0.5) / rows * 100)]),
            )
            for r in range(rows)
            for c in range(columns)
        ]
        return torch.tensor(places)

    def _looks(
        self, lessons: Sequence[Lesson], ids: NDArray[np.int64], targets: NDArray[np.int64]
    ) -> Looks | None:
        """Return where to look for what is to be said: around a place, or at a word of the task."""
        found: list[tuple[int, int, int]] = []  # row, position, head
        shares: list[NDArray[np.float32]] = []
        for row, lesson in enumerate(lessons):
            copies = (copy for copied in lesson.copied for copy in self._copying(lesson, copied))
            for position, source in copies:
                if targets[row, position] != ids[row, source]:
                    continue  # cut otherwise there, as "40, " that might be a coordinate
                found.append((row, position, COPYING))
                shares.append(np.eye(1, ids.shape[1], source, dtype=np.float32)[0])
            if lesson.prompt.pictures:
                picture = ids[row] == self._picture
                for position, x, y in self._pointing(lesson, targets[row]):
                    found.append((row, position, POINTING))
                    shares.append(np.zeros(ids.shape[1], np.float32))
                    shares[-1][picture] = self._around(lesson, x, y)
        if not found:
            return None
        rows, positions, heads = torch.tensor(found).unbind(1)
        return Looks(rows, positions, heads, torch.from_numpy(np.stack(shares)))

    def _pointing(
        self, lesson: Lesson, targets: NDArray[np.int64]
    ) -> Iterator[tuple[int, float, float]]:
        """Yield after which position which place on the picture is told, x and y from 0 to 1."""
        for position in np.flatnonzero(np.isin(targets, list(self._across))).tolist():
            x, y = self._across[targets[position]], self._down.get(targets[position + 1])
            if y is not None:
                yield position, x / 100, y / 100
                yield position + 1, x / 100, y / 100
        height, width = lesson.prompt.pictures[0].pixels.shape[:2]
        for read in lesson.read:
            if lesson.answer.count(read.stretch) != 1:
                raise ValueError(f"{read.stretch!r} is not in {lesson.answer!r} once")
            end = lesson.answer.index(read.stretch) + len(read.stretch)
            yield self._said(lesson, end) - 2, read.x / width, read.y / height

    def _copying(self, lesson: Lesson, copied: Copied) -> Iterator[tuple[int, int]]:
        """Yield after which position each token of a stretch is told, and where it stands."""
        task = [part for part in lesson.prompt.turns[-1].parts if isinstance(part, Text)][-1].text
        stretch = lesson.answer[copied.start : copied.start + copied.length]
        if task[copied.source : copied.source + copied.length] != stretch:
            raise ValueError(f"{stretch!r} is not copied from {task!r}")
        encode = self.chat.tokenizer.encode
        start = self._said(lesson, copied.start) - 1
        stop = self._said(lesson, copied.start + copied.length) - 1
        ids, words = self.chat.assemble(lesson.prompt).ids.tolist(), list(encode(task))
        begins = next(i for i in range(len(ids), -1, -1) if ids[i : i + len(words)] == words)
        source = begins + len(encode(task[: copied.source]))
        for n in range(stop - start):
            yield start + n, source + n

    def _said(self, lesson: Lesson, end: int) -> int:
        """Return the length of a lesson's sequence up to a character of the answer."""
        before = len(self.chat.assemble(lesson.prompt).ids)
        return before + len(self.chat.tokenizer.encode(lesson.answer[:end]))

    def _around(self, lesson: Lesson, x: float, y: float) -> NDArray[np.float32]:
        """Return the shares of the cells around a place, x and y from 0 to 1."""
        pixels = lesson.prompt.pictures[0].pixels
        height, width = self.chat.settings.size(*pixels.shape[:2])
        rows, columns = height // self._cell, width // self._cell
        return np.outer(_around(y, rows), _around(x, columns)).ravel().astype(np.float32)

    def _encode(self, lesson: Lesson) -> list[tuple[int, bool]]:
        """Return the ids of a lesson, each with whether it has a loss."""
        encode = self.chat.tokenizer.encode
        row = [(token, False) for token in self.chat.assemble(lesson.prompt).ids.tolist()]
        rest = lesson.answer
        for given in lesson.given:
            before, found, rest = rest.partition(given)
            if not found:
                raise ValueError(f"{given!r} is not where it should be in {lesson.answer!r}")
            row += [(token, True) for token in encode(before)]
            row += [(token, False) for token in encode(given)]
        return row + [(token, True) for token in encode(rest)]

    def _words(
        self, drawings: Sequence[Drawing], rows: int, columns: int, scale: tuple[float, float]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the pieces of words in each cell and their shares, as in `Labels`.

        Args:
            drawings: All words on a picture.
            rows: Of cells.
            columns: Of cells.
            scale: Cells per pixel of the picture as the world shows it, right and down.
        """
        right, down = scale
        found: dict[int, dict[int, float]] = {}
        for drawing in drawings:
            top, bottom = drawing.y * down, (drawing.y + drawing.height) * down
            left, width = drawing.x * right, drawing.width * right
            begin = left
            for piece, told in self.vocabulary.pieces(drawing.word):
                end = left + told * width
                for r, c, share in _overlaps(top, bottom, begin, end):
                    if r < rows and c < columns:
                        cell = found.setdefault(r * columns + c, {})
                        cell[piece] = max(share, cell.get(piece, 0.0))
                begin = end
        words = np.full((rows * columns, _PIECES_PER_CELL), self._picture, dtype=np.int64)
        shares = np.zeros((rows * columns, _PIECES_PER_CELL), dtype=np.float32)
        for at, pieces in found.items():
            most = sorted(pieces.items(), key=lambda pair: -pair[1])[:_PIECES_PER_CELL]
            words[at, : len(most)] = [piece for piece, _ in most]
            shares[at, : len(most)] = [share for _, share in most]
        shares /= np.maximum(shares.sum(-1, keepdims=True), 1e-9)
        empty = self._rng.permutation(np.flatnonzero(shares[:, 0] == 0))
        shares[empty[: self.cells_per_picture], 0] = 1.0
        return words, shares

    def _names(
        self, drawings: Sequence[Drawing], rows: int, columns: int, scale: tuple[float, float]
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Yield some of the words on a picture: their pieces, and what is in each cell of them.

        Args:
            drawings: As in `_words`.
            rows: As in `_words`.
            columns: As in `_words`.
            scale: As in `_words`.
        """
        places: dict[str, list[Drawing]] = {}
        for drawing in drawings:
            places.setdefault(drawing.word, []).append(drawing)
        chosen = self._rng.permutation(len(places))[:_NAMES_PER_PICTURE]
        words = list(places)
        for word in (words[n] for n in chosen):
            pieces = [piece for piece, _ in self.vocabulary.pieces(word)]
            where = np.zeros(rows * columns)
            for drawing in places[word]:
                where += _covered(drawing, rows, columns, scale)
            if pieces and where.any():
                yield pieces, (where / where.sum()).astype(np.float32)


_NAMES_PER_PICTURE = 24
"""Words that have to be found on a picture, at most."""

_PIECES_PER_CELL = 6
"""Pieces of words that a cell is asked for, at most: those that take most of it."""

_ENOUGH = 0.35
"""What share of a piece, or of the cell, has to be in a cell along each side to be asked for."""

_TOUCHED = 0.15
"""What a line reaches into a row of patches at most without being in it, in patches."""

_MERGE = 2
"""Patches along each side of a cell."""


def _overlaps(
    top: float, bottom: float, left: float, right: float
) -> Iterator[tuple[int, int, float]]:
    """Yield the cells, (row, column), of which a box takes enough, and what share of their width.

    The box is in cells.
    """
    for r in range(max(int(top), 0), math.ceil(bottom)):
        high = min(bottom, r + 1) - max(top, r)
        if high < _ENOUGH * min(1.0, bottom - top):
            continue
        for c in range(max(int(left), 0), math.ceil(right)):
            wide = min(right, c + 1) - max(left, c)
            if wide >= _ENOUGH * min(1.0, right - left):
                yield r, c, wide


def _covered(
    drawing: Drawing, rows: int, columns: int, scale: tuple[float, float]
) -> NDArray[np.float64]:
    """Return what of a word's box is in each cell (rows * columns,), in cells."""
    (right, down), y, x = scale, np.arange(rows), np.arange(columns)
    top, left = drawing.y * down, drawing.x * right
    bottom, end = top + drawing.height * down, left + drawing.width * right
    high = np.clip(np.minimum(bottom, y + 1) - np.maximum(top, y), 0, None)
    wide = np.clip(np.minimum(end, x + 1) - np.maximum(left, x), 0, None)
    return np.outer(high, wide).ravel()


def _named(found: Sequence[tuple[int, list[int], NDArray[np.float32]]]) -> Names | None:
    """Return words to be found as tensors, from their rows, pieces and places."""
    if not found:
        return None
    longest = max(len(pieces) for _, pieces, _ in found)
    return Names(
        torch.tensor([row for row, _, _ in found]),
        torch.tensor([pieces + [-1] * (longest - len(pieces)) for _, pieces, _ in found]),
        torch.from_numpy(np.stack([where for _, _, where in found])),
    )


def _letters(
    drawings: Sequence[Drawing], rows: int, columns: int, scale: tuple[float, float]
) -> NDArray[np.int64]:
    """Return the letters in each patch, as in `Labels`.

    A line of text belongs to the patches in which its middle lies; those above and below, if it
    reaches into them, are not asked.

    Args:
        drawings: All words on a picture, with the ends of their letters.
        rows: Of cells.
        columns: Of cells.
        scale: Cells per pixel of the picture as the world shows it, right and down.
    """
    across, down = scale[0] * _MERGE * SLOTS, scale[1] * _MERGE
    grid = np.zeros((rows * _MERGE, columns * _MERGE * SLOTS), dtype=np.int64)
    for drawing in drawings:
        top, bottom = drawing.y * down, (drawing.y + drawing.height) * down
        left, right = drawing.x * across, (drawing.x + drawing.width) * across
        reached = slice(max(int(top + _TOUCHED), 0), max(math.ceil(bottom - _TOUCHED), 0))
        grid[reached, max(int(left), 0) : max(math.ceil(right), 0)] = -1
    for drawing in drawings:
        row = math.floor((drawing.y + drawing.height / 2) * down)
        if not 0 <= row < len(grid):
            continue
        left, width = drawing.x * across, drawing.width * across
        for slot in range(max(math.ceil(left - 0.5), 0), grid.shape[1]):
            share = (slot + 0.5 - left) / width
            if share > 1:
                break
            index = min(bisect_left(drawing.ends, share), len(drawing.ends) - 1)
            letter = LETTERS.find(drawing.word[index])
            grid[row, slot] = letter + 1 or -1
    blocks = grid.reshape(rows, _MERGE, columns, _MERGE, SLOTS)
    return blocks.transpose(0, 2, 1, 3, 4).reshape(-1, SLOTS)


def _numbered(vocabulary: Vocabulary, words: Sequence[str]) -> dict[int, int]:
    """Return the place in a list of words by token, for those that are tokens."""
    ids = map(vocabulary.tokenizer.token_to_id, words)
    return {token: n for n, token in enumerate(ids) if token is not None}


def _around(place: float, cells: int) -> NDArray[np.float32]:
    """Return the shares of a row of cells in a place, from 0 to 1: of the two it lies between."""
    at = min(max(place * cells - 0.5, 0.0), cells - 1.0)
    shares = np.zeros(cells, np.float32)
    low = int(at)
    shares[low] = low + 1 - at
    if low + 1 < cells:
        shares[low + 1] = at - low
    return shares
