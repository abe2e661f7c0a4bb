"""Phone: recent calls, a keypad, and the screen of a call."""

from dataclasses import dataclass
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Do, Route, Tab
from qvl_agent.envs.android.phone.screens import bar, page, tabs
from qvl_agent.envs.android.phone.widgets import avatar, gap, icon, row, spread, text

__all__ = ["Calls", "DialerApp"]

_GREEN: Color = (30, 142, 76)
_RED: Color = (206, 44, 44)
_KEYS = ("123", "456", "789", "*0#")


@dataclass(frozen=True, slots=True)
class Calls:
    """What the app stores.

    Attributes:
        recent: Names or numbers called, the latest first.
        typed: On the keypad.
        made: How many calls were made from this phone since power on.
    """

    recent: tuple[str, ...] = ()
    typed: str = ""
    made: int = 0


class DialerApp(App[Calls]):
    """Phone."""

    id = "phone"
    en, zh = "Phone", "电话"
    icon, color = "phone", (30, 142, 76)
    root = Route("recent")

    def first(self, world: World, rng: Random) -> Calls:
        """Return some recent calls."""
        return Calls(tuple(p.name for p in rng.sample(world.people, 6)))

    def title(self, v: View[Calls]) -> str:
        """Name the screen."""
        match v.route.name:
            case "keypad":
                return "the keypad"
            case "call":
                return f"a call to {v.route.arg}"
            case "people":
                return "the list of people to call"
            case _:
                return "the list of recent calls"

    def view(self, v: View[Calls]) -> Widget:
        """Draw the screen."""
        match v.route.name:
            case "keypad":
                return _keypad(v)
            case "call":
                return _call(v)
            case "people":
                people = [p.name for p in v.state.data["contacts"].people]
                return page(
                    v, bar(v, v.t("Contacts", "联系人")), *_rows(v, people), bottom=_tabs(v)
                )
            case _:
                rows = _rows(v, list(v.data.recent))
                return page(v, bar(v, v.t("Recent", "最近通话")), *rows, bottom=_tabs(v))

    def arrive(self, desk: Desk, route: Route) -> None:
        """A call begins when its screen opens."""
        if route.name == "call":
            data: Calls = desk.data
            rest = tuple(name for name in data.recent if name != route.arg)
            desk.put(recent=(route.arg, *rest), made=data.made + 1)

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Carry out a button."""
        data: Calls = desk.data
        match name:
            case "digit":
                desk.put(typed=data.typed + arg)
            case "erase":
                desk.put(typed=data.typed[:-1])
            case "dial":
                if data.typed:
                    desk.put(typed="")
                    desk.go(Route("call", data.typed))
            case "call":
                desk.go(Route("call", arg))
            case "end":
                desk.back()
            case _:
                super().do(desk, name, arg)

    def press(self, desk: Desk, char: str) -> None:
        """Take the key of a keyboard for the one on the keypad."""
        if desk.route.name != "keypad":
            return
        if char in "0123456789*#":
            self.do(desk, "digit", char)
        elif char in "\b\n":
            self.do(desk, "erase" if char == "\b" else "dial", None)


def _tabs(v: View[Calls]) -> Widget:
    return tabs(
        v,
        ("clock", v.t("Recent", "最近"), Tab(Route("recent"))),
        ("people", v.t("Contacts", "联系人"), Tab(Route("people"))),
        ("apps", v.t("Keypad", "拨号盘"), Tab(Route("keypad"))),
    )


def _rows(v: View[Calls], names: list[str]) -> list[Widget]:
    return [
        row(
            v, name, v.t("Mobile", "手机"), lead=avatar(v, name),
            trail=icon(v, "phone", 22, color=_GREEN, tap=Do("call", name), label=f"Call {name}"),
            tap=Do("call", name),
        )
        for name in names
    ]  # fmt: skip


def _keypad(v: View[Calls]) -> Widget:
    rows = []
    for keys in _KEYS:
        cells = tuple(
            Widget(
                text=k, size=28, align="center", height=62, width=88, radius=31, fill=v.theme.card,
                color=v.theme.text, tap=Do("digit", k), name=f"digit {k}",
            )
            for k in keys
        )  # fmt: skip
        rows.append(Widget((spread(), *cells, spread()), axis="x", gap=16, pad=(0, 6, 0, 6)))
    dial = Widget(
        icon="phone", size=30, width=72, height=72, radius=36, fill=_GREEN,
        color=(255, 255, 255), tap=Do("dial"), name="Call",
    )  # fmt: skip
    erase = icon(v, "delete_key", 26, tap=Do("erase"), label="Erase")
    return page(
        v,
        bar(v, v.t("Keypad", "拨号盘")),
        spread(),
        text(v, v.data.typed, 36, align="center"),
        gap(20),
        *rows,
        Widget((spread(), gap(44), dial, erase, spread()), axis="x", gap=22, pad=(0, 10, 0, 14)),
        bottom=_tabs(v),
        fixed=True,
    )


def _call(v: View[Calls]) -> Widget:
    end = Widget(
        icon="phone", size=32, width=76, height=76, radius=38, fill=_RED,
        color=(255, 255, 255), tap=Do("end"), name="End call",
    )  # fmt: skip
    return page(
        v,
        None,
        gap(70),
        Widget((avatar(v, v.route.arg, 110),), align="center"),
        gap(20),
        text(v, v.route.arg, 28, weight=500, align="center"),
        gap(6),
        text(v, v.t("Calling", "正在呼叫"), 16, color=v.theme.dim, align="center"),
        spread(),
        Widget((end,), align="center"),
        gap(60),
        fixed=True,
    )
