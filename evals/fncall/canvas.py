"""A sheet to draw documents on: text, rules, bars, codes. Knows no document.

The fonts come with the package, so the same item is the same picture on every machine.
"""

from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from qvl_agent.evals.fncall.vocabulary import Language

__all__ = ["INK", "Colour", "Face", "Sheet"]

Colour: TypeAlias = tuple[int, int, int]
Face = Literal["sans", "serif", "mono"]
INK: Colour = (28, 30, 34)

_FONTS = Path(__file__).parent / "fonts"
_FILES = {
    ("sans", False): "DejaVuSans.subset.ttf",
    ("sans", True): "DejaVuSans-Bold.subset.ttf",
    ("serif", False): "DejaVuSerif.subset.ttf",
    ("serif", True): "DejaVuSerif-Bold.subset.ttf",
    ("mono", False): "DejaVuSansMono.subset.ttf",
    ("mono", True): "DejaVuSansMono-Bold.subset.ttf",
}
_CHINESE = "WenQuanYiMicroHei.subset.ttf"


@cache
def _font(language: Language, face: Face, bold: bool, size: int) -> ImageFont.FreeTypeFont:
    name = _CHINESE if language == "zh" else _FILES[face, bold]
    return ImageFont.truetype(_FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)


class Sheet:
    """A picture being drawn.

    Args:
        width: Pixels.
        height: Pixels.
        language: Whose fonts are used.
        paper: Background colour.
        face: Which family text is set in; Chinese has one.
    """

    def __init__(
        self,
        width: int,
        height: int,
        language: Language,
        *,
        paper: Colour = (255, 255, 255),
        face: Face = "sans",
    ) -> None:
        self.image = Image.new("RGB", (width, height), paper)
        self.draw = ImageDraw.Draw(self.image)
        self.width, self.height = width, height
        self.language = language
        self.face: Face = face

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int = 20,
        *,
        bold: bool = False,
        ink: Colour = INK,
        anchor: str = "la",
        room: float | None = None,
    ) -> None:
        """Write one line.

        Args:
            x: Where, by the anchor.
            y: Where, by the anchor.
            words: The line.
            size: In pixels.
            bold: Heavier.
            ink: Colour.
            anchor: Pillow's: "la" left and top, "ra" right, "ma" middle.
            room: Pixels the line may take; it is set smaller until it does.
        """
        while room and size > 10 and self.length(words, size, bold=bold) > room:
            size -= 1
        font = _font(self.language, self.face, bold, size)
        # The Chinese font has no bold face.
        stroke = 1 if bold and self.language == "zh" and size >= 24 else 0
        self.draw.text((x, y), words, ink, font, anchor, stroke_width=stroke, stroke_fill=ink)

    def length(self, words: str, size: int, *, bold: bool = False) -> float:
        """Return how many pixels a line takes."""
        return _font(self.language, self.face, bold, size).getlength(words)

    def rule(self, y: float, x0: float, x1: float, ink: Colour = INK, *, dash: int = 0) -> None:
        """Draw a horizontal line, dashed where `dash` is a length in pixels."""
        if not dash:
            self.draw.line((x0, y, x1, y), ink, 2)
            return
        for x in range(int(x0), int(x1), 2 * dash):
            self.draw.line((x, y, min(x + dash, x1), y), ink, 2)

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        fill: Colour | None = None,
        outline: Colour | None = None,
        radius: int = 0,
    ) -> None:
        """Draw a rectangle."""
        self.draw.rounded_rectangle((x0, y0, x1, y1), radius, fill, outline, 2)

    def barcode(self, x: int, y: int, width: int, height: int, rng: np.random.Generator) -> None:
        """Draw bars of random width."""
        right = x + width
        while x < right:
            bar, gap = (int(n) for n in rng.integers(1, 5, size=2))
            self.draw.rectangle((x, y, min(x + bar, right), y + height), INK)
            x += bar + gap + 1

    def square_code(self, x: int, y: int, cell: int, rng: np.random.Generator) -> None:
        """Draw what looks like a QR code of 21 x 21 cells."""
        cells = rng.random((21, 21)) < 0.5
        for top, left in ((0, 0), (0, 14), (14, 0)):
            finder = np.ones((7, 7), bool)
            finder[1:6, 1:6] = False
            finder[2:5, 2:5] = True
            cells[top : top + 7, left : left + 7] = finder
        for row, column in np.argwhere(cells):
            x0, y0 = x + int(column) * cell, y + int(row) * cell
            self.draw.rectangle((x0, y0, x0 + cell - 1, y0 + cell - 1), INK)
