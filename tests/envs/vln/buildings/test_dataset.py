import json
from typing import Any

import numpy as np
import pytest

from qvl_agent.envs.vln.annotations import DataFolder, load_episodes, load_objects
from qvl_agent.envs.vln.buildings.boxes import seen_objects
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset
from qvl_agent.envs.vln.graph import load_graphs
from qvl_agent.envs.vln.metrics import path_length
from qvl_agent.envs.vln.pictures import open_pictures
from qvl_agent.envs.vln.views import Camera

CONFIG = DatasetConfig(train=1, unseen=1, rooms=2, paths=4, moves=(2, 4), face=256)


@pytest.fixture(scope="module")
def written(tmp_path_factory: Any) -> Any:
    root = tmp_path_factory.mktemp("data")
    return root, write_dataset(root, CONFIG)


def test_graphs_are_read_back_as_they_were_made(written: Any) -> None:
    root, buildings = written
    graphs = load_graphs(
        DataFolder(root).connectivity(buildings[0].scan), [b.scan for b in buildings]
    )
    for building in buildings:
        read = graphs[building.scan]
        assert read.viewpoints == building.graph.viewpoints
        assert np.array_equal(read.poses, building.graph.poses)
        assert np.array_equal(read.adjacency, building.graph.adjacency)


def test_connectivity_records_have_the_published_fields(written: Any) -> None:
    root, (building, _) = written
    path = root / "connectivity" / f"{building.scan}_connectivity.json"
    records = json.loads(path.read_text())
    assert len(records) == len(building.graph.viewpoints) + len(building.left_out)
    assert set(records[0]) == {"image_id", "pose", "included", "visible", "unobstructed", "height"}
    assert len(records[0]["pose"]) == 16
    assert all(len(r["unobstructed"]) == len(r["visible"]) == len(records) for r in records)


def test_r2r_paths_are_ways_of_the_graph_with_three_instructions(written: Any) -> None:
    root, buildings = written
    graphs = {b.scan: b.graph for b in buildings}
    records = json.loads((root / "R2R" / "R2R_train.json").read_text())
    assert len(records) == CONFIG.paths
    for record in records:
        graph = graphs[record["scan"]]
        path = [graph.number(v) for v in record["path"]]
        assert all(graph.adjacency[a, b] for a, b in zip(path, path[1:], strict=False))
        assert record["distance"] == pytest.approx(path_length(graph.distances, path), abs=0.01)
        assert len(record["instructions"]) == 3
    assert len(load_episodes(DataFolder(root).annotations("r2r", "train"), "r2r")) == 12


def test_unseen_split_has_other_buildings(written: Any) -> None:
    root, buildings = written
    scans = {
        split: {e.scan for e in load_episodes(DataFolder(root).annotations("r2r", split), "r2r")}
        for split in ("train", "val_seen", "val_unseen")
    }
    assert scans["train"] == scans["val_seen"] == {buildings[0].scan}
    assert scans["val_unseen"] == {buildings[1].scan}


def test_reverie_targets_can_be_seen_at_the_end_of_their_paths_in_both_versions(
    written: Any,
) -> None:
    root, _ = written
    for version in ("v1", "v2"):
        folder = DataFolder(root, version)
        episodes = load_episodes(folder.annotations("reverie", "val_unseen"), "reverie")
        assert episodes
        for episode in episodes:
            objects = load_objects(folder.boxes(episode.scan), episode.scan)
            assert episode.target is not None
            assert objects[episode.path[-1]][episode.target].views
            path_id, target, number = episode.instr_id.split("_")
            assert target == str(episode.target)
    v1, v2 = (
        json.loads((root / "REVERIE" / folder / "REVERIE_train.json").read_text())[0]
        for folder in ("data", "data_v2")
    )
    assert set(v1) - set(v2) == {"distance", "instructions_l", "ix"}


def test_boxes_are_read_back(written: Any) -> None:
    root, (building, _) = written
    objects = load_objects(DataFolder(root).boxes(building.scan), building.scan)
    assert set(objects) == set(building.graph.viewpoints)
    assert objects[building.graph.viewpoints[2]] == seen_objects(building, 2)


def test_written_panoramas_show_the_building(written: Any) -> None:
    root, (building, _) = written
    pictures = open_pictures(root, {building.scan: building.graph})
    camera = Camera(160, 120)
    read = pictures.view(building.scan, building.graph.viewpoints[4], 1.0, -0.5, camera)
    made = building.panorama(4, CONFIG.face)[0].view(1.0, -0.5, camera)
    assert np.abs(read.astype(int) - made).mean() < 2  # JPEG
