"""Writes generated buildings in the real layouts: graphs, skyboxes, R2R, REVERIE and object boxes.

Below a folder: `connectivity/`, `v1/scans/<scan>/matterport_skybox_images/`, `R2R/`,
`REVERIE/data/` (v1, with `BBox/`) and `REVERIE/data_v2/`. The scores of a generated split are no
benchmark's; the point is that every reader meets files of the real form.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from qvl_agent.envs.vln.annotations import Benchmark, Episode, SeenObject
from qvl_agent.envs.vln.buildings.boxes import boxes_of
from qvl_agent.envs.vln.buildings.building import EYE_M, Building, generate_building
from qvl_agent.envs.vln.buildings.language import (
    HELD_OUT,
    TRAINING,
    Wording,
    describe_route,
    refer_to,
    routes,
)
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.metrics import path_length

__all__ = [
    "DatasetConfig",
    "connectivity",
    "r2r_records",
    "reverie_records",
    "write_boxes",
    "write_connectivity",
    "write_dataset",
    "write_episodes",
]


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """What to write.

    Attributes:
        seed: Of everything; building k has the seed `1000 * seed + k`.
        train: Buildings of the train and val_seen splits.
        unseen: Further buildings, of the val_unseen split with its held-out wordings.
        storeys: Of each building.
        rooms: Per storey.
        paths: Routes per building and split.
        moves: Fewest and most moves of a route.
        face: Pixels along a skybox face.
        pictures: Whether panoramas are written, as `<id>_skybox_small.jpg`.
    """

    seed: int = 0
    train: int = 2
    unseen: int = 1
    storeys: int = 1
    rooms: int = 8
    paths: int = 20
    moves: tuple[int, int] = (3, 6)
    face: int = 512
    pictures: bool = True


def write_dataset(root: Path, config: DatasetConfig) -> list[Building]:
    """Write a data set below a folder and return its buildings, those of val_unseen last."""
    buildings = [
        generate_building(1000 * config.seed + k, storeys=config.storeys, rooms=config.rooms)
        for k in range(config.train + config.unseen)
    ]
    objects: dict[str, dict[str, dict[int, SeenObject]]] = {}
    for building in buildings:
        write_connectivity(root, building)
        objects[building.scan] = _write_panoramas(root, building, config)
    scans = "\n".join(building.scan for building in buildings)
    (root / "connectivity" / "scans.txt").write_text(f"{scans}\n", encoding="utf-8")
    seen, unseen = buildings[: config.train], buildings[config.train :]
    splits = (
        ("train", seen, TRAINING),
        ("val_seen", seen, TRAINING),
        ("val_unseen", unseen, HELD_OUT),
    )
    for number, (split, scans_of, wordings) in enumerate(splits):
        rng = np.random.default_rng([config.seed, number])
        r2r: list[Any] = []
        reverie: list[Any] = []
        for building in scans_of:
            first = 1000 * (number + 1) + len(r2r)
            r2r += r2r_records(rng, building, config, wordings, first)
            reverie += reverie_records(
                rng, building, config, wordings, objects[building.scan], first
            )
        for i, record in enumerate(reverie):
            record["ix"] = i
        _write(root / "R2R" / f"R2R_{split}.json", r2r)
        _write(root / "REVERIE" / "data" / f"REVERIE_{split}.json", reverie)
        second = [{k: v for k, v in r.items() if k not in _ONLY_V1} for r in reverie]
        _write(root / "REVERIE" / "data_v2" / f"REVERIE_{split}.json", second)
    return buildings


_ONLY_V1 = frozenset({"distance", "instructions_l", "ix"})


def connectivity(building: Building) -> list[dict[str, Any]]:
    """Return the content of a building's connectivity file.

    `visible` (which nothing navigates by) is approximated by being in the same room or adjacent.
    """
    graph, left_out = building.graph, building.left_out
    rooms = [f.room for f in building.footings] + [f.room for _, f in left_out]
    blocked = [False] * len(left_out)
    records = []
    for i, (name, pose) in enumerate(zip(graph.viewpoints, graph.poses, strict=True)):
        walk = graph.adjacency[i].tolist() + blocked
        records.append(
            {
                "image_id": name,
                "pose": pose.reshape(-1).tolist(),
                "included": True,
                "visible": [w or r == rooms[i] for w, r in zip(walk, rooms, strict=True)],
                "unobstructed": walk,
                "height": float(graph.positions[i, 2]) - building.footings[i].z,
            }
        )
    for name, footing in left_out:
        pose = [1, 0, 0, footing.x, 0, 0, 1, footing.y, 0, -1, 0, footing.z + EYE_M, 0, 0, 0, 1]
        records.append(
            {
                "image_id": name,
                "pose": [float(x) for x in pose],
                "included": False,
                "visible": [r == footing.room for r in rooms],
                "unobstructed": [False] * len(rooms),
                "height": EYE_M,
            }
        )
    return records


def r2r_records(
    rng: np.random.Generator,
    building: Building,
    config: DatasetConfig,
    wordings: Sequence[Wording],
    first: int,
) -> list[dict[str, Any]]:
    """Return R2R annotations of new routes, three instructions each; ids count from `first`."""
    graph = building.graph
    records = []
    for number, path in enumerate(islice(routes(rng, graph, config.moves), config.paths)):
        heading = round(float(rng.uniform(0, math.tau)), 3)
        records.append(
            {
                "distance": round(path_length(graph.distances, path), 2),
                "scan": building.scan,
                "path_id": first + number,
                "path": [graph.viewpoints[v] for v in path],
                "heading": heading,
                "instructions": _in_three_wordings(building, path, heading, wordings),
            }
        )
    return records


def reverie_records(
    rng: np.random.Generator,
    building: Building,
    config: DatasetConfig,
    wordings: Sequence[Wording],
    objects: Mapping[str, Mapping[int, SeenObject]],
    first: int,
) -> list[dict[str, Any]]:
    """Return REVERIE v1 annotations of new routes that end where an object can be seen."""
    graph = building.graph
    records: list[dict[str, Any]] = []
    for path in routes(rng, graph, config.moves):
        if len(records) == config.paths:
            break
        in_sight = [n for n, o in objects.get(graph.viewpoints[path[-1]], {}).items() if o.views]
        rng.shuffle(in_sight)
        named = next(
            (n for n in in_sight if refer_to(building, building.things[n], wordings[0])), None
        )
        if named is None:
            continue
        path_id, heading = first + len(records), round(float(rng.uniform(0, math.tau)), 3)
        told = [refer_to(building, building.things[named], wording) for wording in wordings]
        records.append(
            {
                "distance": round(path_length(graph.distances, path), 2),
                "ix": len(records),
                "scan": building.scan,
                "path_id": path_id,
                "objId": named,
                "id": f"{path_id}_{named}",
                "instructions": told,
                "instructions_l": _in_three_wordings(building, path, heading, wordings),
                "path": [graph.viewpoints[v] for v in path],
                "heading": heading,
            }
        )
    return records


def _in_three_wordings(
    building: Building, path: Sequence[int], heading: float, wordings: Sequence[Wording]
) -> list[str]:
    """Return three instructions; with fewer wordings the first is used again."""
    chosen = [*wordings, wordings[0]][:3]
    return [describe_route(building, path, heading, wording) for wording in chosen]


def _write_panoramas(
    root: Path, building: Building, config: DatasetConfig
) -> dict[str, dict[int, SeenObject]]:
    """Write the skyboxes and object boxes of a building, and return the objects by viewpoint."""
    pictures = root / "v1" / "scans" / building.scan / "matterport_skybox_images"
    objects: dict[str, dict[int, SeenObject]] = {}
    for number, viewpoint in enumerate(building.graph.viewpoints):
        skybox, numbers = building.panorama(number, config.face if config.pictures else 256)
        if config.pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            strip = PillowImage.fromarray(np.concatenate(list(skybox.faces), axis=1))
            strip.save(pictures / f"{viewpoint}_skybox_small.jpg", quality=95, subsampling=0)
        objects[viewpoint] = boxes_of(building, number, numbers)
        write_boxes(root, building.scan, viewpoint, objects[viewpoint])
    return objects


def write_connectivity(root: Path, building: Building) -> None:
    """Write a building's graph."""
    path = root / "connectivity" / f"{building.scan}_connectivity.json"
    _write(path, connectivity(building))


def write_boxes(root: Path, scan: str, viewpoint: str, objects: Mapping[int, SeenObject]) -> None:
    """Write the near objects of a viewpoint."""
    content = {
        str(key): {
            "name": seen.name,
            "visible_pos": list(seen.views),
            "bbox2d": [[round(x) for x in box] for box in seen.boxes],
        }
        for key, seen in objects.items()
    }
    path = root / "REVERIE" / "data" / "BBox" / f"{scan}_{viewpoint}.json"
    _write(path, {viewpoint: content})


def write_episodes(
    root: Path, benchmark: Benchmark, split: str, episodes: Iterable[tuple[Episode, NavGraph]]
) -> None:
    """Write episodes as the annotations of a split, each as a record of its own.

    Their ids end in `_0`, since each is the first instruction of its record.
    """
    records = []
    for episode, graph in episodes:
        key = episode.instr_id.removesuffix("_0")
        path = [graph.number(viewpoint) for viewpoint in episode.path]
        record = {
            "distance": round(path_length(graph.distances, path), 2),
            "scan": episode.scan,
            "path_id": key,
            "path": list(episode.path),
            "heading": episode.heading,
            "instructions": [episode.instruction],
        }
        if benchmark == "reverie":
            record |= {"id": key, "objId": episode.target}
        records.append(record)
    if benchmark == "r2r":
        _write(root / "R2R" / f"R2R_{split}.json", records)
    else:
        _write(root / "REVERIE" / "data" / f"REVERIE_{split}.json", records)


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
