"""Where a page is played: a browser without a window, seen and moved through chromedriver.

`Stage` is what a world needs of it; the real window on a virtual screen is the other one
(`window`). Knows no task's meaning.
"""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from qvl_agent.actions.desktop import (
    Answer,
    Click,
    Done,
    DoubleClick,
    Drag,
    Hotkey,
    MiddleClick,
    MoveTo,
    RightClick,
    Scroll,
    Type,
    Wait,
)
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.base import Image
from qvl_agent.envs.miniwob.browser import Browser, told
from qvl_agent.envs.miniwob.published import Published
from qvl_agent.envs.screen import Settling, settle, to_pixels

__all__ = ["SETTLING", "BrowserStage", "Stage"]

SETTLING = Settling(interval_s=0.03, cap_s=0.7, margin=0.0)
"""The pages' animations take 0.2 to 0.4 s; a page that never rests is waited for no longer."""

_ASIDE = (0, 0)
"""Where the pointer is when an episode begins: over nothing that minds."""


class Stage(Protocol):
    """A browser with eyes and hands.

    Attributes:
        browser: Shows the page; asked by experts and for the verdict, never by a policy.
    """

    browser: Browser

    def show(self, page: Published) -> None:
        """Take note of which page is played from now on; its episode has begun."""
        ...

    def look(self) -> Image:
        """Return the page's task area at rest, uint8 (H, W, 3)."""
        ...

    def act(self, action: Action) -> str | None:
        """Carry out an action; return what was wrong, if it could not be.

        Raises:
            DeviceError: If the browser or the screen is gone.
        """
        ...

    def alive(self) -> bool:
        """Return whether it can be played on."""
        ...

    def close(self) -> None:
        """End the browser and whatever else was started."""
        ...


class BrowserStage:
    """The published environment's own mouse and keyboard, on its own screenshot.

    Args:
        settling: How long a page is waited for until it is at rest.
    """

    def __init__(self, settling: Settling = SETTLING) -> None:
        self.browser = Browser()
        self._settling = settling
        self._page: Published | None = None
        self._pointer = _ASIDE

    def show(self, page: Published) -> None:
        """Take note of which page is played from now on."""
        self._page = page
        self._pointer = _ASIDE
        self.browser.point(*_ASIDE)

    def look(self) -> Image:
        """Return the page's task area at rest, uint8 (H, W, 3)."""
        page = self._shown
        return settle(
            lambda: self.browser.picture(page.width, page.height), time.sleep, self._settling
        ).image

    def act(self, action: Action) -> str | None:
        """Carry out an action; return what was wrong, if it could not be."""
        with told():
            return self._carry_out(action)

    def _carry_out(self, action: Action) -> str | None:
        page = self._shown
        match action:
            case Click(point):
                page.act("CLICK_COORDS", coords=self._at(point))
            case DoubleClick(point):
                page.act("DBLCLICK_COORDS", coords=self._at(point))
            case MoveTo(point):
                page.act("MOVE_COORDS", coords=self._at(point))
            case RightClick(point):
                self._press(self._at(point), 2)
            case MiddleClick(point):
                self._press(self._at(point), 1)
            case Drag(start, end):
                self._drag(start, end)
            case Scroll(pixels, point):
                self._scroll(pixels, point)
            case Type(text):
                page.act("TYPE_TEXT", text=text)
            case Hotkey(keys):
                self._hotkey(keys)
            case Wait(seconds):
                time.sleep(seconds)
            case Answer() | Done():
                pass
            case other:
                return f"{type(other).__name__} is no action of a mouse and a keyboard"
        return None

    def alive(self) -> bool:
        """Return whether the browser answers."""
        return self.browser.alive()

    def close(self) -> None:
        """End the browser."""
        self.browser.close()

    @property
    def _shown(self) -> Published:
        assert self._page is not None, "show comes first"
        return self._page

    def _at(self, point: Point) -> tuple[int, int]:
        self._pointer = to_pixels(point, self._shown.width, self._shown.height)
        return self._pointer

    def _drag(self, start: Point | None, end: Point | None) -> None:
        assert end is not None, "a drag has an end"
        x0, y0 = self._pointer if start is None else self._at(start)
        x1, y1 = self._at(end)
        # As the published press, move and release, but in one go: apart, text is not selected.
        chain = self._chain()
        pointer = chain.w3c_actions.pointer_action
        pointer.move_to_location(x0, y0)
        pointer.click_and_hold()
        for part in _WAY:  # pages follow the pointer, not only its ends
            pointer.move_to_location(round(x0 + part * (x1 - x0)), round(y0 + part * (y1 - y0)))
        pointer.release()
        chain.w3c_actions.perform()

    def _chain(self) -> Any:
        from selenium.webdriver.common.action_chains import ActionChains

        return ActionChains(self.browser.driver, duration=0)

    def _scroll(self, pixels: int, point: Point | None) -> None:
        from miniwob.selenium_actions import execute_scroll_coords

        x, y = self._pointer if point is None else self._at(point)
        # The published action scrolls by one fixed amount; this is the same wheel, turned further.
        execute_scroll_coords(x, y, -pixels, 0, self.browser.driver)

    def _hotkey(self, keys: Sequence[str]) -> None:
        chain = self._chain()
        codes = [_code(key) for key in keys]
        for code in codes:
            chain.w3c_actions.key_action.key_down(code)
        for code in reversed(codes):
            chain.w3c_actions.key_action.key_up(code)
        chain.perform()

    def _press(self, at: tuple[int, int], button: int) -> None:
        """Click with a button that the published action space does not have."""
        chain = self._chain()
        pointer = chain.w3c_actions.pointer_action
        pointer.move_to_location(*at)
        pointer.pointer_down(button=button)
        pointer.pointer_up(button=button)
        chain.w3c_actions.perform()


_WAY = (0.1, 0.5, 0.9, 1.0)

_CODES = {
    "backspace": "BACKSPACE",
    "ctrl": "CONTROL",
    "alt": "ALT",
    "shift": "SHIFT",
    "win": "META",
    "delete": "DELETE",
    "insert": "INSERT",
    "down": "ARROW_DOWN",
    "up": "ARROW_UP",
    "left": "ARROW_LEFT",
    "right": "ARROW_RIGHT",
    "end": "END",
    "home": "HOME",
    "enter": "ENTER",
    "esc": "ESCAPE",
    "pagedown": "PAGE_DOWN",
    "pageup": "PAGE_UP",
    "pause": "PAUSE",
    "space": "SPACE",
    "tab": "TAB",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}


def _code(key: str) -> Any:
    """Return WebDriver's character of a key; the key itself where a page never sees it."""
    from selenium.webdriver.common.keys import Keys

    return getattr(Keys, _CODES[key]) if key in _CODES else key
