"""A report as one self-contained HTML page: the paper's table, then a section for each run.

Nothing on it comes from elsewhere and nothing in it can act: there is no script, every text is
escaped where it enters, and a content policy allows this program's style alone.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from qvl_agent.agent.page.markup import Html, join, raw, tag
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.report.figures import Figure
from qvl_agent.evals.report.markdown import measured, told
from qvl_agent.evals.report.plots import bars, intervals
from qvl_agent.evals.report.style import STYLE
from qvl_agent.evals.report.summary import RunSummary
from qvl_agent.evals.report.table5 import ROWS

__all__ = ["render_report"]

_SHOWN = 200
"""Failed trials listed of each kind."""


def render_report(summaries: Sequence[RunSummary]) -> str:
    """Return the page."""
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", "Evaluation · qvl-agent"),
        tag("style", raw(STYLE)),
    )
    body = tag("main", _table5(summaries), *(_run(summary) for summary in summaries))
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang="en")


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"


def _table5(summaries: Sequence[RunSummary]) -> Html:
    rows = []
    for row in ROWS:
        found = measured(summaries, row.id)
        first = (tag("td", row.benchmark), tag("td", row.metric), _number(f"{row.paper:.1f}"))
        if not found:
            needs = tag("td", f"needs {row.data}", class_="rule")
            none = tag("td", "not measured", class_="none", colspan=3)
            rows.append(tag("tr", *first, none, needs))
        for summary, figure in found:
            model = str(summary.manifest["model"])
            rows.append(
                tag(
                    "tr",
                    *first,
                    tag("td", f"{figure.percent:.1f}", class_="n ours"),
                    _number(told(figure)),
                    _number(f"{figure.n} {figure.unit}"),
                    tag("td", f"{model}; {figure.rule}", class_="rule"),
                )
            )
    heads = ("benchmark", "metric", "Qwen2-VL-72B, paper", "ours", "95 % interval", "n", "rule")
    return join(
        tag("h1", "Evaluation"),
        tag(
            "p",
            "Agent benchmarks of the Qwen2-VL paper (table 5), in percent. Beside a published "
            "figure stands only what was measured on the same data under the same rule; what was "
            "measured on stand-ins is further down.",
            class_="soft",
        ),
        tag("div", _table(heads, rows, numbers=(2, 3, 4, 5)), class_="card"),
    )


def _run(summary: RunSummary) -> Html:
    papers = {row.id: row.paper for row in ROWS}
    shown = [(figure, papers.get(figure.row or "")) for figure in summary.figures]
    counts = [(kind, len(records)) for kind, records in summary.failures.items()]
    counts.append(("environment", len(summary.broken("environment"))))
    key = "Dot: measured. Band: its 95 % interval."
    if any(paper is not None for _, paper in shown):
        key += " Upright mark: the paper's figure."
    return tag(
        "section",
        tag("h2", summary.title),
        _facts(summary),
        tag("div", intervals(shown), tag("p", key, class_="soft"), class_="card")
        if shown
        else None,
        tag("div", _figures(summary.figures), class_="card") if shown else None,
        tag("h3", "What did not succeed, by kind"),
        tag("div", bars(counts), class_="card"),
        *(_failed(kind, records) for kind, records in summary.failures.items() if records),
        _incidents(summary),
        tag(
            "details",
            tag("summary", "Manifest"),
            tag("pre", json.dumps(summary.manifest, indent=2, ensure_ascii=False)),
        ),
    )


def _facts(summary: RunSummary) -> Html:
    facts = [("measured", f"{summary.measured} of {summary.planned} trials")]
    facts += [
        (f"pass@{k}, pass^{k}", f"{at:.1f} %, {hat:.1f} %")
        for k, (at, hat) in summary.repeats.items()
    ]
    if summary.claims is not None:
        c = summary.claims
        facts.append(("said done", f"{c.right} rightly, {c.false} wrongly"))
        facts.append(("did not say so", f"{c.silent} were done, {c.failed} were not"))
    if summary.measured < summary.planned:
        facts.append(("success if the rest had failed", f"{summary.unbroken:.1f} %"))
    rows = (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts)
    return tag("dl", *rows, class_="facts")


def _figures(figures: Sequence[Figure]) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", f.group),
            tag("td", f.name.replace("_", " ")),
            tag("td", f"{f.percent:.2f}", class_="n ours"),
            _number(told(f)),
            _number(f"{f.n} {f.unit}"),
            tag("td", f.rule, class_="rule"),
        )
        for f in figures
    ]
    heads = ("of", "figure", "%", "95 % interval", "n", "rule")
    return _table(heads, rows, numbers=(2, 3, 4))


def _failed(kind: str, records: Sequence[Record]) -> Html:
    items = [
        tag(
            "li",
            tag("a", record.task, href=record.trace) if record.trace else tag("code", record.task),
            f" {record.reason.replace('_', ' ')}" + (f": {record.detail}" if record.detail else ""),
        )
        for record in records[:_SHOWN]
    ]
    if len(records) > _SHOWN:
        items.append(tag("li", f"and {len(records) - _SHOWN} more, in results.jsonl"))
    return tag("details", tag("summary", f"{kind}: {len(records)}"), tag("ul", *items))


def _incidents(summary: RunSummary) -> Html | None:
    if not summary.incidents:
        return None
    return tag(
        "details",
        tag(
            "summary",
            f"tries that measured nothing: {len(summary.incidents)}",
            class_="warn",
        ),
        tag("ul", *(_incident(incident) for incident in summary.incidents[:_SHOWN])),
    )


def _incident(incident: Mapping[str, Any]) -> Html:
    end = "given up" if incident["given_up"] else "tried again"
    head = f"{incident['task']}, try {incident['attempt']}, {incident['by']}: "
    return tag("li", head, str(incident["message"])[:500], f" ({end})")


def _number(text: str) -> Html:
    return tag("td", text, class_="n")


def _table(heads: Sequence[str], rows: Sequence[Html], numbers: Sequence[int]) -> Html:
    cells = (tag("th", head, class_="n" if i in numbers else None) for i, head in enumerate(heads))
    return tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows))
