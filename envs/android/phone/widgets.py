"""The building blocks of the apps' screens: bars, rows, fields, buttons, switches, dialogs.

Each is a function from the view (theme, look, language) to a `Widget`. Knows no concrete app.
"""

from typing import Any

from qvl_agent.envs.android.phone.app import View
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import (
    Align,
    Back,
    Color,
    Do,
    Event,
    Focus,
    Picture,
    Tab,
)
from qvl_agent.envs.android.phone.theme import mix

__all__ = [
    "action",
    "avatar",
    "bar",
    "button",
    "card",
    "chips",
    "entry",
    "fab",
    "field",
    "gap",
    "heading",
    "icon",
    "line",
    "page",
    "picture",
    "row",
    "search_bar",
    "slider",
    "spread",
    "stack",
    "switch",
    "tabs",
    "text",
    "tile_color",
]

V = View[Any]

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


def bar(
    v: V, title: str, *actions: Widget, back: bool | None = None, lead: Widget | None = None
) -> Widget:
    """Return the bar on top of a screen: back arrow where there is a screen below, title, actions."""
    deep = len(v.state.stacks[v.app]) > 1 if back is None else back
    first = icon(v, "back", color=v.theme.text, tap=Back(), label="Back") if deep else gap(16)
    return Widget(
        (
            *((lead,) if lead else (first,)),
            text(v, title, 20, weight=500, grow=1),
            *actions,
            gap(4),
        ),
        axis="x",
        height=56,
        gap=4 if deep else 0,
    )


def search_bar(
    v: V,
    name: str,
    hint: str,
    *,
    tap: Event | None = None,
    lead: str = "search",
    trail: Widget | None = None,
) -> Widget:
    """Return a rounded search field: one to type in, or with `tap` one that opens a search."""
    inner = (
        _field_text(v, name, hint, 16)
        if tap is None
        else text(v, hint, 16, color=v.theme.dim, grow=1)
    )
    first = icon(v, lead, 22, tap=Back(), label="Back") if lead == "back" else icon(v, lead, 22)
    clear = (
        ()
        if tap or not v.field(name)
        else (icon(v, "close", 20, tap=_clear(v, name), label="Clear"),)
    )
    return Widget(
        (
            Widget(
                (
                    gap(4 if lead == "back" else 14),
                    first,
                    gap(8),
                    inner,
                    *clear,
                    *((trail,) if trail else ()),
                    gap(8),
                ),
                axis="x",
                height=50,
                fill=v.theme.card,
                radius=25,
                tap=tap or Focus(name),
                name=hint,
            ),
        ),
        pad=(12, 6, 12, 6),
    )


def _clear(v: V, name: str) -> Event:
    return Do("clear_field", f"{v.app}/{name}", owner="system")


def _field_text(v: V, name: str, hint: str, size: float, lines: int = 1) -> Widget:
    """Return what stands in a field, with the cursor, or its hint."""
    value = v.field(name)
    focused = v.state.focus == f"{v.app}/{name}"
    shown = value + ("|" if focused else "")
    if not shown:
        return text(v, hint, size, color=v.theme.dim, grow=1)
    return text(v, _tail(v, shown, size, lines), size, lines=lines, grow=1)


def _tail(v: V, value: str, size: float, lines: int) -> str:
    """Return the end of a long text: the cursor has to stay in sight."""
    room = round(v.width / (size * 0.62) * lines)
    return value if len(value) <= room else "…" + value[-room:]


def field(v: V, name: str, label: str, *, lines: int = 1, trail: Widget | None = None) -> Widget:
    """Return a field of a form, with its label above."""
    focused = v.state.focus == f"{v.app}/{name}"
    value = v.field(name)
    clear = (
        (icon(v, "close", 18, tap=_clear(v, name), label=f"Clear {label}"),)
        if value and focused
        else ()
    )
    return Widget(
        (
            text(v, label, 12.5, color=v.theme.accent if focused else v.theme.dim),
            gap(4),
            Widget(
                (_field_text(v, name, " ", 16, lines), *clear, *((trail,) if trail else ())),
                axis="x",
                height=None if lines > 1 else 46,
                pad=(12, 10 if lines > 1 else 0, 6, 10 if lines > 1 else 0),
                fill=v.theme.card,
                radius=min(12, v.state.look.radius),
                stroke=v.theme.accent if focused else None,
                tap=Focus(name),
                name=label,
            ),
        ),
        pad=(16, 6, 16, 6),
    )


def entry(v: V, name: str, hint: str, *trail: Widget) -> Widget:
    """Return a field of one line at the bottom of a screen, as in a chat."""
    clear = (icon(v, "close", 20, tap=_clear(v, name), label="Clear"),) if v.field(name) else ()
    return Widget(
        (
            Widget(
                (gap(14), _field_text(v, name, hint, 15.5), *clear, gap(8)),
                axis="x",
                height=46,
                fill=v.theme.card,
                radius=23,
                tap=Focus(name),
                name=hint,
                grow=1,
            ),
            *trail,
        ),
        axis="x",
        gap=4,
        pad=(12, 7, 8, 7),
    )


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
    """
    left = icon(v, lead, 24) if isinstance(lead, str) else lead
    right = text(v, trail, 13, color=v.theme.dim) if isinstance(trail, str) else trail
    words = [text(v, title, 16, weight=700 if bold else 400, color=color)]
    if sub:
        words += [
            gap(1),
            text(v, sub, 13.5, color=v.theme.dim, lines=lines, weight=500 if bold else 400),
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
        name="on" if on else "off",
    )


def slider(v: V, value: int, owner: str, what: str) -> Widget:
    """Return a slider from 0 to 100 in steps of 10: a tap on its bar sets the value."""
    steps = []
    for level in range(0, 101, 10):
        knob = Widget(width=20, height=20, radius=10, fill=v.theme.accent)
        track = Widget(height=6, radius=3, fill=v.theme.accent if level <= value else v.theme.line)
        here = value // 10 * 10 == level
        steps.append(
            Widget(
                (track, knob) if here else (track,),
                axis="z",
                align="center",
                height=40,
                grow=1,
                tap=Do(what, level, owner=owner),
                name=f"{level}%",
            )
        )
    return Widget(tuple(steps), axis="x", height=40, pad=(16, 0, 16, 0))


def card(
    v: V,
    *children: Widget,
    tap: Event | None = None,
    fill: Color | None = None,
    name: str = "",
    pad: float = 14,
) -> Widget:
    """Return widgets on a rounded card with room around it."""
    inner = Widget(
        children,
        pad=(pad, pad, pad, pad),
        fill=fill or v.theme.card,
        radius=v.state.look.radius,
        tap=tap,
        name=name,
    )
    return Widget((inner,), pad=(12, 5, 12, 5))


def chips(v: V, *items: tuple[str, Event, bool]) -> Widget:
    """Return small choices in a row: label, event, and whether it is chosen."""
    return Widget(
        tuple(
            Widget(
                (
                    Widget(
                        text=label,
                        size=13.5 * v.state.look.text,
                        weight=500,
                        color=v.theme.on_soft if on else v.theme.text,
                    ),
                ),
                pad=(13, 7, 13, 7),
                radius=10,
                fill=v.theme.soft if on else None,
                stroke=None if on else v.theme.line,
                tap=tap,
                name=label,
            )
            for label, tap, on in items
        ),
        axis="x",
        gap=8,
        pad=(14, 5, 8, 7),
    )


def tabs(v: V, *items: tuple[str, str, Event]) -> Widget:
    """Return the tabs at the bottom of an app: icon, label, event."""
    made = []
    for name, label, tap in items:
        on = isinstance(tap, Tab) and tap.route.name == v.state.stacks[v.app][0].name
        ink = v.theme.on_soft if on else v.theme.dim
        pill = Widget(
            icon=name,
            size=22,
            width=56,
            height=30,
            radius=15,
            color=ink,
            fill=v.theme.soft if on else None,
        )
        word = text(v, label, 12, weight=500 if on else 400, color=ink, align="center")
        made.append(
            Widget((gap(7), pill, word), align="center", grow=1, height=60, tap=tap, name=label)
        )
    return Widget(tuple(made), axis="x", height=60, fill=mix(v.theme.page, v.theme.card, 0.7))


def page(
    v: V,
    top: Widget | None,
    *items: Widget,
    bottom: Widget | None = None,
    floating: Widget | None = None,
    fixed: bool = False,
) -> Widget:
    """Return a screen: a bar, a scrolled list of widgets, and what stands below or floats above."""
    key = f"{v.app}/{v.route.name}/{v.route.arg}"
    body = Widget(
        items,
        grow=1,
        scroll="" if fixed else key,
        offset=0 if fixed else v.offset(key),
        pad=(0, 0, 0, 0 if fixed else 8),
    )
    column = Widget(tuple(w for w in (top, body, bottom) if w is not None), fill=v.theme.page)
    if floating is None:
        return column
    lift = Widget(
        (floating,), pad=(0, 0, 0, 64 if bottom else 0), width=76, height=140 if bottom else 76
    )
    return Widget((column, lift), axis="z", align="end")
