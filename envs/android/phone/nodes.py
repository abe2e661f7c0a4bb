"""What is on the screen: a tree of boxes with text, icons and tap targets.

Drawing, hit testing, the expert's "where is X" and training labels all read this one tree, so
they cannot disagree. Lengths are in dp: the screen is 392 dp wide in portrait, at any resolution.
This module knows neither pixels nor apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

__all__ = [
    "Align",
    "Back",
    "Box",
    "Color",
    "Do",
    "Event",
    "Focus",
    "Go",
    "Key",
    "Node",
    "Picture",
    "Route",
    "Switch",
    "Tab",
    "hit",
    "walk",
]

Color: TypeAlias = tuple[int, int, int]
Align: TypeAlias = Literal["start", "center", "end"]


class Box(NamedTuple):
    """A rectangle in dp; x right, y down."""

    x: float
    y: float
    w: float
    h: float

    @property
    def center(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return self.x + self.w / 2, self.y + self.h / 2

    def holds(self, x: float, y: float) -> bool:
        """Return whether the point lies inside."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h

    def clip(self, other: "Box") -> "Box":
        """Return what both share; its width or height is 0 where they share nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.w, other.x + other.w)
        bottom = min(self.y + self.h, other.y + other.h)
        return Box(x, y, max(0.0, right - x), max(0.0, bottom - y))


@dataclass(frozen=True, slots=True)
class Route:
    """A screen of an app: its name, and which thing it shows."""

    name: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Go:
    """Open a screen of the app on top of the present one."""

    route: Route


@dataclass(frozen=True, slots=True)
class Tab:
    """Change to another top screen of the app."""

    route: Route


@dataclass(frozen=True, slots=True)
class Switch:
    """Bring an app to the front, on a screen of its choice or on the given one."""

    app: str
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Focus:
    """Put the cursor into a text field."""

    field: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the on-screen keyboard: a character, or "shift", "symbols", "delete", "enter"."""

    name: str


@dataclass(frozen=True, slots=True)
class Back:
    """One screen back."""


@dataclass(frozen=True, slots=True)
class Do:
    """Ask the owner of the screen to do something.

    Attributes:
        name: What.
        arg: To what.
        owner: The app; "" for the app in front.
    """

    name: str
    arg: Any = None
    owner: str = ""


Event: TypeAlias = Go | Tab | Switch | Focus | Key | Back | Do


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture: the name of its painter, and what it paints."""

    name: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A placed box.

    Attributes:
        box: Where it is, in dp from the screen's top left corner. It may lie outside a scrolled
            area; `walk` gives what is visible of it.
        text: Its words, already cut into the lines that are drawn.
        size: Of the text or icon, in dp.
        weight: 400, 500 or 700.
        color: Of the text or icon.
        align: Where a text stands in its box.
        icon: Name in `icons`.
        picture: Fills the box.
        fill: Background.
        radius: Of the background's corners, in dp.
        stroke: Of a border 1 dp wide.
        tap: What a tap asks for.
        hold: What a long press asks for.
        name: What a person would call it; the text itself where empty.
        shows: What is seen there without being written: "on" or "off".
        modal: Whether it takes all taps, also those that meet nothing in it.
        clip: Whether its children are cut off at its box.
        scroll: Where it scrolls: the key of its offset in the phone's state, else "".
        extent: Height of a scrolled area's content, in dp.
        children: Drawn in this order, on top of the box.
    """

    box: Box
    text: tuple[str, ...] = ()
    size: float = 14
    weight: int = 400
    color: Color = (0, 0, 0)
    align: Align = "start"
    icon: str = ""
    picture: Picture | None = None
    fill: Color | None = None
    radius: float = 0
    stroke: Color | None = None
    tap: Event | None = None
    hold: Event | None = None
    name: str = ""
    shows: str = ""
    modal: bool = False
    clip: bool = False
    scroll: str = ""
    extent: float = 0
    children: tuple["Node", ...] = ()

    @property
    def words(self) -> str:
        """What a person would call it: its name, or all text in it."""
        if self.name:
            return self.name
        own = " ".join(self.text)
        inner = " ".join(filter(None, (c.words for c in self.children)))
        return f"{own} {inner}".strip()


def walk(node: Node, clip: Box | None = None) -> Iterator[tuple[Node, Box]]:
    """Yield every node with its visible part, in drawing order (also those of which none is)."""
    seen = node.box if clip is None else node.box.clip(clip)
    yield node, seen
    inner = seen if node.clip else clip
    for child in node.children:
        yield from walk(child, inner)


def hit(node: Node, x: float, y: float) -> list[Node]:
    """Return the nodes under a point from the topmost inwards out: the target, then its parents.

    The list is empty where the point meets nothing; it ends at a modal node.
    """
    inside = node.box.holds(x, y)
    if node.clip and not inside:
        return []
    for child in reversed(node.children):
        found = hit(child, x, y)
        if found:
            return found if found[-1].modal else [*found, node]
    if inside and (node.tap or node.hold or node.modal or node.scroll or node.fill):
        return [node]
    return []
