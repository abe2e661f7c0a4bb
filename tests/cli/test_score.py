import json
from pathlib import Path
from typing import Any

import pytest
import typer

from qvl_agent.cli.errors import run_app
from qvl_agent.cli.score import score
from qvl_agent.evals.aitz import expert_prediction, load

SHARED = Path(__file__).parents[2].resolve().parent / "shared" / "data" / "aitz"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data is not here")

app = typer.Typer()
app.command("score")(score)


@app.command()
def other() -> None:
    """Make `score` a verb among others."""


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    file = tmp_path / "expert.jsonl"
    with file.open("w") as lines:
        for step in load(SHARED).steps:
            record = {
                "episode_id": step.episode_id,
                "step_id": step.step_id,
                "prediction": expert_prediction(step.gold, "qwen25vl"),
            }
            lines.write(json.dumps(record) + "\n")
    return file


def run(*words: str | Path) -> int:
    return run_app(app, ["score", *map(str, words)])


def report(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    assert run(*words, "--data", SHARED, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_one_file_is_scored_under_several_rules(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys, predictions, "--protocol", "qwen25vl,coat,coat-as-released")
    exact = {name: r["total"]["exact_acc"] for name, r in found["protocols"].items()}
    assert exact == {"qwen25vl": 1.0, "coat": 1.0, "coat-as-released": 0.75}
    assert found["complete_split"] is False
    assert found["steps_without_prediction"] == 0


def test_explain_lists_the_steps_on_which_rules_disagree(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (predictions, "--data", SHARED, "--protocol", "qwen25vl,coat-as-released")
    assert run(*words, "--explain") == 0
    out = capsys.readouterr().out
    assert "google_apps 523638528775825151 step 2" in out
    assert "coat-as-released: type only" in out
    assert "step 0" not in out


def test_the_table_says_that_a_sample_is_no_split_and_that_steps_are_missing(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions.write_text(predictions.read_text().splitlines()[0])
    assert run(predictions, "--data", SHARED) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "not the whole split" in out
    assert "3 steps have no prediction and count as wrong" in out
    assert "25.00 / 25.00 (4)" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--protocol", "best"), "there is no AITZ protocol 'best'"),
        (("--protocol", ""), "there is no AITZ protocol ''"),
        (("--data", "/nowhere"), "github.com/IMNearth/CoAT"),
    ],
)
def test_what_does_not_exist_is_said_in_one_line(
    predictions: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert run(predictions, "--data", SHARED, *words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_a_bad_line_is_named(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predictions.write_text(predictions.read_text() + "{\n")
    assert run(predictions, "--data", SHARED) == 2
    assert "line 5: not JSON" in capsys.readouterr().err


def test_an_empty_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.jsonl").write_text("")
    assert run(tmp_path / "p.jsonl", "--data", SHARED) == 2
    assert "holds no prediction" in capsys.readouterr().err
