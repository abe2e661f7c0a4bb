"""Reads ALFRED's dataset as it lies on disk. Knows no simulator and no scores.

    DIR/json_2.1.0/<split>/<goal folder>/<trial>/traj_data.json
    DIR/json_2.1.0/tests_unseen/<trial>/traj_data.json      no plan and no goal
    DIR/splits/oct21.json or DIR/splits_oct21.json          which trajectories with which annotation

Source: ALFRED data/README.md and gen/utils @f91f4c0c.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.envs.household.goals import Goal
from qvl_agent.envs.household.masks import encode_mask

__all__ = [
    "SPLITS",
    "Annotation",
    "Episode",
    "HighStep",
    "LowStep",
    "Trajectory",
    "decode_mask",
    "encode_mask",
    "episodes",
    "find_trajectories",
    "read_trajectory",
]

SPLITS = ("train", "valid_seen", "valid_unseen", "tests_seen", "tests_unseen")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a person wrote: the goal, and the steps to it."""

    goal: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HighStep:
    """One sub-goal of the plan.

    Attributes:
        index: `high_idx`.
        action: As "GotoLocation" or "HeatObject".
        args: Lower-case names, as ("tomato", "countertop").
        planner: The planner's form, with ids and poses.
    """

    index: int
    action: str
    args: tuple[str, ...]
    planner: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LowStep:
    """One low-level action of the plan.

    Attributes:
        high_index: The sub-goal it belongs to.
        action: As "MoveAhead_25" or "PickupObject".
        command: What was sent to THOR.
        mask: Runs of ones as [start, length] over the flattened 300x300 picture; empty for moves.
        box: Corners x1, y1, x2, y2 in pixels, or None.
    """

    high_index: int
    action: str
    command: Mapping[str, Any]
    mask: tuple[tuple[int, int], ...] = ()
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One recorded task.

    Attributes:
        task_id: As "trial_T20190908_222917_366542".
        goal: None in the test splits.
        scene: `floor_plan`, `scene_num`, `init_action`, `object_poses`, `object_toggles`,
            `dirty_and_empty`.
        annotations: 3 to 6 of them.
        high: The plan's sub-goals without the end mark; empty in the test splits.
        low: The plan's low-level actions; empty in the test splits.
        path: The file.
    """

    task_id: str
    goal: Goal | None
    scene: Mapping[str, Any]
    annotations: tuple[Annotation, ...]
    high: tuple[HighStep, ...]
    low: tuple[LowStep, ...]
    path: Path

    @property
    def has_plan(self) -> bool:
        """Whether the file holds a plan; the test splits' do not."""
        return bool(self.low)


@dataclass(frozen=True, slots=True)
class Episode:
    """One entry of a split: a trajectory with one of its annotations."""

    trajectory: Trajectory
    repeat_idx: int

    @property
    def annotation(self) -> Annotation:
        """The words of this episode."""
        return self.trajectory.annotations[self.repeat_idx]


def read_trajectory(path: Path) -> Trajectory:
    """Return the trajectory of a `traj_data.json`.

    Raises:
        DataError: If the file is not one, naming what is missing.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        goal = Goal.of(raw["task_type"], raw["pddl_params"]) if "pddl_params" in raw else None
        plan = raw.get("plan") or {"high_pddl": [], "low_actions": []}
        return Trajectory(
            raw["task_id"],
            goal,
            raw["scene"],
            tuple(
                Annotation(a["task_desc"].strip(), tuple(s.strip() for s in a["high_descs"]))
                for a in raw["turk_annotations"]["anns"]
            ),
            tuple(_high(s) for s in plan["high_pddl"] if s["planner_action"]["action"] != "End"),
            tuple(_low(s) for s in plan["low_actions"]),
            path,
        )
    except (OSError, ValueError) as exc:
        raise DataError(f"{path} cannot be read: {exc}") from exc
    except (KeyError, TypeError, AttributeError) as exc:
        raise DataError(f"{path} is no traj_data.json of ALFRED 2.1.0: {exc!r}") from exc


def _high(raw: Mapping[str, Any]) -> HighStep:
    action = raw["discrete_action"]
    return HighStep(raw["high_idx"], action["action"], tuple(action["args"]), raw["planner_action"])


def _low(raw: Mapping[str, Any]) -> LowStep:
    action = raw["discrete_action"]
    args = action["args"]
    box = args.get("bbox")
    return LowStep(
        raw["high_idx"],
        action["action"],
        raw["api_action"],
        tuple((start, length) for start, length in args.get("mask") or ()),
        (box[0], box[1], box[2], box[3]) if box else None,
    )


def find_trajectories(folder: Path, split: str | None = None) -> Iterator[Path]:
    """Yield every `traj_data.json` of a split, or of all, in the order of their names.

    Raises:
        UsageError: If there is no such split.
        DataError: If the folder holds no dataset.
    """
    if split is not None and split not in SPLITS:
        raise UsageError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    root = _root(folder)
    for name in [split] if split else SPLITS:
        yield from sorted((root / name).glob("**/traj_data.json"))


def episodes(folder: Path, split: str, *, missing_ok: bool = False) -> Iterator[Episode]:
    """Yield the episodes of a split in the published order.

    Args:
        folder: Holds `json_2.1.0` and the file of splits.
        split: As "valid_unseen".
        missing_ok: Leave out entries whose file is not there, for a sample of the dataset.

    Raises:
        DataError: If a file is missing or an annotation does not exist.
    """
    if split not in SPLITS:
        raise UsageError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    root = _root(folder)
    for entry in _splits(folder).get(split, []):
        path = root / split / entry["task"] / "traj_data.json"
        if not path.is_file():
            if missing_ok:
                continue
            raise DataError(
                f"{path} is missing: this is no whole {split}; --skip-missing takes what is there"
            )
        trajectory = read_trajectory(path)
        repeat = entry["repeat_idx"]
        if not 0 <= repeat < len(trajectory.annotations):
            raise DataError(f"{path} has no annotation {repeat}")
        yield Episode(trajectory, repeat)


def _root(folder: Path) -> Path:
    for root in (folder / "json_2.1.0", folder / "data" / "json_2.1.0", folder):
        if any((root / split).is_dir() for split in SPLITS):
            return root
    raise DataError(
        f"{folder} holds no ALFRED dataset: expected a folder json_2.1.0 with {', '.join(SPLITS)}"
    )


def _splits(folder: Path) -> Mapping[str, Any]:
    for name in ("splits/oct21.json", "data/splits/oct21.json", "splits_oct21.json"):
        if (folder / name).is_file():
            try:
                loaded: Mapping[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
            except ValueError as exc:
                raise DataError(f"{folder / name} is not JSON: {exc}") from exc
            return loaded
    raise DataError(f"{folder} holds no splits/oct21.json")


def decode_mask(
    runs: tuple[tuple[int, int], ...], height: int = 300, width: int = 300
) -> NDArray[np.bool_]:
    """Return the bool (H, W) mask of runs over the row-major flattened picture.

    Raises:
        DataError: If a run leaves the picture.
    """
    mask = np.zeros(height * width, dtype=bool)
    for start, length in runs:
        if start < 0 or length < 0 or start + length > mask.size:
            raise DataError(f"a run [{start}, {length}] leaves a picture of {width}x{height}")
        mask[start : start + length] = True
    return mask.reshape(height, width)
