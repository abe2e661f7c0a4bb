"""`qvl-agent eval r2r|reverie`: on generated buildings, on a data folder, and what is refused."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.envs.vln.annotations import Benchmark, DataFolder
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset
from qvl_agent.evals.vln import load_split, walk_split, write_results

Cli = Callable[..., Any]

FEW = ("--buildings", "1", "--routes", "3")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("vln")
    write_dataset(root, DatasetConfig(train=0, unseen=1, rooms=3, paths=2, moves=(2, 3), face=64))
    return root


def test_the_expert_of_generated_r2r_is_perfect_and_stopping_at_the_start_is_nothing(
    cli: Cli,
) -> None:
    best = cli("eval", "r2r", "--model", "expert", *FEW, "--json").document
    assert best["split"] == "generated"
    assert best["published_split"] is False
    assert best["instructions"] == 3
    metrics = best["metrics"]
    for key in ("success_rate", "oracle_success_rate", "spl", "spl_duet", "ndtw", "cls"):
        assert metrics[key] == pytest.approx(1.0)
    assert metrics["navigation_error"] == 0.0
    idle = cli("eval", "r2r", "--model", "stop", *FEW, "--json").document["metrics"]
    assert idle["success_rate"] == idle["spl"] == idle["trajectory_length"] == 0.0
    assert idle["navigation_error"] == pytest.approx(metrics["trajectory_length"])


def test_the_expert_of_reverie_names_the_object_and_a_stroller_does_not(
    cli: Cli, tmp_path: Path
) -> None:
    few = ("--buildings", "1", "--routes", "2")
    best = cli("eval", "reverie", "--model", "expert", *few, "--json").document["metrics"]
    assert best["success_rate"] == best["rgs"] == best["rgspl"] == 1.0
    idle = cli("eval", "reverie", "--model", "stop", *few, "--json").document["metrics"]
    assert idle["rgs"] == 0.0


def test_a_run_leaves_a_submission_that_score_reads_to_the_same_figures(
    cli: Cli, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    ran = cli("eval", "r2r", "--model", "random", "--short", *FEW, "--out", out, "--json")
    told = ran.document
    submission = out / "submission.json"
    scored = cli(
        "score", "r2r", submission, "--data", out / "data", "--split", "generated", "--json"
    ).document
    assert scored["metrics"] == told["metrics"]
    assert f"--data {out / 'data'}" in ran.err
    entries = json.loads(submission.read_text())
    assert all(len(entry["trajectory"]) > 1 for entry in entries)
    assert any((out / "traces").iterdir())
    report = (out / "report.md").read_text()
    assert "| R2R valid-unseen | SR | 51.7 | - |" in report  # generated buildings are no R2R
    again = cli("eval", "r2r", "--model", "random", "--short", *FEW, "--out", out, "--json")
    assert again.document == told
    assert "3 of 3 are there already" in again.err


def test_a_data_folder_is_played_in_its_own_order(cli: Cli, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    chosen = ("--data", data, "--split", "val_unseen", "--workers", "3", "--traces", "none")
    document = cli("eval", "r2r", "--model", "annotated", *chosen, "--out", out, "--json").document
    assert document["instructions"] == 6
    assert document["published_split"] is False  # the split has the name, and not the buildings
    assert document["metrics"]["ndtw"] == 1.0
    assert not (out / "data").exists()
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert {line["task"] for line in lines} == {
        f"val_unseen/{3000 + k // 3}_{k % 3}" for k in range(6)
    }
    assert "R2R valid-unseen | SR | 51.7 | - |" in (out / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("r2r", "--data", "/nowhere"), "there is no data folder /nowhere"),
        (("r2r", "--short", "--data", "/nowhere"), "without --data"),
        (("r2r", "--short", "--composition", "globe"), "composition must be one of candidates,"),
        (("r2r", "--level", "middle"), "level must be one of viewpoint, low"),
        (("reverie", "--version", "v3"), "--version is v1 or v2, got 'v3'"),
    ],
)
def test_a_slip_is_told_in_one_line(cli: Cli, arguments: Any, told: str) -> None:
    ran = cli("eval", *arguments, "--model", "stop")
    assert ran.code == 2 or ran.code == 3
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_split_that_is_not_there_is_named(cli: Cli, data: Path) -> None:
    ran = cli("eval", "r2r", "--model", "stop", "--data", data, "--split", "val_other")
    assert "there is no R2R_val_other.json below" in ran.err


def spoiled(data: Path, folder: Path, *, without: str = "", path: bool = False) -> Path:
    """Return a copy of a data folder without some files, or with a path that leaves the graph."""
    shutil.copytree(data, folder)
    for file in folder.rglob(without) if without else ():
        file.unlink()
    if path:
        split = folder / "R2R" / "R2R_val_unseen.json"
        records = json.loads(split.read_text())
        records[1]["path"][1] = "e" * 32
        split.write_text(json.dumps(records))
    return folder


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"without": "*_connectivity.json"}, r"there is no \w+_connectivity.json below"),
        ({"without": "*_skybox_small.jpg"}, r"skybox face 0 of viewpoint [0-9a-f]{32} is missing"),
        ({"path": True}, r"the path of 3001_0 passes viewpoint 'e{32}', which is not in"),
    ],
)
def test_faulty_data_is_named_before_anything_is_scored(
    cli: Cli, data: Path, tmp_path: Path, fault: Any, told: str
) -> None:
    folder = spoiled(data, tmp_path / "spoiled", **fault)
    ran = cli("eval", "r2r", "--model", "expert", "--data", folder)
    assert ran.code == 2
    assert re.search(told, ran.err), ran.err
    assert "SR" not in ran.out
    assert "Traceback" not in ran.err


def test_jumps_are_refused_in_r2r_and_counted_in_reverie(
    cli: Cli, data: Path, tmp_path: Path
) -> None:
    chosen = ("--data", data, "--split", "val_unseen")
    suites: tuple[Benchmark, ...] = ("r2r", "reverie")
    for suite in suites:
        walks = walk_split("annotated", *load_split(DataFolder(data), suite, "val_unseen"))
        longest = max(walks, key=lambda walk: len(walk.trajectory))
        ends = longest.trajectory[0], longest.trajectory[-1]
        jump = replace(longest, trajectory=ends)
        write_results(tmp_path / suite, [jump if w is longest else w for w in walks])
    refused = cli("score", "r2r", tmp_path / "r2r", *chosen)
    assert refused.code == 2
    assert "the official R2R evaluator refuses" in refused.err
    counted = cli("score", "reverie", tmp_path / "reverie", *chosen)
    assert counted.code == 0
    assert "1 moves that no edge allows: their walking distance counts" in counted.out
