"""`qvl-agent phone`: the bundled phone behind the real ADB protocol, and its picture."""

import threading
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["phone"]

phone = typer.Typer(no_args_is_help=True, help="The bundled phone: serve it to adb, or look at it.")

_SeedOption = Annotated[int, typer.Option(help="Of the phone.")]
_SizeOption = Annotated[str, typer.Option(metavar="WxH", help="Of its screen, in pixels.")]


@phone.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 5555,
    seed: _SeedOption = 0,
    size: _SizeOption = "1080x2400",
    test: Annotated[bool, typer.Option("--test", help="Contents of the test split.")] = False,
) -> None:
    """Serve the phone on this machine until Ctrl-C: adb connect 127.0.0.1:PORT."""
    from qvl_agent.envs.android.adbd import AdbServer
    from qvl_agent.envs.android.phone import Make, make_phone

    width, height = _size(size)
    made, _ = make_phone(seed, Make("test" if test else "train", width=width, height=height))
    try:
        with AdbServer(made, port, clock="live") as server:
            typer.echo("Ctrl-C ends it.")
            typer.echo(f"phone {seed} ({width}x{height}): adb connect {server.address}")
            threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("")


@phone.command()
def show(
    out: Annotated[Path, typer.Argument(help="The PNG to write.")],
    seed: _SeedOption = 0,
    size: _SizeOption = "1080x2400",
    app: Annotated[str | None, typer.Option(help="Which app to open, as maps.")] = None,
) -> None:
    """Draw a phone's screen as a picture."""
    from PIL import Image

    from qvl_agent.actions.errors import UsageError
    from qvl_agent.envs.android.phone import Make, make_phone
    from qvl_agent.envs.android.sim import app_called

    width, height = _size(size)
    made, _ = make_phone(seed, Make(disturbed=False, width=width, height=height))
    if app:
        made.open(app_called(app))
    try:
        Image.fromarray(made.frame()).save(out)
    except (OSError, ValueError) as exc:
        raise UsageError(f"cannot write the picture {out}: {exc}") from exc
    typer.echo(str(out))


def _size(text: str) -> tuple[int, int]:
    """Return (width, height) of a text like "1080x2400".

    Raises:
        UsageError: If it is not one.
    """
    from qvl_agent.actions.errors import UsageError

    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 100 <= int(width) <= int(height) <= 5000):
        raise UsageError(f"a size is WIDTHxHEIGHT in pixels, 100 to 5000 each, got {text!r}")
    return int(width), int(height)
