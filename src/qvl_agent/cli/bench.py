"""`qvl-agent bench`: the policy engine beside transformers, and the harness beside the ideal."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qvl_agent.cli.options import JsonOption

if TYPE_CHECKING:
    from rich.table import Table

    from qvl_agent.evals.bench import Row

__all__ = ["benchmarks"]

benchmarks = typer.Typer(help="Measure the policy engine and the harness.", no_args_is_help=True)


@benchmarks.command()
def engine(
    only: Annotated[
        str | None, typer.Option(metavar="ROW,...", help="Which rows; by default all.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of torch.")] = 1,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A Qwen checkpoint's tokenizer.json, of which S7 counts the tokens.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the JSON document there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the scorecard on the CPU: exactness first, then each figure beside its peer and goal."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read once, when torch is loaded

    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals.bench import ENGINE_ROWS, run_engine

    wanted = tuple(only.split(",")) if only else ENGINE_ROWS
    if unknown := [row for row in wanted if row not in ENGINE_ROWS]:
        raise UsageError(f"no row {unknown[0]!r}; the rows are {', '.join(ENGINE_ROWS)}")
    if "S7" in wanted and tokenizer is None:
        if only:
            raise UsageError("S7 counts tokens of Qwen's vocabulary: name it with --tokenizer FILE")
        typer.echo("S7 left out: it needs --tokenizer FILE, a Qwen tokenizer.json", err=True)
    _report("bench engine", run_engine(wanted, tokenizer), out, as_json=as_json)


def _report(title: str, results: "Iterable[Row]", out: Path | None, *, as_json: bool) -> None:
    """Tell of each row as it is done, then show all; exit with 1 if a gate or a goal is missed."""
    from rich.console import Console

    from qvl_agent.evals.bench import environment

    console = Console(stderr=as_json)
    rows: list[Row] = []
    for row in results:
        rows.append(row)
        console.print(f"{row.id} {'done' if row.exact else 'NOT EXACT'}: {row.scenario}")
    document = json.dumps(
        {"environment": environment(), "rows": [row.to_json() for row in rows]}, indent=2
    )
    if out is not None:
        out.write_text(document + "\n", encoding="utf-8")
    if as_json:
        typer.echo(document)
    else:
        console.print(_table(title, rows))
    if not all(row.passed for row in rows):
        raise typer.Exit(1)


@benchmarks.command()
def gpu(
    only: Annotated[
        str | None, typer.Option(metavar="ROW,...", help="Which rows; by default all.")
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Tiny and on the CPU: shows that all of it runs.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the JSON document there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the scorecard's GPU rows with random weights of the 2B's and 7B's sizes, in bfloat16."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals.bench.gpu import FULL, GPU_ROWS, REHEARSED, run_gpu

    wanted = tuple(only.split(",")) if only else GPU_ROWS
    if unknown := [row for row in wanted if row not in GPU_ROWS]:
        raise UsageError(f"no row {unknown[0]!r}; the rows are {', '.join(GPU_ROWS)}")
    rows = run_gpu(REHEARSED if rehearse else FULL, wanted)
    _report("bench gpu", rows, out, as_json=as_json)


@benchmarks.command()
def harness(
    workers: Annotated[int, typer.Option(min=1, help="Seats, each with its own process.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """Run an instant policy in worlds of 50 ms and 1 s a step: throughput beside the ideal.

    Takes seven minutes.
    """
    from qvl_agent.evals.harness.pace import ASKED, measure_throughput

    told = {
        "together": "one policy for all",
        "desk": "one policy for all, at a desk of its own",
        "apart": "a policy in each seat",
    }
    measured = []
    for seconds, tasks in ((0.05, 8), (1.0, 4)):
        for asked in ASKED:
            one = measure_throughput(seconds, asked=asked, workers=workers, tasks=tasks * workers)
            measured.append(one)
            if as_json:
                continue
            print(
                f"{one.step_s * 1000:g} ms a step, {one.workers} workers, "
                f"{told[one.asked]}: {100 * one.share:.1f} % of the ideal (bare sleeps: "
                f"{100 * one.ideal_s / one.bare_s:.1f} %); overhead {one.overhead_ms:.2f} ms a "
                f"step ({one.cpu_ms:.2f} ms of it on this process's core; bare processes and "
                f"pipes: {one.pipes_ms:.2f} ms)",
                flush=True,
            )
    if as_json:
        print(json.dumps([one.to_json() for one in measured]))


@benchmarks.command()
def desktop(
    size: Annotated[str, typer.Option(metavar="WxH", help="Of the virtual screen.")] = "1280x800",
    repeats: Annotated[int, typer.Option(min=1, help="Of each row.")] = 100,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the JSON document there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure what a desktop costs per step on a virtual screen, without any waiting."""
    from qvl_agent.evals.bench.desktop import measure_desktop

    _report("bench desktop", measure_desktop(size, repeats), out, as_json=as_json)


def _table(title: str, rows: list["Row"]) -> "Table":
    from rich.table import Table

    table = Table("row", "figure", "value", "goal", "", "exact", "peer", title=title)
    for row in rows:
        for i, figure in enumerate(row.figures):
            sign = "" if figure.goal is None else ("≤ " if figure.at_most else "≥ ")
            table.add_row(
                row.id if i == 0 else "",
                figure.name,
                f"{figure.value:.3g}" if row.exact else "-",
                f"{sign}{figure.goal:g}" if figure.goal is not None else "",
                "" if figure.goal is None else ("ok" if row.exact and figure.passed else "MISSED"),
                "yes" if row.exact else "NO",
                row.peer if i == 0 else "",
            )
    return table
