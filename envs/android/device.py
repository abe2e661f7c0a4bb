"""What a phone can do for an agent, whether it is real or simulated.

`AdbDevice` (adb.py) and `SimulatedDevice` (sim.py) are the two that are bundled. Points are
normalised on the last picture the device gave; pixels exist only inside a device.
"""

from typing import Literal, Protocol, TypeAlias

from qvl_agent.actions.errors import QvlAgentError
from qvl_agent.actions.types import Point
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.base import Image
from qvl_agent.envs.screen import DeviceEvent, EventLog

__all__ = ["Device", "DeviceEvent", "EventLog", "Key", "NoSuchApp", "Power", "TextRefused"]

Key: TypeAlias = Literal["back", "home", "enter", "delete", "recents", "wake"]
Power: TypeAlias = Literal["awake", "off", "locked"]


class NoSuchApp(QvlAgentError):
    """The phone has no app of this name: data for the policy."""


class TextRefused(QvlAgentError):
    """The phone cannot type this text: data for the policy; says what would make it possible."""


class Device(Protocol):
    """A phone.

    Every method raises `DeviceError` when the phone cannot be reached or cannot be used.

    Attributes:
        name: As shown and stored in traces: a serial, or what the simulated phone is.
        phone: The bundled phone behind it, through which tasks are set and checked; else None.
        log: What happened to it.
    """

    name: str
    phone: Phone | None
    log: EventLog

    def screenshot(self) -> Image:
        """Return the picture on the screen, uint8 (H, W, 3)."""
        ...

    def tap(self, point: Point) -> None:
        """Tap."""
        ...

    def long_press(self, point: Point) -> None:
        """Hold for a second."""
        ...

    def swipe(self, start: Point, end: Point) -> None:
        """Move a finger slowly enough to scroll, not to fling."""
        ...

    def type(self, text: str) -> None:
        """Type text into the field that has the focus; a newline presses Enter.

        Raises:
            TextRefused: If the phone has no way to type it.
        """
        ...

    def key(self, key: Key) -> None:
        """Press a key."""
        ...

    def open_app(self, name: str) -> None:
        """Open an app by the name a person calls it.

        Raises:
            NoSuchApp: If there is none; the message names the nearest.
        """
        ...

    def current_app(self) -> str:
        """Return the package of the app in front."""
        ...

    def power(self) -> Power:
        """Return whether the screen is on and unlocked."""
        ...

    def wait(self, seconds: float) -> None:
        """Let the phone's time go by."""
        ...

    def close(self) -> None:
        """Let go of the phone. May be called twice."""
        ...
