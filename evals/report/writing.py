"""Writes reports of run folders: report.md, report.json, report.html. Knows no layout."""

import dataclasses
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.agent.page import export_page
from qvl_agent.evals.harness.folder import read_run
from qvl_agent.evals.harness.records import Record
from qvl_agent.evals.report.markdown import render_markdown
from qvl_agent.evals.report.page import render_report
from qvl_agent.evals.report.summary import RunSummary

__all__ = ["write_reports"]

_PAGES = 50
"""Traces that get a page of their own, per run; of the others the folder is linked."""


def write_reports(runs: Sequence[Path], out: Path) -> list[RunSummary]:
    """Write the reports of some runs into one folder and return their summaries.

    Raises:
        DataError: If a folder holds no run.
        UsageError: If the reports cannot be written.
    """
    summaries = []
    for run in runs:
        manifest, records, incidents = read_run(run)
        linked = _linked(run, records, out)
        summaries.append(RunSummary.of(manifest, linked, incidents))
    documents = {
        "report.md": render_markdown(summaries),
        "report.json": json.dumps({"runs": [s.to_json() for s in summaries]}, indent=2) + "\n",
        "report.html": render_report(summaries),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in documents.items():
            partial = out / f".{name}.tmp"
            partial.write_bytes(text.encode("utf-8", "replace"))
            partial.replace(out / name)
    except OSError as exc:
        raise UsageError(f"{out} cannot be written: {exc.strerror or exc}") from exc
    return summaries


def _linked(run: Path, records: Sequence[Record], out: Path) -> list[Record]:
    """Return records whose trace is a link from the report: to its page, or to its folder."""
    linked = []
    pages = 0
    for record in records:
        if record.trace is not None:
            folder = run / record.trace
            target = folder
            if not record.success and pages < _PAGES:
                pages += 1
                page = folder / "page.html"
                with suppress(DataError, UsageError):  # a trace that was moved away
                    if not page.exists():
                        export_page(folder, page)
                    target = page
            link = Path(os.path.relpath(target, out)).as_posix()
            record = dataclasses.replace(record, trace=link)
        linked.append(record)
    return linked
