"""A picture in a terminal: two pixels a character, one above the other.

Knows pictures and rich; knows no trace and no world.
"""

from pathlib import Path

from PIL import Image
from rich.text import Text

__all__ = ["picture_text"]


def picture_text(path: Path, columns: int) -> Text | None:
    """Return a picture as coloured half blocks, or None when it is missing or damaged.

    Args:
        path: Of the picture.
        columns: Most characters in a line.
    """
    try:
        with Image.open(path) as stored:
            image = stored.convert("RGB")
    except (OSError, SyntaxError):  # Pillow tells a broken PNG by either
        return None
    width = min(columns, image.width)
    height = max(2, round(image.height * width / image.width / 2) * 2)
    small = image.resize((width, height), Image.Resampling.BOX)
    text = Text()
    for y in range(0, height, 2):
        for x in range(width):
            above, below = (small.getpixel((x, row)) for row in (y, y + 1))
            text.append("\u2580", f"rgb{_channels(above)} on rgb{_channels(below)}")
        text.append("\n")
    return text


def _channels(pixel: object) -> str:
    assert isinstance(pixel, tuple)
    return "({},{},{})".format(*pixel)
