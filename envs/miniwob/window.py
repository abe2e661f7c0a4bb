"""Where a page is played: a real window on a virtual screen, with its mouse and keyboard.

The screen is Xvfb's, the window Chromium's, found by its name; what is seen is the page's part of
the screen, what is done goes through `DesktopEnv`. chromedriver only opens pages, begins episodes
and tells their end.
"""

import time
from contextlib import ExitStack

from qvl_agent.actions.desktop import Answer, Done, MoveTo
from qvl_agent.actions.errors import DeviceError
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.base import Image
from qvl_agent.envs.desktop import Box, DesktopEnv, RealDesktop, VirtualScreen
from qvl_agent.envs.miniwob.browser import Browser
from qvl_agent.envs.miniwob.published import Published
from qvl_agent.envs.screen import Settling, same_picture

__all__ = ["WindowStage"]

_SCREEN = (900, 900)
"""In pixels: room for the largest page in its window, off the corners, which stop a desktop."""

_WINDOW = ("--window-position=60,60", "--window-size=640,800", "--test-type")
"""The last one keeps away a bar that warns of the missing sandbox."""

_SETTLING = Settling(interval_s=0.08, cap_s=1.0, margin=0.0)
"""A real browser takes a few frames to show what came of a click."""

_APPEAR_S = 2.0
"""Pages that never rest are waited for no longer when they begin."""

_ROOM = """
return [(outerWidth - innerWidth) / 2, outerHeight - innerHeight, devicePixelRatio];
"""


class WindowStage:
    """A window of Chromium on a screen of its own.

    Args:
        settling: How long a page is waited for until it is at rest.

    Raises:
        UsageError: If the browser or its driver is missing.
        MissingDependency: If a package is missing.
        DeviceError: If the screen or the browser does not start.
    """

    def __init__(self, settling: Settling = _SETTLING) -> None:
        self._settling = settling
        self._eyes_and_hands: dict[Box, DesktopEnv] = {}
        self._now: DesktopEnv | None = None
        self._image: Image | None = None
        with ExitStack() as opened:
            self._screen = VirtualScreen(*_SCREEN)
            opened.callback(self._screen.stop)
            self.browser = Browser(_WINDOW, headless=False, environment=self._screen.environment)
            opened.callback(self.browser.close)
            self._desktop = RealDesktop(
                self._screen.display, authority=self._screen.authority, name="MiniWoB++"
            )
            self._room = self.browser.ask(_ROOM)
            opened.pop_all()

    def show(self, page: Published) -> None:
        """Turn to the part of the screen where a page is.

        Raises:
            DeviceError: If there is no such window.
        """
        part = self._part(page)
        if part not in self._eyes_and_hands:
            view = f"region:{part.x},{part.y},{part.width}x{part.height}"
            self._eyes_and_hands[part] = DesktopEnv(
                self._desktop, view=view, settling=self._settling
            )
        self._now = self._eyes_and_hands[part]
        self._now.reset(options={"task": page.name})
        # A page that was just opened may not be on the screen yet, and what is there is at rest.
        deadline = time.monotonic() + _APPEAR_S
        while True:
            seen, *_ = self._now.step(MoveTo(Point(0.0, 0.0)))
            self._image = seen.image
            page_itself = self.browser.picture(page.width, page.height)
            if same_picture(seen.image, page_itself) or time.monotonic() > deadline:
                break

    def look(self) -> Image:
        """Return the page's task area, at rest after the last action, uint8 (H, W, 3)."""
        assert self._image is not None, "show comes first"
        return self._image

    def act(self, action: Action) -> str | None:
        """Carry out an action; return what was wrong, if it could not be.

        Raises:
            DeviceError: If the screen is gone.
        """
        assert self._now is not None, "show comes first"
        if isinstance(action, Answer | Done):
            return None
        seen, _, _, _, info = self._now.step(action)
        self._image = seen.image
        error = info.get("error")
        return None if error is None else str(error)

    def alive(self) -> bool:
        """Return whether screen and browser are there, and the window is as it was at first.

        A hotkey may have opened another tab, or the developer's tools beside the page.
        """
        return (
            self._screen.running
            and self.browser.alive()
            and self.browser.ask(_ROOM) == self._room
            and len(self.browser.driver.window_handles) == 1
        )

    def close(self) -> None:
        """End the browser and the screen."""
        with ExitStack() as closing:
            closing.callback(self._screen.stop)
            closing.callback(self.browser.close)
            closing.callback(self._desktop.close)
            for env in self._eyes_and_hands.values():
                closing.callback(env.close)
            self._eyes_and_hands.clear()

    def _part(self, page: Published) -> Box:
        """Return where a page's task area is on the screen: in the window of the page's title."""
        window = self._desktop.window(self.browser.ask("return document.title"))
        left, above, scale = self.browser.ask(_ROOM)
        if scale != 1:
            raise DeviceError(f"the browser shows pages at a scale of {scale}, expected 1")
        return Box(window.x + round(left), window.y + round(above), page.width, page.height)
