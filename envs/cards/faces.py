"""Draws the 52 card faces and the back. Knows the look of cards, not where they lie.

A card is drawn four times as large as it is shown at most, on a grid of 100 by 140 units, and
scaled down; whoever shows it keeps the result. The index in two corners is larger than on
printed cards: it has to be read at a height of 93 pixels.
"""

from functools import cache

from PIL import Image, ImageDraw

from qvl_agent.envs.cards.lettering import font

__all__ = ["BACK", "face"]

BACK = "back"
"""The name of the back, beside the 52 cards' names."""

_UNIT = 5.4
"""Pixels of the large drawing to one of a card's 100 by 140 units."""

_SIZE = (540, 756)
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
        side = 23 - 0.8 * len(_PIPS[rank])
        for x, y in _PIPS[rank]:
            _stamp(card, _SYMBOLS[suit], _INK[suit], x, y, side, side + 2, turned=y > 70)
    index = "10" if rank == "T" else rank
    for x, y_index, y_suit, turned in ((13, 17, 40.5, False), (87, 123, 99.5, True)):
        _stamp(card, index, _INK[suit], x, y_index, 19, 23, turned=turned, stretch=True)
        _stamp(card, _SYMBOLS[suit], _INK[suit], x, y_suit, 16, 17, turned=turned)
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
    """Put glyphs centred at (x, y) into a box of w by h units.

    Args:
        card: To draw on.
        text: The glyphs.
        ink: Their colour.
        x: In units.
        y: In units.
        w: Largest width in units.
        h: Largest height in units.
        turned: Whether upside down.
        stretch: Whether they fill the height, squeezed where they are too wide, as "10" is.
    """
    glyph = _glyph(text)
    scale_y = h * _UNIT / glyph.height
    scale_x = min(scale_y, w * _UNIT / glyph.width)
    if not stretch:
        scale_y = scale_x
    size = (max(1, round(glyph.width * scale_x)), max(1, round(glyph.height * scale_y)))
    mask = glyph.resize(size, Image.Resampling.LANCZOS)
    if turned:
        mask = mask.transpose(Image.Transpose.ROTATE_180)
    corner = (round(x * _UNIT - size[0] / 2), round(y * _UNIT - size[1] / 2))
    card.paste(Image.new("RGBA", size, ink), corner, mask)


@cache
def _glyph(text: str) -> Image.Image:
    face = font(True, 400)
    left, top, right, bottom = face.getbbox(text)
    mask = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=face)
    return mask


def _draw_court(card: Image.Image, suit: str, rank: str) -> None:
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle(_px(25, 8, 75, 132), 3 * _UNIT, fill=_PANEL[suit], outline=_BLUE, width=7)
    pen.rounded_rectangle(_px(28, 11, 72, 129), 2 * _UNIT, outline=_GOLD, width=4)
    half = Image.new("RGBA", _SIZE)
    _draw_headgear(ImageDraw.Draw(half), rank, _INK[suit])
    card.alpha_composite(half)
    card.alpha_composite(half.transpose(Image.Transpose.ROTATE_180))
    _stamp(card, rank, _INK[suit], 50, 70, 36, 44)


_HEADGEAR: dict[str, tuple[tuple[float, float], ...]] = {
    "K": ((35, 35), (32, 20), (41, 28), (50, 15), (59, 28), (68, 20), (65, 35)),
    "Q": (
        *((36, 35), (32, 23), (39, 29), (43.5, 18), (50, 28), (56.5, 18)),
        *((61, 29), (68, 23), (64, 35)),
    ),
    "J": ((35, 35), (33, 28), (37, 22), (46, 19), (57, 20), (64, 24), (67, 29), (65, 35)),
}
_PEARLS: dict[str, tuple[tuple[float, float], ...]] = {
    "K": ((32, 19), (50, 14.5), (68, 19)),
    "Q": ((32, 22), (43.5, 17.5), (56.5, 17.5), (68, 22)),
    "J": (),
}

_FEATHER = ((60.0, 34.0), (57, 25), (60, 17), (66, 14), (70, 16), (69, 24), (65, 30))


def _draw_headgear(pen: ImageDraw.ImageDraw, rank: str, ink: str) -> None:
    """Draw the king's or queen's crown, or the jack's cap with its feather, in the upper half."""
    pen.polygon(_points(_HEADGEAR[rank]), fill=_GOLD, outline=ink, width=5)
    if rank == "J":
        pen.polygon(_points(_FEATHER), fill="white", outline=ink, width=5)
        pen.line(_points(_FEATHER[:1] + ((68, 16),)), fill=ink, width=4)
    pen.rounded_rectangle(_px(34, 34, 66, 40), 1.5 * _UNIT, fill=ink)
    for jewel in (41, 50, 59):
        pen.ellipse(_px(jewel - 1.6, 35.4, jewel + 1.6, 38.6), fill=_GOLD)
    for x, y in _PEARLS[rank]:
        pen.ellipse(_px(x - 2.4, y - 2.4, x + 2.4, y + 2.4), fill=ink)


def _draw_back(card: Image.Image) -> None:
    x0, y0, x1, y1 = (round(v) for v in _px(5, 5, 95, 135))
    field = Image.new("RGBA", (x1 - x0, y1 - y0), _BLUE)
    lattice = ImageDraw.Draw(field)
    step, low = 10 * _UNIT, field.height
    for i in range(-low // round(step) - 1, (field.width + low) // round(step) + 2):
        for slope in (low, -low):
            lattice.line((i * step, 0, i * step + slope, low), fill="#b9c6ea", width=6)
    card.paste(field, (x0, y0))
    pen = ImageDraw.Draw(card)
    pen.rectangle((x0, y0, x1, y1), outline="#1d2f66", width=9)
    pen.ellipse(_px(30, 50, 70, 90), fill=_BLUE, outline="#b9c6ea", width=8)
    for x, y, suit in ((50, 59, "S"), (59, 70, "H"), (50, 81, "C"), (41, 70, "D")):
        _stamp(card, _SYMBOLS[suit], "#dfe6f8", x, y, 11, 11)


def _px(*units: float) -> tuple[float, ...]:
    return tuple(v * _UNIT for v in units)


def _points(corners: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [(x * _UNIT, y * _UNIT) for x, y in corners]
