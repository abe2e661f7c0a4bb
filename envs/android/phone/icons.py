"""Icons, drawn by this project as vector shapes on a 24 x 24 grid.

One icon is a string of shapes divided by ";". A shape is a letter and numbers:

| letter | shape |
| --- | --- |
| `o cx cy r` / `O cx cy r` | circle, drawn / filled |
| `l x y x y ...` | line with round ends, 2 wide |
| `p x y x y ...` / `P ...` | closed polygon, drawn / filled |
| `r x y w h radius` / `R ...` | rounded rectangle, drawn / filled |
| `a cx cy r from to` | arc in degrees, clockwise from the right |
| `-` before a letter | erases instead of drawing |
"""

from functools import lru_cache
from math import cos, radians, sin

from PIL import Image, ImageDraw

__all__ = ["ICONS", "icon_mask"]

ICONS: dict[str, str] = {
    # navigation and signs
    "back": "l 20 12 5 12;l 11 6 5 12 11 18",
    "nav_back": "p 16 5 16 19 6 12",
    "nav_home": "o 12 12 6",
    "nav_recents": "r 6.5 6.5 11 11 1.5",
    "close": "l 6 6 18 18;l 18 6 6 18",
    "check": "l 5 12.5 10 17.5 19.5 7",
    "plus": "l 12 5 12 19;l 5 12 19 12",
    "minus": "l 5 12 19 12",
    "more": "O 12 5.5 1.8;O 12 12 1.8;O 12 18.5 1.8",
    "menu": "l 4 7 20 7;l 4 12 20 12;l 4 17 20 17",
    "next": "l 9.5 6 15.5 12 9.5 18",
    "prev": "l 14.5 6 8.5 12 14.5 18",
    "down": "l 6 9.5 12 15.5 18 9.5",
    "up": "l 6 14.5 12 8.5 18 14.5",
    "search": "o 10.5 10.5 6;l 15 15 20 20",
    "edit": "l 5 19 6 15 16 5 19 8 9 18 5 19;l 13.5 7.5 16.5 10.5",
    "delete": "l 5 7 19 7;l 9.5 7 10 4.5 14 4.5 14.5 7;l 6.5 7 7.5 20 16.5 20 17.5 7",
    "share": "O 17.5 5.5 2.6;O 6.5 12 2.6;O 17.5 18.5 2.6;l 6.5 12 17.5 5.5;l 6.5 12 17.5 18.5",
    "star": "p 12 3.5 14.6 9.2 20.8 9.9 16.2 14 17.5 20.1 12 17 6.5 20.1 7.8 14 3.2 9.9 9.4 9.2",
    "star_full": "P 12 3 14.7 9 21.2 9.8 16.4 14.1 17.7 20.5 12 17.3 6.3 20.5 7.6 14.1 2.8 9.8 9.3 9",
    "heart": "a 8 9 4 140 330;a 16 9 4 210 400;l 4.9 11.6 12 19.5 19.1 11.6",
    "heart_full": "O 8 9 4.6;O 16 9 4.6;P 4 11.4 12 20.5 20 11.4 12 8",
    "refresh": "a 12 12 7 -40 270;P 20.5 4.5 20.5 11 14.5 10",
    "send": "P 3 4 21.5 12 3 20 5 13 14 12 5 11",
    "attach": "l 16.5 7 9.5 14 11 16 18.5 8.5 16 5 8 12.5 7.5 17 11 19 19 12",
    "info": "o 12 12 8.5;l 12 11.5 12 16.5;O 12 8 1.2",
    "warning": "p 12 4 21 19.5 3 19.5;l 12 10 12 14;O 12 16.8 1.1",
    "lock": "R 5.5 10.5 13 10 2;a 12 10 4 180 360",
    "person": "O 12 8 4;P 4 20.5 5 16.5 8 14.3 16 14.3 19 16.5 20 20.5",
    "people": "O 9 8.5 3.4;P 2.5 19.5 3.5 16 6 14 12 14 14.5 16 15.5 19.5;O 16.5 9.5 2.6;P 17 19.5 16.6 16 15.4 14.2 19 14.2 20.7 16 21.5 19.5",
    "pin": "O 12 9.5 6;P 6.6 12.2 12 21.5 17.4 12.2;-O 12 9.5 2.3",
    "route": "o 6 18 2.2;o 18 6 2.2;l 8.2 18 15 18;a 15 15 3 -90 90;l 15 12 9 12;a 9 9 3 90 270;l 9 6 15.8 6",
    "layers": "p 12 4 21 9.5 12 15 3 9.5;l 4 14 12 19 20 14",
    "target": "o 12 12 6;O 12 12 2.5;l 12 2.5 12 6;l 12 18 12 21.5;l 2.5 12 6 12;l 18 12 21.5 12",
    # status
    "wifi": "a 12 19 14 225 315;a 12 19 9.5 225 315;a 12 19 5 225 315;O 12 19 1.6",
    "wifi_full": "P 12 20.5 1.5 8.5 6 5.7 12 4.6 18 5.7 22.5 8.5",
    "signal": "P 3 20.5 21 20.5 21 3.5",
    "battery": "R 7 4.5 10 17 2;R 10 2.5 4 3 1",
    "airplane": "P 12 2.5 13.6 4.5 13.6 9.5 21 14 21 16 13.6 13.6 13.6 18.2 16 20 16 21.5 12 20.3 8 21.5 8 20 10.4 18.2 10.4 13.6 3 16 3 14 10.4 9.5 10.4 4.5",
    "bluetooth": "l 6.5 7.5 17 16 12 20.5 12 3.5 17 8 6.5 16.5",
    "moon": "O 11.5 12 8.5;-O 15.5 9 7.2",
    "sun": "O 12 12 4.3;l 12 2.5 12 4.5;l 12 19.5 12 21.5;l 2.5 12 4.5 12;l 19.5 12 21.5 12;l 5.3 5.3 6.7 6.7;l 17.3 17.3 18.7 18.7;l 5.3 18.7 6.7 17.3;l 17.3 6.7 18.7 5.3",
    "flash": "P 13.5 2.5 5.5 13.5 11 13.5 10 21.5 18.5 10 12.8 10",
    "volume": "P 4 9 8 9 13 4.5 13 19.5 8 15 4 15;a 13 12 4 -55 55;a 13 12 8 -55 55",
    "display": "r 6 2.8 12 18.5 2.5;l 10.5 18.3 13.5 18.3",
    "language": "o 12 12 8.7;l 3.5 12 20.5 12;a 4.5 12 11.3 -48 48;a 19.5 12 11.3 132 228",
    "bell": "P 5 17.5 6.8 15.2 6.8 10 9 6.3 12 5.2 15 6.3 17.2 10 17.2 15.2 19 17.5;O 12 19.4 2;O 12 4.7 1.5",
    "apps": "R 4 4 6.5 6.5 1.5;R 13.5 4 6.5 6.5 1.5;R 4 13.5 6.5 6.5 1.5;R 13.5 13.5 6.5 6.5 1.5",
    "storage": "r 4 5 16 5.5 1.5;r 4 13.5 16 5.5 1.5;O 7.2 7.8 1;O 7.2 16.3 1",
    "location": "O 12 9.5 6;P 6.6 12.2 12 21.5 17.4 12.2;-O 12 9.5 2.3",
    # things
    "mail": "r 3 5.5 18 13 2;l 4 7.5 12 13.5 20 7.5",
    "mail_full": "R 2.5 5 19 14 2.2;-l 3.5 7 12 13.5 20.5 7",
    "inbox": "r 4 4 16 16 2;l 4 14 8.5 14 10 16.5 14 16.5 15.5 14 20 14",
    "chat": "R 3 4 18 13 3;P 6 15 6 21.5 12.5 16",
    "chat_dots": "R 3 4 18 13 4;P 6 15 6 21.5 12.5 16;-O 8 10.5 1.3;-O 12 10.5 1.3;-O 16 10.5 1.3",
    "phone": "P 6 3.5 9.3 4 10.3 8.5 8.3 10.3 13.7 15.7 15.5 13.7 20 14.7 20.5 18 17.8 20.7 12.5 19 7.5 15.5 4.5 10.5 3.3 6.2",
    "clock": "o 12 12 8.7;l 12 7 12 12 15.5 14",
    "alarm": "o 12 13 7.3;l 12 9 12 13 15 14.5;l 3.5 6.5 7 3.5;l 20.5 6.5 17 3.5",
    "timer": "o 12 13.5 7;l 12 13.5 12 9.5;l 9.5 3.2 14.5 3.2;l 18 7 19.2 5.8",
    "stopwatch": "o 12 13.5 7;l 12 13.5 15 11;l 9.5 3.2 14.5 3.2",
    "calendar": "r 4 5 16 15 2;R 4 5 16 5 2;l 8 3 8 6;l 16 3 16 6;R 7.3 12.5 3.4 3.2 .5;R 13.3 12.5 3.4 3.2 .5",
    "note": "r 5 3.5 14 17 2;l 8.5 8.5 15.5 8.5;l 8.5 12 15.5 12;l 8.5 15.5 13 15.5",
    "gear": "o 12 12 5.2;O 12 12 2.2;l 12 3 12 6;l 12 18 12 21;l 3 12 6 12;l 18 12 21 12;l 5.7 5.7 7.7 7.7;l 16.3 16.3 18.3 18.3;l 5.7 18.3 7.7 16.3;l 16.3 7.7 18.3 5.7",
    "music": "O 7.5 17.5 3.4;R 9 4 2 14 0;P 9 3.5 19 5.5 19 10 9 8",
    "play": "P 7 4.5 19.5 12 7 19.5",
    "pause": "R 6.5 5 4 14 1;R 13.5 5 4 14 1",
    "skip": "P 5 5 14.5 12 5 19;R 15.5 5 2.8 14 1",
    "skip_back": "P 19 5 9.5 12 19 19;R 5.7 5 2.8 14 1",
    "list": "O 5 7 1.4;O 5 12 1.4;O 5 17 1.4;l 9.5 7 20 7;l 9.5 12 20 12;l 9.5 17 20 17",
    "calculator": "r 5 3 14 18 2.2;R 8 6 8 4 .8;O 9 13.5 1.2;O 12 13.5 1.2;O 15 13.5 1.2;O 9 17.3 1.2;O 12 17.3 1.2;O 15 17.3 1.2",
    "bag": "R 4.5 8 15 13 2.2;a 12 8.5 3.8 180 360;-l 9 12 9 12.1;-l 15 12 15 12.1",
    "cart": "l 2.5 4 5.5 4 8 15.5 17.5 15.5 20.5 7 6.3 7;O 9.3 19.3 1.8;O 16.5 19.3 1.8",
    "cloud": "O 7.5 14.5 4;O 12.5 11.5 5.2;O 17 14.7 3.8;R 7 13 10.5 5.5 2",
    "partly": "O 8.5 8.5 4;l 8.5 2 8.5 3;l 2 8.5 3 8.5;l 3.9 3.9 4.6 4.6;-O 13 13 6;O 9 16 3.4;O 13.5 13.5 4.3;O 17.5 16.2 3.2;R 9 14.5 8.7 4.9 2",
    "rain": "O 7.5 10.5 3.7;O 12.3 8 4.7;O 16.7 10.6 3.5;R 7.3 9.5 9.7 4.6 2;l 8 17.2 7 20;l 12.3 17.2 11.3 20;l 16.6 17.2 15.6 20",
    "snow": "O 7.5 10.5 3.7;O 12.3 8 4.7;O 16.7 10.6 3.5;R 7.3 9.5 9.7 4.6 2;O 8 18 1.2;O 12 20 1.2;O 16 18 1.2",
    "storm": "O 7.5 10.5 3.7;O 12.3 8 4.7;O 16.7 10.6 3.5;R 7.3 9.5 9.7 4.6 2;P 13 14 8.5 19.5 11.5 19.5 10.5 23 15.5 17.5 12.5 17.5",
    "drop": "O 12 14.5 5.5;P 7.2 11.8 12 3.5 16.8 11.8",
    "wind": "l 3 9 14 9;a 14 6.5 2.5 -160 90;l 3 13.5 18 13.5;a 18 16 2.5 -90 160;l 5 18 10 18",
    "folder": "R 3 6.5 18 13 2;R 3 4.5 8 5 1.5",
    "file": "p 6 3 14 3 18.5 7.5 18.5 21 6 21;l 13.5 3.5 13.5 8 18 8",
    "image": "r 3.5 4.5 17 15 2;P 5.5 17 10 11 13 14.5 15.5 12.5 18.8 17;O 15.8 8.8 1.6",
    "download": "l 12 4 12 15;l 7 10.5 12 15.5 17 10.5;l 5 19.5 19 19.5",
    "camera": "R 2.8 7 18.4 13 2.5;P 7.5 8 9.2 4.2 14.8 4.2 16.5 8;-o 12 13.3 3.9",
    "photos": "R 3.5 3.5 17 17 3;-P 5.5 17.5 10 11 13 14.5 15 12.8 18.5 17.5;-O 15.5 8.5 1.8",
    "flip": "a 12 12 7.5 200 330;a 12 12 7.5 20 150;P 20.8 4.5 20.8 10.5 15.5 9;P 3.2 19.5 3.2 13.5 8.5 15",
    "globe": "o 12 12 8.7;l 3.5 12 20.5 12;a 4.5 12 11.3 -48 48;a 19.5 12 11.3 132 228",
    "bookmark": "p 6.5 3.5 17.5 3.5 17.5 20.5 12 16.2 6.5 20.5",
    "bookmark_full": "P 6 3 18 3 18 21.3 12 16.7 6 21.3",
    "home": "p 4.5 11 12 4.5 19.5 11 19.5 20 14.5 20 14.5 14 9.5 14 9.5 20 4.5 20",
    "tabs": "r 4 4 16 16 2.5;l 12 9 12 15.5;l 10.5 10 12 9",
    "fork": "l 7.5 3.5 7.5 20.5;l 5 3.5 5 8.5 10 8.5 10 3.5;P 15 20.8 15 3 19 6 19 13 17 13.5 17 20.8",
    "cup": "R 4.5 7 12 10.5 3;a 16.5 11.5 3.3 -90 90;l 4.5 20.3 17 20.3;l 8.5 2.5 8.5 4.3;l 12.5 2.5 12.5 4.3",
    "bed": "l 3 5 3 19;l 21 19 21 13 3 13;R 9 8 12 5.5 2;O 6 10 2;l 3 16.3 21 16.3",
    "fuel": "R 4.5 3.5 10 17 1.5;-R 6.8 6 5.4 4.5 .8;l 14.5 12 17 12 17 17.5 20 17.5 20 9 17 5.5",
    "pill": "r 3.5 8 17 8 4;R 12 8 8.5 8 4;R 11 8 4 8 0",
    "book": "P 3 5 11.2 6.6 11.2 20.5 3 18.8;P 21 5 12.8 6.6 12.8 20.5 21 18.8",
    "tree": "P 12 2.5 19 12 15.5 12 20 18 4 18 8.5 12 5 12;R 10.8 17 2.4 4.5 0",
    "store": "R 4 11.5 16 9 1;P 4.5 3.5 19.5 3.5 21.5 10 2.5 10;-R 7 14 4 6.5 0",
    "delete_key": "p 8.5 5.5 21 5.5 21 18.5 8.5 18.5 3 12;l 12 9.5 17 14.5;l 17 9.5 12 14.5",
    "shift": "p 12 4 20 12.5 15.5 12.5 15.5 19.5 8.5 19.5 8.5 12.5 4 12.5",
    "shift_on": "P 12 3.4 21.2 13.3 16.2 13.3 16.2 20.3 7.8 20.3 7.8 13.3 2.8 13.3",
    "return": "l 20 6 20 13 5 13;l 9.5 8.5 5 13 9.5 17.5",
    "spinner": "a 12 12 8.5 -90 170",
    "spinner2": "a 12 12 8.5 30 290",
    "spinner3": "a 12 12 8.5 150 410",
}  # fmt: skip
"""Every icon by name."""

_OVERSAMPLE = 4


@lru_cache(maxsize=1024)
def icon_mask(name: str, size: int) -> Image.Image:
    """Return the 8-bit coverage of an icon, (size, size) pixels.

    Raises:
        KeyError: If there is no icon of this name.
    """
    side = size * _OVERSAMPLE
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    for shape in ICONS[name].split(";"):
        letter, *numbers = shape.split()
        _draw_shape(draw, letter, [float(n) for n in numbers], side / 24)
    return image.reduce(_OVERSAMPLE)


def _draw_shape(draw: ImageDraw.ImageDraw, letter: str, numbers: list[float], unit: float) -> None:
    ink = 0 if letter.startswith("-") else 255
    width = 2 * unit
    match letter.removeprefix("-"), numbers:
        case "O", [cx, cy, r]:
            draw.ellipse(_around(cx, cy, r, unit), fill=ink)
        case "o", [cx, cy, r]:
            draw.ellipse(_around(cx, cy, r + 1, unit), outline=ink, width=round(width))
        case "a", [cx, cy, r, start, end]:
            draw.arc(_around(cx, cy, r + 1, unit), start, end, fill=ink, width=round(width))
            for angle in (start, end):
                x, y = cx + r * cos(radians(angle)), cy + r * sin(radians(angle))
                draw.ellipse(_around(x, y, 1, unit), fill=ink)
        case ("R" | "r") as kind, [x, y, w, h, radius]:
            edge = 1.0 if kind == "r" else 0.0
            box = [v * unit for v in (x - edge, y - edge, x + w + edge, y + h + edge)]
            draw.rounded_rectangle(
                box,
                (radius + edge) * unit,
                fill=ink if kind == "R" else None,
                outline=ink,
                width=round(width) if kind == "r" else 1,
            )
        case "P", points:
            draw.polygon([p * unit for p in points], fill=ink)
        case ("l" | "p") as kind, points:
            pairs = list(zip(points[::2], points[1::2], strict=True))
            if kind == "p":
                pairs.append(pairs[0])
            draw.line([(x * unit, y * unit) for x, y in pairs], fill=ink, width=round(width))
            for x, y in pairs:
                draw.ellipse(_around(x, y, 1, unit), fill=ink)
        case other:
            raise ValueError(f"unknown shape {other!r}")


def _around(cx: float, cy: float, r: float, unit: float) -> tuple[float, float, float, float]:
    return (cx - r) * unit, (cy - r) * unit, (cx + r) * unit, (cy + r) * unit
