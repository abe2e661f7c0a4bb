"""`qvl-agent view`: what a trace holds, in the terminal or as one page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qvl_agent.cli.options import JsonOption

if TYPE_CHECKING:
    from rich.console import Console

    from qvl_agent.agent.trace import Trace

__all__ = ["view"]

_WIDEST = 100
"""Characters of a picture's line: more would fill the screen with it."""


def view(
    trace: Annotated[Path, typer.Argument(help="A trace, or a folder of them: then the newest.")],
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write one self-contained page instead."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the steps of a recorded episode, also of one that was killed."""
    from rich.console import Console

    from qvl_agent.agent.page import export_page
    from qvl_agent.agent.trace import read_trace
    from qvl_agent.cli.steps import StepPrinter, summary_of

    recorded = read_trace(_newest(trace))
    if export is not None:
        export_page(recorded.folder, export)
    if as_json:
        document = {
            "folder": str(recorded.folder),
            "page": None if export is None else str(export),
            "env": recorded.manifest.get("env"),
            "model": recorded.manifest.get("policy", {}).get("name"),
            "seed": recorded.manifest.get("seed"),
            "notes": list(recorded.notes),
            **summary_of(recorded.events),
        }
        print(json.dumps(document))
        return
    if export is not None:
        print(f"Page: {export}")
        return
    console = Console(highlight=False)
    console.print(_title(recorded), markup=False, style="bold")
    printer = StepPrinter(console)
    for event in recorded.events:
        printer.show(event)
    _show_figure(recorded, console)
    for note in recorded.notes:
        console.print(f"Note: {note}", markup=False, style="yellow", soft_wrap=True)


def _show_figure(trace: "Trace", console: "Console") -> None:
    """Show the world's last picture for people, if it drew any: where colours are, or its file."""
    from qvl_agent.cli.blocks import picture_text

    names = [event["figure"] for event in trace.events if "figure" in event]
    if not names:
        return
    path = trace.image(names[-1])
    drawn = picture_text(path, min(console.width, _WIDEST)) if console.color_system else None
    if drawn is not None:
        console.print(drawn)
    console.print(f"Figure: {path}", markup=False, style="dim", soft_wrap=True)


def _title(trace: "Trace") -> str:
    """Return what was played, by whom and when, as far as the manifest says."""
    manifest = trace.manifest
    policy = manifest.get("policy", {})
    return (
        f"{manifest.get('env', 'unknown world')}, played by {policy.get('name', 'unknown')}, "
        f"seed {manifest.get('seed')}, {manifest.get('created', 'at an unknown time')}"
    )


def _newest(folder: Path) -> Path:
    """Return the folder itself where it holds a trace, or the newest trace right below it."""
    if (folder / "trace.jsonl").exists() or not folder.is_dir():
        return folder
    traces = [path.parent for path in folder.glob("*/trace.jsonl")]
    return max(traces, key=lambda path: (path.stat().st_mtime, path.name), default=folder)
