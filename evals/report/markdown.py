"""A report as Markdown. Knows summaries, and nothing of files."""

from collections.abc import Iterator, Sequence

from qvl_agent.evals.report.figures import Figure
from qvl_agent.evals.report.summary import RunSummary
from qvl_agent.evals.report.table5 import ROWS

__all__ = ["measured", "render_markdown", "told"]

_SHOWN = 20


def render_markdown(summaries: Sequence[RunSummary]) -> str:
    """Return the whole report."""
    return "\n".join([*_table5(summaries), *(line for s in summaries for line in _run(s)), ""])


def measured(summaries: Sequence[RunSummary], row: str) -> list[tuple[RunSummary, Figure]]:
    """Return the figures that may stand in a row of the paper's table, with their runs."""
    return [(s, f) for s in summaries for f in s.figures if f.row == row]


def told(figure: Figure) -> str:
    """Return a figure's interval in words."""
    if figure.low is None or figure.high is None:
        return "too few episodes"
    return f"{figure.low:.1f} to {figure.high:.1f}"


def _table5(summaries: Sequence[RunSummary]) -> Iterator[str]:
    yield "# Evaluation"
    yield ""
    yield "Beside the published figures stand only figures of the same data under the same rule."
    yield ""
    yield "| benchmark | metric | Qwen2-VL-72B, paper | ours | 95 % interval | n | rule |"
    yield "| --- | --- | ---: | ---: | --- | ---: | --- |"
    for row in ROWS:
        found = measured(summaries, row.id)
        if not found:
            yield f"| {row.benchmark} | {row.metric} | {row.paper} | - | | | {row.data} |"
        for summary, f in found:
            yield (
                f"| {row.benchmark} | {row.metric} | {row.paper} | {f.percent:.1f} "
                f"({_cell(summary.manifest['model'])}) | {told(f)} | {f.n} | {f.rule} |"
            )


def _run(summary: RunSummary) -> Iterator[str]:
    yield ""
    yield f"## {_cell(summary.title)}"
    yield ""
    yield "| of | figure | % | 95 % interval | n | rule |"
    yield "| --- | --- | ---: | --- | ---: | --- |"
    for f in summary.figures:
        yield (
            f"| {f.group} | {f.name} | {f.percent:.2f} | {told(f)} | {f.n} {f.unit} | {f.rule} |"
        )
    yield ""
    yield f"{summary.measured} of {summary.planned} trials are measured."
    broken = {by: len(summary.broken(by)) for by in ("environment", "policy")}
    yield (
        f"Tries that measured nothing: {broken['environment']} broken by the environment, "
        f"{broken['policy']} by the policy."
    )
    for k, (at, hat) in summary.repeats.items():
        yield f"pass@{k} {at:.2f} %, pass^{k} {hat:.2f} %."
    if summary.claims is not None:
        c = summary.claims
        yield (
            f"Said done: {c.right} rightly, {c.false} wrongly. "
            f"Did not: {c.silent} were done, {c.failed} were not."
        )
    for kind, records in summary.failures.items():
        if not records:
            continue
        yield ""
        yield f"**Failed, {kind}: {len(records)}**"
        yield ""
        for record in records[:_SHOWN]:
            trace = f" ([trace]({record.trace}))" if record.trace else ""
            detail = f": {_cell(record.detail)}" if record.detail else ""
            yield f"- `{_cell(record.task)}` {record.reason}{detail}{trace}"
        if len(records) > _SHOWN:
            yield f"- and {len(records) - _SHOWN} more in results.jsonl"


def _cell(text: str) -> str:
    """Return text that cannot break a table or act as markup."""
    flat = " ".join(str(text).split())
    return flat.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")[:200]
