"""The bundled phone as a device, in this process. Its time passes only when it is waited for."""

import difflib
from functools import cache

from qvl_agent.actions.types import Point
from qvl_agent.envs.android.device import EventLog, Key, NoSuchApp, Power
from qvl_agent.envs.android.phone.phone import APPS, RECENTS, Phone
from qvl_agent.envs.android.phone.state import LAUNCHER
from qvl_agent.envs.base import Image
from qvl_agent.envs.screen.pointing import to_pixels

__all__ = ["SimulatedDevice", "app_called"]


class SimulatedDevice:
    """A phone that is drawn.

    Args:
        phone: The phone.
    """

    def __init__(self, phone: Phone) -> None:
        self.phone: Phone | None = phone
        self._phone = phone
        self.name = "simulated phone"
        self.log = EventLog()

    def screenshot(self) -> Image:
        """Return the picture on the screen; not to be written to."""
        return self._phone.frame()

    def tap(self, point: Point) -> None:
        """Tap."""
        self._phone.tap(*self._dp(point))

    def long_press(self, point: Point) -> None:
        """Hold."""
        self._phone.tap(*self._dp(point), long=True)

    def swipe(self, start: Point, end: Point) -> None:
        """Swipe."""
        self._phone.swipe(*self._dp(start), *self._dp(end))

    def type(self, text: str) -> None:
        """Type: this phone takes every text."""
        self._phone.type(text)

    def key(self, key: Key) -> None:
        """Press a key."""
        self._phone.key(key)

    def open_app(self, name: str) -> None:
        """Open an app."""
        self._phone.open(app_called(name))

    def current_app(self) -> str:
        """Return the package of the app in front."""
        app = self._phone.state.app
        return APPS[LAUNCHER if app == RECENTS else app].package

    def power(self) -> Power:
        """Return whether the screen is on and unlocked."""
        state = self._phone.state
        return "off" if not state.awake else "locked" if state.locked else "awake"

    def wait(self, seconds: float) -> None:
        """Let the phone's time go by; no real time passes."""
        self._phone.pass_time(round(seconds * 1000))

    def close(self) -> None:
        """Nothing has to be let go of."""

    def _dp(self, point: Point) -> tuple[float, float]:
        """Return a point in dp, by way of the pixel that a finger would hit."""
        width, height = self._phone.size
        x, y = to_pixels(point, width, height)
        return x / self._phone.scale, y / self._phone.scale


@cache
def _names() -> dict[str, str]:
    names = {}
    for app in APPS.values():
        for name in (app.en.lower(), app.zh, app.id, app.package):
            names[name] = app.id
    return names


def app_called(name: str) -> str:
    """Return the id of the bundled app of a name, in English or Chinese, or of a package.

    Raises:
        NoSuchApp: If there is none. Whole names are compared: "map" is not "Maps".
    """
    names = _names()
    wanted = name.strip().lower()
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, names, n=1)
    known = ", ".join(sorted(a.en for a in APPS.values() if a.id != LAUNCHER))
    hint = f"did you mean {APPS[names[near[0]]].en!r}?" if near else f"there are {known}"
    raise NoSuchApp(f"there is no app {name!r} on the phone; {hint}")
