"""Weather: the places one follows, and a city's day by the hour and week."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import CITIES, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.screens import bar, card, page, search_bar
from qvl_agent.envs.android.phone.widgets import gap, heading, icon, row, stack, text

__all__ = ["SKIES", "City", "Weather", "WeatherApp"]

SKIES: dict[str, tuple[str, str, str]] = {
    "sunny": ("sun", "Sunny", "晴"),
    "partly": ("partly", "Partly cloudy", "多云"),
    "cloudy": ("cloud", "Cloudy", "阴"),
    "rain": ("rain", "Rain", "雨"),
    "storm": ("storm", "Storm", "雷雨"),
    "snow": ("snow", "Snow", "雪"),
}
"""Icon and names of each kind of weather."""

_SUN, _GREY, _BLUE = (240, 170, 32), (140, 150, 164), (62, 128, 214)
_INKS = {
    "sunny": _SUN,
    "partly": _SUN,
    "cloudy": _GREY,
    "rain": _BLUE,
    "storm": _BLUE,
    "snow": _BLUE,
}


@dataclass(frozen=True, slots=True)
class City:
    """A city's forecast: for each hour from 6 to 23, degrees and key of `SKIES`."""

    name: str
    hours: tuple[tuple[int, int, str], ...]
    days: tuple[tuple[int, int, str], ...]

    def at(self, hour: int) -> tuple[int, str]:
        """Return degrees and sky at an hour."""
        return next((d, s) for h, d, s in self.hours if h == hour)


@dataclass(frozen=True, slots=True)
class Weather:
    """What the app stores: all cities it knows, and the names that are followed."""

    cities: tuple[City, ...] = ()
    followed: tuple[str, ...] = ()

    def city(self, name: str) -> City | None:
        """Return a city by its name."""
        return next((c for c in self.cities if c.name == name), None)


class WeatherApp(App[Weather]):
    """Weather."""

    id = "weather"
    en, zh = "Weather", "天气"
    icon, color = "partly", (58, 132, 220)

    def first(self, world: World, rng: Random) -> Weather:
        """Return forecasts, and a few followed cities."""
        cities = tuple(_city(world.say(p), rng) for p in share(CITIES, world.split))
        return Weather(cities, tuple(c.name for c in rng.sample(cities, 3)))

    def title(self, v: View[Weather]) -> str:
        """Name the screen."""
        match v.route.name:
            case "city":
                return f"the weather in {v.route.arg}"
            case "search":
                return "the search for a city"
            case _:
                return "the list of cities in Weather"

    def view(self, v: View[Weather]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "city":
                return _city_page(v)
            case "search":
                typed = v.field("query").lower()
                found = [c for c in v.data.cities if c.name.lower().startswith(typed)]
                rows = [
                    row(v, c.name, lead="pin", tap=Go(Route("city", c.name))) for c in found[:9]
                ]
                none = text(
                    v, v.t("No such city", "没有此城市"), 16, color=v.theme.dim, align="center"
                )
                top = search_bar(v, "query", v.t("Search a city", "搜索城市"), lead="back")
                return page(v, top, *(rows or [gap(40), none]))
            case _:
                return _list(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Put the cursor into the search field."""
        if route.name == "search":
            desk.fill(query="")
            desk.focus("query")

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Follow a city, or no longer."""
        if name != "follow":
            super().do(desk, name, arg)
        data: Weather = desk.data
        rest = tuple(n for n in data.followed if n != arg)
        desk.put(followed=rest if arg in data.followed else (*rest, arg))


def _city(name: str, rng: Random) -> City:
    base = rng.randrange(-6, 29)
    sky = rng.choice(tuple(SKIES))
    hours = []
    for hour in range(6, 24):
        if rng.random() < 0.25:
            sky = rng.choice(tuple(SKIES))
        if sky == "snow" and base > 3:
            sky = "rain"
        hours.append((hour, base + round(6 - abs(hour - 14) * 0.9) + rng.randrange(-1, 2), sky))
    days = tuple(
        (
            base - rng.randrange(2, 6),
            base + rng.randrange(2, 7),
            rng.choice(("sunny", "partly", "cloudy", "rain")),
        )
        for _ in range(6)
    )
    return City(name, tuple(hours), days)


def _now(v: View[Weather], c: City) -> tuple[int, str]:
    return c.at(min(23, max(6, v.state.now.hour)))


def _sky(v: View[Weather], sky: str, size: float) -> Widget:
    return icon(v, SKIES[sky][0], size, color=_INKS[sky])


def _list(v: View[Weather]) -> Widget:
    cards = []
    for c in filter(None, map(v.data.city, v.data.followed)):
        degrees, sky = _now(v, c)
        words = stack(
            text(v, c.name, 21, weight=500),
            text(v, v.t(*SKIES[sky][1:]), 14.5, color=v.theme.dim),
            grow=1,
        )
        inner = Widget((words, _sky(v, sky, 34), gap(10), text(v, f"{degrees}°", 34)), axis="x")
        cards.append(card(v, inner, tap=Go(Route("city", c.name)), name=c.name, pad=18))
    top = search_bar(v, "query", v.t("Search a city", "搜索城市"), tap=Go(Route("search")))
    return page(v, bar(v, v.t("Weather", "天气")), top, *cards)


def _city_page(v: View[Weather]) -> Widget:
    c = v.data.city(v.route.arg)
    if c is None:
        return page(v, bar(v, v.t("No such city", "没有此城市")))
    degrees, sky = _now(v, c)
    on = c.name in v.data.followed
    follow = icon(
        v, "star_full" if on else "star", color=v.theme.accent if on else v.theme.dim,
        tap=Do("follow", c.name), label="Follow",
    )  # fmt: skip
    hours = [
        row(v, f"{h:02}:00", lead=_sky(v, s, 24), trail=text(v, f"{d}°   {v.t(*SKIES[s][1:])}", 16))
        for h, d, s in c.hours
    ]
    names = v.t("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日").split()
    today = v.state.now.weekday()
    days = [
        row(v, names[(today + i + 1) % 7], lead=_sky(v, s, 24), trail=f"{lo}° / {hi}°")
        for i, (lo, hi, s) in enumerate(c.days)
    ]
    return page(
        v,
        bar(v, c.name, follow),
        Widget((gap(8), _sky(v, sky, 76)), align="center"),
        text(v, f"{degrees}°", 72, align="center"),
        text(v, v.t(*SKIES[sky][1:]), 17, color=v.theme.dim, align="center"),
        heading(v, v.t("Today", "今天")),
        *hours,
        heading(v, v.t("Next days", "未来几天")),
        *days,
    )
