"""Lessons in reading: pages full of words, set as the bundled phone sets them.

A screen holds a handful of words that were not met before; a page holds nothing else. Most are
invented, so that they have to be read letter by letter. There is nothing to do on a page, but words
can be asked for: a list of a phone asks for one of its names, a page for twenty.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain

import numpy as np
from PIL import Image as Pillow

from qvl_agent.actions.mobile import Tap, mobile_space
from qvl_agent.actions.types import Point
from qvl_agent.cli.prompting import Prompting
from qvl_agent.envs.android.phone.content import (
    CITIES,
    HAN,
    MAILS,
    MESSAGES,
    NOTES,
    PEOPLE,
    PRODUCTS,
    QUERIES,
    SONGS,
    share,
)
from qvl_agent.envs.android.phone.invention import invent, is_chinese
from qvl_agent.envs.android.phone.nodes import Color
from qvl_agent.envs.android.phone.theme import ACCENTS, theme_of
from qvl_agent.envs.android.phone.typeface import advance, line_height, text_mask
from qvl_agent.envs.base import Image, Observation
from qvl_agent.model.nano.lessons import Drawing, Lesson
from qvl_agent.model.prompt import Picture, Prompt, Turn

__all__ = ["Pages", "Spots"]

_SCREEN = (392, 840)
"""Width and height of the phone that the pages are as wide as, in pixels."""

_ROWS = 7
"""Rows of cells on a page that is only read."""

_ASKED = 12
"""Words, or rows of words, that are asked for on one page."""

_CLOSE = (0, 2, 3, 5, 8, 14, 22)
_APART = (8, 14, 22, 30, 38, 46)
"""What lines may be apart, in pixels: on full pages, and on sparse ones."""

_SHORT = 0.5
"""Share of the lines of sparse pages that end with their first row of words."""

_LONGEST = 3
"""Words in such a row, at most."""

_KNOWN = 6000
"""Words that are kept, drawn; each line adds some and drops as many."""

_NEW = 1
"""Words that are made up for a line: to draw one takes longer than to set it ten times."""

_SMALLER = (11.5, 12.0, 12.5)
_USUAL = (13.0, 13.5, 14.0, 14.5, 15.0, 15.0, 15.5, 16.0)
_LARGER = (17.0, 18.0, 20.0, 22.0, 26.0)
_SIZES = (*_SMALLER, *_USUAL, *_LARGER)
_SCALES = (0.96, 1.0, 1.06)
"""Sizes of text on the phone, and what a phone's look makes of them."""

_CHINESE = 0.3
"""Share of the words in Chinese."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, drawn once.

    Attributes:
        text: The word.
        size: In pixels.
        weight: Of its letters.
        mask: 8-bit coverage.
        width: In pixels.
        ends: Where each of its letters ends, as shares of the width.
    """

    text: str
    size: float
    weight: int
    mask: Pillow.Image
    width: float
    ends: tuple[float, ...]


class _Paper:
    """Sets pages.

    Args:
        cell: Side of a picture token's cell, in pixels of the picture as nano sees it.
        seen: Columns and rows of cells in which nano sees a whole screen.
        rows: Of cells, of a page.
        sparse: Whether they are as empty as lists, not as full as they can be.
    """

    def __init__(self, cell: int, seen: tuple[int, int], rows: int, *, sparse: bool) -> None:
        columns, whole = seen
        self._sparse = sparse
        self._size = (_SCREEN[0], round(_SCREEN[1] * rows / whole))
        self._seen = (columns * cell, rows * cell)
        self._words: dict[tuple[float, int], list[_Word]] = {}

    def __call__(self, rng: random.Random) -> tuple[Image, list[list[Drawing]]]:
        """Return a fresh page, of the size at which nano sees it, and the rows of words on it."""
        width, height = self._size
        theme = theme_of(rng.choice(tuple(ACCENTS)), rng.random() < 0.4)
        inks = (
            *((theme.page, theme.text),) * 5,
            *((theme.page, theme.dim),) * 3,
            *((theme.card, theme.text), (theme.card, theme.dim), (theme.raised, theme.text)),
            *((theme.accent, theme.on_accent), (theme.soft, theme.on_soft)),
            *((theme.page, theme.accent), (theme.page, theme.alarm)),
        )
        page = Pillow.new("RGB", self._size, theme.page)
        right, down = self._seen[0] / width, self._seen[1] / height
        rows: list[list[Drawing]] = []
        y = rng.uniform(-8, 14)
        while y < height:
            fill, ink = rng.choice(inks)
            size, weight = self._style(rng)
            step = line_height(size)
            if fill != theme.page:
                page.paste(fill, (0, round(y - 3), width, round(y + step + 3)))
            for word, x, goes_on in self._line(rng, size, weight):
                if not goes_on:
                    rows.append([])
                rows[-1].append(_set(page, word, x, y, ink, right, down))
            y += step + rng.choice(_APART if self._sparse else _CLOSE)
        return np.asarray(page.resize(self._seen, Pillow.Resampling.BICUBIC)), rows

    def _style(self, rng: random.Random) -> tuple[float, int]:
        return rng.choice(_SIZES) * rng.choice(_SCALES), rng.choice((400, 400, 400, 500, 500, 700))

    def _line(
        self, rng: random.Random, size: float, weight: int
    ) -> Iterator[tuple[_Word, float, bool]]:
        """Yield words of a style: some in a row, then some further on.

        Each comes with its left edge, and with whether it goes on with the row of the last one.
        """
        words = self._words.setdefault((size, weight), [])
        made = 40 if not words else _NEW
        for _ in range(made):
            word = _drawn(_made_up(rng), size, weight)
            if len(words) < _KNOWN // (len(_SIZES) * 9):
                words.append(word)
            else:
                words[rng.randrange(len(words))] = word
        x = rng.choice((16.0, 16.0, 70.0, 70.0, rng.uniform(-10, 200)))
        blank = advance(" ", weight) * size
        goes_on = False
        while x < self._size[0] - 8:
            word = rng.choice(words)
            if x + word.width > self._size[0] and x > 40:
                return
            yield word, x, goes_on
            goes_on = rng.random() < 0.65
            if self._sparse and not goes_on and rng.random() < _SHORT:
                return
            x += word.width + (blank if goes_on else rng.uniform(14, 60))


class Pages:
    """Makes pages to read.

    Args:
        cell: Side of a picture token's cell, in pixels of the picture as nano sees it.
        seen: Columns and rows of cells in which nano sees a whole screen.
    """

    def __init__(self, cell: int, seen: tuple[int, int]) -> None:
        self._paper = _Paper(cell, seen, _ROWS, sparse=False)

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh page."""
        pixels, rows = self._paper(rng)
        prompt = Prompt((Turn("user", (Picture(pixels),)),))
        return Lesson(prompt, "", drawings=tuple(chain.from_iterable(rows)))


class Spots:
    """Makes pages as large as a screen, on which words are to be found.

    Args:
        cell: As of `Pages`.
        seen: As of `Pages`.
    """

    def __init__(self, cell: int, seen: tuple[int, int]) -> None:
        self._paper = _Paper(cell, seen, seen[1], sparse=True)
        self._prompting = Prompting(mobile_space())

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh page."""
        pixels, rows = self._paper(rng)
        height, width = pixels.shape[:2]
        named = [name for row in rows for name in _named(rng, row)]
        told = Counter(name for name, _, _ in named)
        once = [
            (f"{name}.", Tap(Point(x / width, y / height)))
            for name, x, y in named
            if told[name] == 1 and 0 < x < width and 0 < y < height
        ]
        asked = rng.sample(once, min(len(once), _ASKED))
        lesson = self._prompting.pointing(Observation(pixels), asked)
        return replace(lesson, drawings=tuple(chain.from_iterable(rows)))


def _named(rng: random.Random, row: Sequence[Drawing]) -> Iterator[tuple[str, float, float]]:
    """Yield the words of a row, one or a few together, with the middle of the first.

    There a list is touched as well.
    """
    at = 0
    while at < len(row):
        end = min(at + rng.randint(1, _LONGEST), len(row))
        if any(is_chinese(char) for drawing in row[at:end] for char in drawing.word):
            end = at + 1  # a Chinese name has no blanks
        first = row[at]
        name = " ".join(drawing.word for drawing in row[at:end])
        yield name, first.x + first.width / 2, first.y + first.height / 2
        at = end


def _set(
    page: Pillow.Image, word: _Word, x: float, y: float, ink: Color, right: float, down: float
) -> Drawing:
    """Put a word on a page, and return where it is on the page as it is seen."""
    left, top = round(x), round(y)
    page.paste(ink, (left, top), word.mask)
    height = line_height(word.size)
    return Drawing(
        word.text, left * right, top * down, word.width * right, height * down, word.ends
    )


def _drawn(text: str, size: float, weight: int) -> _Word:
    mask = text_mask.__wrapped__(text, size, weight)  # each is drawn once: nothing to cache
    reached = list(accumulate(advance(char, weight) for char in text))
    ends = tuple(end / reached[-1] for end in reached)
    return _Word(text, size, weight, mask.image, reached[-1] * size, ends)


_POOLS = (
    *(pair for pool in (PEOPLE, CITIES, MESSAGES, QUERIES) for pair in share(pool, "train")),
    *(pair for pool in (SONGS, NOTES, MAILS) for two in share(pool, "train") for pair in two),
    *((en, zh) for en, zh, _ in share(PRODUCTS, "train")),
)
_ENGLISH = tuple(
    sorted({word for en, _ in _POOLS for word in en.split()})
)  # a set has another order in each process
_SMALL = "abcdefghijklmnopqrstuvwxyz"


def _made_up(rng: random.Random) -> str:
    """Return a word to be read: mostly one that nobody knows."""
    if rng.random() < _CHINESE:
        return "".join(rng.choices(HAN, k=rng.randint(1, 5)))
    kind = rng.random()
    if kind < 0.5:
        word = invent(rng, "a" * rng.randint(2, 10))
    elif kind < 0.65:
        word = "".join(rng.choices(_SMALL, k=rng.randint(1, 6)))
    elif kind < 0.8:
        return rng.choice(_ENGLISH)
    else:
        return _number(rng)
    cased = rng.random()
    return word if cased < 0.4 else word.capitalize() if cased < 0.95 else word.upper()


def _number(rng: random.Random) -> str:
    """Return a number, a time, a price, a sum: what phones show beside words."""
    n = rng.randrange(10 ** rng.randint(1, 4))
    return rng.choice(
        (
            str(n),
            str(n),
            f"{rng.randrange(24):02d}:{rng.randrange(60):02d}",
            f"${n / 10:.2f}",
            f"{n % 101}%",
            f"{rng.randrange(11, 100)}{rng.choice('+−×÷')}{rng.randrange(2, 100)}",
            f"555{rng.randrange(10000):04d}",
            f"{n % 60}°",
            f"({n})",
        )
    )
