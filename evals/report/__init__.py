"""Reports of runs: Markdown, JSON, one self-contained page. No figure goes without its rule."""

from qvl_agent.evals.report.figures import Figure, figures_of
from qvl_agent.evals.report.markdown import render_markdown
from qvl_agent.evals.report.page import render_report
from qvl_agent.evals.report.summary import RunSummary
from qvl_agent.evals.report.table5 import ROWS, Row
from qvl_agent.evals.report.writing import write_reports

__all__ = [
    "ROWS",
    "Figure",
    "Row",
    "RunSummary",
    "figures_of",
    "render_markdown",
    "render_report",
    "write_reports",
]
