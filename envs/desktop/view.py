"""Which part of a desktop an agent sees and acts in: a monitor, a region, a window by its name."""

import re
from dataclasses import dataclass
from typing import Literal

from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.envs.desktop.desktop import Box, Desktop, Refused

__all__ = ["View"]

_REGION = re.compile(r"(-?\d+),(-?\d+),(\d+)[x,](\d+)")
_FORMS = "all, monitor:1, region:0,0,800x600 or window:TITLE"


@dataclass(frozen=True, slots=True)
class View:
    """A part of a desktop.

    Attributes:
        kind: What it is.
        monitor: Its number, from 1; 0 is all of them.
        region: In pointer units.
        title: Words of the window's title.
    """

    kind: Literal["monitor", "region", "window"]
    monitor: int = 1
    region: Box = Box(0, 0, 1, 1)
    title: str = ""

    @classmethod
    def of(cls, text: str) -> "View":
        """Return the view of a text: `all`, `monitor:2`, `region:0,0,800x600`, `window:Files`.

        Raises:
            UsageError: If it is none of these.
        """
        kind, _, rest = text.partition(":")
        match kind:
            case "all":
                return cls("monitor", monitor=0)
            case "monitor" if rest.isdecimal():
                return cls("monitor", monitor=int(rest))
            case "window" if rest.strip():
                return cls("window", title=rest.strip())
            case "region" if match := _REGION.fullmatch(rest.replace(" ", "")):
                region = Box(*map(int, match.groups()))
                if region.width and region.height:
                    return cls("region", region=region)
        raise UsageError(f"a view is written as {_FORMS}; got {text!r}")

    def box(self, desktop: Desktop) -> Box:
        """Return where it is now.

        Raises:
            UsageError: If there is no such monitor, or the region lies off the screen.
            DeviceError: If there is no such window, or nothing of it can be seen.
        """
        screens = desktop.screens()
        match self.kind:
            case "monitor":
                if self.monitor >= len(screens):
                    raise UsageError(
                        f"there is no monitor {self.monitor}; there are {len(screens) - 1}"
                    )
                return screens[self.monitor]
            case "region":
                if not screens[0].holds(self.region):
                    raise UsageError(
                        f"the region {self.region} lies off the screen, which is {screens[0]}"
                    )
                return self.region
            case "window":
                try:
                    window = desktop.window(self.title)
                except Refused as exc:
                    raise DeviceError(str(exc)) from exc
                seen = window.common(screens[0])
                if seen is None:
                    raise DeviceError(f"the window {self.title!r} lies off the screen")
                return seen
