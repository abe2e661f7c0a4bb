"""Calculator: four operations, from left to right by precedence."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from qvl_agent.envs.android.phone.app import App, Desk, View
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Do
from qvl_agent.envs.android.phone.screens import bar, page
from qvl_agent.envs.android.phone.widgets import gap, spread, text

__all__ = ["KEYBOARD", "Calculator", "CalculatorApp", "calculate"]

KEYBOARD = {"×": "*", "÷": "/", "−": "-"}
"""What a keyboard has for signs that are not on it."""

_SIGNS = {key: sign for sign, key in KEYBOARD.items()} | {"\n": "=", "\b": "⌫"}

_KEYS = ("C÷×⌫", "789−", "456+", "123=", "0.")


@dataclass(frozen=True, slots=True)
class Calculator:
    """What is on the display: the expression, and the last result."""

    typed: str = ""
    result: str = ""


def calculate(expression: str) -> Fraction | None:
    """Return the value of an expression of + − × ÷ and numbers, None where it has none."""
    terms: list[Fraction] = []
    number, operator = "", "+"
    for char in f"{expression}+":
        if char.isdigit() or char == ".":
            number += char
            continue
        if not number or number.count(".") > 1 or number == ".":
            return None
        value = Fraction(number)
        match operator:
            case "+":
                terms.append(value)
            case "−":
                terms.append(-value)
            case "×":
                terms[-1] *= value
            case "÷":
                if value == 0:
                    return None
                terms[-1] /= value
        number, operator = "", char
    return sum(terms, Fraction(0))


def show(value: Fraction) -> str:
    """Return a number as the display shows it."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


class CalculatorApp(App[Calculator]):
    """Calculator."""

    id = "calculator"
    en, zh = "Calculator", "计算器"
    icon, color = "calculator", (64, 70, 84)

    def first(self, world: World, rng: Random) -> Calculator:
        """Return an empty display, or one with an old result on it."""
        if rng.random() < 0.7:
            return Calculator()
        a, b = rng.randrange(2, 90), rng.randrange(2, 90)
        return Calculator(f"{a}+{b}", str(a + b))

    def title(self, v: View[Calculator]) -> str:
        """Name the screen."""
        return "the keys of Calculator"

    def do(self, desk: Desk, name: str, arg: Any) -> None:
        """Press a key."""
        data: Calculator = desk.data
        typed = "" if data.result and arg not in "÷×−+⌫" else data.typed
        if data.result and arg in "÷×−+":
            typed = data.result.replace("-", "−")
        match arg:
            case "C":
                desk.put(typed="", result="")
            case "⌫":
                desk.put(typed=data.typed[:-1], result="")
            case "=":
                value = calculate(data.typed)
                desk.put(result=desk.t("Error", "错误") if value is None else show(value))
            case key:
                desk.put(typed=(typed + key)[:24], result="")

    def press(self, desk: Desk, char: str) -> None:
        """Take the key of a keyboard for the one on the screen."""
        key = _SIGNS.get(char, char)
        if key in "0123456789.+−×÷=⌫":
            self.do(desk, "key", key)

    def view(self, v: View[Calculator]) -> Widget:
        """Draw the screen."""
        height = min(76.0, (v.height - 240) / 5)
        rows = []
        for keys in _KEYS:
            cells = tuple(_key(v, k, height, grow=2 if k == "0" else 1) for k in keys)
            rows.append(Widget(cells, axis="x", gap=10, pad=(16, 5, 16, 5)))
        shown = v.data.result or v.data.typed or "0"
        return page(
            v,
            bar(v, v.t("Calculator", "计算器")),
            spread(),
            Widget(
                (
                    text(
                        v, v.data.typed if v.data.result else "", 24, color=v.theme.dim, align="end"
                    ),
                ),
                pad=(24, 0, 24, 4),
            ),
            Widget(
                (text(v, shown, 52 if len(shown) < 11 else 30, align="end"),), pad=(24, 0, 24, 18)
            ),
            *rows,
            gap(12),
            fixed=True,
        )


def _key(v: View[Calculator], label: str, height: float, grow: int) -> Widget:
    fill: Color = v.theme.card
    ink: Color = v.theme.text
    if label == "=":
        fill, ink = v.theme.accent, v.theme.on_accent
    elif not (label.isdigit() or label == "."):
        fill, ink = v.theme.soft, v.theme.on_soft
    erase = label == "⌫"
    return Widget(
        text="" if erase else label, icon="delete_key" if erase else "", size=28, align="center",
        grow=grow, height=height, radius=min(height / 2, v.state.look.radius * 2), fill=fill,
        color=ink, tap=Do("key", label), name=f"key {label}",
    )  # fmt: skip
