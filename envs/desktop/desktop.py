"""What a desktop can do for an agent, whether its screen is real or virtual.

Positions are pointer units: what the operating system counts the pointer in. On a screen of high
density a picture has more pixels than that; `DesktopEnv` measures how many.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from qvl_agent.actions.errors import QvlAgentError
from qvl_agent.envs.base import Image
from qvl_agent.envs.screen import EventLog

__all__ = ["Box", "Button", "Desktop", "Refused"]

Button: TypeAlias = Literal["left", "middle", "right"]


class Refused(QvlAgentError):
    """The desktop cannot do this one thing: data for the policy."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a desktop.

    Attributes:
        x: Left edge, in pointer units; a monitor to the left of the main one has negative ones.
        y: Upper edge.
        width: At least 1.
        height: At least 1.
    """

    x: int
    y: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.x},{self.y} {self.width}x{self.height}"

    def holds(self, other: "Box") -> bool:
        """Return whether another box lies inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def common(self, other: "Box") -> "Box | None":
        """Return what two boxes share, if anything."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None


class Desktop(Protocol):
    """A screen with a pointer, a keyboard and a clipboard.

    Every method raises `DeviceError` when the desktop cannot be reached or may not be used.

    Attributes:
        name: As shown and stored in traces.
        log: What happened to it.
    """

    name: str
    log: EventLog

    def screens(self) -> tuple[Box, ...]:
        """Return all of the desktop, then each of its monitors."""
        ...

    def window(self, title: str) -> Box:
        """Return where the uppermost window is whose title holds these words.

        Raises:
            Refused: If there is none; the message names those there are.
        """
        ...

    def screenshot(self, box: Box) -> Image:
        """Return the picture of a part, uint8 (H, W, 3)."""
        ...

    def pointer(self) -> tuple[int, int]:
        """Return where the pointer is."""
        ...

    def move(self, x: int, y: int) -> None:
        """Put the pointer somewhere."""
        ...

    def button(self, button: Button, down: bool) -> None:
        """Press a button, or let go of it, where the pointer is."""
        ...

    def wheel(self, notches: int) -> None:
        """Turn the wheel; positive shows what is further up."""
        ...

    def key(self, name: str, down: bool) -> None:
        """Press a key of `actions.desktop.KEYS`, or let go of it.

        Raises:
            Refused: If this keyboard does not have it.
        """
        ...

    def write(self, text: str) -> None:
        """Put a text without control characters where the focus is.

        Raises:
            Refused: If it cannot be typed here.
        """
        ...

    def close(self) -> None:
        """Let go of the desktop. May be called twice."""
        ...
