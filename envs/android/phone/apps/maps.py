"""Maps: the map, a search, results, a place, directions, and saved places."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import CATEGORIES, Place, World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Picture, Route, Switch, Tab
from qvl_agent.envs.android.phone.screens import bar, chips, page, search_bar, tabs
from qvl_agent.envs.android.phone.widgets import (
    action,
    button,
    gap,
    heading,
    icon,
    picture,
    row,
    spread,
    text,
)

__all__ = ["Maps", "MapsApp"]

MODES = (
    ("car", "Drive", "驾车", 400),
    ("transit", "Transit", "公交", 260),
    ("walk", "Walk", "步行", 75),
)
"""Ways to go: key, name in English and Chinese, metres a minute."""


_IN_BOTH = {en: zh for en, zh, _ in CATEGORIES} | {zh: en for en, zh, _ in CATEGORIES}
"""Kinds of places in the other language: a map is asked in both, whatever the phone speaks."""


@dataclass(frozen=True, slots=True)
class Maps:
    """What the app stores.

    Attributes:
        places: On the map.
        saved: Names of saved places.
        history: What was searched for, the latest first.
        going: Name of the place that navigation leads to, "" for none.
        mode: Key of `MODES`.
        seed: Of the map's picture.
    """

    places: tuple[Place, ...] = ()
    saved: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    going: str = ""
    mode: str = "car"
    seed: int = 0

    def find(self, query: str) -> list[Place]:
        """Return the places that match what was searched for, the nearest first."""
        words = query.lower().split()
        found = [
            p
            for p in self.places
            if all(w in f"{p.name} {p.category} {p.street}".lower() for w in words)
        ]
        if not found:  # "pizza restaurant nearby": any place whose category is among the words
            asked = query.lower()
            found = [
                p
                for p in self.places
                if p.category in asked or _IN_BOTH.get(p.category, p.category) in asked
            ]
        return sorted(found, key=lambda p: p.metres) if words else []

    def named(self, name: str) -> Place | None:
        """Return a place by its name."""
        return next((p for p in self.places if p.name == name), None)


class MapsApp(App[Maps]):
    """Maps."""

    id = "maps"
    en, zh = "Maps", "地图"
    icon, color = "pin", (40, 140, 80)

    def first(self, world: World, rng: Random) -> Maps:
        """Return the places of the world, one of them saved."""
        saved = (rng.choice(world.places).name,)
        words = tuple(rng.choice(CATEGORIES[4:7])[1 if world.zh else 0] for _ in range(1))
        return Maps(world.places, saved, words, seed=rng.randrange(1000))

    def title(self, v: View[Maps]) -> str:
        """Name the screen."""
        match v.route.name:
            case "main":
                return "the map"
            case "search":
                return "the search page of Maps"
            case "results":
                return f'the results for "{v.route.arg}" in Maps'
            case "place":
                return f"the page of {v.route.arg}"
            case "directions":
                return f"the directions to {v.route.arg}"
            case _:
                return "the list of saved places"

    def view(self, v: View[Maps]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                return _main(v)
            case "search":
                return _search(v)
            case "results":
                return _results(v)
            case "place":
                return _place(v)
            case "directions":
                return _directions(v)
            case _:
                return _saved(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Put the cursor into the search field."""
        if route.name == "search":
            desk.fill(query="")
            desk.focus("query")

    def enter(self, desk: Desk, field: str) -> None:
        """Search."""
        self.do(desk, "search", desk.field("query"))

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Maps = desk.data
        match name:
            case "search":
                if arg:
                    desk.put(history=(arg, *(h for h in data.history if h != arg)))
                    desk.tab(self.root, Route("results", arg))
            case "save":
                rest = tuple(n for n in data.saved if n != arg)
                desk.put(saved=rest if arg in data.saved else (arg, *rest))
                desk.toast(
                    desk.t("Removed", "已移除") if arg in data.saved else desk.t("Saved", "已收藏")
                )
            case "mode":
                desk.put(mode=arg)
            case "start":
                desk.put(going=arg)
                desk.toast(desk.t("Navigation started", "导航已开始"))
            case "stop":
                desk.put(going="")
            case _:
                super().do(desk, name, arg)


def _chart(v: View[Maps], pins: int, chosen: int, height: float | None = None) -> Widget:
    """Return the map, filling what room there is or `height` dp."""
    what = Picture("map", (v.data.seed, v.theme.dark, pins, chosen))
    return Widget(picture=what, height=height, grow=0 if height else 1)


def _tabs(v: View[Maps]) -> Widget:
    return tabs(
        v,
        ("pin", v.t("Explore", "发现"), Tab(Route("main"))),
        ("bookmark", v.t("Saved", "收藏"), Tab(Route("saved"))),
    )


def _main(v: View[Maps]) -> Widget:
    picks = [(v.t(en, zh), Do("search", v.t(en, zh)), False) for en, zh, _ in CATEGORIES[2:5]]
    top = search_bar(v, "query", v.t("Search here", "在此搜索"), tap=Go(Route("search")))
    return Widget((top, chips(v, *picks), _chart(v, 0, -1), _tabs(v)), fill=v.theme.page)


def _search(v: View[Maps]) -> Widget:
    typed = v.field("query").lower()
    ideas = [v.t(en, zh) for en, zh, _ in CATEGORIES if typed and v.t(en, zh).startswith(typed)]
    rows = [
        *(row(v, h, lead="clock", tap=Do("search", h)) for h in v.data.history[:4] if typed in h),
        *(row(v, i, lead="search", tap=Do("search", i)) for i in ideas if i not in v.data.history),
    ]
    return page(v, search_bar(v, "query", v.t("Search here", "在此搜索"), lead="back"), *rows)


def _about(v: View[Maps], p: Place) -> str:
    far = f"{p.metres} m" if p.metres < 1000 else f"{p.metres / 1000:.1f} km"
    return f"{p.category} · {far}"


def _results(v: View[Maps]) -> Widget:
    found = v.data.find(v.route.arg)[:12]
    top = search_bar(v, "shown", v.route.arg, tap=Go(Route("search")), lead="search")
    rows = [
        row(
            v, p.name, f"{_about(v, p)} · {p.street}", lead="pin",
            trail=f"{p.stars} ★".replace(" ★", ""), tap=Go(Route("place", p.name)), name=p.name,
        )
        for p in found
    ]  # fmt: skip
    none = text(v, v.t("No results", "没有结果"), 16, color=v.theme.dim, align="center")
    return page(
        v, top, _chart(v, min(6, len(found)), -1, 240), *(rows or [gap(40), none]), bottom=_tabs(v)
    )


def _place(v: View[Maps]) -> Widget:
    p = v.data.named(v.route.arg)
    if p is None:
        return page(v, bar(v, v.t("No such place", "没有此地点")))
    kept = p.name in v.data.saved
    stars = Widget(
        (
            text(v, str(p.stars), 15, color=v.theme.dim),
            *(
                icon(
                    v, "star_full", 15, color=(242, 172, 34) if i < round(p.stars) else v.theme.line
                )
                for i in range(5)
            ),
            text(v, _about(v, p), 15, color=v.theme.dim),
        ),
        axis="x",
        gap=4,
        pad=(18, 2, 0, 12),
    )
    return page(
        v,
        bar(v, ""),
        _chart(v, 1, 0, 210),
        Widget((text(v, p.name, 25, weight=500, lines=2),), pad=(18, 14, 18, 0)),
        stars,
        Widget(
            (
                action(
                    v, "route", v.t("Directions", "路线"), Go(Route("directions", p.name)), on=True
                ),
                action(v, "phone", v.t("Call", "呼叫"), Switch("phone", Route("call", p.phone))),
                action(
                    v,
                    "bookmark_full" if kept else "bookmark",
                    v.t("Saved", "已收藏") if kept else v.t("Save", "收藏"),
                    Do("save", p.name),
                ),
            ),
            axis="x",
            pad=(24, 0, 24, 12),
        ),
        row(v, p.street, lead="location"),
        row(v, p.phone, lead="phone"),
        row(v, v.t("Open · closes 10 pm", "营业中 · 22点打烊"), lead="clock"),
        heading(v, v.t("Photos", "照片")),
        Widget(
            tuple(
                picture(Picture("photo", (sum(map(ord, p.name)) + i,)), 116, 90, radius=12)
                for i in range(3)
            ),
            axis="x",
            gap=6,
            pad=(16, 0, 0, 10),
        ),
    )


def _directions(v: View[Maps]) -> Widget:
    p = v.data.named(v.route.arg)
    if p is None:
        return page(v, bar(v, v.t("No such place", "没有此地点")))
    speed = {key: pace for key, _, _, pace in MODES}
    minutes = max(1, round(p.metres / speed[v.data.mode]) + 2)
    picks = [(v.t(en, zh), Do("mode", key), key == v.data.mode) for key, en, zh, _ in MODES]
    here = v.data.going == p.name
    go = (
        button(v, v.t("Stop", "结束"), Do("stop"), grow=1, color=v.theme.alarm)
        if here
        else button(v, v.t("Start", "开始"), Do("start", p.name), grow=1, icon_name="route")
    )
    return Widget(
        (
            bar(v, v.t(f"To {p.name}", f"前往{p.name}")),
            chips(v, *picks),
            _chart(v, 1, 0),
            Widget(
                (
                    text(v, v.t(f"{minutes} min", f"{minutes} 分钟"), 26, weight=500),
                    text(v, f"{p.street} · {p.metres / 1000:.1f} km", 15, color=v.theme.dim),
                    gap(12),
                    Widget((go,), axis="x"),
                ),
                pad=(18, 14, 18, 16),
            ),
        ),
        fill=v.theme.page,
    )


def _saved(v: View[Maps]) -> Widget:
    places = [p for p in map(v.data.named, v.data.saved) if p]
    rows = [
        row(v, p.name, _about(v, p), lead="bookmark_full", tap=Go(Route("place", p.name)))
        for p in places
    ]
    return page(v, bar(v, v.t("Saved places", "收藏的地点")), *rows, spread(), bottom=_tabs(v))
