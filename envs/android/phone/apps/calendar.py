"""Calendar: a month, a day, an event, and a form."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import EVENTS, World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Do, Go, Route
from qvl_agent.envs.android.phone.screens import bar, card, field, page
from qvl_agent.envs.android.phone.widgets import button, fab, gap, heading, icon, text

__all__ = ["Calendar", "CalendarApp", "Meeting"]

HOURS = range(7, 22)
"""Hours at which an event can begin."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """An event of one hour on the full hour."""

    day: date
    hour: int
    title: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the app stores.

    Attributes:
        events: Sorted by day and hour.
        shown: First day of the month in sight.
        hour: Chosen in the form.
    """

    events: tuple[Meeting, ...] = ()
    shown: date = date(2026, 1, 1)
    hour: int = 9

    def on(self, day: date) -> list[Meeting]:
        """Return the events of a day."""
        return [e for e in self.events if e.day == day]


class CalendarApp(App[Calendar]):
    """Calendar. The argument of `day`, `new` and `event` is an ISO date, "|hour|title" after it."""

    id = "calendar"
    en, zh = "Calendar", "日历"
    icon, color = "calendar", (60, 110, 214)

    def first(self, world: World, rng: Random) -> Calendar:
        """Return some events of this month."""
        titles = world.draw(rng, EVENTS, 4)
        first = world.today.replace(day=1)
        last = calendar.monthrange(first.year, first.month)[1]
        days = rng.sample(range(last), len(titles))
        events = [
            Meeting(first + timedelta(d), rng.choice(HOURS), t)
            for d, t in zip(days, titles, strict=True)
        ]
        return Calendar(tuple(sorted(events, key=lambda e: (e.day, e.hour))), first)

    def title(self, v: View[Calendar]) -> str:
        """Name the screen."""
        names = {
            "main": "the month in Calendar",
            "day": "a day in Calendar",
            "new": "the form of a new event",
        }
        return names.get(v.route.name, "an event in Calendar")

    def view(self, v: View[Calendar]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "main":
                return _month(v)
            case "day":
                return _day(v)
            case "new":
                return _new(v)
            case _:
                return _event(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Empty the form."""
        if route.name == "new":
            desk.fill(title="")
            desk.put(hour=9)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Calendar = desk.data
        match name:
            case "month":
                shown = (data.shown + timedelta(days=31 if arg > 0 else -1)).replace(day=1)
                desk.put(shown=shown)
            case "hour":
                desk.put(hour=arg)
            case "save":
                title = desk.field("title")
                if not title:
                    desk.toast(desk.t("An event needs a title", "请填写标题"))
                    return
                event = Meeting(date.fromisoformat(desk.route.arg), data.hour, title)
                events = sorted((*data.events, event), key=lambda e: (e.day, e.hour))
                desk.put(events=tuple(events))
                desk.back()
                desk.toast(desk.t("Event saved", "日程已保存"))
            case "delete":
                gone = _meeting(desk.route.arg)
                desk.put(events=tuple(e for e in data.events if e != gone))
                desk.back()
                desk.toast(desk.t("Event deleted", "日程已删除"))
            case _:
                super().do(desk, name, arg)


def _meeting(arg: str) -> Meeting:
    day, hour, title = arg.split("|", 2)
    return Meeting(date.fromisoformat(day), int(hour), title)


def _said(v: View[Calendar], day: date) -> str:
    return v.t(day.strftime("%A, %B ") + str(day.day), f"{day.month}月{day.day}日")


def _month(v: View[Calendar]) -> Widget:
    shown, today = v.data.shown, v.state.now.date()
    busy = {e.day for e in v.data.events}
    rows = []
    for week in calendar.Calendar(0).monthdatescalendar(shown.year, shown.month):
        cells = []
        for day in week:
            if day.month != shown.month:
                cells.append(Widget(height=48, grow=1))
                continue
            here = day == today
            dot = Widget(
                width=6,
                height=6,
                radius=3,
                fill=(v.theme.on_accent if here else v.theme.accent) if day in busy else None,
            )
            number = text(
                v,
                str(day.day),
                16,
                weight=500 if here else 400,
                align="center",
                color=v.theme.on_accent if here else v.theme.text,
            )
            cells.append(
                Widget(
                    (gap(7), number, gap(2), dot),
                    height=48,
                    grow=1,
                    align="center",
                    radius=14,
                    fill=v.theme.accent if here else None,
                    tap=Go(Route("day", day.isoformat())),
                    name=f"day {day.day}",
                )
            )
        rows.append(Widget(tuple(cells), axis="x", gap=3, pad=(12, 2, 12, 2)))
    names = v.t("Mon Tue Wed Thu Fri Sat Sun", "一 二 三 四 五 六 日").split()
    head = Widget(
        tuple(
            Widget((text(v, n, 12.5, color=v.theme.dim, align="center"),), grow=1) for n in names
        ),
        axis="x",
        gap=3,
        pad=(12, 6, 12, 4),
    )
    coming = [e for e in v.data.events if e.day >= today][:4]
    return page(
        v,
        bar(
            v,
            v.t(shown.strftime("%B %Y"), f"{shown.year}年{shown.month}月"),
            icon(v, "prev", tap=Do("month", -1), label="Previous month"),
            icon(v, "next", tap=Do("month", 1), label="Next month"),
        ),
        head,
        *rows,
        heading(v, v.t("Coming up", "接下来")),
        *(_entry(v, e, dated=True) for e in coming),
        gap(70),
        floating=fab(
            v, "plus", v.t("New event today", "新建今天的日程"), Go(Route("new", today.isoformat()))
        ),
    )


def _entry(v: View[Calendar], e: Meeting, *, dated: bool = False) -> Widget:
    when = f"{e.hour:02}:00"
    if dated:
        when = f"{_said(v, e.day)}, {when}"
    return card(
        v,
        text(v, e.title, 16.5, weight=500),
        text(v, when, 13.5, color=v.theme.dim),
        tap=Go(Route("event", f"{e.day.isoformat()}|{e.hour}|{e.title}")),
        name=e.title,
    )


def _day(v: View[Calendar]) -> Widget:
    day = date.fromisoformat(v.route.arg)
    events = v.data.on(day)
    none = text(v, v.t("No events", "没有日程"), 16, color=v.theme.dim, align="center")
    return page(
        v,
        bar(v, _said(v, day)),
        *([_entry(v, e) for e in events] or [gap(60), none]),
        gap(70),
        floating=fab(v, "plus", v.t("New event", "新建日程"), Go(Route("new", v.route.arg))),
    )


def _new(v: View[Calendar]) -> Widget:
    rows = []
    hours = list(HOURS)
    for i in range(0, len(hours), 5):
        cells = tuple(
            Widget(
                text=f"{h:02}:00",
                size=15,
                align="center",
                height=42,
                grow=1,
                radius=10,
                weight=700 if h == v.data.hour else 400,
                fill=v.theme.accent if h == v.data.hour else v.theme.card,
                color=v.theme.on_accent if h == v.data.hour else v.theme.text,
                tap=Do("hour", h),
                name=f"{h}:00",
            )
            for h in hours[i : i + 5]
        )
        rows.append(Widget(cells, axis="x", gap=6, pad=(16, 3, 16, 3)))
    return page(
        v,
        bar(v, v.t("New event", "新建日程")),
        Widget(
            (text(v, _said(v, date.fromisoformat(v.route.arg)), 16, color=v.theme.dim),),
            pad=(16, 0, 16, 6),
        ),
        field(v, "title", v.t("Title", "标题")),
        heading(v, v.t("Begins at", "开始时间")),
        *rows,
        Widget(
            (button(v, v.t("Save", "保存"), Do("save"), grow=1),), axis="x", pad=(16, 14, 16, 0)
        ),
    )


def _event(v: View[Calendar]) -> Widget:
    e = _meeting(v.route.arg)
    return page(
        v,
        bar(v, "", icon(v, "delete", tap=Do("delete"), label="Delete")),
        Widget((text(v, e.title, 26, weight=500, lines=2),), pad=(18, 8, 18, 10)),
        Widget(
            (
                text(
                    v,
                    f"{_said(v, e.day)}, {e.hour:02}:00 - {e.hour + 1:02}:00",
                    16,
                    color=v.theme.dim,
                ),
            ),
            pad=(18, 0, 18, 0),
        ),
    )
