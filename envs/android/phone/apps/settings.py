"""Settings: network, display, sound, notices, language, storage, about."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import NETWORKS, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.screens import bar, card, page, slider
from qvl_agent.envs.android.phone.state import LAUNCHER
from qvl_agent.envs.android.phone.theme import ACCENTS
from qvl_agent.envs.android.phone.widgets import (
    ON_OR_OFF,
    avatar,
    gap,
    heading,
    icon,
    row,
    spread,
    switch,
    text,
    tile_color,
)

__all__ = ["ACCENT_NAMES", "Networks", "SettingsApp"]

ACCENT_NAMES: dict[str, str] = {
    "blue": "蓝色", "green": "绿色", "violet": "紫色", "red": "红色", "teal": "青色",
    "orange": "橙色", "pink": "粉色", "slate": "灰色",
}  # fmt: skip
"""Chinese names of the accent colours."""

_PAGES = (
    ("network", "wifi", "Network", "网络", "Wi-Fi, airplane mode", "无线网，飞行模式"),
    ("bluetooth", "bluetooth", "Bluetooth", "蓝牙", "Connected devices", "已连接的设备"),
    ("display", "display", "Display", "显示", "Brightness, theme, colour", "亮度，主题，颜色"),
    ("sound", "volume", "Sound", "声音", "Volume, do not disturb", "音量，勿扰"),
    ("notices", "bell", "Notifications", "通知", "Which apps may show them", "哪些应用可以通知"),
    ("location", "location", "Location", "位置", "Location access", "位置信息"),
    ("battery", "battery", "Battery", "电池", "Battery saver", "省电模式"),
    ("storage", "storage", "Storage", "存储", "38 GB of 64 GB used", "已用 38 GB，共 64 GB"),
    ("language", "language", "Language", "语言", "Language of the phone", "手机的语言"),
    ("about", "info", "About phone", "关于手机", "Name, version", "名称，版本"),
)


@dataclass(frozen=True, slots=True)
class Networks:
    """Wireless networks in reach."""

    names: tuple[str, ...] = ()
    model: str = ""


class SettingsApp(App[Networks]):
    """Settings. What it changes is in the phone's `settings`."""

    id = "settings"
    en, zh = "Settings", "设置"
    icon, color = "gear", (96, 104, 118)

    def first(self, world: World, rng: Random) -> Networks:
        """Return the networks in reach."""
        names = [world.say(p) for p in share(NETWORKS, world.split)]
        if world.split == "test":
            names += ["Guest-77", "Studio-3", "Attic"]
        return Networks(tuple(names), rng.choice(("Q1", "Q2 Pro", "Q3 Mini", "Q5")))

    def title(self, v: View[Networks]) -> str:
        """Name the screen."""
        return "Settings" if v.route.name == "main" else f"the {v.route.name} page of Settings"

    def view(self, v: View[Networks]) -> Widget:
        """Draw the screen."""
        if v.route.name == "main":
            rows = [
                row(v, v.t(en, zh), v.t(sub, unter), lead=_disc(v, sign, name), tap=Go(Route(name)))
                for name, sign, en, zh, sub, unter in _PAGES
            ]
            return page(v, bar(v, v.t("Settings", "设置")), *rows)
        found = next(p for p in _PAGES if p[0] == v.route.name)
        return page(v, bar(v, v.t(found[2], found[3])), *_BODIES[v.route.name](v))

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        s = desk.state.settings
        match name:
            case "toggle":
                desk.configure(**{arg: not getattr(s, arg)})
            case "brightness" | "media" | "ring" | "accent" | "timeout" | "language":
                desk.configure(**{name: arg})
            case "join":
                desk.configure(network=arg)
                desk.toast(desk.t(f"Connected to {arg}", f"已连接 {arg}"))
            case "mute":
                desk.configure(muted=s.muted ^ {arg})
            case _:
                super().do(desk, name, arg)


def _disc(v: View[Networks], sign: str, name: str) -> Widget:
    return Widget(
        icon=sign,
        size=20,
        width=38,
        height=38,
        radius=19,
        fill=tile_color(name),
        color=(255, 255, 255),
    )


def _toggle(v: View[Networks], setting: str, en: str, zh: str, sign: str = "") -> Widget:
    on = bool(getattr(v.state.settings, setting))
    return row(
        v, v.t(en, zh), v.t("On", "开") if on else v.t("Off", "关"), lead=sign or None,
        trail=switch(v, on), tap=Do("toggle", setting), name=v.t(en, zh), shows=ON_OR_OFF[on],
    )  # fmt: skip


def _choice(
    v: View[Networks], label: str, chosen: bool, event: Do, lead: Widget | None = None
) -> Widget:
    mark = icon(v, "check", 22, color=v.theme.accent) if chosen else None
    return row(v, label, lead=lead, trail=mark, tap=event, name=label)


def _network(v: View[Networks]) -> list[Widget]:
    s = v.state.settings
    rows = [
        _toggle(v, "wifi", "Wi-Fi", "无线网", "wifi"),
        _toggle(v, "airplane", "Airplane mode", "飞行模式", "airplane"),
    ]
    if s.wifi and not s.airplane:
        rows.append(heading(v, v.t("Networks", "网络")))
        for name in v.data.names:
            here = name == s.network
            sub = v.t("Connected", "已连接") if here else v.t("Secured", "已加密")
            rows.append(
                row(
                    v,
                    name,
                    sub,
                    lead="wifi",
                    trail=icon(v, "check" if here else "lock", 18),
                    tap=Do("join", name),
                    name=name,
                )
            )
    return rows


def _display(v: View[Networks]) -> list[Widget]:
    s = v.state.settings
    zh = s.language == "zh"
    return [
        heading(v, v.t(f"Brightness: {s.brightness}%", f"亮度：{s.brightness}%")),
        slider(v, s.brightness, "settings", "brightness"),
        _toggle(v, "dark", "Dark theme", "深色主题", "moon"),
        _toggle(v, "rotate", "Auto-rotate", "自动旋转", "refresh"),
        heading(v, v.t("Colour", "颜色")),
        *(
            _choice(
                v, ACCENT_NAMES[name] if zh else name.title(), name == s.accent, Do("accent", name),
                Widget(width=24, height=24, radius=12, fill=hue),
            )
            for name, hue in ACCENTS.items()
        ),
        heading(v, v.t("Screen turns off after", "自动熄屏")),
        *(
            _choice(v, v.t(f"{n} seconds", f"{n} 秒"), n == s.timeout, Do("timeout", n))
            for n in (15, 30, 60, 120)
        ),
    ]  # fmt: skip


def _sound(v: View[Networks]) -> list[Widget]:
    s = v.state.settings
    return [
        heading(v, v.t(f"Media volume: {s.media}%", f"媒体音量：{s.media}%")),
        slider(v, s.media, "settings", "media"),
        heading(v, v.t(f"Ring volume: {s.ring}%", f"铃声音量：{s.ring}%")),
        slider(v, s.ring, "settings", "ring"),
        _toggle(v, "quiet", "Do not disturb", "勿扰", "bell"),
    ]


def _notices(v: View[Networks]) -> list[Widget]:
    s = v.state.settings
    rows = []
    for app in v.apps.values():
        if app.id != LAUNCHER:
            on = app.id not in s.muted
            name = app.name(s.language)
            rows.append(
                row(
                    v,
                    name,
                    lead=_app_disc(app),
                    trail=switch(v, on),
                    tap=Do("mute", app.id),
                    name=name,
                )
            )
    return rows


def _app_disc(app: App[Any]) -> Widget:
    return Widget(
        icon=app.icon,
        size=20,
        width=38,
        height=38,
        radius=12,
        fill=app.color,
        color=(255, 255, 255),
    )


def _storage(v: View[Networks]) -> list[Widget]:
    parts = (
        ("Photos", "照片", 16),
        ("Apps", "应用", 12),
        ("System", "系统", 8),
        ("Files", "文件", 2),
    )
    used = tuple(Widget(height=12, grow=g, fill=tile_color(en), name=en) for en, _, g in parts)
    bar_ = Widget((*used, Widget(height=12, grow=26, fill=v.theme.line)), axis="x")
    rows = [
        row(
            v,
            v.t(en, zh),
            trail=f"{g} GB",
            lead=Widget(width=14, height=14, radius=7, fill=tile_color(en)),
        )
        for en, zh, g in parts
    ]
    return [card(v, text(v, "38 GB / 64 GB", 24, weight=500), gap(10), bar_), *rows]


def _language(v: View[Networks]) -> list[Widget]:
    s = v.state.settings
    return [
        _choice(v, "English", s.language == "en", Do("language", "en")),
        _choice(v, "中文", s.language == "zh", Do("language", "zh")),
    ]


def _about(v: View[Networks]) -> list[Widget]:
    return [
        gap(20),
        Widget((avatar(v, "Q", 80),), align="center"),
        gap(16),
        row(v, v.t("Model", "型号"), f"QVL {v.data.model}"),
        row(v, v.t("Version", "版本"), "14"),
        row(v, v.t("Owner", "机主"), v.t("This phone is simulated", "这是一部模拟手机")),
        spread(),
    ]


_BODIES = {
    "network": _network,
    "bluetooth": lambda v: [_toggle(v, "bluetooth", "Bluetooth", "蓝牙", "bluetooth")],
    "display": _display,
    "sound": _sound,
    "notices": _notices,
    "location": lambda v: [_toggle(v, "location", "Location", "位置", "location")],
    "battery": lambda v: [
        card(
            v,
            text(v, "82%", 40, weight=500),
            text(v, v.t("About 19 hours left", "约剩 19 小时"), 15, color=v.theme.dim),
        ),
        _toggle(v, "saver", "Battery saver", "省电模式", "battery"),
    ],
    "storage": _storage,
    "language": _language,
    "about": _about,
}
