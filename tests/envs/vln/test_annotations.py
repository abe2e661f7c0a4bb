import json
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln.annotations import DataFolder, load_episodes, load_objects

VP = "0123456789abcdef0123456789abcdef"

R2R = {"distance": 9.0, "scan": "s", "path_id": 757, "path": ["a", "b"], "heading": 1.5}
V1 = {
    **R2R,
    "path_id": 12,
    "objId": 34,
    "id": "12_34",
    "ix": 0,
    "instructions": ["Bring the lamp.", "Get the lamp."],
    "instructions_l": ["Go left.", "Go right.", "Turn."],
}


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_r2r_has_three_instructions_and_no_fourth(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", [{**R2R, "instructions": ["1", "2", "3", "4"]}])
    episodes = load_episodes(path, "r2r")
    assert [e.instr_id for e in episodes] == ["757_0", "757_1", "757_2"]
    assert (episodes[1].instruction, episodes[1].heading, episodes[1].target) == ("2", 1.5, None)


def test_reverie_has_as_many_as_there_are_and_never_the_step_by_step_ones(tmp_path: Path) -> None:
    v2 = {k: v for k, v in V1.items() if k not in ("instructions_l", "ix", "distance")}
    for record in (V1, v2):
        episodes = load_episodes(write(tmp_path / "x.json", [record]), "reverie")
        assert [e.instr_id for e in episodes] == ["12_34_0", "12_34_1"]
        assert [e.instruction for e in episodes] == ["Bring the lamp.", "Get the lamp."]
        assert episodes[0].target == 34


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": 1}, "expected a list of annotations"),
        ([{"scan": "s"}], "annotation 0 is malformed"),
        (
            [{**R2R, "instructions": ["x"]}, {**R2R, "instructions": ["x"], "path": []}],
            "annotation 1",
        ),
        ([7], "annotation 0 is malformed"),
    ],
)
def test_malformed_annotations_are_refused(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_episodes(write(tmp_path / "x.json", content), "r2r")


def test_what_is_no_json_or_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DataError, match=r"x\.json is not JSON"):
        load_episodes(tmp_path / "x.json", "r2r")
    with pytest.raises(DataError, match=r"cannot read .*y\.json"):
        load_episodes(tmp_path / "y.json", "r2r")


def test_boxes_are_read_and_hidden_objects_have_none(tmp_path: Path) -> None:
    seen = {"name": "toilet", "visible_pos": [6, 7], "bbox2d": [[585, 382, 55, 98], [1, 2, 3, 4]]}
    hidden = {"name": "door", "visible_pos": [], "bbox2d": []}
    write(tmp_path / f"s_{VP}.json", {VP: {"827": seen, "3": hidden}})
    write(tmp_path / "s_summarized.json", {"other": "format"})
    objects = load_objects(tmp_path, "s")
    assert list(objects) == [VP]
    assert objects[VP][827].views == (6, 7)
    assert objects[VP][827].boxes[0] == (585, 382, 55, 98)
    assert objects[VP][3].views == ()
    write(tmp_path / f"s_{VP}.json", {VP: {"827": {"name": "toilet"}}})
    with pytest.raises(DataError, match="not a file of object boxes"):
        load_objects(tmp_path, "s")
    with pytest.raises(DataError, match="no folder of object boxes"):
        load_objects(tmp_path / "nowhere", "s")


@pytest.mark.parametrize("place", [".", "R2R", "tasks/R2R/data", "datasets/R2R/annotations"])
def test_files_are_found_in_the_usual_layouts(tmp_path: Path, place: str) -> None:
    wanted = write(tmp_path / place / "R2R_val_unseen.json", [])
    graph = write(tmp_path / "connectivity" / "s_connectivity.json", [])
    folder = DataFolder(tmp_path)
    assert folder.annotations("r2r", "val_unseen") == wanted
    assert folder.connectivity("s") == graph.parent


def test_the_versions_of_reverie_are_told_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "tasks/REVERIE/data" / "REVERIE_val_seen.json", [])
    two = write(tmp_path / "tasks/REVERIE/data_v2" / "REVERIE_val_seen.json", [])
    boxes = write(tmp_path / "tasks/REVERIE/data/BBox" / f"s_{VP}.json", {})
    assert DataFolder(tmp_path).annotations("reverie", "val_seen") == one
    assert DataFolder(tmp_path, "v2").annotations("reverie", "val_seen") == two
    assert DataFolder(tmp_path, "v2").boxes("s") == boxes.parent


def test_two_files_of_one_name_are_not_guessed_between(tmp_path: Path) -> None:
    write(tmp_path / "one" / "R2R_train.json", [])
    write(tmp_path / "two" / "R2R_train.json", [])
    with pytest.raises(DataError, match=r"R2R_train\.json is in several folders"):
        DataFolder(tmp_path).annotations("r2r", "train")


def test_panorama_folders_are_not_searched(tmp_path: Path) -> None:
    write(tmp_path / "v1" / "scans" / "s" / "R2R_train.json", [])
    with pytest.raises(DataError, match=r"no R2R_train\.json below"):
        DataFolder(tmp_path).annotations("r2r", "train")
