"""Paints a layout of cards and lines of text into a 300x300 picture, fast.

One layout gives both the picture (`paint`) and the words in it with their places (`drawn`), so the
two cannot disagree. Every sprite is drawn once and pasted as a block of pixels afterwards. This
module knows where pixels go, not what a game means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

import numpy as np
from PIL import Image

from qvl_agent.envs.base import Drawn
from qvl_agent.envs.base import Image as Pixels
from qvl_agent.envs.cards.faces import BACK, face
from qvl_agent.envs.cards.lettering import Colour, font, letter_places, set_line

__all__ = ["BLACK", "GREEN", "SIDE", "WHITE", "CardAt", "Item", "Line", "drawn", "paint"]

SIDE = 300
"""Width and height of every picture, in pixels."""

GREEN: Colour = (0x35, 0x65, 0x4D)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class CardAt:
    """A card on the table, in pixels; `name` is a card's name or `faces.BACK`."""

    name: str
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its top left corner at (x, y), in DejaVu Sans.

    Attributes:
        label: What comes first and is no word of the scene, as in "Formula: ".
        words: Written after it, one blank between two.
        x: Left edge in pixels.
        y: Top of the line (the font's ascender) in pixels.
        size: Of the font, in pixels.
        bold: Whether in DejaVu Sans Bold.
        ink: Colour of the letters.
    """

    label: str
    words: tuple[str, ...]
    x: int
    y: int
    size: int
    bold: bool = False
    ink: Colour = WHITE

    @property
    def text(self) -> str:
        """The whole line."""
        return self.label + " ".join(self.words)


Item: TypeAlias = CardAt | Line


def paint(items: Sequence[Item], paper: Colour = GREEN) -> Pixels:
    """Return a new picture, uint8 (300, 300, 3), with the items on a plain background."""
    picture = _blank(paper).copy()
    for item in items:
        sprite = (
            _card(item.name, item.w, item.h, paper)
            if isinstance(item, CardAt)
            else _line(item.text, item.x, item.size, item.bold, item.ink, paper)
        )
        part = picture[item.y : item.y + sprite.shape[0], item.x : item.x + sprite.shape[1]]
        part[:] = sprite[: part.shape[0], : part.shape[1]]
    return picture


def drawn(items: Sequence[Item]) -> list[Drawn]:
    """Return the words that can be read off the picture, cut at its edges."""
    words: list[Drawn] = []
    for item in items:
        if isinstance(item, Line):
            words += _words(item)
        elif item.name != BACK:
            words.append(Drawn(item.name[1:], item.x, item.y, item.w, item.h))
    return [
        Drawn(d.word, d.x, d.y, min(d.w, SIDE - d.x), min(d.h, SIDE - d.y))
        for d in words
        if d.x < SIDE and d.y < SIDE and d.word.strip()
    ]


def _words(line: Line) -> list[Drawn]:
    places = letter_places(line.text, line.bold, line.size)
    start, words = len(line.label), []
    for word in line.words:
        _, top, _, bottom = font(line.bold, line.size).getbbox(word)
        left, right = places[start], places[start + len(word)]
        words.append(Drawn(word, line.x + left, line.y + top, right - left, bottom - top))
        start += len(word) + 1
    return words


@cache
def _blank(paper: Colour) -> Pixels:
    return np.asarray(Image.new("RGB", (SIDE, SIDE), paper))


@cache
def _card(name: str, w: int, h: int, paper: Colour) -> Pixels:
    table = Image.new("RGB", (w, h), paper)
    card = face(name, w, h)
    table.paste(card, mask=card)
    return np.asarray(table)


@lru_cache(maxsize=1024)
def _line(text: str, x: int, size: int, bold: bool, ink: Colour, paper: Colour) -> Pixels:
    return np.asarray(set_line(text, bold, size, ink, paper, SIDE - x))
