"""The phone's letters: how wide a text runs, where it is broken, and its drawn mask.

Latin is set in Roboto, Chinese in Noto Sans, emoji in colour; any other character is a hollow box.
Widths are measured once at a large size, so that lines break alike at every resolution.
"""

from functools import lru_cache
from importlib.resources import as_file, files
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from qvl_agent.envs.android.phone.emoji import ADVANCE, ASCENT, emoji_image, is_emoji, is_silent

__all__ = ["Mask", "advance", "line_height", "text_mask", "wrap"]

_REFERENCE = 512
"""Size in pixels at which letters are measured."""

_OVERSAMPLE = 4
"""Letters are drawn this much larger and scaled down: at their own size, Pillow puts each on a
whole pixel, which spaces small text unevenly."""


_BOX = 0.6
"""Width of a hollow box, as a share of the text size."""


class Mask(NamedTuple):
    """A drawn text.

    Attributes:
        image: 8-bit coverage, as wide as the text and one line high.
        width: In pixels.
        emoji: Pictures on top of it, RGBA, each with its left and top.
    """

    image: Image.Image
    width: int
    emoji: tuple[tuple[Image.Image, tuple[int, int]], ...] = ()


@lru_cache(maxsize=256)
def _font(name: str, size: float) -> ImageFont.FreeTypeFont:
    with as_file(files("qvl_agent.envs.android.phone") / "fonts" / name) as path:
        return ImageFont.truetype(path.as_posix(), size, layout_engine=ImageFont.Layout.BASIC)


def _latin(weight: int, size: float) -> ImageFont.FreeTypeFont:
    return _font(f"Roboto-{ {400: 'Regular', 500: 'Medium', 700: 'Bold'}[weight] }.ttf", size)


@lru_cache(maxsize=8192)
def _face(char: str) -> str:
    """Return what a character is set in: "latin", "cjk", "emoji", "silent" or "none"."""
    code = ord(char)
    if code < 0x180 or 0x370 <= code <= 0x45F:
        return "latin" if code >= 0x20 and not 0x7F <= code <= 0x9F else "none"
    for face, font in (("latin", _latin(400, 16)), ("cjk", _cjk(16))):
        if bytes(font.getmask(char)) != bytes(font.getmask("\U0010ffff")):
            return face
    if is_silent(char):
        return "silent"
    if is_emoji(char):
        return "emoji"
    return "latin" if char.isspace() else "none"


def _cjk(size: float) -> ImageFont.FreeTypeFont:
    return _font("NotoSansSC-Regular.otf", size)


@lru_cache(maxsize=16384)
def advance(char: str, weight: int) -> float:
    """Return a character's width as a share of the text size."""
    match _face(char):
        case "latin":
            return _latin(weight, _REFERENCE).getlength(char) / _REFERENCE
        case "cjk":
            return _cjk(_REFERENCE).getlength(char) / _REFERENCE
        case "emoji":
            return ADVANCE
        case "silent":
            return 0.0
        case _:
            return _BOX


@lru_cache(maxsize=16384)
def _length(text: str, size: float, weight: int) -> float:
    return sum(advance(c, weight) for c in text) * size


def line_height(size: float) -> float:
    """Return the height of one line of text, in the unit of `size`."""
    return size * 1.32


@lru_cache(maxsize=8192)
def wrap(
    text: str, size: float, weight: int, room: float, lines: int
) -> tuple[tuple[str, ...], float]:
    """Return a text cut into at most `lines` lines of at most `room`, and the widest of them.

    Lines break at spaces, and between Chinese characters; the last one ends in an ellipsis when
    there is more to say.
    """
    out: list[str] = []
    rest = text
    while rest and len(out) < lines:
        line, rest = _first_line(rest, size, weight, room)
        out.append(line)
    if rest:
        last = out[-1]
        while last and _length(last + "…", size, weight) > room:
            last = last[:-1]
        out[-1] = last.rstrip() + "…"
    return tuple(out) or ("",), max((_length(line, size, weight) for line in out), default=0.0)


def _first_line(text: str, size: float, weight: int, room: float) -> tuple[str, str]:
    """Return the first line and what is left for the next ones."""
    head, newline, tail = text.partition("\n")
    if _length(head, size, weight) <= room + 0.01:
        return head, tail if newline else ""
    used, end = 0.0, 0
    for end, char in enumerate(head):  # noqa: B007 - `end` is used after the loop
        used += advance(char, weight) * size
        if used > room + 0.01:
            break
    end = max(1, end)
    space = head.rfind(" ", 0, end + 1)
    if space > 0 and not (ord(head[end]) > 0x2E80):
        return head[:space], text[space + 1 :]
    return head[:end], text[end:]


@lru_cache(maxsize=4096)
def text_mask(text: str, size: float, weight: int) -> Mask:
    """Return the coverage of one line of text, `size` in pixels.

    The line is `line_height(size)` high; letters stand on a common baseline at 0.98 of the size.
    """
    big = size * _OVERSAMPLE
    width = max(1, round(_drawn_length(text, big, weight) / _OVERSAMPLE) + 2)
    height = round(line_height(size)) + 1
    image = Image.new("L", (width * _OVERSAMPLE, height * _OVERSAMPLE), 0)
    draw = ImageDraw.Draw(image)
    emoji = []
    x, base = 0.0, big
    for face, run in _runs(text):
        if face == "latin":
            draw.text((x, base), run, 255, font=_latin(weight, big), anchor="ls")
        elif face == "cjk":
            bold = {400: 0.0, 500: big / 60, 700: big / 36}[weight]
            draw.text((x, base), run, 255, font=_cjk(big), anchor="ls", stroke_width=bold)
        elif face == "emoji":
            for i, char in enumerate(run):
                left = x / _OVERSAMPLE + i * ADVANCE * size
                place = (round(left), round((1 - ASCENT) * size))
                emoji.append((emoji_image(char, size), place))
        elif face == "none":
            for i in range(len(run)):
                left = x + (_BOX * i + 0.06) * big
                box = (left, base - 0.7 * big, left + 0.46 * big, base)
                draw.rectangle(box, outline=255, width=_OVERSAMPLE)
        x += _run_length(face, run, big, weight)
    return Mask(image.reduce(_OVERSAMPLE), width, tuple(emoji))


def _run_length(face: str, run: str, size: float, weight: int) -> float:
    """Return the width that a run of one font takes when drawn at this size."""
    match face:
        case "latin":
            return _latin(weight, size).getlength(run)
        case "cjk":
            return _cjk(size).getlength(run)
        case _:
            return sum(advance(char, weight) for char in run) * size


def _drawn_length(text: str, size: float, weight: int) -> float:
    return sum(_run_length(face, run, size, weight) for face, run in _runs(text))


def _runs(text: str) -> list[tuple[str, str]]:
    """Return the text in runs of one font each."""
    runs: list[tuple[str, str]] = []
    for char in text:
        face = _face(char)
        if runs and runs[-1][0] == face:
            runs[-1] = (face, runs[-1][1] + char)
        else:
            runs.append((face, char))
    return runs
