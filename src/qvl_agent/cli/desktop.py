"""The options of `qvl-agent run --env desktop`, and the desktop that they ask for."""

import shlex
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qvl_agent.envs.base import World

__all__ = ["DESKTOPS", "DesktopOptions", "desktop_world"]

DESKTOPS = ("desktop", "qvl_agent/Desktop-v0")

_PANEL = "Desktop (--env desktop)"
_MANAGERS = (["openbox"], ["xfwm4"], ["marco"], ["metacity"])
_SOMETHING = ["xterm", "-geometry", "100x32+40+40"]
"""What is started on a virtual screen when nothing is asked for."""


@dataclass(frozen=True, slots=True)
class DesktopOptions:
    """Which desktop is driven, and what of it is seen.

    Attributes:
        virtual: Size of a virtual screen; None is the session's own screen.
        start: Programs to start on the virtual screen.
        view: The part of the desktop that is seen and acted in.
    """

    virtual: Annotated[
        str | None,
        typer.Option(
            metavar="WxH",
            help="On a virtual screen (Xvfb) of this size, as 1280x800.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    start: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COMMAND",
            help="A program to start on the virtual screen; repeatable. By default a terminal.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    view: Annotated[
        str | None,
        typer.Option(
            help="all, monitor:1, region:X,Y,WxH or window:TITLE.", rich_help_panel=_PANEL
        ),
    ] = None


def desktop_world(options: DesktopOptions) -> "World":
    """Return the desktop that is asked for; a word on stderr says how to stop it.

    Raises:
        UsageError: If the size or the view is none.
        DeviceError: If the desktop cannot be used; says what to do.
    """
    from qvl_agent.envs.desktop import HALT_FILE, DesktopEnv

    view = options.view or "monitor:1"
    if options.virtual is None:
        if options.start:
            from qvl_agent.actions.errors import UsageError

            raise UsageError("--start is for a virtual screen; say --virtual 1280x800")
        world = DesktopEnv(view=view)
        print(
            "It has your mouse and keyboard. To stop it: the pointer into a corner of the screen, "
            f"Ctrl-C here, or: touch {HALT_FILE}",
            file=sys.stderr,
        )
        return world
    commands = [shlex.split(command) for command in options.start or ()] or [_SOMETHING]
    manager = next((m for m in _MANAGERS if shutil.which(m[0])), None)
    present = [command for command in commands if command and shutil.which(command[0])]
    for missing in (command for command in commands if command not in present):
        print(f"{shlex.join(missing)!r} is not installed, so it is not started", file=sys.stderr)
    return DesktopEnv(virtual=options.virtual, view=view, manager=manager or (), start=present)
