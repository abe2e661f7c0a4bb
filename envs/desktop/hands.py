"""An action as a person's hands would do it. Whatever happens, no key or button stays pressed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import assert_never, cast

from qvl_agent.actions import desktop as act
from qvl_agent.actions.errors import EnvError
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.desktop.desktop import Box, Button, Desktop, Refused
from qvl_agent.envs.screen import to_pixels

__all__ = ["Hand", "Hands"]

_NOTCH_PX = 100
"""Pixels that a notch of the wheel scrolls; programs differ, browsers take about so many."""

_DRAG_STEPS = 8
_DRAG_S = 0.02
"""Between the positions of a drag: programs take a jump for a click."""

_BETWEEN_CLICKS_S = 0.03


class Hands:
    """Carries out actions.

    Args:
        desktop: Where.
        pause: Waits so many seconds; raises where a person wants it to stop.
    """

    def __init__(self, desktop: Desktop, pause: Callable[[float], None]) -> None:
        self._desktop = desktop
        self._pause = pause
        self._keys: list[str] = []
        self._buttons: list[Button] = []

    def do(self, action: Action, box: Box) -> None:
        """Carry out an action whose points lie in a box.

        Raises:
            Refused: If this desktop cannot do it; nothing of it was done, or what came before.
        """
        at = _in(box)
        match cast(Hand, action):
            case act.Click(point):
                self._click("left", at(point))
            case act.DoubleClick(point):
                self._click("left", at(point))
                time.sleep(_BETWEEN_CLICKS_S)
                self._click("left", at(point))
            case act.RightClick(point):
                self._click("right", at(point))
            case act.MiddleClick(point):
                self._click("middle", at(point))
            case act.MoveTo(point):
                self._desktop.move(*at(point))
            case act.Drag(start, end):
                assert end is not None
                self._drag(at(start) if start else self._desktop.pointer(), at(end))
            case act.Scroll(pixels, point):
                if point is not None:
                    self._desktop.move(*at(point))
                self._desktop.wheel(_notches(pixels))
            case act.Type(text):
                self._type(text)
            case act.Hotkey(keys):
                with self._held(keys):
                    pass
            case act.Wait(seconds):
                self._pause(seconds)
            case never:
                assert_never(never)

    def release(self) -> None:
        """Let go of all that is pressed."""
        while self._keys:
            with suppress(EnvError, Refused):
                self._desktop.key(self._keys[-1], False)
            self._keys.pop()
        while self._buttons:
            with suppress(EnvError):
                self._desktop.button(self._buttons[-1], False)
            self._buttons.pop()

    @contextmanager
    def _held(self, keys: tuple[str, ...]) -> Iterator[None]:
        """Hold keys, pressed in their order, let go of in the opposite one."""
        try:
            for key in keys:
                self._keys.append(key)  # before it is pressed: a halt may come in between
                self._desktop.key(key, True)
            yield
        finally:
            self.release()

    def _click(self, button: Button, at: tuple[int, int]) -> None:
        self._desktop.move(*at)
        try:
            self._buttons.append(button)
            self._desktop.button(button, True)
        finally:
            self.release()

    def _drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self._desktop.move(*start)
        try:
            self._buttons.append("left")
            self._desktop.button("left", True)
            for step in range(1, _DRAG_STEPS + 1):
                time.sleep(_DRAG_S)
                part = step / _DRAG_STEPS
                self._desktop.move(
                    *(round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
                )
            time.sleep(_DRAG_S)
        finally:
            self.release()

    def _type(self, text: str) -> None:
        """Type a text; a line break presses Enter, a tab Tab."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        wrong = next((c for c in text if _untypeable(c)), None)
        if wrong is not None:
            raise Refused(f"the character U+{ord(wrong):04X} cannot be typed")
        rest = text
        while rest:
            cut = min((i for i in map(rest.find, "\n\t") if i >= 0), default=len(rest))
            if cut:
                self._desktop.write(rest[:cut])
            if cut < len(rest):
                with self._held(("enter" if rest[cut] == "\n" else "tab",)):
                    pass
            rest = rest[cut + 1 :]


Hand = (
    act.Click
    | act.DoubleClick
    | act.RightClick
    | act.MiddleClick
    | act.MoveTo
    | act.Drag
    | act.Scroll
    | act.Type
    | act.Hotkey
    | act.Wait
)
"""What hands can do: all actions of a desktop but those that end an episode."""


def _in(box: Box) -> Callable[[Point], tuple[int, int]]:
    """Return where a normalised point of a box is."""

    def at(point: Point) -> tuple[int, int]:
        x, y = to_pixels(point, box.width, box.height)
        return box.x + x, box.y + y

    return at


def _notches(pixels: int) -> int:
    """Return how often the wheel is turned: at least once, unless it is not turned at all."""
    return (1 if pixels > 0 else -1) * max(1, round(abs(pixels) / _NOTCH_PX)) if pixels else 0


def _untypeable(character: str) -> bool:
    """Return whether a character is a control character, or half of one (a lone surrogate)."""
    code = ord(character)
    return character not in "\n\t" and (
        code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000
    )
