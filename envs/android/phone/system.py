"""What lies around and above the apps: status bar, navigation bar, shade, dialogs, lock screen."""

from dataclasses import replace
from typing import Any

from qvl_agent.envs.android.phone.app import View
from qvl_agent.envs.android.phone.launcher import app_icon
from qvl_agent.envs.android.phone.layout import Widget, height_of
from qvl_agent.envs.android.phone.nodes import Color, Do, Event, Picture, Switch
from qvl_agent.envs.android.phone.screens import slider
from qvl_agent.envs.android.phone.state import Dialog
from qvl_agent.envs.android.phone.theme import mix
from qvl_agent.envs.android.phone.widgets import (
    ON_OR_OFF,
    button,
    gap,
    icon,
    row,
    spread,
    stack,
    text,
)

__all__ = [
    "STATUS_HEIGHT",
    "TOGGLES",
    "dialog",
    "lock_screen",
    "nav_bar",
    "nav_height",
    "recents",
    "shade",
    "spinner",
    "status_bar",
    "toast",
]

STATUS_HEIGHT = 30.0
"""In dp."""

SYSTEM = "system"
"""Owner of the events that no app handles."""

V = View[Any]

TOGGLES: tuple[tuple[str, str, str, str], ...] = (
    ("wifi", "wifi", "Wi-Fi", "无线网"),
    ("bluetooth", "bluetooth", "Bluetooth", "蓝牙"),
    ("airplane", "airplane", "Airplane mode", "飞行模式"),
    ("flashlight", "flash", "Flashlight", "手电筒"),
    ("location", "location", "Location", "定位"),
    ("dark", "moon", "Dark theme", "深色主题"),
    ("quiet", "bell", "Do not disturb", "勿扰"),
    ("saver", "battery", "Battery saver", "省电模式"),
)
"""Quick toggles: the setting, icon, name in English and Chinese."""


def nav_height(v: V) -> float:
    """Return the height of the navigation bar, in dp."""
    return 44.0 if v.state.look.nav == "buttons" else 22.0


def status_bar(v: V, ink: Color) -> Widget:
    """Return the bar with the time and the phone's state."""
    s = v.state.settings
    signs = [
        *(("bell",) if v.state.notices else ()),
        *(("airplane",) if s.airplane else ("signal",)),
        *(("bluetooth",) if s.bluetooth else ()),
        *(("wifi_full",) if s.wifi and not s.airplane else ()),
        "battery",
    ]
    return Widget(
        (
            gap(18),
            text(v, v.state.now.strftime("%H:%M"), 13.5, weight=500, color=ink),
            spread(),
            *(Widget(icon=name, size=14, width=16, height=16, color=ink) for name in signs),
            gap(14),
        ),
        axis="x",
        gap=3,
        height=STATUS_HEIGHT,
        name="status bar",
    )


def nav_bar(v: V, ink: Color, fill: Color | None) -> Widget:
    """Return the navigation bar: back, home and recents, or the bar of gestures."""
    if v.state.look.nav == "gesture":
        pill = Widget(width=120, height=5, radius=2.5, fill=ink)
        return Widget(
            (pill,), axis="z", align="center", height=22, fill=fill, name="navigation bar"
        )
    keys = (("nav_back", "back"), ("nav_home", "home"), ("nav_recents", "recents"))
    return Widget(
        tuple(
            Widget(
                icon=i,
                size=24,
                height=44,
                grow=1,
                color=ink,
                tap=Do("key", k, SYSTEM),
                name=f"{k} button",
            )
            for i, k in keys
        ),
        axis="x",
        height=44,
        fill=fill,
        modal=True,
    )


def spinner(v: V) -> Widget:
    """Return what an app shows while it loads."""
    name = ("spinner", "spinner2", "spinner3")[v.state.now_ms // 300 % 3]
    return Widget(
        (
            spread(),
            Widget(icon=name, size=48, height=48, width=48, color=v.theme.accent),
            gap(14),
            text(v, v.t("Loading", "正在加载"), 15, color=v.theme.dim, align="center"),
            spread(),
        ),
        align="center",
        fill=v.theme.page,
    )


def toast(v: V) -> Widget:
    """Return the short message at the bottom."""
    words = Widget(
        (Widget(text=v.state.toast, size=14, color=v.theme.page),),
        pad=(18, 11, 18, 11),
        radius=20,
        fill=mix(v.theme.text, v.theme.page, 0.12),
    )
    return Widget((Widget((spread(), words, spread()), axis="x"),))


def dialog(v: V, d: Dialog) -> Widget:
    """Return a question on a dimmed screen."""

    def pressed(index: int) -> Event:
        return Do("dialog", index, SYSTEM)

    buttons: tuple[Widget, ...]
    if d.kind == "permission":
        buttons = tuple(
            Widget(
                (Widget(text=label, size=15, weight=500, color=v.theme.on_soft, align="center"),),
                fill=v.theme.soft,
                radius=14,
                pad=(10, 12, 10, 12),
                tap=pressed(i),
                name=label,
            )
            for i, (label, _) in enumerate(d.buttons)
        )
    else:
        buttons = (
            Widget(
                (
                    spread(),
                    *(
                        button(v, label, pressed(i), plain=i + 1 < len(d.buttons))
                        for i, (label, _) in enumerate(d.buttons)
                    ),
                ),
                axis="x",
                gap=4,
            ),
        )
    centered = d.kind != "confirm"
    sign = (
        (Widget(icon=d.icon, size=32, height=32, color=v.theme.accent), gap(10)) if d.icon else ()
    )
    body = Widget(
        (
            *sign,
            text(v, d.title, 19, weight=500, lines=3, align="center" if centered else "start"),
            *(
                (
                    gap(8),
                    text(
                        v,
                        d.text,
                        14.5,
                        color=v.theme.dim,
                        lines=4,
                        align="center" if centered else "start",
                    ),
                )
                if d.text
                else ()
            ),
            gap(18),
            stack(*buttons, gap=8),
        ),
        pad=(22, 22, 22, 16),
        fill=v.theme.raised,
        radius=24,
        modal=True,
        name=f"dialog: {d.title}",
    )
    width = min(330.0, v.width - 40)
    fitted = Widget((body,), width=width, height=height_of(body, width))
    return Widget((Widget(fill=None, modal=True), fitted), axis="z", align="center", modal=True)


def shade(v: V) -> Widget:
    """Return the notification shade: quick toggles, brightness, notices."""
    s = v.state.settings
    tiles = []
    for i in range(0, len(TOGGLES), 2):
        pair = []
        for name, sign, en, zh in TOGGLES[i : i + 2]:
            on = bool(getattr(s, name))
            ink = v.theme.on_accent if on else v.theme.text
            pair.append(
                Widget(
                    (
                        gap(14),
                        replace(icon(v, sign, 22, color=ink), shows=ON_OR_OFF[on]),
                        gap(10),
                        text(v, v.t(en, zh), 14, weight=500, color=ink, grow=1),
                    ),
                    axis="x",
                    height=54,
                    radius=18,
                    grow=1,
                    fill=v.theme.accent if on else v.theme.card,
                    tap=Do("toggle", name, SYSTEM),
                    name=f"{en} tile",
                )
            )
        tiles.append(Widget(tuple(pair), axis="x", gap=8, pad=(14, 4, 14, 4)))
    notices = [
        Widget(
            (
                Widget(
                    (
                        app_icon(v, n.app, 34),
                        gap(12),
                        stack(
                            text(v, n.title, 15, weight=500),
                            text(v, n.text, 13.5, color=v.theme.dim),
                            grow=1,
                        ),
                    ),
                    axis="x",
                    pad=(12, 10, 12, 10),
                    radius=16,
                    fill=v.theme.card,
                    tap=Do("notice", i, SYSTEM),
                    name=n.title,
                ),
            ),
            pad=(14, 4, 14, 4),
        )
        for i, n in enumerate(v.state.notices[:6])
    ]
    clear = (
        (
            Widget(
                (
                    spread(),
                    button(
                        v,
                        v.t("Clear all", "全部清除"),
                        Do("clear_notices", None, SYSTEM),
                        plain=True,
                    ),
                ),
                axis="x",
                pad=(0, 4, 10, 0),
            ),
        )
        if notices
        else (
            gap(16),
            text(v, v.t("No notifications", "没有通知"), 14, color=v.theme.dim, align="center"),
        )
    )
    day = v.state.now
    return Widget(
        (
            gap(STATUS_HEIGHT + 6),
            Widget(
                (
                    text(
                        v,
                        v.t(day.strftime("%a, %b ") + str(day.day), f"{day.month}月{day.day}日"),
                        15,
                        weight=500,
                    ),
                ),
                pad=(20, 0, 0, 6),
            ),
            *tiles,
            Widget(
                (
                    gap(14),
                    icon(v, "sun", 20),
                    Widget((slider(v, s.brightness, SYSTEM, "brightness"),), grow=1),
                ),
                axis="x",
            ),
            *notices,
            *clear,
        ),
        fill=v.theme.page,
        modal=True,
    )


def recents(v: V) -> Widget:
    """Return the list of apps that were in use."""
    rows = [
        Widget(
            (
                row(
                    v,
                    v.apps[a].name(v.state.settings.language),
                    v.t("Tap to return", "点按返回"),
                    lead=app_icon(v, a, 44),
                    tap=Switch(a),
                ),
            ),
            pad=(8, 4, 8, 4),
        )
        for a in v.state.recent[:7]
    ]
    empty = text(v, v.t("No recent apps", "没有最近的应用"), 16, color=v.theme.dim, align="center")
    return Widget(
        (
            gap(STATUS_HEIGHT),
            gap(40),
            text(v, v.t("Recent apps", "最近的应用"), 22, weight=500, align="center"),
            gap(24),
            *(rows or [empty]),
        ),
        fill=v.theme.card,
    )


def lock_screen(v: V) -> Widget:
    """Return the lock screen."""
    white: Color = (255, 255, 255)
    return Widget(
        (
            Widget(picture=Picture("wallpaper", (v.state.look.wallpaper, v.theme.dark))),
            Widget(
                (
                    gap(110),
                    text(v, v.state.now.strftime("%H:%M"), 76, color=white, align="center"),
                    spread(),
                    Widget(icon="lock", size=26, height=26, color=white),
                    gap(10),
                    text(
                        v, v.t("Swipe up to open", "向上滑动解锁"), 15, color=white, align="center"
                    ),
                    gap(60),
                )
            ),
        ),
        axis="z",
        modal=True,
    )
