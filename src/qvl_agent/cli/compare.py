"""`qvl-agent compare` and `qvl-agent report`: finished runs side by side, and on one page."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qvl_agent.cli.options import JsonOption

if TYPE_CHECKING:
    from qvl_agent.evals.harness import Record
    from qvl_agent.evals.intervals import Comparison
    from qvl_agent.evals.stats import Interval

__all__ = ["compare", "report"]

_SHOWN = 20
"""Flipped tasks that are printed each way; with --json all are."""

_SAME = ("suite", "config", "tasks_sha256")
"""What two runs have to share, that a difference is one of the policies."""


def compare(
    a: Annotated[Path, typer.Argument(help="Folder of a run, as given to eval --out.")],
    b: Annotated[Path, typer.Argument(help="Folder of another run over the same tasks.")],
    as_json: JsonOption = False,
) -> None:
    """Compare two runs task by task: difference, 95 % interval, tasks flipped each way."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals.harness import differences, read_run
    from qvl_agent.evals.intervals import compare as paired

    (first, records_a, _), (second, records_b, _) = read_run(a), read_run(b)
    if first["suite"] != second["suite"]:
        raise UsageError(f"{a} is a run of {first['suite']}, {b} one of {second['suite']}")
    try:
        compared = paired(_successes(records_a), _successes(records_b))
    except ValueError as exc:
        raise UsageError(f"{a} and {b}: {exc}") from exc
    clustered = _over_tasks(records_a, records_b)
    unlike = differences(*({key: m.get(key) for key in _SAME} for m in (first, second)))
    if as_json:
        heads = {"a": _head(a, first), "b": _head(b, second), "not_alike": unlike}
        differs = compared.differs if clustered is None else _apart(clustered)
        verdict: dict[str, Any] = {"differs": differs}
        if clustered is not None:  # the p-value of McNemar's test is for independent trials
            bounds = [round(100 * clustered.low, 2), round(100 * clustered.high, 2)]
            verdict |= {"ci95": bounds, "p_value": None}
        print(json.dumps(heads | compared.to_json() | verdict))
        return
    print(f"A: {a}, {first['model']}, seed {first['seed']}")
    print(f"B: {b}, {second['model']}, seed {second['seed']}")
    for difference in unlike:
        print(f"Note: the runs differ in more than the policy: {difference}")
    for line in _lines(compared, clustered):
        print(line)


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, as given to eval --out.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where report.{md,json,html} go.")],
    as_json: JsonOption = False,
) -> None:
    """Put runs on one page, with the paper's table: Markdown, JSON and HTML."""
    from qvl_agent.evals.report import write_reports

    summaries = write_reports(runs, out)
    if as_json:
        print(json.dumps({"runs": [summary.to_json() for summary in summaries]}))
        return
    for summary in summaries:
        for line in summary.lines():
            print(line)
    print(f"Page: {out / 'report.html'}")


def _successes(records: "Sequence[Record]") -> dict[str, bool]:
    """Return success by trial: the same repeat of the same task is compared with itself."""
    return {f"{r.task} #{r.repeat + 1}" if r.repeat else r.task: r.success for r in records}


def _head(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {"run": str(folder), "model": manifest["model"], "seed": manifest["seed"]}


def _over_tasks(a: "Sequence[Record]", b: "Sequence[Record]") -> "Interval | None":
    """Return the interval of the difference, resampled by tasks; None where none is repeated.

    Repeats of a task are no new tasks: as if they were, the interval would be too narrow.
    """
    from qvl_agent.evals.intervals import bootstrap

    other = {record.key: record.success for record in b}
    pairs: dict[str, list[int]] = defaultdict(list)
    for record in a:
        if record.key in other:
            pairs[record.task].append(int(other[record.key]) - int(record.success))
    if all(len(tries) == 1 for tries in pairs.values()):
        return None
    return bootstrap([sum(t) for t in pairs.values()], [len(t) for t in pairs.values()])


def _apart(interval: "Interval") -> bool:
    """Return whether an interval leaves out zero."""
    return interval.low > 0 or interval.high < 0


def _lines(compared: "Comparison", clustered: "Interval | None") -> Iterator[str]:
    interval = clustered or compared.interval
    yield f"success: A {100 * compared.rate_a:.2f} %, B {100 * compared.rate_b:.2f} %"
    yield (
        f"B minus A: {100 * compared.difference:+.2f} points, 95 % interval "
        f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}; {compared.n} trials in both"
    )
    differ = compared.differs if clustered is None else _apart(clustered)
    verdict = "they differ" if differ else "no difference is shown"
    if clustered is None:
        yield f"flips if chance decided: p = {compared.p_value:.4f} (exact McNemar test): {verdict}"
    else:
        yield f"tasks are repeated, so the interval is over tasks (bootstrap): {verdict}"
    for label, tasks in (("only B solves", compared.gained), ("only A solves", compared.lost)):
        yield f"{label}: {len(tasks)}"
        for task in tasks[:_SHOWN]:
            yield f"  {task}"
        if len(tasks) > _SHOWN:
            yield f"  and {len(tasks) - _SHOWN} more; --json lists them all"
    if compared.unpaired:
        yield f"in one of the runs only, and in no figure: {len(compared.unpaired)}"
