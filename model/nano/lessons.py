"""What nano learns from, and how it becomes a batch. Knows no world and no optimiser.

A `Lesson` is a prompt with the answer an expert gives. Loss is taken on the answer's tokens only:
what the assistant says. Beside it, the picture's own content is a lesson: whoever draws a picture
knows which word stands where, and each picture token is asked to name the word in its cell.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.images import resize
from qvl_agent.model.nano.forward import COPYING, POINTING, Batch, Looks
from qvl_agent.model.nano.tokens import ACROSS, DOWN, Vocabulary
from qvl_agent.model.prompt import Prompt, Text

__all__ = ["Collator", "Copied", "Drawing", "Lesson", "Read", "Source"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A word drawn on a picture: its box, in pixels of the picture as the world shows it."""

    word: str
    x: float
    y: float
    width: float
    height: float


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
        pictures, cells = self.pictures(lessons)
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(targets),
            pictures,
            cells,
            self._places(pictures.shape[1] // self._cell, pictures.shape[2] // self._cell),
            looks,
        )

    def pictures(self, lessons: Sequence[Lesson]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the pictures and cells, as in `Batch`, of lessons with pictures of one size."""
        drawn = [self._draw(lesson) for lesson in lessons]
        return (
            torch.from_numpy(np.stack([picture for picture, _ in drawn])),
            torch.from_numpy(np.stack([cells for _, cells in drawn])),
        )

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

    def _draw(self, lesson: Lesson) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the resized picture and the piece of a word in each of its cells."""
        pixels = lesson.prompt.pictures[0].pixels
        picture = resize(pixels, *self.chat.settings.size(*pixels.shape[:2]))
        rows, columns = picture.shape[0] // self._cell, picture.shape[1] // self._cell
        words = np.full((rows, columns), self._picture, dtype=np.int64)
        down, right = picture.shape[0] / pixels.shape[0], picture.shape[1] / pixels.shape[1]
        for drawing in lesson.drawings:
            pieces = self.vocabulary.pieces(drawing.word)
            if not pieces:
                continue
            top, left = drawing.y * down / self._cell, drawing.x * right / self._cell
            bottom = (drawing.y + drawing.height) * down / self._cell
            end = (drawing.x + drawing.width) * right / self._cell
            # A cell counts as the word's when its centre lies in the box, or, for a box smaller
            # than a cell, when the box's centre lies in the cell.
            r0, r1 = int(np.ceil(top - 0.5)), int(np.ceil(bottom - 0.5))
            c0, c1 = int(np.ceil(left - 0.5)), int(np.ceil(end - 0.5))
            if r1 <= r0:
                r0 = int((top + bottom) / 2)
                r1 = r0 + 1
            if c1 <= c0:
                c0 = int((left + end) / 2)
                c1 = c0 + 1
            for column in range(max(c0, 0), min(c1, columns)):
                share = (column + 0.5 - left) / (end - left)
                told = next((i for i, to in pieces if share < to), pieces[-1][0])
                words[max(r0, 0) : r1, column] = told
        cells = words.reshape(-1)
        empty = np.flatnonzero(cells == self._picture)
        skipped = self._rng.permutation(empty)[self.cells_per_picture :]
        cells[skipped] = -1
        return picture, cells


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
