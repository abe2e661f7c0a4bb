"""`qvl-agent eval alfred`: what it plays, what it says of its figures, what it refuses."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

SAMPLE = Path(__file__).parents[2].resolve().parent / "shared" / "data" / "alfred"


@pytest.fixture
def data() -> Path:
    if not SAMPLE.is_dir():
        pytest.skip("the sample of ALFRED's dataset is not here")
    return SAMPLE


@pytest.fixture
def tested(data: Path, tmp_path: Path) -> Path:
    """A dataset with one trajectory as the test splits have it, and a labelled one of its scene."""
    source = sorted(data.glob("json_2.1.0/valid_unseen/*/*/traj_data.json"))[0]
    folder = tmp_path / "alfred"
    shutil.copytree(data / "layouts", folder / "layouts")
    shutil.copytree(source.parent, folder / source.parent.relative_to(data))
    raw = json.loads(source.read_text())
    kept = {key: raw[key] for key in ("scene", "task_id", "turk_annotations")}
    (folder / "json_2.1.0" / "tests_unseen" / raw["task_id"]).mkdir(parents=True)
    place = folder / "json_2.1.0" / "tests_unseen" / raw["task_id"] / "traj_data.json"
    place.write_text(json.dumps(kept))
    entries = [{"task": raw["task_id"], "repeat_idx": k} for k in (0, 1)]
    (folder / "splits_oct21.json").write_text(
        json.dumps({"tests_seen": [], "tests_unseen": entries})
    )
    return folder


def test_anybody_can_play_made_up_tasks_and_resume_them(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["eval", "alfred", "--model", "expert", "--episodes", "7", "--workers", "1"]
    words += ["--out", str(out)]
    ran = cli(*words)
    assert ran.code == 0
    assert "pick_heat_then_place_in_recep" in ran.out
    assert "bundled simulator: not comparable with published ALFRED scores" in ran.out
    lines = (out / "results.jsonl").read_text().splitlines()
    assert len(lines) == 7
    again = cli(*words, "--json")
    assert "7 of 7 are there already" in again.err
    figures = {(f["group"], f["name"]): f["percent"] for f in again.document["figures"]}
    assert {name for group, name in figures if group == "all"} == {"SR", "GC", "PLWSR", "PLWGC"}
    assert figures["all", "SR"] == 100
    other = cli(*words, "--no-names")
    assert other.code == 2
    assert "config.names_told was true, is false" in other.err
    page = (out / "report.html").read_text()
    assert "not comparable with published ALFRED scores" in page


def test_doing_nothing_is_counted_and_not_lost(cli: Cli) -> None:
    ran = cli("eval", "alfred", "--model", "none", "--episodes", "7", "--workers", "1")
    assert ran.code == 0
    assert "7 episodes ended before any action; they are counted" in ran.out
    assert " 0.0" in ran.out


def test_the_datasets_own_plans_score_100(cli: Cli, data: Path) -> None:
    words = ["eval", "alfred", "--data", data, "--skip-missing", "--model", "replay"]
    ran = cli(*words, "--limit", "4", "--workers", "1", "--json")
    figures = {(f["group"], f["name"]): f for f in ran.document["figures"]}
    assert (figures["all", "SR"]["percent"], figures["all", "PLWGC"]["percent"]) == (100, 100)
    assert figures["all", "SR"]["n"] == 4
    assert figures["all", "SR"]["row"] is None


def test_sub_goals_are_measured_by_type(cli: Cli, data: Path) -> None:
    words = ["eval", "alfred", "--data", data, "--skip-missing", "--workers", "1", "--limit", "5"]
    ran = cli(*words, "--subgoals", "PickupObject,PutObject", "--model", "expert")
    assert ran.code == 0
    assert "PLW SR" in ran.out
    assert "PickupObject" in ran.out


def test_a_test_split_gives_the_leaderboards_file_and_no_score(
    cli: Cli, tested: Path, tmp_path: Path, script: Callable[..., str]
) -> None:
    said = '*FUNCTION*: GotoLocation\n*ARGS*: {"name": "Bed"}', "*FUNCTION*: Done\n*ARGS*: {}"
    words = ["eval", "alfred", "--data", tested, "--split", "tests", "--workers", "1"]
    refused = cli(*words, "--model", "none")
    assert (refused.code, "only the leaderboard can score it" in refused.err) == (2, True)
    ran = cli(*words, "--model", script(*said * 2), "--out", tmp_path / "run")
    assert ran.code == 0
    assert "SR" not in ran.out
    form = json.loads((tmp_path / "run" / "leaderboard.json").read_text())
    assert form["tests_seen"] == []
    assert len(form["tests_unseen"]) == 2
    (sent,) = form["tests_unseen"][0].values()
    assert sent
    assert sent == next(iter(form["tests_unseen"][1].values()))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "replay"], "no recorded plans to replay without ALFRED's dataset"),
        (["--subgoals", "all"], "no sub-goals without ALFRED's dataset"),
        (["--body", "robot"], "body must be one of bundled, controller, thor"),
        (["--body", "thor"], "--data"),
        (["--mode", "low", "--model", "expert"], "the expert speaks of skills"),
        (["--segmenter", "sam"], "sam:facebook/sam-vit-base"),
        (["--matching", "exact"], "matching must be one of substring, type"),
        (["--data", "/nowhere"], "holds no ALFRED dataset"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    cli: Cli, words: list[str], told: str
) -> None:
    ran = cli("eval", "alfred", "--model", "none", *words)
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1, "a user's mistake shows one line"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--split", "valid"], "split must be one of train"),
        (["--instructions", "both"], "goal or steps"),
        (["--subgoals", "Fly"], "there is no sub-goal 'Fly'"),
        ([], "--skip-missing takes what is there"),
        (["--split", "tests_seen", "--model", "expert"], "has neither goals nor plans"),
        (["--split", "tests_seen", "--model", "replay"], "has neither goals nor plans"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_dataset_does_not_hold_is_told(
    cli: Cli, data: Path, words: list[str], told: str
) -> None:
    ran = cli("eval", "alfred", "--data", data, "--model", "none", *words)
    assert ran.code == 2
    assert told in ran.err


def test_a_missing_ai2thor_names_its_extra(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai2thor", None)
    ran = cli("eval", "alfred", "--body", "controller", "--model", "none")
    assert ran.code == 2
    assert "pip install 'qvl-agent[thor]'" in ran.err
