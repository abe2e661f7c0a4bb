"""Browser: a start page, a search, results, a page to read, and bookmarks."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import ARTICLES, QUERIES, World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Picture, Route
from qvl_agent.envs.android.phone.screens import bar, page, search_bar
from qvl_agent.envs.android.phone.widgets import avatar, gap, heading, icon, picture, row, text

__all__ = ["Browser", "BrowserApp", "headline"]


@dataclass(frozen=True, slots=True)
class Browser:
    """What the app stores.

    Attributes:
        history: What was searched for, the latest first.
        bookmarks: Titles of pages.
        shortcuts: Searches on the start page.
    """

    history: tuple[str, ...] = ()
    bookmarks: tuple[str, ...] = ()
    shortcuts: tuple[str, ...] = ()


def headline(query: str, index: int, zh: bool) -> str:
    """Return the title of the n-th result for a search."""
    title = ARTICLES[index][0][1 if zh else 0].format(query)
    return title[:1].upper() + title[1:]


class BrowserApp(App[Browser]):
    """Browser."""

    id = "browser"
    en, zh = "Browser", "浏览器"
    icon, color = "globe", (70, 100, 214)

    def first(self, world: World, rng: Random) -> Browser:
        """Return a used browser."""
        words = world.draw(rng, QUERIES, 4)
        old = (headline(words[-1], rng.randrange(5), world.zh),)
        return Browser((words[-1],), old, tuple(words[:3]))

    def title(self, v: View[Browser]) -> str:
        """Name the screen."""
        match v.route.name:
            case "main":
                return "the start page of Browser"
            case "search":
                return "the search page of Browser"
            case "results":
                return f'the web results for "{v.route.arg}"'
            case "page":
                return "a web page"
            case _:
                return "the list of bookmarks"

    def view(self, v: View[Browser]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                return _main(v)
            case "search":
                rows = [row(v, h, lead="clock", tap=Do("search", h)) for h in v.data.history[:5]]
                return page(v, search_bar(v, "query", _hint(v), lead="back"), *rows)
            case "results":
                return _results(v)
            case "page":
                return _page(v)
            case _:
                rows = [
                    row(v, b, lead="bookmark_full", tap=Go(Route("page", b)))
                    for b in v.data.bookmarks
                ]
                return page(v, bar(v, v.t("Bookmarks", "书签")), *rows)

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
        data: Browser = desk.data
        match name:
            case "search":
                if arg:
                    desk.put(history=(arg, *(h for h in data.history if h != arg)))
                    desk.tab(self.root, Route("results", arg))
            case "bookmark":
                rest = tuple(b for b in data.bookmarks if b != arg)
                on = arg not in data.bookmarks
                desk.put(bookmarks=(arg, *rest) if on else rest)
                desk.toast(
                    desk.t("Bookmark added", "已加书签")
                    if on
                    else desk.t("Bookmark removed", "已移除书签")
                )
            case _:
                super().do(desk, name, arg)


def _hint(v: View[Browser]) -> str:
    return v.t("Search the web", "搜索网页")


def _main(v: View[Browser]) -> Widget:
    marks = icon(v, "bookmark", tap=Go(Route("bookmarks")), label="Bookmarks")
    tiles = tuple(
        Widget(
            (avatar(v, s, 52), gap(6), text(v, s, 12.5, align="center")),
            align="center", grow=1, tap=Do("search", s), name=s,
        )
        for s in v.data.shortcuts
    )  # fmt: skip
    news = [
        Widget(
            (
                picture(Picture("photo", (sum(map(ord, q)),)), 92, 68, radius=12),
                gap(12),
                text(
                    v, headline(q, i + 1, v.state.settings.language == "zh"), 15.5, lines=2, grow=1
                ),
            ),
            axis="x",
            pad=(16, 8, 16, 8),
        )
        for i, q in enumerate(v.data.shortcuts)
    ]
    return page(
        v,
        bar(v, "", marks, back=False),
        gap(30),
        text(v, "Qwell", 46, weight=700, color=v.theme.accent, align="center"),
        gap(16),
        search_bar(v, "query", _hint(v), tap=Go(Route("search"))),
        gap(14),
        Widget(tiles, axis="x", pad=(12, 0, 12, 6)),
        heading(v, v.t("For you", "为你推荐")),
        *news,
    )


def _results(v: View[Browser]) -> Widget:
    zh = v.state.settings.language == "zh"
    rows = []
    for i, (_, body) in enumerate(ARTICLES):
        title = headline(v.route.arg, i, zh)
        rows.append(
            Widget(
                (
                    text(
                        v,
                        f"www.{('guide', 'best', 'pedia', 'local', 'ask')[i]}.org",
                        13,
                        color=v.theme.dim,
                    ),
                    text(v, title, 18, weight=500, color=v.theme.accent, lines=2),
                    gap(2),
                    text(v, v.t(*body), 14, color=v.theme.dim, lines=2),
                ),
                pad=(18, 12, 18, 12),
                tap=Go(Route("page", title)),
                name=title,
            )
        )
    return page(v, search_bar(v, "shown", v.route.arg, tap=Go(Route("search"))), *rows)


def _page(v: View[Browser]) -> Widget:
    title = v.route.arg
    on = title in v.data.bookmarks
    mark = icon(
        v, "bookmark_full" if on else "bookmark", color=v.theme.accent if on else v.theme.dim,
        tap=Do("bookmark", title), label="Bookmark",
    )  # fmt: skip
    words = v.t(
        "Whoever begins should take it slowly. A little every day is better than much once a week. "
        "Ask friends who have done it, write down what worked, and do not buy more than you need.",
        "刚开始的时候要慢慢来。每天一点比一周一次要好。问问做过的朋友，写下有用的方法，不要买太多东西。",
    )
    return page(
        v,
        bar(v, "", mark),
        Widget((text(v, title, 25, weight=700, lines=4),), pad=(18, 4, 18, 12)),
        picture(Picture("photo", (sum(map(ord, title)),)), v.width, 210),
        Widget(
            (text(v, words, 16.5, lines=12), gap(16), text(v, words, 16.5, lines=12)),
            pad=(18, 16, 18, 20),
        ),
    )
