"""Paints a tree of boxes as a picture, at any resolution.

Letters, icons, round corners and pictures are cached as masks, so a screen is mostly a matter of
pasting. Knows nothing of apps or of the phone's state.
"""

from functools import lru_cache

from PIL import Image, ImageDraw

from qvl_agent.envs.android.phone.icons import icon_mask
from qvl_agent.envs.android.phone.nodes import Box, Color, Node
from qvl_agent.envs.android.phone.pictures import picture_image
from qvl_agent.envs.android.phone.typeface import line_height, text_mask

__all__ = ["DIM", "paint"]

_Pixels = tuple[int, int, int, int]

DIM = "dim"
"""The picture that is no picture: it darkens what lies below it."""

_DARKER = [round(value * 0.45) for value in range(256)] * 3


def paint(root: Node, width: int, height: int) -> Image.Image:
    """Return the picture of a tree, RGB, (width, height) pixels; the root's box is all of it."""
    image = Image.new("RGB", (width, height))
    _paint_node(image, ImageDraw.Draw(image), root, width / root.box.w, (0, 0, width, height))
    return image


def _paint_node(
    image: Image.Image, draw: ImageDraw.ImageDraw, node: Node, scale: float, clip: _Pixels
) -> None:
    box = _pixels(node.box, scale)
    seen = _shared(box, clip)
    if seen is not None:
        if node.picture is not None and node.picture.name == DIM:
            image.paste(image.point(_DARKER))
        elif node.picture is not None:
            _paint_picture(image, node, box, seen, scale)
        if node.fill is not None:
            _fill(image, draw, box, seen, node.fill, round(node.radius * scale))
        if node.stroke is not None:
            _outline(draw, box, seen, node, scale)
        if node.text:
            _paint_text(image, node, scale, clip)
        if node.icon:
            _paint_icon(image, node, scale, seen)
        if node.clip:
            clip = seen
    elif node.clip:
        return
    for child in node.children:
        _paint_node(image, draw, child, scale, clip)


def _pixels(box: Box, scale: float) -> _Pixels:
    x, y, w, h = box
    return round(x * scale), round(y * scale), round((x + w) * scale), round((y + h) * scale)


def _shared(a: _Pixels, b: _Pixels) -> _Pixels | None:
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[2], b[2]), min(a[3], b[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _paste(
    image: Image.Image,
    ink: Color | Image.Image,
    mask: Image.Image,
    at: tuple[int, int],
    clip: _Pixels,
) -> None:
    """Put a colour, or a picture of the mask's size, under a mask, inside `clip`."""
    place = (at[0], at[1], at[0] + mask.width, at[1] + mask.height)
    seen = _shared(place, clip)
    if seen is None:
        return
    if seen != place:
        x, y = at
        part = (seen[0] - x, seen[1] - y, seen[2] - x, seen[3] - y)
        mask = mask.crop(part)
        if isinstance(ink, Image.Image):
            ink = ink.crop(part)
    image.paste(ink, seen, mask)


def _fill(
    image: Image.Image,
    draw: ImageDraw.ImageDraw,
    box: _Pixels,
    seen: _Pixels,
    ink: Color,
    radius: int,
) -> None:
    left, top, right, bottom = box
    radius = min(radius, (right - left) // 2, (bottom - top) // 2)
    if radius < 2:
        image.paste(ink, seen)
        return
    if seen == box and radius * 2 >= min(right - left, bottom - top) - 1:
        image.paste(ink, seen, _round_mask(right - left, bottom - top, radius))
        return
    for part in (
        (left + radius, top, right - radius, bottom),
        (left, top + radius, left + radius, bottom - radius),
        (right - radius, top + radius, right, bottom - radius),
    ):
        shared = _shared(part, seen)
        if shared is not None:
            image.paste(ink, shared)
    corners = _corner_masks(radius)
    places = (
        (left, top),
        (right - radius, top),
        (left, bottom - radius),
        (right - radius, bottom - radius),
    )
    for mask, at in zip(corners, places, strict=True):
        _paste(image, ink, mask, at, seen)


@lru_cache(maxsize=512)
def _round_mask(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * 4 - 1, height * 4 - 1), radius * 4, fill=255
    )
    return mask.reduce(4)


@lru_cache(maxsize=128)
def _corner_masks(radius: int) -> tuple[Image.Image, ...]:
    """Return the quarter circles: top left, top right, bottom left, bottom right."""
    whole = _round_mask(radius * 2, radius * 2, radius)
    r = radius
    boxes = ((0, 0, r, r), (r, 0, 2 * r, r), (0, r, r, 2 * r), (r, r, 2 * r, 2 * r))
    return tuple(whole.crop(b) for b in boxes)


def _outline(
    draw: ImageDraw.ImageDraw, box: _Pixels, seen: _Pixels, node: Node, scale: float
) -> None:
    if seen != box:  # half a border looks worse than none
        return
    left, top, right, bottom = box
    draw.rounded_rectangle(
        (left, top, right - 1, bottom - 1),
        round(node.radius * scale),
        outline=node.stroke,
        width=max(1, round(scale)),
    )


def _paint_text(image: Image.Image, node: Node, scale: float, clip: _Pixels) -> None:
    x, y, w, h = node.box
    step = line_height(node.size)
    top = y + (h - step * len(node.text)) / 2
    for i, line in enumerate(node.text):
        if not line:
            continue
        mask = text_mask(line, node.size * scale, node.weight)
        left = x * scale
        if node.align == "center":
            left += (w * scale - mask.width) / 2
        elif node.align == "end":
            left += w * scale - mask.width
        at = (round(left), round((top + i * step) * scale))
        _paste(image, node.color, mask.image, at, clip)
        for emoji, (dx, dy) in mask.emoji:
            _paste(image, emoji, emoji.getchannel("A"), (at[0] + dx, at[1] + dy), clip)


def _paint_icon(image: Image.Image, node: Node, scale: float, clip: _Pixels) -> None:
    size = round(node.size * scale)
    x, y = node.box.center
    at = (round(x * scale - size / 2), round(y * scale - size / 2))
    _paste(image, node.color, icon_mask(node.icon, size), at, clip)


def _paint_picture(
    image: Image.Image, node: Node, box: _Pixels, seen: _Pixels, scale: float
) -> None:
    assert node.picture is not None
    left, top, right, bottom = box
    drawn = picture_image(node.picture, right - left, bottom - top, scale)
    radius = min(round(node.radius * scale), (right - left) // 2, (bottom - top) // 2)
    if seen != box:
        crop = (seen[0] - left, seen[1] - top, seen[2] - left, seen[3] - top)
        image.paste(drawn.crop(crop), seen[:2])
    elif radius >= 2:
        image.paste(drawn, box[:2], _round_mask(right - left, bottom - top, radius))
    else:
        image.paste(drawn, box[:2])
