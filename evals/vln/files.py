"""Scores a results file against a data folder: what `qvl-agent score r2r|reverie` does.

This module knows where files lie. It knows no metric and prints nothing.
"""

from pathlib import Path
from typing import Literal

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln.annotations import (
    Benchmark,
    DataFolder,
    Episode,
    load_episodes,
    load_objects,
)
from qvl_agent.envs.vln.graph import NavGraph, load_graphs
from qvl_agent.evals.vln.results import read_results
from qvl_agent.evals.vln.score import Report, score_r2r, score_reverie

__all__ = ["load_split", "score_r2r_file", "score_reverie_file"]


def load_split(
    folder: DataFolder, benchmark: Benchmark, split: str
) -> tuple[list[Episode], dict[str, NavGraph]]:
    """Return the episodes of a split, and the graphs of its scans.

    Raises:
        DataError: If a file is missing or malformed, or the split is empty.
    """
    path = folder.annotations(benchmark, split)
    episodes = load_episodes(path, benchmark)
    if not episodes:
        raise DataError(f"{path} holds no instructions")
    scans = sorted({episode.scan for episode in episodes})
    return episodes, load_graphs(folder.connectivity(scans[0]), scans)


def score_r2r_file(results: Path, data: Path, split: str) -> Report:
    """Return the scores of a submission file on a split of R2R.

    Raises:
        DataError: If a file is missing or malformed, or the results do not fit the split.
    """
    episodes, graphs = load_split(DataFolder(data), "r2r", split)
    return score_r2r(episodes, read_results(results), graphs)


def score_reverie_file(
    results: Path, data: Path, split: str, version: Literal["v1", "v2"] = "v1"
) -> Report:
    """Return the scores of a submission file on a split of REVERIE.

    Raises:
        DataError: If a file is missing or malformed, or the results do not fit the split.
    """
    folder = DataFolder(data, version)
    episodes, graphs = load_split(folder, "reverie", split)
    boxes = folder.boxes(min(graphs))
    objects = {scan: load_objects(boxes, scan) for scan in graphs}
    return score_reverie(episodes, read_results(results), graphs, objects)
