"""Sets a line of text in DejaVu Sans, pixel for pixel as the published programs do, anywhere.

Those use Pillow's optional layout engine (Raqm), whose result depends on the machine. This module
places the letters itself: unrounded advances, the kerning of the few pairs that occur, then each
letter on a whole pixel. It knows letters, not pictures.
"""

from functools import cache
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

__all__ = ["Colour", "font", "letter_places", "set_line"]

Colour: TypeAlias = tuple[int, int, int]

_FONTS = Path(__file__).parent / "fonts"
_EM = 2048
"""Units of the font's own grid to its size."""

# In units of the font's grid; all pairs that the four games' labels hold.
# Source: GPOS tables of DejaVu Sans and DejaVu Sans Bold 2.37.
_KERNING = {
    False: {"Fo": -73, "rm": -36},
    True: {"Ta": -264, "ay": -63},
}


@cache
def font(bold: bool, size: int) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans or its bold face, cut down to ASCII and the card suits.

    Args:
        bold: Which face.
        size: In pixels.
    """
    name = "DejaVuSans-Bold.subset.ttf" if bold else "DejaVuSans.subset.ttf"
    return ImageFont.truetype(_FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)


def letter_places(text: str, bold: bool, size: int) -> list[int]:
    """Return the left edge of each letter, and at last the right edge of the line, in pixels."""
    places, x = [0], 0  # x in 64ths of a pixel, the unit in which FreeType rounds
    for i, letter in enumerate(text):
        kerning = _KERNING[bold].get(text[i : i + 2], 0)
        x += _scaled(_advance(letter, bold), size) + _scaled(kerning, size)
        places.append((x + 32) // 64)
    return places


def set_line(
    text: str, bold: bool, size: int, ink: Colour, paper: Colour, width: int
) -> Image.Image:
    """Return a strip with the line at its top left corner, cut off at `width` pixels."""
    face = font(bold, size)
    places = letter_places(text, bold, size)
    # A letter may stand out over its advance by a pixel or two.
    extent = max(1, min(width, places[-1] + 2))
    strip = Image.new("RGB", (extent, sum(face.getmetrics())), paper)
    pen = ImageDraw.Draw(strip)
    for letter, x in zip(text, places, strict=False):
        pen.text((x, 0), letter, fill=ink, font=face)
    return strip


@cache
def _advance(letter: str, bold: bool) -> float:
    return font(bold, _EM).getlength(letter)


def _scaled(units: float, size: int) -> int:
    return round(units * size * 64 / _EM)
