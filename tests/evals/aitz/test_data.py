import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.aitz import load
from qvl_agent.evals.aitz.data import EPISODES

Make = Callable[..., Any]


@pytest.fixture
def episode(tmp_path: Path, step_record: Make, write_episode: Make) -> Path:
    """One episode of two steps; its folder is <tmp>/data/general/GENERAL-7."""
    steps = [step_record("general", "7", i, 2) for i in range(2)]
    path: Path = write_episode(tmp_path / "data", "general", "7", steps)
    return path


def test_the_example_episode_is_read_as_it_lies_in_the_repository(shared_data: Path) -> None:
    dataset = load(shared_data / "aitz")
    (episode,) = dataset.episodes
    assert episode.name == "GOOGLE_APPS-523638528775825151"
    assert [step.image_size for step in episode.steps] == [(270, 600)] * 4
    assert [step.gold.action_type.name for step in episode.steps] == [
        "HOME",
        "GESTURE",
        "GESTURE",
        "COMPLETE",
    ]
    assert len(episode.steps[0].gold.boxes) == 15
    assert not dataset.complete


def test_episodes_are_found_from_the_split_the_subset_and_the_folder_of_episodes(
    episode: Path,
) -> None:
    assert len(load(episode.parent).episodes) == 1
    assert len(load(episode.parents[1], skip_bad=True).episodes) == 1
    (split := episode.parents[2] / "root" / "test").parent.mkdir()
    episode.parents[1].rename(split)
    assert len(load(split.parent, skip_bad=True).episodes) == 1


def test_a_missing_screenshot_is_named(episode: Path) -> None:
    (episode / "GENERAL-7_1.png").unlink()
    with pytest.raises(DataError, match=r"GENERAL-7, step 1: .*GENERAL-7_1\.png"):
        load(episode.parent)


def test_a_missing_episode_file_is_named(episode: Path) -> None:
    (episode / "GENERAL-7.json").unlink()
    with pytest.raises(DataError, match=r"the file is missing: .*GENERAL-7\.json"):
        load(episode.parent)


def test_a_missing_subset_folder_and_missing_episodes_are_named(episode: Path) -> None:
    with pytest.raises(DataError, match=r"1 of 156 episodes") as caught:
        load(episode.parents[1])
    assert "web_shopping" in str(caught.value)
    assert "github.com/IMNearth/CoAT" in str(caught.value)


def test_a_whole_split_is_complete(
    tmp_path: Path, step_record: Make, write_episode: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EPISODES, "test", {"general": 2})
    for episode_id in "78":
        write_episode(tmp_path, "general", episode_id, [step_record("general", episode_id, 0, 1)])
    assert load(tmp_path).complete


def test_a_folder_of_the_wrong_kind_says_how_to_get_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no AITZ episode"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"there is no folder .*\n.*AITZ"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ui_positions": "[[1, 2]]"}, "ui_positions"),
        ({"step_id": "0"}, "step_id"),
        ({"step_id": 5}, "steps 0 to 1 were expected"),
        ({"episode_id": "8"}, "several episodes"),
        ({"instruction": None}, "instruction"),
        ({"image_path": "general/GENERAL-7/../../../etc/passwd"}, "the screenshot is missing"),
    ],
)
def test_a_malformed_step_is_named_and_skipped_only_on_request(
    tmp_path: Path, step_record: Make, write_episode: Make, change: dict[str, Any], named: str
) -> None:
    steps = [step_record("general", "7", 0, 2), step_record("general", "7", 1, 2)]
    path = write_episode(tmp_path, "general", "7", steps)
    write_episode(tmp_path, "general", "8", [step_record("general", "8", 0, 1)])
    (path / "GENERAL-7.json").write_text(json.dumps([steps[0], steps[1] | change]))
    with pytest.raises(DataError, match="episode GENERAL-7") as caught:
        load(tmp_path / "general")
    assert named in str(caught.value)
    dataset = load(tmp_path / "general", skip_bad=True)
    assert [e.episode_id for e in dataset.episodes] == ["8"]
    assert len(dataset.bad) == 1
    assert named in dataset.bad[0]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "[1]", "[" * 100_000])
def test_a_file_that_holds_no_episode_is_a_data_error(episode: Path, text: str) -> None:
    (episode / "GENERAL-7.json").write_text(text)
    with pytest.raises(DataError, match="GENERAL-7"):
        load(episode.parent)


def test_a_half_downloaded_screenshot_is_named(episode: Path) -> None:
    (episode / "GENERAL-7_0.png").write_bytes(b"\x89PNG")
    (step, _) = load(episode.parent).steps
    with pytest.raises(DataError, match=r"GENERAL-7_0\.png"):
        _ = step.image_size
