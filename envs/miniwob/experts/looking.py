"""What experts know of a page: its elements, where they are and what they say.

Experts act through coordinates like everybody else; only where to click they may ask the page.
Knows no task.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from qvl_agent.actions.desktop import Click, Drag, Hotkey, MoveTo, Scroll, Type
from qvl_agent.actions.types import Point
from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.browser import ScriptFailed
from qvl_agent.envs.miniwob.published import Published

__all__ = [
    "Element",
    "Expert",
    "Look",
    "click",
    "drag",
    "fill",
    "hover",
    "press",
    "scroll",
    "write",
]

_FIND = """
const [css] = arguments;
// The middle, or where something covers that, the first place that shows.
const shown = (e, r) => {
  const middle = [r.left + r.width / 2, r.top + r.height / 2];
  const parts = [0.5, 0.1, 0.3, 0.7, 0.9];
  for (const down of parts) for (const right of parts) {
    const place = [r.left + right * r.width, r.top + down * r.height];
    const top = document.elementFromPoint(...place);
    if (!top || e.contains(top) || top.contains(e)) return place;
  }
  return middle;
};
return [...document.querySelectorAll(css)].map(e => {
  const lines = [...e.getClientRects()].filter(r => r.width > 0 && r.height > 0);
  if (!lines.length) return null;
  const r = lines[0], style = getComputedStyle(e);
  if (style.visibility === 'hidden') return null;
  const attributes = {};
  for (const a of e.attributes) attributes[a.name] = a.value;
  return [r.left, r.top, r.width, r.height, e.tagName.toLowerCase(),
          (e.innerText ?? e.textContent ?? '').trim(), e.value ?? '', !!e.checked,
          document.activeElement === e, shown(e, r), attributes];
}).filter(e => e);
"""


@dataclass(frozen=True, slots=True)
class Element:
    """A visible element; positions are in pixels of the page, also outside of what is seen of it.

    Attributes:
        x: Left edge.
        y: Top edge.
        w: Width.
        h: Height.
        tag: As "button".
        text: What it says.
        value: Of a field.
        checked: Of a box.
        focused: Whether keys go there.
        spot: The pixel to click: its middle, or where that is covered, another that shows.
        attributes: As in the page's source.
    """

    x: float
    y: float
    w: float
    h: float
    tag: str
    text: str
    value: str
    checked: bool
    focused: bool
    spot: tuple[float, float]
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def middle(self) -> tuple[float, float]:
        """The pixel in its middle."""
        return self.x + self.w / 2, self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Look:
    """A look into a page.

    Attributes:
        task: The instruction.
        page: Which.
    """

    task: str
    page: Published

    def ask(self, script: str, *arguments: Any) -> Any:
        """Return what a script in the page returns.

        Raises:
            LookupError: If it fails: the page is not what the expert takes it for.
        """
        try:
            return self.page.browser.ask(script, *arguments)
        except ScriptFailed as exc:
            raise LookupError(f"{self.page.name}: {exc}") from exc

    def all(self, css: str) -> list[Element]:
        """Return the visible elements of a CSS selector, in the page's order."""
        return [Element(*found) for found in self.ask(_FIND, css)]

    def one(self, css: str) -> Element:
        """Return the first visible element of a CSS selector.

        Raises:
            LookupError: If there is none: the page is not what the expert takes it for.
        """
        for element in self.all(css):
            return element
        raise LookupError(f"{self.page.name} shows no {css!r}: {self.task}")

    def named(self, css: str, text: str) -> Element:
        """Return the first visible element that says exactly this.

        Raises:
            LookupError: If there is none.
        """
        for element in self.all(css):
            if element.text == text:
                return element
        raise LookupError(f"{self.page.name} shows no {css!r} that says {text!r}: {self.task}")

    def told(self, pattern: str) -> tuple[str, ...]:
        """Return the groups of a regular expression in the instruction.

        Raises:
            LookupError: If it is not there.
        """
        if found := re.search(pattern, self.task):
            return found.groups()
        raise LookupError(f"{pattern!r} is not in the instruction: {self.task}")

    def point(self, x: float, y: float) -> Point:
        """Return the middle of a pixel as a point, moved into the picture where it lies outside."""
        width, height = self.page.width, self.page.height
        column, row = min(max(int(x), 0), width - 1), min(max(int(y), 0), height - 1)
        return Point((column + 0.5) / width, (row + 0.5) / height)


Expert: TypeAlias = Callable[[Look], Decision]
"""Says what to do now on a page, whatever was done before."""


def click(look: Look, element: Element, thought: str) -> Decision:
    """Return a click on an element."""
    return Decision(thought, Click(look.point(*element.spot)))


def hover(look: Look, x: float, y: float, thought: str) -> Decision:
    """Return the pointer's way to a pixel."""
    return Decision(thought, MoveTo(look.point(x, y)))


def drag(
    look: Look, start: tuple[float, float], end: tuple[float, float], thought: str
) -> Decision:
    """Return a drag from pixel to pixel."""
    return Decision(thought, Drag(look.point(*start), look.point(*end)))


def scroll(look: Look, at: Element, pixels: int, thought: str) -> Decision:
    """Return a turn of the wheel over an element; positive shows what is further up."""
    return Decision(thought, Scroll(pixels, look.point(*at.middle)))


def write(text: str) -> Decision:
    """Return the typing of a text where the focus is."""
    return Decision(f'Type "{text}".', Type(text))


def press(*keys: str) -> Decision:
    """Return a hotkey."""
    return Decision(f"Press {'+'.join(keys)}.", Hotkey(keys))


def fill(look: Look, css: str, text: str, name: str) -> Decision | None:
    """Return the next step until a field says this; None when it does.

    Args:
        look: At the page.
        css: Of the field.
        text: What it should say.
        name: Of the field, for the thought.
    """
    element = look.one(css)
    if element.value == text:
        return None
    if not element.focused:
        return click(look, element, f"Click the {name}.")
    if element.value:
        selected = look.ask(_SELECTED, css)
        return write(text) if selected else press("ctrl", "a")
    return write(text)


_SELECTED = """
const e = document.querySelector(arguments[0]);
// Fields for numbers do not tell what is selected in them, the window does.
if (e.selectionStart === null) return String(getSelection()) === e.value;
return e.selectionStart === 0 && e.selectionEnd === e.value.length;
"""
