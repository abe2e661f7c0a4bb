import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.aitz import Dataset, load, read_prediction, read_predictions

Make = Callable[..., Any]
CLICK = {"type": "click", "point": [600, 550]}


@pytest.fixture
def dataset(tmp_path: Path, step_record: Make, write_episode: Make) -> Dataset:
    steps = [step_record("general", "7", i, 2) for i in range(2)]
    write_episode(tmp_path / "data", "general", "7", steps)
    return load(tmp_path / "data" / "general")


def line(**changes: Any) -> str:
    record = {"subset": "general", "episode_id": "7", "step_id": 0, "prediction": CLICK}
    return json.dumps(record | changes)


def test_own_and_published_files_hold_the_same_predictions(
    tmp_path: Path, dataset: Dataset
) -> None:
    forms: dict[str, str] = {
        "ours.jsonl": line() + "\n\n" + line(step_id=1) + "\n",
        "agentcpm.jsonl": "\n".join(
            json.dumps(
                {
                    "category": "general",
                    "episode_id": 7,
                    "step_id": i,
                    "pred": {"POINT": [600, 550]},
                }
            )
            for i in range(2)
        ),
        "list.json": f"[{line()}, {line(step_id=1)}]",
        "episodes.json": json.dumps([{"episode_id": "7", "steps": [{"pred": CLICK}] * 2}]),
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text)
        read = read_predictions(tmp_path / name, dataset)
        assert sorted(read) == [("7", 0), ("7", 1)], name
        assert {read_prediction(p) for p in read.values()} == {read_prediction(CLICK)}, name


def test_a_folder_of_one_file_per_step_is_read(tmp_path: Path, dataset: Dataset) -> None:
    folder = tmp_path / "results" / "GENERAL-7"
    folder.mkdir(parents=True)
    call = {"ACTION": "press_back", "ARGS": {}}
    (folder / "GENERAL-7_1.json").write_text(
        json.dumps({"action_predict": {"COAT": {"txt": call}}})
    )
    read = read_predictions(tmp_path / "results", dataset)
    assert {k: read_prediction(p) for k, p in read.items()} == {("7", 1): read_prediction(call)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (line() + "\n{", "line 2: not JSON"),
        (line() + "\n" + line(), "line 2: step 0 of episode '7' is predicted twice"),
        (line(episode_id="99"), "line 1: episode is not in the dataset"),
        (line(step_id=5), "line 1: step 5 is not in the dataset"),
        (line(step_id="0"), "step_id must be a whole number"),
        (line(step_id=True), "step_id must be a whole number"),
        (line(episode_id=None), "episode_id must be a string"),
        (line(subset="install"), "belongs to 'general'"),
        ("[1]", "must be an object"),
        ('{"episode_id": "7", "step_id": 0}', "'prediction'"),
        ('{"episode_id": "7", "steps": {}}', "steps must be a list"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(
    tmp_path: Path, dataset: Dataset, text: str, message: str
) -> None:
    (tmp_path / "p.jsonl").write_text(text)
    with pytest.raises(DataError) as caught:
        read_predictions(tmp_path / "p.jsonl", dataset)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_a_data_error(
    tmp_path: Path, dataset: Dataset
) -> None:
    with pytest.raises(DataError, match="there is no file"):
        read_predictions(tmp_path / "p.jsonl", dataset)
    (tmp_path / "p.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-8"):
        read_predictions(tmp_path / "p.jsonl", dataset)


def test_an_answer_that_is_text_is_a_prediction_that_says_nothing(
    tmp_path: Path, dataset: Dataset
) -> None:
    (tmp_path / "p.jsonl").write_text(line(prediction="I would click the clock"))
    assert read_predictions(tmp_path / "p.jsonl", dataset) == {("7", 0): None}


def test_what_was_left_out_of_the_data_may_have_been_predicted(
    tmp_path: Path, dataset: Dataset
) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(line() + "\n" + line(episode_id="8") + "\n" + line(episode_id="8", step_id=1))
    with pytest.raises(DataError, match="line 2: episode is not in the dataset"):
        read_predictions(file, dataset)
    unknown: list[tuple[str, int]] = []
    assert list(read_predictions(file, dataset, unknown=unknown)) == [("7", 0)]
    assert unknown == [("8", 0), ("8", 1)]
    file.write_text(line(step_id=2))  # of an episode that is there
    with pytest.raises(DataError, match="step 2 is not in the dataset"):
        read_predictions(file, dataset, unknown=unknown)


def test_files_that_cannot_be_read_are_named(tmp_path: Path, dataset: Dataset) -> None:
    folder = tmp_path / "results" / "GENERAL-7"
    folder.mkdir(parents=True)
    (folder / "GENERAL-7_0.json").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"GENERAL-7_0\.json is not UTF-8"):
        read_predictions(tmp_path / "results", dataset)
    (folder / "GENERAL-7_0.json").unlink()
    (folder / "GENERAL-7_0.json").mkdir()
    with pytest.raises(DataError, match=r"GENERAL-7_0\.json cannot be read: Is a directory"):
        read_predictions(tmp_path / "results", dataset)
