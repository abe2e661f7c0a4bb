"""Music: songs, favourites, and the player."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import SONGS, World, share
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Picture, Route, Tab
from qvl_agent.envs.android.phone.screens import bar, page, search_bar, tabs
from qvl_agent.envs.android.phone.widgets import gap, icon, picture, row, spread, stack, text

__all__ = ["Music", "MusicApp"]


@dataclass(frozen=True, slots=True)
class Music:
    """What the app stores.

    Attributes:
        songs: (title, artist).
        liked: Titles of favourites.
        current: Title in the player, "" for none.
        playing: Whether it plays.
    """

    songs: tuple[tuple[str, str], ...] = ()
    liked: tuple[str, ...] = ()
    current: str = ""
    playing: bool = False

    def artist(self, title: str) -> str:
        """Return who sings a song."""
        return dict(self.songs).get(title, "")


class MusicApp(App[Music]):
    """Music."""

    id = "music"
    en, zh = "Music", "音乐"
    icon, color = "music", (196, 52, 110)

    def first(self, world: World, rng: Random) -> Music:
        """Return the songs of the split, in some order."""
        part = list(share(SONGS, world.split))
        rng.shuffle(part)
        songs = tuple((world.say(t), world.say(a)) for t, a in part)
        return Music(songs, (rng.choice(songs)[0],))

    def title(self, v: View[Music]) -> str:
        """Name the screen."""
        names = {"main": "the list of songs", "liked": "the favourite songs"}
        return names.get(v.route.name, "the music player")

    def view(self, v: View[Music]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                wanted = v.field("search").lower()
                songs = [s for s in v.data.songs if wanted in f"{s[0]} {s[1]}".lower()]
                top = search_bar(v, "search", v.t("Search songs", "搜索歌曲"))
                return page(v, bar(v, v.t("Songs", "歌曲")), top, *_rows(v, songs), bottom=_foot(v))
            case "liked":
                songs = [s for s in v.data.songs if s[0] in v.data.liked]
                return page(v, bar(v, v.t("Favourites", "收藏")), *_rows(v, songs), bottom=_foot(v))
            case _:
                return _player(v)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Music = desk.data
        match name:
            case "play":
                desk.put(current=arg, playing=True)
                desk.go(Route("player"))
            case "pause":
                desk.put(playing=not data.playing)
            case "skip":
                titles = [t for t, _ in data.songs]
                here = titles.index(data.current) if data.current in titles else 0
                desk.put(current=titles[(here + arg) % len(titles)], playing=True)
            case "like":
                rest = tuple(t for t in data.liked if t != arg)
                desk.put(liked=rest if arg in data.liked else (*rest, arg))
            case _:
                super().do(desk, name, arg)


def _cover(title: str) -> Picture:
    return Picture("cover", (sum(map(ord, title)) * 7,))


def _rows(v: View[Music], songs: list[tuple[str, str]]) -> list[Widget]:
    return [
        row(
            v,
            t,
            a,
            lead=picture(_cover(t), 48, 48, radius=8),
            trail=icon(
                v,
                "heart_full" if t in v.data.liked else "heart",
                22,
                color=v.theme.alarm if t in v.data.liked else v.theme.dim,
                tap=Do("like", t),
                label=f"Like {t}",
            ),
            tap=Do("play", t),
            color=v.theme.accent if t == v.data.current else None,
            name=t,
        )
        for t, a in songs
    ]


def _foot(v: View[Music]) -> Widget:
    below = tabs(
        v,
        ("list", v.t("Songs", "歌曲"), Tab(Route("main"))),
        ("heart", v.t("Favourites", "收藏"), Tab(Route("liked"))),
    )
    if not v.data.current:
        return below
    sign = "pause" if v.data.playing else "play"
    mini = Widget(
        (
            picture(_cover(v.data.current), 40, 40, radius=6),
            gap(12),
            text(v, v.data.current, 15, weight=500, grow=1),
            icon(v, sign, 24, color=v.theme.text, tap=Do("pause"), label=sign.title()),
        ),
        axis="x",
        pad=(14, 8, 8, 8),
        fill=v.theme.card,
        tap=Go(Route("player")),
        name="player",
    )
    return Widget((mini, below))


def _player(v: View[Music]) -> Widget:
    d = v.data
    side = min(v.width - 80, max(80, v.height - 380))
    liked = d.current in d.liked
    like = icon(
        v,
        "heart_full" if liked else "heart",
        28,
        color=v.theme.alarm if liked else v.theme.dim,
        tap=Do("like", d.current),
        label="Like",
    )
    sign = "pause" if d.playing else "play"
    big = Widget(
        icon=sign,
        size=34,
        width=72,
        height=72,
        radius=36,
        fill=v.theme.accent,
        color=v.theme.on_accent,
        tap=Do("pause"),
        name=sign.title(),
    )
    ink = v.theme.text
    done = Widget(height=5, grow=3, fill=v.theme.accent, radius=2)
    return page(
        v,
        bar(v, v.t("Now playing", "正在播放")),
        gap(16),
        Widget((picture(_cover(d.current), side, side, radius=20),), align="center"),
        spread(),
        Widget(
            (
                stack(
                    text(v, d.current, 24, weight=500),
                    text(v, d.artist(d.current), 16, color=v.theme.dim),
                    grow=1,
                ),
                like,
            ),
            axis="x",
            pad=(40, 0, 30, 14),
        ),
        Widget(
            (done, Widget(height=5, grow=5, fill=v.theme.line, radius=2)),
            axis="x",
            pad=(40, 0, 40, 22),
        ),
        Widget(
            (
                spread(),
                icon(v, "skip_back", 32, color=ink, tap=Do("skip", -1), label="Previous song"),
                big,
                icon(v, "skip", 32, color=ink, tap=Do("skip", 1), label="Next song"),
                spread(),
            ),
            axis="x",
            gap=24,
        ),
        gap(40),
        fixed=True,
    )
