"""`qvl-agent score r2r|reverie`: the published metrics of a submission file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from qvl_agent.evals.vln.score import Report

__all__ = ["r2r", "reverie", "show"]

Results = Annotated[Path, typer.Argument(help="Results in the official submission format.")]
Data = Annotated[
    Path, typer.Option(help="Folder below which annotations, connectivity and boxes lie.")
]
Split = Annotated[str, typer.Option(help="As in R2R_<split>.json: val_seen, val_unseen, ...")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with all scores.")]

_LINES = (
    ("TL", "trajectory_length", "metres walked"),
    ("NE", "navigation_error", "metres from the stop to the goal"),
    ("OSR", "oracle_success_rate", "succeeded anywhere on the way"),
    ("SR", "success_rate", "succeeded at the stop: goal within 3 m, or target visible"),
    ("SPL", "spl", "official: by graph distance"),
    ("SPL*", "spl_duet", "later papers: by the annotated path's length"),
    ("nDTW", "ndtw", "likeness to the annotated path"),
    ("SDTW", "sdtw", "the same where it succeeds"),
    ("CLS", "cls", "coverage weighted by length score"),
    ("RGS", "rgs", "the right object named, wherever the agent stands"),
    ("RGSPL", "rgspl", "official: by graph distance"),
    ("RGSPL*", "rgspl_duet", "later papers: by the annotated path's length"),
)
_IN_METRES = frozenset({"trajectory_length", "navigation_error"})


def r2r(results: Results, data: Data, split: Split = "val_unseen", as_json: AsJson = False) -> None:
    """Score results on R2R: NE, OSR, SR, SPL in both readings, nDTW, SDTW, CLS."""
    from qvl_agent.evals.vln.files import score_r2r_file

    show(score_r2r_file(results, data, split), split, as_json)


def reverie(
    results: Results,
    data: Data,
    split: Split = "val_unseen",
    version: Annotated[
        str, typer.Option(help="v1 (the literature's) or v2, where both lie below --data.")
    ] = "v1",
    as_json: AsJson = False,
) -> None:
    """Score results on REVERIE, v1 or v2: SR, OSR, SPL, RGS, RGSPL."""
    from qvl_agent.evals.vln.files import score_reverie_file

    if version not in ("v1", "v2"):
        raise typer.BadParameter(f"expected v1 or v2, got {version!r}", param_hint="--version")
    chosen: Literal["v1", "v2"] = "v1" if version == "v1" else "v2"
    show(score_reverie_file(results, data, split, chosen), split, as_json)


def show(report: "Report", split: str, as_json: bool) -> None:
    """Print the means of a report, or all of it as JSON."""
    import json

    if as_json:
        print(json.dumps(report.to_json()))
        return
    means = report.means()
    print(f"{split}: {len(report.scores)} instructions")
    for short, key, meaning in _LINES:
        if key in means:
            value = f"{means[key]:7.2f} m" if key in _IN_METRES else f"{100 * means[key]:7.2f} %"
            print(f"  {short:<7}{value}  {meaning}")
    if report.repeated:
        print(f"  {report.repeated} repeated results: the first for an instruction counts")
    if report.unknown:
        print(f"  {report.unknown} results for instructions that are not in the split: passed over")
    if report.jumps:
        print(
            f"  {report.jumps} moves that no edge allows: their walking distance counts, "
            "as published"
        )
    if report.out_of_sight:
        print(
            f"  {report.out_of_sight} right objects were not visible where the agent stopped; "
            "RGS counts them, as published"
        )
