"""The home screen: pages of app icons, a dock, and a drawer with all apps."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Do, Route, Switch
from qvl_agent.envs.android.phone.state import LAUNCHER
from qvl_agent.envs.android.phone.theme import mix
from qvl_agent.envs.android.phone.widgets import gap, icon, spread, text

__all__ = ["Home", "Launcher", "app_icon"]


@dataclass(frozen=True, slots=True)
class Home:
    """Where the icons are.

    Attributes:
        pages: App ids of each page, in reading order.
        dock: App ids at the bottom of every page.
        page: The page in sight.
    """

    pages: tuple[tuple[str, ...], ...] = ()
    dock: tuple[str, ...] = ()
    page: int = 0

    def page_of(self, app: str) -> int | None:
        """Return the page an app's icon is on; the page in sight for one in the dock."""
        if app in self.dock:
            return self.page
        return next((i for i, page in enumerate(self.pages) if app in page), None)


def app_icon(v: View[Any], app: str, size: float) -> Widget:
    """Return an app's icon without its label."""
    look = v.state.look
    radius = {"circle": size / 2, "squircle": size * 0.3, "square": size * 0.16}[look.icon_shape]
    owner = v.apps[app]
    return Widget(
        icon=owner.icon,
        name=owner.name(v.state.settings.language),
        size=size * 0.56,
        width=size,
        height=size,
        radius=radius,
        fill=owner.color,
        color=(255, 255, 255),
    )


class Launcher(App[Home]):
    """The home screen."""

    id = LAUNCHER
    en, zh = "Home", "主屏幕"
    icon, color = "home", (90, 90, 90)

    def __init__(self, apps: tuple[str, ...]) -> None:
        self.ids = apps

    def first(self, world: World, rng: Random) -> Home:
        """Return icons laid out at random."""
        ids = list(self.ids)
        rng.shuffle(ids)
        dock, rest = tuple(ids[:4]), ids[4:]
        first = rng.randrange(6, 12)
        return Home((tuple(rest[:first]), tuple(rest[first:])), dock)

    def title(self, v: View[Home]) -> str:
        """Name the screen."""
        if v.route.name == "drawer":
            return "the list of all apps"
        return (
            "the home screen" if v.data.page == 0 else f"page {v.data.page + 1} of the home screen"
        )

    def view(self, v: View[Home]) -> Widget:
        """Draw the screen."""
        return _drawer(v) if v.route.name == "drawer" else _home(v)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button: only page dots are buttons."""
        desk.put(page=arg)

    def swipe(self, desk: Desk, direction: str) -> bool:
        """Turn pages, pull the drawer up or the shade down."""
        home: Home = desk.data
        if desk.route.name == "drawer":
            if direction == "down":
                desk.tab(self.root)
            return direction == "down"
        match direction:
            case "left" if home.page + 1 < len(home.pages):
                desk.put(page=home.page + 1)
            case "right" if home.page > 0:
                desk.put(page=home.page - 1)
            case "up":
                desk.go(Route("drawer"))
            case "down":
                desk.set(shade=True)
            case _:
                return False
        return True


_WHITE: Color = (255, 255, 255)


def _spot(v: View[Home], app: str, width: float, *, label: bool, ink: Color = _WHITE) -> Widget:
    """Return an icon with its label, as a tap target."""
    name = v.apps[app].name(v.state.settings.language)
    size = v.state.look.icon_size
    words = (gap(4), text(v, name, v.state.look.labels, color=ink, align="center")) if label else ()
    return Widget(
        (app_icon(v, app, size), *words),
        width=width,
        pad=(0, 5, 0, 5),
        align="center",
        tap=Switch(app),
        name=name,
    )


def _grid(v: View[Home], apps: tuple[str, ...], ink: Color = _WHITE) -> list[Widget]:
    columns = v.state.look.columns if v.height > v.width else 8
    room = v.width - 24
    rows = []
    for i in range(0, len(apps), columns):
        spots = tuple(
            _spot(v, a, room / columns, label=True, ink=ink) for a in apps[i : i + columns]
        )
        rows.append(Widget(spots, axis="x", pad=(12, 3, 12, 3)))
    return rows


def _home(v: View[Home]) -> Widget:
    look, home = v.state.look, v.data
    pill_fill = mix((255, 255, 255), v.theme.page, 0.3) if not v.theme.dark else (52, 54, 62)
    pill = Widget(
        (
            Widget(
                (
                    gap(16),
                    icon(v, "search", 20),
                    gap(8),
                    text(v, v.t("Search", "搜索"), 15, color=v.theme.dim),
                ),
                axis="x",
                height=46,
                radius=23,
                fill=pill_fill,
                tap=Switch("browser", Route("search")),
                name="search pill",
            ),
        ),
        pad=(18, 8, 18, 8),
    )
    portrait = v.height > v.width
    now = v.state.now
    day = v.t(now.strftime("%A, %B ") + str(now.day), f"{now.month}月{now.day}日")
    clock = (
        gap(22),
        text(v, now.strftime("%H:%M"), 62, color=_WHITE, align="center"),
        text(v, day, 15, color=_WHITE, align="center", weight=500),
        gap(14),
    )
    faint = mix(_WHITE, (90, 90, 90), 0.55)
    dots = tuple(
        Widget(
            width=8, height=8, radius=4, fill=_WHITE if i == home.page else faint,
            tap=Do("page", i), name=f"page {i + 1}",
        )
        for i in range(len(home.pages))
    )  # fmt: skip
    dock_width = (v.width - 24) / max(4, len(home.dock))
    dock = Widget(
        tuple(_spot(v, a, dock_width, label=False) for a in home.dock), axis="x", pad=(12, 4, 12, 8)
    )
    return Widget(
        (
            *((pill,) if look.search == "top" and portrait else (gap(8),)),
            *(clock if look.clock and home.page == 0 and portrait else (gap(18),)),
            *_grid(v, home.pages[home.page]),
            spread(),
            Widget((spread(), *dots, spread()), axis="x", gap=8, height=18),
            *((pill,) if look.search == "bottom" and portrait else ()),
            dock,
        )
    )


def _drawer(v: View[Home]) -> Widget:
    language = v.state.settings.language
    apps = sorted((a for a in v.apps if a in _listed(v)), key=lambda a: v.apps[a].name(language))
    key = f"{LAUNCHER}/drawer/"
    return Widget(
        (
            Widget((text(v, v.t("All apps", "所有应用"), 20, weight=500),), pad=(22, 16, 16, 8)),
            Widget(
                tuple(_grid(v, tuple(apps), v.theme.text)), grow=1, scroll=key, offset=v.offset(key)
            ),
        ),
        fill=v.theme.page,
    )


def _listed(v: View[Home]) -> frozenset[str]:
    home = v.state.data[LAUNCHER]
    return frozenset(a for page in (*home.pages, home.dock) for a in page)
