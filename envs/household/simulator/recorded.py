"""Builds the scenes of ALFRED from what its dataset tells about them.

The dataset holds no meshes. It tells where an agent can stand (`gen/layouts`), the ids of what can
be opened or filled, whose numbers are positions, and where a thousand things were put. From these
each piece of furniture gets a box: typical size for its type, turned to the nearest free floor,
widened under what stood on it, kept off the cells where an agent can stand. The result is a
stand-in for the room, not its copy. Knows files and no actions.

Source: ALFRED gen/layouts (FloorPlanN-layout.npy, -openable.json) and json_2.1.0 @f91f4c0c.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.simulator.furnishing import build_fixtures
from qvl_agent.envs.household.simulator.scene import (
    CELL,
    Pose,
    Scene,
    Thing,
    Vec,
    cell_of,
    object_id,
)
from qvl_agent.envs.household.tables import kind_of, type_of

__all__ = ["load_scene", "pose_of", "things_of"]


@dataclass(slots=True)
class _Facts:
    """What the files tell about one scene, while they are read."""

    positions: dict[str, Vec] = field(default_factory=dict)
    cells: set[tuple[int, int]] = field(default_factory=set)
    walked: set[tuple[int, int]] = field(default_factory=set)
    stood: set[tuple[str, Vec]] = field(default_factory=set)
    lay_in: list[tuple[str, str, Vec]] = field(default_factory=list)
    first: Mapping[str, Any] | None = None


@lru_cache(maxsize=8)
def load_scene(folder: Path, name: str) -> Scene:
    """Return the scene of a floor plan, as far as a dataset's folder tells about it.

    Args:
        folder: Holds `json_2.1.0` and `layouts` (or `gen/layouts`).
        name: As "FloorPlan10"; a suffix "_physics" is dropped.

    Raises:
        DataError: If the folder tells nothing about this floor plan.
    """
    name = name.removesuffix("_physics")
    facts = _Facts()
    _read_layout(folder, name, facts)
    for path in _trajectories(folder, name):
        _read_trajectory(path, facts)
    if facts.first is None or not (facts.cells or facts.walked):
        raise DataError(
            f"{folder} tells nothing about scene {name!r}: it needs a layout or a trajectory of it"
        )
    # Where no layout is to be had, the agent can stand where the recorded plans walked.
    cells = facts.cells | facts.walked
    reachable = tuple((x * CELL, z * CELL) for x, z in sorted(cells))
    return Scene(
        name,
        build_fixtures(facts.positions, reachable, facts.stood),
        things_of(facts.first),
        reachable,
        pose_of(facts.first["init_action"]),
        facts.first["init_action"]["y"],
        _parents(facts),
    )


def things_of(scene: Mapping[str, Any]) -> tuple[Thing, ...]:
    """Return the things that a trajectory's `scene.object_poses` lists."""
    return tuple(
        Thing(p["objectName"], _vec(p["position"]), p["rotation"]["y"])
        for p in scene["object_poses"]
    )


def pose_of(action: Mapping[str, Any]) -> Pose:
    """Return the pose of a trajectory's `scene.init_action`."""
    return Pose(action["x"], action["z"], action["rotation"], action["horizon"])


def _vec(position: Mapping[str, float]) -> Vec:
    return position["x"], position["y"], position["z"]


def _read_layout(folder: Path, name: str, facts: _Facts) -> None:
    for layouts in (folder / "layouts", folder / "gen" / "layouts", folder.parent / "gen/layouts"):
        points = layouts / f"{name}-layout.npy"
        if not points.is_file():
            continue
        try:
            facts.cells = {cell_of(x, z) for x, z in np.load(points, allow_pickle=False).tolist()}
            openable = layouts / f"{name}-openable.json"
            for object_id_ in json.loads(openable.read_text(encoding="utf-8")):
                facts.positions[object_id_] = _position_in(object_id_)
        except (OSError, ValueError) as exc:
            raise DataError(f"the layout of {name} in {layouts} cannot be read: {exc}") from exc
        return


def _trajectories(folder: Path, name: str) -> Iterator[Path]:
    number = name.removeprefix("FloorPlan")
    yield from sorted(folder.glob(f"json_2.1.0/*/*-{number}/*/traj_data.json"))


def _read_trajectory(path: Path, facts: _Facts) -> None:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        scene = raw["scene"]
        facts.first = facts.first or scene
        for pose in scene["object_poses"]:
            name, position = pose["objectName"].rsplit("_", 1)[0], _vec(pose["position"])
            facts.stood.add(
                (name, (round(position[0], 2), round(position[1], 2), round(position[2], 2)))
            )
        plan = raw.get("plan")
        if plan:
            for step in plan["low_actions"]:
                for key in ("objectId", "receptacleObjectId"):
                    _add(facts, step["api_action"].get(key))
            for step in plan["high_pddl"]:
                _read_planner(step["planner_action"], facts)
            facts.walked |= set(_walk(pose_of(scene["init_action"]), plan["low_actions"]))
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise DataError(f"{path} is no traj_data.json of ALFRED 2.1.0: {exc!r}") from exc


def _read_planner(action: Mapping[str, Any], facts: _Facts) -> None:
    for key in ("objectId", "receptacleObjectId"):
        _add(facts, action.get(key))
    for key in ("coordinateReceptacleObjectId", "coordinateObjectId"):
        if key in action:
            name, numbers = action[key]
            # Six numbers are x, x, z, z, y, y in cells of the grid.
            position = (numbers[0] * CELL, numbers[4] * CELL, numbers[2] * CELL)
            _add_near(facts, name, position)
            if key == "coordinateReceptacleObjectId" and action["action"] == "PickupObject":
                facts.lay_in.append((action["objectId"], name, position))


def _parents(facts: _Facts) -> dict[str, frozenset[str]]:
    """Return in which fixtures the recorded plans found things."""
    found: dict[str, frozenset[str]] = {}
    for thing, name, position in facts.lay_in:
        near = [i for i in facts.positions if type_of(i) == name]
        if near and "Sliced" not in thing:
            nearest = min(near, key=lambda i: math.dist(facts.positions[i], position))
            if math.dist(facts.positions[nearest], position) < 0.3:
                found[thing] = found.get(thing, frozenset()) | {nearest}
    return found


def _add(facts: _Facts, object_id_: str | None) -> None:
    """Note a fixture by its id; movable things are in the poses."""
    if object_id_ and not kind_of(type_of(object_id_)).pickupable and "Sliced" not in object_id_:
        facts.positions.setdefault(object_id_, _position_in(object_id_))


def _add_near(facts: _Facts, name: str, position: Vec) -> None:
    """Note a fixture by type and place, unless one of that type is known there."""
    if kind_of(name).pickupable or name == "SinkBasin":
        return
    if all(type_of(i) != name or math.dist(p, position) > 0.1 for i, p in facts.positions.items()):
        facts.positions[object_id(name, position)] = position


def _position_in(object_id_: str) -> Vec:
    """Return the position that an id's digits say.

    Raises:
        ValueError: If it has none.
    """
    parts = object_id_.split("|")
    if len(parts) < 4:
        raise ValueError(f"{object_id_!r} is no objectId")
    x, y, z = (float(v) for v in parts[1:4])
    return x, y, z


def _walk(start: Pose, steps: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Yield the cells that a plan stands on."""
    x, z = cell_of(start.x, start.z)
    rotation = round(start.rotation / 90) % 4
    ahead: Sequence[tuple[int, int]] = ((0, 1), (1, 0), (0, -1), (-1, 0))
    yield x, z
    for step in steps:
        match step["discrete_action"]["action"]:
            case "RotateLeft_90":
                rotation = (rotation - 1) % 4
            case "RotateRight_90":
                rotation = (rotation + 1) % 4
            case "MoveAhead_25":
                x, z = x + ahead[rotation][0], z + ahead[rotation][1]
                yield x, z
