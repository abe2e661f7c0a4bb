import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.envs.vln.annotations import DataFolder, load_objects
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset
from qvl_agent.evals.vln.files import load_split, score_r2r_file, score_reverie_file
from qvl_agent.evals.vln.results import read_results, write_results
from qvl_agent.evals.vln.walkers import WALKERS, walk_split


@pytest.fixture(scope="module")
def data(tmp_path_factory: Any) -> Any:
    root = tmp_path_factory.mktemp("vln")
    config = DatasetConfig(train=0, unseen=1, rooms=4, paths=12, moves=(3, 6), pictures=False)
    write_dataset(root, config)
    return root


def results_of(walker: Any, root: Any, benchmark: Any) -> Any:
    folder = DataFolder(root)
    episodes, graphs = load_split(folder, benchmark, "val_unseen")
    objects = None
    if benchmark == "reverie":
        objects = {scan: load_objects(folder.boxes(scan), scan) for scan in graphs}
    return walk_split(walker, episodes, graphs, objects)


def scores_of(walker: Any, root: Any, tmp_path: Any, benchmark: Any = "r2r") -> Any:
    path = tmp_path / "results.json"
    write_results(path, results_of(walker, root, benchmark))
    score = score_r2r_file if benchmark == "r2r" else score_reverie_file
    return score(path, root, "val_unseen").means()


def test_the_shortest_path_is_perfect_but_not_in_likeness_by_right(
    data: Any, tmp_path: Any
) -> None:
    means = scores_of("shortest", data, tmp_path)
    assert (means["navigation_error"], means["success_rate"], means["spl"]) == (0, 1, 1)


def test_the_annotated_path_is_perfect_in_likeness(data: Any, tmp_path: Any) -> None:
    means = scores_of("annotated", data, tmp_path)
    assert (means["ndtw"], means["sdtw"], means["spl_duet"]) == (1, 1, 1)
    assert means["cls"] == pytest.approx(1)


def test_stopping_at_the_start_and_walking_at_random(data: Any, tmp_path: Any) -> None:
    stop, random = (scores_of(walker, data, tmp_path) for walker in ("stop", "random"))
    # Routes are at least 3 m long: who stops at the start has not arrived.
    assert (stop["success_rate"], stop["spl"], stop["trajectory_length"]) == (0, 0, 0)
    assert stop["cls"] < 0.5
    assert random["success_rate"] < 0.6
    assert random["trajectory_length"] > 3


def test_reverie_experts_ground_what_is_meant(data: Any, tmp_path: Any) -> None:
    means = scores_of("annotated", data, tmp_path, "reverie")
    keys = ("success_rate", "oracle_success_rate", "rgs", "choice_visible", "spl_duet")
    assert [means[key] for key in keys] == [1] * 5
    assert scores_of("stop", data, tmp_path, "reverie")["rgs"] < 0.5


def test_walks_are_seeded_and_start_where_they_should(data: Any) -> None:
    assert results_of("random", data, "r2r") == results_of("random", data, "r2r")
    with pytest.raises(UsageError, match="no walker 'lost'"):
        results_of("lost", data, "r2r")
    assert set(WALKERS) == {"shortest", "annotated", "stop", "random"}


def test_missing_pieces_of_the_data_folder_are_named(data: Any, tmp_path: Any) -> None:
    results = tmp_path / "r.json"
    write_results(results, results_of("stop", data, "r2r"))
    with pytest.raises(DataError, match=r"no R2R_val_seen9\.json below"):
        score_r2r_file(results, data, "val_seen9")
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "R2R_val_unseen.json").write_bytes((data / "R2R" / "R2R_val_unseen.json").read_bytes())
    with pytest.raises(DataError, match=r"no \w+_connectivity\.json below"):
        score_r2r_file(results, alone, "val_unseen")


@pytest.mark.parametrize("limit_s", [60, pytest.param(4, marks=pytest.mark.slow)])
def test_a_full_size_split_is_scored_within_the_time_limit(tmp_path: Any, limit_s: float) -> None:
    """11 graphs, 952 viewpoints, 2,349 trajectories, all metrics, start-up included.

    The promise is 1.5 s of one core; the limits leave room for busy machines.
    """
    make_full_size_split(tmp_path)
    program = "import sys, typer; from qvl_agent.cli.score_vln import r2r; typer.run(r2r)"
    before, start = os.times(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "results.json"), "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    after = os.times()
    used = after.children_user + after.children_system - before.children_user
    used -= before.children_system
    assert "val_unseen: 2349 instructions" in done.stdout
    assert "CLS" in done.stdout
    wall = time.monotonic() - start
    assert used < limit_s, f"{used:.2f} s of processor time, {wall:.2f} s in all"


def make_full_size_split(root: Any) -> None:
    """Write graphs, annotations and walks of val_unseen's size, joined at random."""
    import random

    rng = random.Random(0)
    (root / "connectivity").mkdir()
    annotations, results = [], []
    for scan in range(11):
        n = 86 if scan else 92
        places = [(rng.uniform(0, 20), rng.uniform(0, 20)) for _ in range(n)]
        joined = [[False] * n for _ in range(n)]
        for i in range(1, n):
            for j in (i - 1, rng.randrange(i)):
                joined[i][j] = joined[j][i] = i != j
        names = [f"{scan:016x}{i:016x}" for i in range(n)]
        records = [
            {
                "image_id": name,
                "pose": [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, 1.5, 0, 0, 0, 1],
                "included": True,
                "unobstructed": row,
            }
            for name, (x, y), row in zip(names, places, joined, strict=True)
        ]
        path = root / "connectivity" / f"s{scan}_connectivity.json"
        path.write_text(json.dumps(records))
        beside = [[j for j in range(n) if row[j]] for row in joined]
        for k in range(72 if scan else 63):
            start = rng.randrange(n)
            walks = []
            for _ in range(4):
                walk = [start]
                while len(walk) < rng.randint(5, 12):
                    walk.append(rng.choice(beside[walk[-1]]))
                walks.append([names[i] for i in walk])
            path_id = 100 * scan + k
            annotations.append(
                {"path_id": path_id, "scan": f"s{scan}", "heading": 0.0, "path": walks[0],
                 "distance": 9.0, "instructions": ["a", "b", "c"]}
            )  # fmt: skip
            results += [
                {"instr_id": f"{path_id}_{i}", "trajectory": [[v, 0.0, 0.0] for v in walks[1 + i]]}
                for i in range(3)
            ]
    (root / "R2R_val_unseen.json").write_text(json.dumps(annotations))
    (root / "results.json").write_text(json.dumps(results))


def test_round_trip_of_a_submission(data: Any, tmp_path: Any) -> None:
    results = results_of("random", data, "reverie")
    write_results(tmp_path / "r.json", results)
    assert read_results(tmp_path / "r.json") == results
