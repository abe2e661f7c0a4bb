"""Drawn pictures: wallpapers, map tiles, photographs, tickets, web and album art.

Each painter is a function of its arguments and a size, so a phone's pictures are the same every
time. Knows nothing of state and layout.
"""

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

from qvl_agent.envs.android.phone.icons import icon_mask
from qvl_agent.envs.android.phone.nodes import Color, Picture
from qvl_agent.envs.android.phone.theme import mix
from qvl_agent.envs.android.phone.typeface import line_height, text_mask

__all__ = ["picture_image"]


@lru_cache(maxsize=96)
def picture_image(picture: Picture, width: int, height: int, scale: float) -> Image.Image:
    """Return a drawn picture, RGB.

    Args:
        picture: What to draw.
        width: In pixels.
        height: In pixels.
        scale: Pixels per dp, for the size of letters in it.

    Raises:
        KeyError: If there is no painter of this name.
    """
    return _PAINTERS[picture.name](max(1, width), max(1, height), scale, *picture.args)


def _gradient(width: int, height: int, top: Color, bottom: Color) -> Image.Image:
    strip = Image.new("RGB", (1, 64))
    for y in range(64):
        strip.putpixel((0, y), mix(top, bottom, y / 63))
    column = strip.resize((1, height), Image.Resampling.BILINEAR)
    return column.resize((width, height), Image.Resampling.NEAREST)


def _hue(h: float, s: float, v: float) -> Color:
    """Return RGB of hue, saturation and value, each in [0, 1]."""
    parts = [
        v * (1 - s * max(0.0, min(1.0, min((n + h * 6) % 6, 4 - (n + h * 6) % 6))))
        for n in (5, 3, 1)
    ]
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)


def _smooth(
    width: int,
    height: int,
    draw_on: Callable[[ImageDraw.ImageDraw, int, int], None],
    top: Color,
    bottom: Color,
) -> Image.Image:
    """Draw at twice the size over a gradient and scale down, for smooth edges."""
    big = _gradient(width * 2, height * 2, top, bottom)
    draw_on(ImageDraw.Draw(big), width * 2, height * 2)
    return big.reduce(2)


def _wallpaper(width: int, height: int, scale: float, seed: int, dark: bool) -> Image.Image:
    rng = Random(seed)
    h = rng.random()
    v = 0.38 if dark else 0.62  # white labels stand on it
    top = _hue(h, rng.uniform(0.35, 0.65), v)
    bottom = _hue((h + rng.uniform(0.06, 0.22)) % 1, rng.uniform(0.3, 0.6), v * 0.75)
    kind = rng.randrange(3)

    def shapes(draw: ImageDraw.ImageDraw, w: int, ht: int) -> None:
        for i in range(4):
            ink = mix(mix(top, bottom, i / 4), (0, 0, 0) if dark else (255, 255, 255), 0.1)
            if kind == 0:  # hills
                y = ht * (0.5 + 0.13 * i)
                a, b, c = rng.uniform(0, 6), rng.uniform(0.8, 2), ht * rng.uniform(0.03, 0.09)
                line = [(x, y + c * sin(a + b * pi * x / w)) for x in range(0, w + 8, 8)]
                draw.polygon([(0, ht), *line, (w, ht)], fill=mix(ink, bottom, 0.2 + 0.18 * i))
            elif kind == 1:  # discs
                r = w * rng.uniform(0.25, 0.7)
                x, y = rng.uniform(0, w), rng.uniform(0, ht)
                draw.ellipse((x - r, y - r, x + r, y + r), fill=mix(ink, top, 0.45))
            else:  # slanted bands
                x = w * (0.3 * i - 0.2)
                draw.polygon(
                    [(x, ht), (x + w * 0.2, ht), (x + w * 0.9, 0), (x + w * 0.7, 0)],
                    fill=mix(ink, top, 0.3),
                )

    return _smooth(width, height, shapes, top, bottom)


def _map(
    width: int, height: int, scale: float, seed: int, dark: bool, pins: int, chosen: int
) -> Image.Image:
    """A city map: blocks, roads, a river, a park, pins of results, and a blue dot."""
    rng = Random(seed)
    land: Color = (36, 40, 48) if dark else (243, 241, 236)
    road: Color = (62, 68, 80) if dark else (255, 255, 255)
    main: Color = (92, 86, 66) if dark else (252, 222, 140)
    park: Color = (34, 60, 46) if dark else (201, 232, 197)
    water: Color = (24, 48, 76) if dark else (168, 212, 243)
    block: Color = mix(land, (128, 128, 128), 0.1)

    def shapes(draw: ImageDraw.ImageDraw, w: int, h: int) -> None:
        u = 2 * scale
        for _ in range(3):
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            draw.rounded_rectangle(
                (x, y, x + 90 * u, y + rng.uniform(50, 110) * u), 8 * u, fill=park
            )
        for _ in range(46):
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            draw.rectangle(
                (x, y, x + rng.uniform(14, 40) * u, y + rng.uniform(12, 34) * u), fill=block
            )
        a = rng.uniform(0, 6)
        river = [(x, h * 0.62 + 40 * u * sin(a + x / w * 3.3)) for x in range(-20, w + 30, 10)]
        draw.line(river, fill=water, width=round(34 * u), joint="curve")
        tilt = rng.uniform(-0.25, 0.25)
        for i in range(-2, 12):
            x, y = i * 52 * u + rng.uniform(-8, 8) * u, i * 58 * u + rng.uniform(-10, 10) * u
            draw.line((x, 0, x + tilt * h, h), fill=road, width=round(5 * u))
            draw.line((0, y, w, y - tilt * w), fill=road, width=round(5 * u))
        x, y = w * rng.uniform(0.3, 0.7), h * rng.uniform(0.3, 0.5)
        draw.line((x, 0, x + tilt * h, h), fill=main, width=round(9 * u))
        draw.line((0, y, w, y - tilt * w), fill=main, width=round(9 * u))
        draw.ellipse(
            (w * 0.5 - 16 * u, h * 0.55 - 16 * u, w * 0.5 + 16 * u, h * 0.55 + 16 * u),
            fill=mix(land, (66, 133, 244), 0.35),
        )
        draw.ellipse(
            (w * 0.5 - 8 * u, h * 0.55 - 8 * u, w * 0.5 + 8 * u, h * 0.55 + 8 * u),
            fill=(255, 255, 255),
        )
        draw.ellipse(
            (w * 0.5 - 6 * u, h * 0.55 - 6 * u, w * 0.5 + 6 * u, h * 0.55 + 6 * u),
            fill=(66, 133, 244),
        )

    image = _smooth(width, height, shapes, land, land)
    size = round(30 * scale)
    for i in range(pins):
        x, y = round(width * rng.uniform(0.1, 0.8)), round(height * rng.uniform(0.25, 0.8))
        ink = (214, 48, 49) if chosen in (-1, i) else (150, 150, 155)
        image.paste(ink, (x, y), icon_mask("pin", size))
    return image


def _photo(width: int, height: int, scale: float, seed: int) -> Image.Image:
    """A landscape, a town at night, or a bowl on a table."""
    rng = Random(seed)
    kind = rng.randrange(4)
    h = rng.random()
    sky = [
        ((120, 180, 235), (235, 225, 205)),
        ((24, 26, 66), (120, 70, 110)),
        ((250, 176, 120), (120, 90, 150)),
        ((236, 228, 214), (214, 198, 176)),
    ][kind]

    def shapes(draw: ImageDraw.ImageDraw, w: int, ht: int) -> None:
        if kind in (0, 2):
            r, x, y = w * 0.09, w * rng.uniform(0.2, 0.8), ht * rng.uniform(0.15, 0.35)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 240, 200))
            for i in range(3):
                ink = mix(_hue(0.28 + 0.3 * h, 0.4, 0.55), (20, 30, 50), 0.2 * i)
                y = ht * (0.5 + 0.14 * i)
                peaks = [(w * k / 6, y - ht * rng.uniform(-0.02, 0.2 - 0.05 * i)) for k in range(7)]
                draw.polygon([(0, ht), *peaks, (w, ht)], fill=ink)
        elif kind == 1:
            x = 0.0
            while x < w:
                bw, bh = w * rng.uniform(0.08, 0.18), ht * rng.uniform(0.25, 0.7)
                draw.rectangle(
                    (x, ht - bh, x + bw, ht), fill=_hue(0.65, 0.4, rng.uniform(0.12, 0.3))
                )
                for _ in range(14):
                    wx, wy = x + bw * rng.uniform(0.1, 0.8), ht - bh * rng.uniform(0.05, 0.95)
                    draw.rectangle((wx, wy, wx + w * 0.014, wy + ht * 0.018), fill=(255, 214, 120))
                x += bw
        else:
            cx, cy, r = w / 2, ht * 0.55, min(w, ht) * 0.36
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(250, 250, 248))
            draw.ellipse(
                (cx - r * 0.82, cy - r * 0.82, cx + r * 0.82, cy + r * 0.82),
                fill=_hue(0.09, 0.5, 0.9),
            )
            for _ in range(18):
                a, d = rng.uniform(0, 2 * pi), r * 0.7 * rng.random()
                x, y, s = cx + d * cos(a), cy + d * sin(a), r * rng.uniform(0.08, 0.16)
                draw.ellipse(
                    (x - s, y - s, x + s, y + s), fill=_hue(rng.choice((0.0, 0.3, 0.12)), 0.7, 0.8)
                )

    return _smooth(width, height, shapes, *sky)


def _ticket(width: int, height: int, scale: float, *lines: str) -> Image.Image:
    """A photographed ticket or receipt: a sheet of paper with lines, the first one as its head."""
    image = _gradient(width, height, (112, 96, 84), (72, 60, 54))
    w, h = round(width * 0.84), round(height * 0.8)
    x, y = (width - w) // 2, (height - h) // 2
    draw = ImageDraw.Draw(image)
    draw.rectangle((x + 4, y + 6, x + w + 4, y + h + 6), fill=(50, 42, 38))
    draw.rectangle((x, y, x + w, y + h), fill=(250, 247, 238))
    draw.rectangle((x, y, x + w, y + round(h * 0.16)), fill=(38, 84, 140))
    step = h * 0.8 / max(4, len(lines) - 1)
    size = min(step * 0.5, w / 12)
    head = text_mask(lines[0], min(size * 1.1, h * 0.09), 700)
    image.paste(
        (255, 255, 255),
        (x + round(w * 0.06), y + round(h * 0.08 - line_height(size) / 2)),
        head.image,
    )
    for i, line in enumerate(lines[1:]):
        label, _, value = line.partition("|")
        at = round(y + h * 0.2 + i * step)
        image.paste(
            (110, 104, 96), (x + round(w * 0.06), at), text_mask(label, size * 0.8, 400).image
        )
        mask = text_mask(value, size, 700)
        image.paste((26, 26, 30), (x + round(w * 0.94) - mask.width, at), mask.image)
        draw.line(
            (x + w * 0.06, at + step * 0.8, x + w * 0.94, at + step * 0.8), fill=(222, 216, 202)
        )
    return image


def _cover(width: int, height: int, scale: float, seed: int) -> Image.Image:
    """An album cover or a product: a few coloured shapes."""
    rng = Random(seed)
    h = rng.random()

    def shapes(draw: ImageDraw.ImageDraw, w: int, ht: int) -> None:
        for i in range(rng.randrange(3, 6)):
            ink = _hue((h + 0.13 * i) % 1, rng.uniform(0.35, 0.75), rng.uniform(0.6, 0.98))
            r, x, y = w * rng.uniform(0.12, 0.42), rng.uniform(0, w), rng.uniform(0, ht)
            if rng.random() < 0.5:
                draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)
            else:
                draw.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=ink)

    return _smooth(width, height, shapes, _hue(h, 0.5, 0.85), _hue((h + 0.1) % 1, 0.6, 0.5))


def _viewfinder(width: int, height: int, scale: float, seed: int, front: bool) -> Image.Image:
    """What the camera sees."""
    if not front:
        return _photo(width, height, scale, seed)

    def shapes(draw: ImageDraw.ImageDraw, w: int, h: int) -> None:
        r = w * 0.23
        draw.ellipse((w / 2 - r * 2.1, h * 0.62, w / 2 + r * 2.1, h * 1.3), fill=(60, 84, 120))
        draw.ellipse((w / 2 - r, h * 0.5 - r * 1.5, w / 2 + r, h * 0.5 + r), fill=(222, 178, 148))
        draw.pieslice(
            (w / 2 - r * 1.1, h * 0.5 - r * 1.75, w / 2 + r * 1.1, h * 0.5 + r * 0.3),
            180,
            360,
            fill=(58, 40, 32),
        )

    return _smooth(width, height, shapes, (206, 214, 220), (150, 160, 170))


_PAINTERS: dict[str, Callable[..., Image.Image]] = {
    "cover": _cover,
    "map": _map,
    "photo": _photo,
    "ticket": _ticket,
    "viewfinder": _viewfinder,
    "wallpaper": _wallpaper,
}
