"""The options of `qvl-agent run --env tools`, and the world that they ask for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qvl_agent.envs.base import Image, World

__all__ = ["TOOLS", "ToolOptions", "tool_world"]

TOOLS = ("tools", "qvl_agent/Tools-v0")

_PANEL = "Tools (--env tools)"


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """Which functions may be called, and what the question is about.

    Attributes:
        tools: A Python file of the user's; None is the code interpreter.
        picture: What the question is about.
    """

    tools: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.py",
            help="Its public functions, or its list TOOLS; the file is run. By default the code "
            "interpreter.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the question is about.", rich_help_panel=_PANEL),
    ] = None


def tool_world(options: ToolOptions) -> "World":
    """Return the world of a file's tools, or of the code interpreter.

    Raises:
        UsageError: If the file has no tools, or the picture cannot be read.
    """
    from qvl_agent.envs.tools import CodeWorld, ToolWorld, load_tools

    image = None if options.picture is None else _read(options.picture)
    if options.tools is None:
        return CodeWorld(image=image)
    return ToolWorld(load_tools(options.tools), image=image)


def _read(path: Path) -> "Image":
    import numpy as np
    from PIL import Image

    from qvl_agent.actions.errors import UsageError

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as exc:
        raise UsageError(f"the picture {path} cannot be read: {exc}") from exc
