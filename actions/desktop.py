"""Actions with a mouse and a keyboard, and their space.

What typing, waiting and answering are is the same as on a phone: those actions are the phone's.
It knows keys by their names and no keyboard.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from qvl_agent.actions.computer_use import ComputerUseSpace
from qvl_agent.actions.functions import Function
from qvl_agent.actions.mobile import Answer, Type, Wait
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point

__all__ = [
    "KEYS",
    "Answer",
    "Click",
    "Done",
    "DoubleClick",
    "Drag",
    "Hotkey",
    "MiddleClick",
    "MoveTo",
    "RightClick",
    "Scroll",
    "Type",
    "Wait",
    "desktop_space",
    "key_name",
]

_NAMED = (
    *("alt", "backspace", "capslock", "ctrl", "delete", "down", "end", "enter", "esc", "home"),
    *("insert", "left", "menu", "pagedown", "pageup", "pause", "printscreen", "right", "shift"),
    *("space", "tab", "up", "win"),
    *(f"f{number}" for number in range(1, 13)),
)
KEYS: frozenset[str] = frozenset(
    (*_NAMED, *(chr(code) for code in range(ord("!"), ord("~") + 1) if not chr(code).isupper()))
)
"""The names of all keys: words for those without a character, else the character itself."""

_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "control": "ctrl",
        "command": "win",
        "cmd": "win",
        "super": "win",
        "meta": "win",
        "windows": "win",
        "option": "alt",
        "return": "enter",
        "escape": "esc",
        "del": "delete",
        "ins": "insert",
        "pgup": "pageup",
        "pgdn": "pagedown",
        "prior": "pageup",
        "next": "pagedown",
        "arrowup": "up",
        "arrowdown": "down",
        "arrowleft": "left",
        "arrowright": "right",
        "spacebar": "space",
        " ": "space",
        "apps": "menu",
        "print": "printscreen",
        "plus": "+",
        "minus": "-",
    }
)
"""What browsers, X and people call the same keys, in lower case and without `_`."""

_MOST_KEYS = 5
_FARTHEST = 10_000
"""Most pixels that one action scrolls."""


def key_name(written: str) -> str:
    """Return a key's name in `KEYS`: "Page_Down" is "pagedown", "Return" is "enter".

    Raises:
        ValueError: If there is no such key; the message names the nearest.
    """
    if written in KEYS:
        return written
    plain = written.strip().lower().replace("_", "") or written
    plain = plain.removesuffix("left") if plain in ("ctrlleft", "altleft", "shiftleft") else plain
    name = _OTHER_NAMES.get(plain, plain)
    if name in KEYS:
        return name
    near = difflib.get_close_matches(plain, [*_NAMED, *_OTHER_NAMES], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "keys are called as in ctrl, enter, f5, a"
    raise ValueError(f"there is no key {written[:40]!r}; {hint}")


@dataclass(frozen=True, slots=True)
class Click(Action):
    """Click with the left mouse button."""

    point: Annotated[Point, "The spot to click"]


@dataclass(frozen=True, slots=True)
class DoubleClick(Action):
    """Click twice in a row with the left mouse button."""

    point: Annotated[Point, "The spot to click"]


@dataclass(frozen=True, slots=True)
class RightClick(Action):
    """Click with the right mouse button, as for a context menu."""

    point: Annotated[Point, "The spot to click"]


@dataclass(frozen=True, slots=True)
class MiddleClick(Action):
    """Click with the middle mouse button."""

    point: Annotated[Point, "The spot to click"]


@dataclass(frozen=True, slots=True)
class MoveTo(Action):
    """Move the mouse pointer without pressing a button."""

    point: Annotated[Point, "Where the pointer goes"]


@dataclass(frozen=True, slots=True)
class Drag(Action):
    """Press the left mouse button, move the pointer and let go.

    Without a start it begins where the pointer is.
    """

    start: Annotated[Point | None, "Where the button is pressed"] = None
    end: Annotated[Point | None, "Where it is let go"] = None

    def __post_init__(self) -> None:
        if self.end is None:
            raise ValueError("a drag needs an end")


@dataclass(frozen=True, slots=True)
class Scroll(Action):
    """Turn the mouse wheel."""

    pixels: Annotated[
        int,
        "How far, in pixels of the screen; positive shows what is further up",
        {"minimum": -_FARTHEST, "maximum": _FARTHEST},
    ]
    point: Annotated[Point | None, "Where the pointer is meanwhile"] = None


@dataclass(frozen=True, slots=True)
class Hotkey(Action):
    """Press keys together: down in their order, up in the opposite one.

    Raises:
        ValueError: If a key does not exist, or there are too many.
    """

    keys: Annotated[
        tuple[str, ...],
        'The keys, as in ["ctrl", "s"] or ["enter"]',
        {
            "items": {
                "type": "string",
                # What a random policy presses: nothing that closes a window or a session.
                "examples": ["ctrl", "shift", "a", "c", "v", "enter", "tab", "esc", "up", "down"],
            },
            "minItems": 1,
            "maxItems": _MOST_KEYS,
        },
    ]

    def __post_init__(self) -> None:
        if isinstance(self.keys, str):
            raise TypeError(f"keys are a tuple of names, got {self.keys!r}")
        written = [part for key in self.keys for part in _split(key)]
        if not 1 <= len(written) <= _MOST_KEYS:
            raise ValueError(f"a hotkey has 1 to {_MOST_KEYS} keys, got {len(written)}")
        object.__setattr__(self, "keys", tuple(dict.fromkeys(map(key_name, written))))


def _split(key: str) -> list[str]:
    """Return the keys of a combination in one word: "ctrl+c"."""
    return key.split("+") if "+" in key[1:-1] else [key]


@dataclass(frozen=True, slots=True)
class Done(Action):
    """Say that the task is completed."""

    status: Annotated[Literal["failure"] | None, "Given when the task cannot be completed"] = None


def desktop_space() -> ActionSpace:
    """Return the space of a desktop; `packed` is Qwen's `computer_use`."""
    space = ActionSpace(
        "desktop",
        [
            Function.of(Click, aliases=("LeftClick",)),
            Function.of(DoubleClick),
            Function.of(RightClick),
            Function.of(MiddleClick),
            Function.of(MoveTo),
            Function.of(Drag, forms=(("start", "end"), ("end",))),
            Function.of(Scroll),
            Function.of(Type),
            Function.of(Hotkey),
            Function.of(Wait),
            Function.of(Answer),
            Function.of(Done, exact=True),
        ],
    )
    space.packed = ComputerUseSpace(space)
    return space
