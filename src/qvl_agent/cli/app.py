"""The command `qvl-agent`: its verbs, and nothing of what they do.

The verbs' modules import only typer at their top, so that `--help` answers at once; whatever a
verb needs is imported inside it.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from qvl_agent import __version__
from qvl_agent.cli.bench import benchmarks
from qvl_agent.cli.compare import compare, report
from qvl_agent.cli.doctor import doctor
from qvl_agent.cli.errors import USAGE, run_app
from qvl_agent.cli.evaluate import suites
from qvl_agent.cli.listing import catalogue
from qvl_agent.cli.parse import parse
from qvl_agent.cli.phone import phone
from qvl_agent.cli.run import run
from qvl_agent.cli.scoring import scoring
from qvl_agent.cli.train import app as training
from qvl_agent.cli.view import view

__all__ = ["app", "main"]

app = typer.Typer(
    name="qvl-agent",
    help="A visual agent: a local Qwen2-VL policy sees screenshots, reasons, and acts.",
    add_completion=False,
    rich_markup_mode="rich",
)
app.command()(run)
app.command()(view)
app.add_typer(suites, name="eval")
app.add_typer(benchmarks, name="bench")
app.add_typer(training, name="train")
app.command()(parse)
app.add_typer(scoring, name="score")
app.command()(compare)
app.command()(report)
app.add_typer(catalogue, name="list")
app.add_typer(phone, name="phone")
app.add_typer(doctor, name="doctor")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qvl-agent {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; see `qvl_agent.cli.errors`.

    Args:
        arguments: The words after `qvl-agent`; by default the process's own.
    """
    return run_app(app, sys.argv[1:] if arguments is None else arguments)
