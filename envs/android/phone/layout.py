"""Places widgets: columns, rows and stacks of boxes, as in a small flexbox. Lengths in dp.

A `Widget` says how large it wants to be and holds its children; `place` gives the tree of boxes.
It knows how wide a text runs (`typeface`) and nothing of pixels, themes and apps.
"""

from dataclasses import dataclass
from typing import Literal

from qvl_agent.envs.android.phone.nodes import Align, Box, Color, Event, Node, Picture
from qvl_agent.envs.android.phone.typeface import line_height, wrap

__all__ = ["Widget", "height_of", "place", "width_of"]

Pad = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Widget:
    """A box that is not yet placed.

    Attributes:
        children: Laid along `axis`.
        axis: "y" a column, "x" a row, "z" on top of each other.
        width: In dp; None is as wide as its content in a row, and all there is elsewhere.
        height: In dp; None is as high as its content.
        grow: Share of the room that is left over along the parent's axis.
        pad: Left, top, right, bottom.
        gap: Between children.
        align: Of children across the axis, and of a text in its box.
        lines: Most lines of a text; the last one ends in "..." where it does not fit.
        scroll: Makes it a scrolled area: the key of its offset.
        offset: How far it is scrolled, in dp.
    """

    children: tuple["Widget", ...] = ()
    axis: Literal["x", "y", "z"] = "y"
    width: float | None = None
    height: float | None = None
    grow: float = 0
    pad: Pad = (0, 0, 0, 0)
    gap: float = 0
    align: Align = "start"
    text: str = ""
    size: float = 14
    weight: int = 400
    color: Color = (0, 0, 0)
    lines: int = 1
    icon: str = ""
    picture: Picture | None = None
    fill: Color | None = None
    radius: float = 0
    stroke: Color | None = None
    tap: Event | None = None
    hold: Event | None = None
    name: str = ""
    shows: str = ""
    modal: bool = False
    scroll: str = ""
    offset: float = 0


def width_of(w: Widget) -> float:
    """Return the width a widget takes in a row."""
    if w.width is not None:
        return w.width
    pad = w.pad[0] + w.pad[2]
    if w.text:
        widths = [wrap(line, w.size, w.weight, 1e9, 1)[1] for line in w.text.split("\n")]
        return max(widths) + pad + 0.5
    if w.icon:
        return w.size + pad
    inner = [width_of(c) for c in w.children]
    if not inner:
        return pad
    return pad + (sum(inner) + w.gap * (len(inner) - 1) if w.axis == "x" else max(inner))


def height_of(w: Widget, width: float) -> float:
    """Return the height a widget takes when it is `width` dp wide."""
    if w.height is not None:
        return w.height
    pad = w.pad[1] + w.pad[3]
    room = width - w.pad[0] - w.pad[2]
    if w.text:
        return len(wrap(w.text, w.size, w.weight, room, w.lines)[0]) * line_height(w.size) + pad
    if w.icon:
        return w.size + pad
    if not w.children:
        return pad
    if w.axis == "x":
        widths = _row_widths(w, room)
        return pad + max(height_of(c, cw) for c, cw in zip(w.children, widths, strict=True))
    heights = [height_of(c, room if c.width is None else c.width) for c in w.children]
    return pad + (max(heights) if w.axis == "z" else sum(heights) + w.gap * (len(heights) - 1))


def _row_widths(w: Widget, room: float) -> list[float]:
    """Return the widths of a row's children, the rest shared out among those that grow."""
    fixed = [0.0 if c.grow else width_of(c) for c in w.children]
    rest = room - sum(fixed) - w.gap * (len(fixed) - 1)
    shares = sum(c.grow for c in w.children)
    return [
        max(0.0, rest) * c.grow / shares if c.grow else f
        for c, f in zip(w.children, fixed, strict=True)
    ]


def place(w: Widget, box: Box) -> Node:
    """Return the placed tree of a widget that fills `box`."""
    left, top, right, bottom = w.pad
    inner = Box(box.x + left, box.y + top, box.w - left - right, box.h - top - bottom)
    text: tuple[str, ...] = ()
    children: list[Node] = []
    extent = 0.0
    if w.text:
        text = wrap(w.text, w.size, w.weight, inner.w, w.lines)[0]
        if w.fill is None and w.tap is None:
            box = inner
    if w.children:
        if w.axis == "x":
            children = _place_row(w, inner)
        elif w.axis == "z":
            children = [_place_across(c, inner, w.align) for c in w.children]
        else:
            children, extent = _place_column(w, inner)
    return Node(
        box, text, w.size, w.weight, w.color, w.align, w.icon, w.picture, w.fill, w.radius,
        w.stroke, w.tap, w.hold, w.name, w.shows, w.modal, bool(w.scroll), w.scroll,
        extent, tuple(children),
    )  # fmt: skip


def _place_row(w: Widget, inner: Box) -> list[Node]:
    """Place children from left to right, each in the vertical middle."""
    x = inner.x
    placed = []
    for child, width in zip(w.children, _row_widths(w, inner.w), strict=True):
        height = height_of(child, width)
        y = inner.y + (inner.h - height) / 2
        placed.append(place(child, Box(x, y, width, height)))
        x += width + w.gap
    return placed


def _place_column(w: Widget, inner: Box) -> tuple[list[Node], float]:
    """Place children from top to bottom; return them and the height of all."""
    widths = [inner.w if c.width is None else c.width for c in w.children]
    heights = [
        0.0 if c.grow else height_of(c, cw) for c, cw in zip(w.children, widths, strict=True)
    ]
    rest = inner.h - sum(heights) - w.gap * (len(heights) - 1)
    shares = sum(c.grow for c in w.children)
    y = inner.y - w.offset
    placed = []
    for child, width, fixed in zip(w.children, widths, heights, strict=True):
        height = max(0.0, rest) * child.grow / shares if child.grow else fixed
        placed.append(place(child, Box(_start(inner.x, inner.w, width, w.align), y, width, height)))
        y += height + w.gap
    return placed, y - w.gap + w.offset - inner.y


def _place_across(child: Widget, inner: Box, align: Align) -> Node:
    """Place a child of a stack: as large as the stack, or its own size in the middle."""
    width = inner.w if child.width is None else child.width
    height = inner.h if child.height is None else child.height
    x = _start(inner.x, inner.w, width, align)
    return place(child, Box(x, _start(inner.y, inner.h, height, align), width, height))


def _start(start: float, room: float, size: float, align: Align) -> float:
    match align:
        case "start":
            return start
        case "center":
            return start + (room - size) / 2
        case "end":
            return start + room - size
