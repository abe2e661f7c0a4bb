"""Lessons in reading: pages full of words, set as the bundled phone sets them.

A screen holds a handful of words that were not met before; a page holds nothing else. Most are
invented, so that they have to be read letter by letter. There is nothing to do on a page.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from PIL import Image as Pillow

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
from qvl_agent.envs.android.phone.invention import invent
from qvl_agent.envs.android.phone.nodes import Color
from qvl_agent.envs.android.phone.theme import ACCENTS, theme_of
from qvl_agent.envs.android.phone.typeface import advance, line_height, text_mask
from qvl_agent.model.nano.lessons import Drawing, Lesson
from qvl_agent.model.prompt import Picture, Prompt, Turn

__all__ = ["Pages"]

_SCREEN = (392, 840)
"""Width and height of the phone that the pages are as wide as, in pixels."""

_ROWS = 7
"""Rows of cells on a page."""

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


class Pages:
    """Makes pages.

    Args:
        cell: Side of a picture token's cell, in pixels of the picture as nano sees it.
        seen: Columns and rows of cells in which nano sees a whole screen.
    """

    def __init__(self, cell: int, seen: tuple[int, int]) -> None:
        columns, rows = seen
        self._size = (_SCREEN[0], round(_SCREEN[1] * _ROWS / rows))
        self._seen = (columns * cell, _ROWS * cell)
        self._words: dict[tuple[float, int], list[_Word]] = {}

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh page, of the size at which nano sees it."""
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
        drawings = []
        y = rng.uniform(-8, 14)
        while y < height:
            fill, ink = rng.choice(inks)
            size, weight = self._style(rng)
            step = line_height(size)
            if fill != theme.page:
                page.paste(fill, (0, round(y - 3), width, round(y + step + 3)))
            for word, x in self._line(rng, size, weight):
                drawings.append(_set(page, word, x, y, ink, right, down))
            y += step + rng.choice((0, 2, 3, 5, 8, 14, 22))
        pixels = np.asarray(page.resize(self._seen, Pillow.Resampling.BICUBIC))
        return Lesson(Prompt((Turn("user", (Picture(pixels),)),)), "", drawings=tuple(drawings))

    def _style(self, rng: random.Random) -> tuple[float, int]:
        return rng.choice(_SIZES) * rng.choice(_SCALES), rng.choice((400, 400, 400, 500, 500, 700))

    def _line(self, rng: random.Random, size: float, weight: int) -> Iterator[tuple[_Word, float]]:
        """Yield words of a style, each with its left edge: some in a row, then some further on."""
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
        while x < self._size[0] - 8:
            word = rng.choice(words)
            if x + word.width > self._size[0] and x > 40:
                return
            yield word, x
            x += word.width + (blank if rng.random() < 0.65 else rng.uniform(14, 60))


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
