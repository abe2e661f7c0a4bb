"""`qvl-agent score r2r|reverie` on a data folder of the real layout."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from qvl_agent.cli import score_vln
from qvl_agent.envs.vln.annotations import DataFolder, load_objects
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset
from qvl_agent.evals.vln.files import load_split
from qvl_agent.evals.vln.results import Result, write_results
from qvl_agent.evals.vln.walkers import walk_split

app = typer.Typer()
app.command()(score_vln.r2r)
app.command()(score_vln.reverie)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("vln")
    write_dataset(root, DatasetConfig(train=0, unseen=1, rooms=2, paths=3, pictures=False))
    return root


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_r2r_prints_both_readings_of_spl_and_what_was_passed_over(
    data: Path, tmp_path: Path
) -> None:
    episodes, graphs = load_split(DataFolder(data), "r2r", "val_unseen")
    results = walk_split("shortest", episodes, graphs)
    path = tmp_path / "r.json"
    write_results(path, [*results, results[0], Result("0_0", results[0].trajectory)])
    output = run("r2r", path, "--data", data)
    assert f"val_unseen: {len(results)} instructions" in output
    assert "SPL     100.00 %  official" in output
    assert "SPL*    100.00 %  later papers" in output
    assert "NE        0.00 m" in output
    assert "1 repeated results" in output
    assert "1 results for instructions that are not in the split" in output
    assert "RGS" not in output


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_reverie_tells_of_objects_named_from_afar(data: Path, tmp_path: Path, version: str) -> None:
    episodes, graphs = load_split(DataFolder(data), "reverie", "val_unseen")
    folder = DataFolder(data)
    objects = {scan: load_objects(folder.boxes(scan), scan) for scan in graphs}
    stopped = walk_split("stop", episodes, graphs, objects)
    named = [
        Result(r.instr_id, r.trajectory, str(e.target))
        for r, e in zip(stopped, episodes, strict=True)
    ]
    path = tmp_path / "r.json"
    write_results(path, named)
    output = run("reverie", path, "--data", data, "--version", version)
    assert "RGS     100.00 %" in output
    assert "right objects were not visible where the agent stopped" in output
    report = json.loads(run("reverie", path, "--data", data, "--version", version, "--json"))
    assert report["metrics"]["rgs"] == 1
    assert report["instructions"] == len(report["scores"]) == len(episodes)


def test_an_unknown_version_is_refused(data: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["reverie", str(tmp_path), "--data", str(data), "--version", "v3"]
    )
    assert result.exit_code == 2
    assert "v1 or v2" in result.output
