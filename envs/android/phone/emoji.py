"""Emoji in colour: which there are, and their pictures. Knows no text and no screen.

One picture a character: tones, joined sequences and flags need shaping, which is not done here, so
a tone or a joiner is silent and a family stands as its members.
"""

from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from PIL import Image

__all__ = ["ADVANCE", "ASCENT", "emoji_image", "is_emoji", "is_silent"]

ADVANCE: Final = 136 / 109
"""Width as a share of the text size. Source: the font's own metrics, see fonts/README.md."""

ASCENT: Final = 101 / 109
"""From the top of the picture to the baseline, as a share of the text size."""

_WIDTH, _HEIGHT = 51, 48
"""Of a cell on the sheet, in pixels."""

_FONTS = files("qvl_agent.envs.android.phone") / "fonts"
_JOINER, _AS_PICTURE = 0x200D, 0xFE0F


def is_emoji(char: str) -> bool:
    """Return whether there is a picture of a character."""
    return char in _places()


def is_silent(char: str) -> bool:
    """Return whether a character only says how its neighbours are drawn."""
    code = ord(char)
    return code in (_JOINER, _AS_PICTURE) or 0x1F3FB <= code <= 0x1F3FF


@lru_cache(maxsize=512)
def emoji_image(char: str, size: float) -> Image.Image:
    """Return the picture of an emoji in text of a size in pixels, RGBA."""
    column, row = _places()[char]
    left, top = column * _WIDTH, row * _HEIGHT
    cell = _sheet().crop((left, top, left + _WIDTH, top + _HEIGHT))
    width = max(1, round(ADVANCE * size))
    return cell.resize((width, max(1, round(width * _HEIGHT / _WIDTH))), Image.Resampling.LANCZOS)


@cache
def _places() -> dict[str, tuple[int, int]]:
    """Return column and row of each emoji on the sheet."""
    rows = (_FONTS / "emoji.txt").read_text(encoding="utf-8").splitlines()
    return {
        char: (column, row) for row, line in enumerate(rows) for column, char in enumerate(line)
    }


@cache
def _sheet() -> Image.Image:
    with (_FONTS / "emoji.png").open("rb") as file, Image.open(file) as sheet:
        return sheet.convert("RGBA")
