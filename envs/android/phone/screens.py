"""The frames of the apps' screens: bars, fields, tabs, lists and what floats above them.

Each is a function from the view (theme, look, language) to a `Widget`. Knows no concrete app.
"""

from typing import Any

from qvl_agent.envs.android.phone.app import View
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Back, Color, Do, Event, Focus, Tab
from qvl_agent.envs.android.phone.theme import mix
from qvl_agent.envs.android.phone.widgets import gap, icon, text

__all__ = ["bar", "card", "chips", "entry", "field", "page", "search_bar", "slider", "tabs"]

V = View[Any]


def bar(
    v: V, title: str, *actions: Widget, back: bool | None = None, lead: Widget | None = None
) -> Widget:
    """Return the bar on top: back arrow where there is a screen below, title, actions."""
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
    inside = Widget(
        (_field_text(v, name, " ", 16, lines), *clear, *((trail,) if trail else ())),
        axis="x",
        height=None if lines > 1 else 46,
    )
    return Widget(
        (
            text(v, label, 12.5, color=v.theme.accent if focused else v.theme.dim),
            gap(4),
            Widget(
                (inside,),
                height=20 + 22 * lines if lines > 1 else 46,
                pad=(12, 10 if lines > 1 else 0, 6, 0),
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
