"""Draws the 52 card faces and the back. Knows the look of cards, not where they lie.

A card is drawn once, four times as large as it is shown at most, on a grid of 100 by 140 units,
and scaled down. The index in two corners is larger than on printed cards: it has to be read at a
height of 93 pixels.
"""

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["BACK", "face"]

BACK = "back"
"""The name of the back, beside the 52 cards' names."""

_UNIT = 5.4
"""Pixels of the large drawing to one of a card's 100 by 140 units."""

_SIZE = (540, 756)
_FONT = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.subset.ttf"
_SYMBOLS = {"C": "\u2663", "D": "\u2666", "H": "\u2665", "S": "\u2660"}
_INK = {"C": "#15181d", "S": "#15181d", "D": "#c8102e", "H": "#c8102e"}
_PANEL = {"C": "#e9eef7", "S": "#e9eef7", "D": "#fdf0dd", "H": "#fdf0dd"}
_GOLD, _BLUE = "#d9a520", "#2d4488"

_L, _M, _R = 33, 50, 67
_PIPS: dict[str, tuple[tuple[float, float], ...]] = {
    "2": ((_M, 25), (_M, 115)),
    "3": ((_M, 25), (_M, 70), (_M, 115)),
    "4": ((_L, 25), (_R, 25), (_L, 115), (_R, 115)),
    "5": ((_L, 25), (_R, 25), (_M, 70), (_L, 115), (_R, 115)),
    "6": ((_L, 25), (_R, 25), (_L, 70), (_R, 70), (_L, 115), (_R, 115)),
    "7": ((_L, 25), (_R, 25), (_M, 47.5), (_L, 70), (_R, 70), (_L, 115), (_R, 115)),
    "8": (
        *((_L, 25), (_R, 25), (_M, 47.5), (_L, 70), (_R, 70)),
        *((_M, 92.5), (_L, 115), (_R, 115)),
    ),
    "9": (
        *((_L, 25), (_R, 25), (_L, 55), (_R, 55), (_M, 70)),
        *((_L, 85), (_R, 85), (_L, 115), (_R, 115)),
    ),
    "T": (
        *((_L, 25), (_R, 25), (_M, 40), (_L, 55), (_R, 55)),
        *((_L, 85), (_R, 85), (_M, 100), (_L, 115), (_R, 115)),
    ),
}


def face(name: str, w: int, h: int) -> Image.Image:
    """Return a card or the back, RGBA of size (w, h), transparent outside its round corners."""
    return _large(name).resize((w, h), Image.Resampling.LANCZOS)


@cache
def _large(name: str) -> Image.Image:
    card = Image.new("RGBA", _SIZE)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle(
        (0, 0, _SIZE[0] - 1, _SIZE[1] - 1), 6 * _UNIT, fill="white", outline="#8a8f98", width=4
    )
    if name == BACK:
        _draw_back(card)
        return card
    suit, rank = name[0], name[1]
    if rank in "JQK":
        _draw_court(card, suit, rank)
    elif rank == "A":
        _stamp(card, _SYMBOLS[suit], _INK[suit], 50, 70, 46, 46)
    else:
        for x, y in _PIPS[rank]:
            _stamp(card, _SYMBOLS[suit], _INK[suit], x, y, 15, 17, turned=y > 70)
    index = "10" if rank == "T" else rank
    for turned in (False, True):
        x, y = (87.5, 123.5) if turned else (12.5, 16.5)
        _stamp(card, index, _INK[suit], x, y, 17, 21, turned=turned, stretch=True)
        y = 102 if turned else 38
        _stamp(card, _SYMBOLS[suit], _INK[suit], x, y, 13, 15, turned=turned)
    return card


def _stamp(
    card: Image.Image,
    text: str,
    ink: str,
    x: float,
    y: float,
    w: float,
    h: float,
    *,
    turned: bool = False,
    stretch: bool = False,
) -> None:
    """Put glyphs centred at (x, y) into a box of w by h units, turned by half a circle or not."""
    glyph = _glyph(text)
    scale_x, scale_y = w * _UNIT / glyph.width, h * _UNIT / glyph.height
    if not stretch:
        scale_x = scale_y = min(scale_x, scale_y)
    scale_x = min(scale_x, scale_y)
    size = (max(1, round(glyph.width * scale_x)), max(1, round(glyph.height * scale_y)))
    mask = glyph.resize(size, Image.Resampling.LANCZOS)
    if turned:
        mask = mask.transpose(Image.Transpose.ROTATE_180)
    corner = (round(x * _UNIT - size[0] / 2), round(y * _UNIT - size[1] / 2))
    card.paste(Image.new("RGBA", size, ink), corner, mask)


@cache
def _glyph(text: str) -> Image.Image:
    font = ImageFont.truetype(_FONT, 400, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = font.getbbox(text)
    mask = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font)
    return mask


def _draw_court(card: Image.Image, suit: str, rank: str) -> None:
    pen = ImageDraw.Draw(card)
    box = tuple(v * _UNIT for v in (25, 9, 75, 131))
    pen.rounded_rectangle(box, 2 * _UNIT, fill=_PANEL[suit], outline=_BLUE, width=6)
    half = Image.new("RGBA", _SIZE)
    _draw_crown(ImageDraw.Draw(half), rank, _INK[suit])
    card.alpha_composite(half)
    card.alpha_composite(half.transpose(Image.Transpose.ROTATE_180))
    _stamp(card, rank, _INK[suit], 50, 70, 40, 48)


def _draw_crown(pen: ImageDraw.ImageDraw, rank: str, ink: str) -> None:
    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * _UNIT, y * _UNIT) for x, y in points]

    def dot(x: float, y: float, r: float, fill: str) -> None:
        pen.ellipse(
            [*at((x - r, y - r)), *at((x + r, y + r))][0] + at((x + r, y + r))[0], fill=fill
        )

    if rank == "K":
        pen.polygon(
            at((32, 38), (30, 20), (40, 29), (50, 15), (60, 29), (70, 20), (68, 38)),
            fill=_GOLD,
            outline=ink,
            width=5,
        )
    elif rank == "Q":
        pen.polygon(
            at(
                (33, 38),
                (31, 24),
                (38, 31),
                (44, 20),
                (50, 30),
                (56, 20),
                (62, 31),
                (69, 24),
                (67, 38),
            ),
            fill=_GOLD,
            outline=ink,
            width=5,
        )
    else:
        pen.polygon(
            at((33, 38), (36, 25), (48, 20), (62, 23), (67, 38)), fill=_GOLD, outline=ink, width=5
        )
    for x, y in {
        "K": ((30, 20), (50, 15), (70, 20)),
        "Q": ((31, 24), (44, 20), (56, 20), (69, 24)),
    }.get(rank, ((64, 16),)):
        dot(x, y, 2.6, ink)


def _draw_back(card: Image.Image) -> None:
    pen = ImageDraw.Draw(card)
    x0, y0, x1, y1 = (round(v * _UNIT) for v in (5, 5, 95, 135))
    field = Image.new("RGBA", (x1 - x0, y1 - y0), _BLUE)
    lattice = ImageDraw.Draw(field)
    step = round(10 * _UNIT)
    for i in range(-field.height // step - 1, (field.width + field.height) // step + 2):
        lattice.line((i * step, 0, i * step + field.height, field.height), fill="#b9c6ea", width=7)
        lattice.line((i * step, 0, i * step - field.height, field.height), fill="#b9c6ea", width=7)
    card.paste(field, (x0, y0))
    pen.rectangle((x0, y0, x1, y1), outline="#1d2f66", width=8)
