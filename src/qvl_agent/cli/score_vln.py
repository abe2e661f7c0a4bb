"""`qvl-agent score r2r|reverie`: published metrics of a submission file.

The commands' functions; `app` registers them. Loads neither torch nor any world.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from qvl_agent.envs.vln.annotations import DataFolder, load_episodes, load_objects
from qvl_agent.envs.vln.graph import load_graphs
from qvl_agent.evals.vln.results import read_results
from qvl_agent.evals.vln.score import R2RScore, Report, ReverieScore, score_r2r, score_reverie

__all__ = ["r2r", "reverie", "score_r2r_file", "score_reverie_file"]

Results = Annotated[Path, typer.Argument(help="Results in the official submission format.")]
Data = Annotated[
    Path, typer.Option(help="Folder below which annotations, connectivity and boxes lie.")
]
Split = Annotated[str, typer.Option(help="As in R2R_<split>.json: val_seen, val_unseen, ...")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON, with every instruction's scores.")
]

_R2R_LINES = (
    ("TL", "trajectory_length", "metres walked"),
    ("NE", "navigation_error", "metres from the stop to the goal"),
    ("OSR", "oracle_success_rate", "passed within 3 m of the goal"),
    ("SR", "success_rate", "stopped within 3 m of the goal"),
    ("SPL", "spl", "official: by graph distance"),
    ("SPL*", "spl_duet", "later papers: by the annotated path's length"),
    ("nDTW", "ndtw", "likeness to the annotated path"),
    ("SDTW", "sdtw", "the same where it succeeds"),
    ("CLS", "cls", "coverage weighted by length score"),
)
_REVERIE_LINES = (
    ("TL", "trajectory_length", "metres walked"),
    ("OSR", "oracle_success_rate", "target seen on the way"),
    ("SR", "success_rate", "target visible at the stop"),
    ("SPL", "spl", "official: by graph distance"),
    ("SPL*", "spl_duet", "later papers: by the annotated path's length"),
    ("RGS", "rgs", "the right object named, wherever the agent stands"),
    ("RGSPL", "rgspl", "official: by graph distance"),
    ("RGSPL*", "rgspl_duet", "later papers: by the annotated path's length"),
)


def score_r2r_file(results: Path, data: Path, split: str) -> Report:
    """Return the scores of a submission file on a split of R2R.

    Raises:
        DataError: If a file is missing or malformed, or the results do not fit the split.
    """
    folder = DataFolder(data)
    episodes = load_episodes(folder.annotations("r2r", split), "r2r")
    scans = {episode.scan for episode in episodes}
    graphs = load_graphs(folder.connectivity(min(scans, default="")), scans)
    return score_r2r(episodes, read_results(results), graphs)


def score_reverie_file(
    results: Path,
    data: Path,
    split: str,
    version: Literal["v1", "v2"] = "v1",
) -> Report:
    """Return the scores of a submission file on a split of REVERIE.

    Raises:
        DataError: If a file is missing or malformed, or the results do not fit the split.
    """
    folder = DataFolder(data, version)
    episodes = load_episodes(folder.annotations("reverie", split), "reverie")
    scans = sorted({episode.scan for episode in episodes})
    graphs = load_graphs(folder.connectivity(min(scans, default="")), scans)
    boxes = folder.boxes(min(scans, default=""))
    objects = {scan: load_objects(boxes, scan) for scan in scans}
    return score_reverie(episodes, read_results(results), graphs, objects)


def r2r(results: Results, data: Data, split: Split = "val_unseen", as_json: AsJson = False) -> None:
    """Score results on R2R: NE, OSR, SR, SPL in both readings, nDTW, SDTW, CLS."""
    _show(score_r2r_file(results, data, split), split, as_json)


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
    if version not in ("v1", "v2"):
        raise typer.BadParameter(f"expected v1 or v2, got {version!r}", param_hint="--version")
    chosen: Literal["v1", "v2"] = "v1" if version == "v1" else "v2"
    _show(score_reverie_file(results, data, split, chosen), split, as_json)


def _show(report: Report, split: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.to_json()))
        return
    means = report.means()
    lines = _R2R_LINES if isinstance(report.scores[0], R2RScore) else _REVERIE_LINES
    print(f"{split}: {len(report.scores)} instructions")
    for short, key, meaning in lines:
        metres = key in ("trajectory_length", "navigation_error")
        value = f"{means[key]:7.2f} m" if metres else f"{100 * means[key]:7.2f} %"
        print(f"  {short:<7}{value}  {meaning}")
    if report.repeated:
        print(f"  {report.repeated} repeated results: the first for an instruction counts")
    if report.unknown:
        print(f"  {report.unknown} results for instructions that are not in the split: passed over")
    unseen = [
        s for s in report.scores if isinstance(s, ReverieScore) and s.rgs and not s.choice_visible
    ]
    if unseen:
        print(
            f"  {len(unseen)} right objects were not visible where the agent stopped; "
            "RGS counts them, as published"
        )
