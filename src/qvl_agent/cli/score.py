"""`qvl-agent score`: one file of predictions, judged under several rules side by side."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from qvl_agent.evals.aitz import Rates, StepResult, Summary

__all__ = ["score"]

_SHOWN = 50
"""Steps that `--explain` prints at most; with `--json` all are given."""


def score(
    predictions: Annotated[
        Path, typer.Argument(help="Predictions: .jsonl, .json, or a folder of the CoAT scripts.")
    ],
    data: Annotated[Path, typer.Option(help="The AITZ dataset, or a folder of its episodes.")],
    protocol: Annotated[
        str, typer.Option(help="Rules, separated by commas: qwen25vl, coat, coat-as-released.")
    ] = "qwen25vl",
    explain: Annotated[
        bool, typer.Option("--explain", help="List the steps on which the rules disagree.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and no table.")] = False,
    split: Annotated[str, typer.Option(help="Which split of the dataset.")] = "test",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out malformed episodes, and say which.")
    ] = False,
) -> None:
    """Score a file of AITZ predictions under one or several published rules."""
    import json

    from rich.console import Console

    from qvl_agent.actions.errors import DataError
    from qvl_agent.evals import aitz

    protocols = list(dict.fromkeys(name.strip() for name in protocol.split(",")))
    for name in protocols:  # before gigabytes are read
        aitz.scorer_of(name)
    dataset = aitz.load(data, split=split, skip_bad=skip_bad)
    # What was left out may have been predicted: that is no fault of the predictions.
    unknown: list[tuple[str, int]] | None = [] if dataset.bad else None
    predicted = aitz.read_predictions(predictions, dataset, unknown=unknown)
    if not predicted:
        raise DataError(f"{predictions} holds no prediction")
    results = aitz.judge(dataset, predicted, protocols)
    missing = sum((s.episode_id, s.step_id) not in predicted for s in dataset.steps)
    differing = aitz.disagreements(results) if explain else []
    if as_json:
        report = {
            "complete_split": dataset.complete,
            "left_out": list(dataset.bad),
            "predictions_left_out": len(unknown or ()),
            "steps_without_prediction": missing,
            "protocols": {n: aitz.summarize(judged).to_json() for n, judged in results.items()},
            "ci95": {n: _bounds(judged) for n, judged in results.items()},
        } | ({"disagreements": differing} if explain else {})
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return
    console = Console()
    for message in dataset.bad:
        console.print(f"left out: {message}", style="yellow", markup=False)
    if unknown:
        console.print(
            f"{len(unknown)} predictions of episodes that are not there are left out.",
            style="yellow",
        )
    if not dataset.complete:
        console.print(
            f"A sample of {len(dataset.episodes)} episodes, not the whole split: "
            "its figures are not comparable with published ones.",
            style="yellow",
        )
    if missing:
        console.print(f"{missing} steps have no prediction and count as wrong.", style="yellow")
    console.print(_table(results))
    for line in _explained(differing):
        console.print(line, markup=False, highlight=False)


def _bounds(judged: "Sequence[StepResult]") -> dict[str, list[float]]:
    from qvl_agent.evals.aitz import rate_intervals

    return {n: [round(i.low, 4), round(i.high, 4)] for n, i in rate_intervals(judged).items()}


def _table(results: "Mapping[str, Sequence[StepResult]]") -> "Table":
    """Return the figures by type, by subset and in total, two columns per rule."""
    from rich.markup import escape
    from rich.table import Table

    from qvl_agent.evals.aitz import summarize

    summaries = [summarize(judged) for judged in results.values()]
    bounds = [_bounds(judged) for judged in results.values()]
    table = Table(title="AITZ: type match / exact match in % (steps)")
    table.add_column("steps")
    for name in results:
        table.add_column(name, justify="right")
    for names, rates in _groups(summaries):
        for name in names:
            table.add_row(escape(name), *(_pair(group.get(name)) for group in rates))
        table.add_section()
    table.add_row("total", *(_pair(s.total) for s in summaries))
    for label, key in (("95 % interval of TM", "type_acc"), ("95 % interval of EM", "exact_acc")):
        table.add_row(label, *(_range(b.get(key)) for b in bounds))
    table.add_row("format hits", *(f"{100 * s.total.hit_rate:.2f}" for s in summaries))
    table.add_section()
    table.add_row(
        "goal progress / success rate",
        *(
            f"{100 * s.progress.goal_progress:.2f} / {100 * s.progress.success_rate:.2f} "
            f"({s.progress.episodes} episodes)"
            for s in summaries
        ),
    )
    return table


def _groups(
    summaries: "Sequence[Summary]",
) -> "Iterator[tuple[list[str], list[Mapping[str, Rates]]]]":
    for group in ("by_type", "by_subset"):
        rates = [getattr(summary, group) for summary in summaries]
        yield sorted({name for members in rates for name in members}), rates


def _pair(rates: "Rates | None") -> str:
    if rates is None:
        return "-"
    return f"{100 * rates.type_acc:.2f} / {100 * rates.exact_acc:.2f} ({rates.count})"


def _range(bounds: Sequence[float] | None) -> str:
    return f"{100 * bounds[0]:.2f} to {100 * bounds[1]:.2f}" if bounds else "too few episodes"


def _explained(disagreements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for step in disagreements[:_SHOWN]:
        yield f"{step['subset']} {step['episode_id']} step {step['step_id']}"
        for name, s in step["protocols"].items():
            verdict = "exact" if s["exact_match"] else "type only" if s["type_match"] else "miss"
            yield (
                f"    {name}: {verdict} (reference {s['gold_type']}, "
                f"predicted {s['predicted_type'] or 'nothing readable'})"
            )
    if len(disagreements) > _SHOWN:
        yield f"... and {len(disagreements) - _SHOWN} more steps; --json lists them all"
