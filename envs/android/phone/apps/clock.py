"""Clock: alarms, a timer with presets, and a stopwatch."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import ERRANDS, World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Back, Do, Event, Go, Route, Tab
from qvl_agent.envs.android.phone.screens import bar, field, page, tabs
from qvl_agent.envs.android.phone.widgets import (
    ON_OR_OFF,
    button,
    fab,
    gap,
    heading,
    icon,
    spread,
    switch,
    text,
)

__all__ = ["Alarm", "Clock", "ClockApp"]

PRESETS = (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90)
"""Minutes that the timer offers."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm at a minute of the day."""

    minutes: int
    on: bool = True
    label: str = ""

    @property
    def time(self) -> str:
        """As shown, "07:30"."""
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Clock:
    """What the app stores.

    Attributes:
        alarms: Sorted by time.
        draft: The alarm under the editor's fingers.
        timer: Minutes of the running timer, 0 when none runs.
        timer_end: In the phone's `now_ms`.
        picked: Minutes chosen for the timer.
        stopwatch: Start in `now_ms`, or None.
    """

    alarms: tuple[Alarm, ...] = ()
    draft: Alarm = Alarm(8 * 60)
    timer: int = 0
    timer_end: int = 0
    picked: int = 5
    stopwatch: int | None = None


class ClockApp(App[Clock]):
    """Alarms, timer, stopwatch."""

    id = "clock"
    en, zh = "Clock", "时钟"
    icon, color = "clock", (52, 73, 120)
    root = Route("alarms")

    def first(self, world: World, rng: Random) -> Clock:
        """Return a few alarms."""
        times = rng.sample(range(5 * 12, 23 * 12), rng.randrange(2, 6))
        labels = [*world.draw(rng, ERRANDS, 2), "", "", "", ""]
        rng.shuffle(labels)
        return Clock(
            tuple(
                Alarm(t * 5, rng.random() < 0.5, label)
                for t, label in zip(sorted(times), labels, strict=False)
            )
        )

    def title(self, v: View[Clock]) -> str:
        """Name the screen."""
        names = {
            "alarms": "the list of alarms",
            "edit": "the editor of an alarm",
            "timer": "the timer",
        }
        return names.get(v.route.name, "the stopwatch")

    def view(self, v: View[Clock]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "alarms":
                return _alarms(v)
            case "edit":
                return _edit(v)
            case "timer":
                return _timer(v)
            case _:
                return _stopwatch(v)

    def arrive(self, desk: Desk, route: Route) -> None:
        """Fill the editor."""
        if route.name == "edit":
            data: Clock = desk.data
            draft = Alarm(8 * 60) if route.arg == "new" else data.alarms[int(route.arg)]
            desk.put(draft=draft)
            desk.fill(label=draft.label)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Clock = desk.data
        match name:
            case "toggle":
                changed = replace(data.alarms[arg], on=not data.alarms[arg].on)
                desk.put(alarms=(*data.alarms[:arg], changed, *data.alarms[arg + 1 :]))
            case "hour":
                desk.put(draft=replace(data.draft, minutes=arg * 60 + data.draft.minutes % 60))
            case "minute":
                desk.put(draft=replace(data.draft, minutes=data.draft.minutes // 60 * 60 + arg))
            case "save":
                rest = _without(data.alarms, desk.route.arg)
                alarm = replace(data.draft, on=True, label=desk.field("label"))
                desk.put(alarms=tuple(sorted((*rest, alarm), key=lambda a: a.minutes)))
                desk.back()
                desk.toast(desk.t(f"Alarm set for {alarm.time}", f"闹钟已设为 {alarm.time}"))
            case "delete":
                desk.put(alarms=_without(data.alarms, desk.route.arg))
                desk.back()
                desk.toast(desk.t("Alarm deleted", "闹钟已删除"))
            case "pick":
                desk.put(picked=arg)
            case "start":
                desk.put(timer=data.picked, timer_end=desk.state.now_ms + data.picked * 60_000)
            case "stop":
                desk.put(timer=0)
            case "stopwatch":
                desk.put(stopwatch=desk.state.now_ms if data.stopwatch is None else None)
            case _:
                super().do(desk, name, arg)


def _without(alarms: tuple[Alarm, ...], index: str) -> tuple[Alarm, ...]:
    return tuple(a for i, a in enumerate(alarms) if str(i) != index)


def _tabs(v: View[Clock]) -> Widget:
    return tabs(
        v,
        ("alarm", v.t("Alarm", "闹钟"), Tab(Route("alarms"))),
        ("timer", v.t("Timer", "计时器"), Tab(Route("timer"))),
        ("stopwatch", v.t("Stopwatch", "秒表"), Tab(Route("stopwatch"))),
    )


def _alarms(v: View[Clock]) -> Widget:
    rows = []
    for i, alarm in enumerate(v.data.alarms):
        ink = v.theme.text if alarm.on else v.theme.dim
        rows.append(
            Widget(
                (
                    Widget(
                        (
                            replace(text(v, alarm.time, 34, color=ink), shows=ON_OR_OFF[alarm.on]),
                            text(v, alarm.label or v.t("Every day", "每天"), 13, color=v.theme.dim),
                        ),
                        grow=1,
                        tap=Go(Route("edit", str(i))),
                        name=alarm.time,
                    ),
                    Widget(
                        (switch(v, alarm.on),), tap=Do("toggle", i), name=f"switch of {alarm.time}"
                    ),
                ),
                axis="x",
                pad=(20, 9, 18, 9),
            )
        )
    return page(
        v,
        bar(v, v.t("Alarms", "闹钟")),
        *rows,
        gap(70),
        bottom=_tabs(v),
        floating=fab(v, "plus", v.t("Add alarm", "添加闹钟"), Go(Route("edit", "new"))),
    )


def _grid(v: View[Clock], values: range, chosen: int, what: str, columns: int) -> list[Widget]:
    rows = []
    numbers = list(values)
    for i in range(0, len(numbers), columns):
        cells = []
        for n in numbers[i : i + columns]:
            on = n == chosen
            cells.append(_cell(v, f"{n:02}", on, Do(what, n), f"{what} {n:02}"))
        rows.append(Widget(tuple(cells), axis="x", gap=6, pad=(16, 3, 16, 3)))
    return rows


def _cell(v: View[Clock], label: str, on: bool, tap: Event, name: str) -> Widget:
    return Widget(
        text=label,
        size=17,
        weight=700 if on else 400,
        align="center",
        height=40,
        grow=1,
        radius=10,
        fill=v.theme.accent if on else v.theme.card,
        color=v.theme.on_accent if on else v.theme.text,
        tap=tap,
        name=name,
    )


def _edit(v: View[Clock]) -> Widget:
    draft = v.data.draft
    new = v.route.arg == "new"
    remove = (
        () if new else (icon(v, "delete", color=v.theme.text, tap=Do("delete"), label="Delete"),)
    )
    return page(
        v,
        bar(v, v.t("New alarm", "新闹钟") if new else v.t("Edit alarm", "编辑闹钟"), *remove),
        text(v, draft.time, 54, align="center"),
        heading(v, v.t("Hour", "小时")),
        *_grid(v, range(24), draft.minutes // 60, "hour", 6),
        heading(v, v.t("Minute", "分钟")),
        *_grid(v, range(0, 60, 5), draft.minutes % 60, "minute", 6),
        field(v, "label", v.t("Label", "标签")),
        gap(6),
        Widget(
            (
                button(v, v.t("Cancel", "取消"), Back(), plain=True, grow=1),
                button(v, v.t("Save", "保存"), Do("save"), grow=1),
            ),
            axis="x",
            gap=10,
            pad=(16, 0, 16, 0),
        ),
    )


def _timer(v: View[Clock]) -> Widget:
    data = v.data
    if data.timer and data.timer_end > v.state.now_ms:
        left = -(-(data.timer_end - v.state.now_ms) // 1000)
        return page(
            v,
            bar(v, v.t("Timer", "计时器")),
            spread(),
            text(v, f"{left // 60:02}:{left % 60:02}", 64, align="center"),
            text(
                v,
                v.t(f"{data.timer} min timer", f"{data.timer} 分钟"),
                15,
                color=v.theme.dim,
                align="center",
            ),
            gap(30),
            Widget(
                (button(v, v.t("Stop", "停止"), Do("stop"), grow=1),), axis="x", pad=(90, 0, 90, 0)
            ),
            spread(),
            bottom=_tabs(v),
            fixed=True,
        )
    rows = []
    for i in range(0, len(PRESETS), 3):
        cells = tuple(
            _cell(v, v.t(f"{n} min", f"{n} 分钟"), n == data.picked, Do("pick", n), f"{n} minutes")
            for n in PRESETS[i : i + 3]
        )
        rows.append(Widget(cells, axis="x", gap=8, pad=(16, 5, 16, 5)))
    return page(
        v,
        bar(v, v.t("Timer", "计时器")),
        gap(10),
        text(v, f"{data.picked:02}:00", 60, align="center"),
        gap(16),
        *rows,
        gap(22),
        Widget(
            (button(v, v.t("Start", "开始"), Do("start"), grow=1, icon_name="play"),),
            axis="x",
            pad=(90, 0, 90, 0),
        ),
        bottom=_tabs(v),
    )


def _stopwatch(v: View[Clock]) -> Widget:
    started = v.data.stopwatch
    passed = 0 if started is None else (v.state.now_ms - started) // 1000
    label = v.t("Start", "开始") if started is None else v.t("Reset", "重置")
    return page(
        v,
        bar(v, v.t("Stopwatch", "秒表")),
        spread(),
        text(v, f"{passed // 60:02}:{passed % 60:02}", 64, align="center"),
        gap(30),
        Widget((button(v, label, Do("stopwatch"), grow=1),), axis="x", pad=(90, 0, 90, 0)),
        spread(),
        bottom=_tabs(v),
        fixed=True,
    )
