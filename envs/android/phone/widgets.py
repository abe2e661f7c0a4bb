"""The building blocks of the apps' screens: words, icons, rows, buttons, switches.

Each is a function from the view (theme, look, language) to a `Widget`. Knows no concrete app.
"""

from dataclasses import replace
from typing import Any

from qvl_agent.envs.android.phone.app import View
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import (
    Align,
    Color,
    Event,
    Picture,
)

__all__ = [
    "ON_OR_OFF",
    "action",
    "avatar",
    "button",
    "fab",
    "gap",
    "heading",
    "icon",
    "line",
    "picture",
    "row",
    "spread",
    "stack",
    "switch",
    "text",
    "tile_color",
]

V = View[Any]

ON_OR_OFF = ("off", "on")

_TILES: tuple[Color, ...] = (
    (66, 103, 210), (198, 68, 66), (36, 139, 96), (150, 84, 180), (214, 124, 28), (0, 131, 143),
    (190, 64, 122), (93, 108, 130),
)  # fmt: skip


def tile_color(key: str) -> Color:
    """Return a colour that belongs to a name."""
    return _TILES[sum(map(ord, key)) % len(_TILES)]


def text(
    v: V,
    words: str,
    size: float = 15,
    *,
    weight: int = 400,
    color: Color | None = None,
    align: Align = "start",
    lines: int = 1,
    grow: float = 0,
    tap: Event | None = None,
    height: float | None = None,
) -> Widget:
    """Return words."""
    return Widget(
        text=words or " ",
        size=size * v.state.look.text,
        weight=weight,
        color=color or v.theme.text,
        align=align,
        lines=lines,
        grow=grow,
        tap=tap,
        height=height,
    )


def icon(
    v: V,
    name: str,
    size: float = 24,
    *,
    color: Color | None = None,
    tap: Event | None = None,
    label: str = "",
) -> Widget:
    """Return an icon; one that can be tapped has the size of a finger."""
    ink = color or v.theme.dim
    if tap is None:
        return Widget(icon=name, size=size, width=size, height=size, color=ink)
    return Widget(icon=name, size=size, width=44, height=44, color=ink, tap=tap, name=label)


def gap(height: float = 12) -> Widget:
    """Return room."""
    return Widget(height=height, width=height)


def spread() -> Widget:
    """Return room that takes what is left over."""
    return Widget(grow=1)


def line(v: V) -> Widget:
    """Return a thin line."""
    return Widget(height=1, fill=v.theme.line)


def stack(*children: Widget, grow: float = 0, gap: float = 0, width: float | None = None) -> Widget:
    """Return widgets below each other."""
    return Widget(children, grow=grow, gap=gap, width=width)


def avatar(v: V, name: str, size: float = 40) -> Widget:
    """Return a round tile with a name's first letter."""
    return Widget(
        text=name[:1].upper(),
        size=size * 0.45,
        weight=500,
        color=(255, 255, 255),
        fill=tile_color(name),
        radius=size / 2,
        width=size,
        height=size,
        align="center",
    )


def picture(
    what: Picture,
    width: float,
    height: float,
    *,
    radius: float = 0,
    tap: Event | None = None,
    name: str = "",
) -> Widget:
    """Return a drawn picture."""
    return Widget(picture=what, width=width, height=height, radius=radius, tap=tap, name=name)


def button(
    v: V,
    label: str,
    tap: Event,
    *,
    plain: bool = False,
    icon_name: str = "",
    grow: float = 0,
    color: Color | None = None,
) -> Widget:
    """Return a button; a plain one has no background."""
    ink = (color or v.theme.accent) if plain else v.theme.on_accent
    words = Widget(text=label, size=14.5 * v.state.look.text, weight=500, color=ink, align="center")
    inner = (icon(v, icon_name, 18, color=ink), gap(8), words) if icon_name else (words,)
    return Widget(
        (Widget(children=inner, axis="x"),)
        if grow == 0
        else (Widget((spread(), *inner, spread()), axis="x", height=42),),
        height=42,
        pad=(20, 0 if grow else 12, 20, 0),
        fill=None if plain else (color or v.theme.accent),
        radius=min(21, v.state.look.radius + 5),
        tap=tap,
        name=label,
        grow=grow,
    )


def action(v: V, name: str, label: str, tap: Event, *, on: bool = False) -> Widget:
    """Return a round action with its word below, as under a place or a contact."""
    return Widget(
        (
            Widget(
                icon=name,
                size=22,
                height=46,
                width=46,
                radius=23,
                fill=v.theme.accent if on else v.theme.soft,
                color=v.theme.on_accent if on else v.theme.on_soft,
            ),
            gap(5),
            text(v, label, 12.5, align="center", color=v.theme.accent),
        ),
        align="center",
        tap=tap,
        name=label,
        grow=1,
    )


def fab(v: V, name: str, label: str, tap: Event) -> Widget:
    """Return the large button in the bottom right corner."""
    return Widget(
        (
            Widget(
                icon=name,
                size=26,
                width=58,
                height=58,
                fill=v.theme.accent,
                color=v.theme.on_accent,
                radius=min(29, v.state.look.radius + 3),
                tap=tap,
                name=label,
            ),
        ),
        width=76,
        height=76,
    )


def heading(v: V, words: str) -> Widget:
    """Return the name of a section."""
    return Widget((text(v, words, 13, weight=500, color=v.theme.accent),), pad=(16, 14, 16, 6))


def row(
    v: V,
    title: str,
    sub: str = "",
    *,
    lead: Widget | str | None = None,
    trail: Widget | str | None = None,
    tap: Event | None = None,
    hold: Event | None = None,
    lines: int = 1,
    bold: bool = False,
    color: Color | None = None,
    name: str = "",
    shows: str = "",
) -> Widget:
    """Return a row of a list.

    Args:
        v: The view.
        title: Its first line.
        sub: Its second, less important line.
        lead: Left of both: a widget, or an icon's name.
        trail: Right of both: a widget, or a few words.
        tap: What a tap asks for.
        hold: What a long press asks for.
        lines: Most lines of `sub`.
        bold: Whether the title stands out, as of an unread mail.
        color: Of the title.
        name: What a person would call it, where that is not its words.
        shows: The state that its second line tells, "on" or "off".
    """
    left = icon(v, lead, 24) if isinstance(lead, str) else lead
    right = text(v, trail, 13, color=v.theme.dim) if isinstance(trail, str) else trail
    words = [text(v, title, 16, weight=700 if bold else 400, color=color)]
    if sub:
        words += [
            gap(1),
            replace(
                text(v, sub, 13.5, color=v.theme.dim, lines=lines, weight=500 if bold else 400),
                shows=shows,
            ),
        ]
    v_pad = 11 * v.state.look.roomy * (1 if sub else 1.35)
    return Widget(
        (
            *((left, gap(14)) if left else ()),
            stack(*words, grow=1),
            *((gap(8), right) if right else ()),
        ),
        axis="x",
        pad=(16, v_pad, 14, v_pad),
        tap=tap,
        hold=hold,
        name=name or title,
    )


def switch(v: V, on: bool) -> Widget:
    """Return a switch; the row it stands in takes the tap."""
    knob = Widget(width=20, height=20, radius=10, fill=v.theme.on_accent if on else v.theme.dim)
    return Widget(
        (gap(3), *((spread(), knob) if on else (knob, spread())), gap(3)),
        axis="x",
        width=48,
        height=28,
        radius=14,
        fill=v.theme.accent if on else v.theme.card,
        stroke=None if on else v.theme.dim,
        name=ON_OR_OFF[on],
        shows=ON_OR_OFF[on],
    )
