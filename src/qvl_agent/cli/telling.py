"""What the verbs of `eval` say of a run: its figures, its reports, what was not measured."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from qvl_agent.cli.conduct import Wish
from qvl_agent.cli.errors import ENV

if TYPE_CHECKING:
    from qvl_agent.cli.conduct import Conducted

__all__ = ["close", "tell"]


def tell(run: "Conducted", wish: Wish, as_json: bool) -> None:
    """Print the figures of a run, and write its reports where it has a folder."""
    from rich.console import Console

    from qvl_agent.evals.report import RunSummary

    summary = RunSummary.of(run.manifest, run.records, [i.to_json() for i in run.incidents])
    if as_json:
        print(json.dumps(summary.to_json()))
    else:
        console = Console(highlight=False)
        for line in summary.lines():
            console.print(line, markup=False, soft_wrap=True)
    close(run, wish.out)


def close(run: "Conducted", out: Path | None) -> None:
    """Write the reports, and leave with the environment's code where it kept tasks unmeasured."""
    from qvl_agent.evals.report import write_reports

    if out is not None:
        write_reports([out], out)
        print(f"Report: {out / 'report.html'}", file=sys.stderr)
    broken = [incident for incident in run.incidents if incident.given_up]
    if broken:
        print(
            f"qvl-agent: {len(broken)} tasks are not measured, because their environment broke "
            f"on every try; the first, {broken[0].task}: {broken[0].message.splitlines()[0]}",
            file=sys.stderr,
        )
        raise typer.Exit(ENV)
