"""The official submission format of R2R and REVERIE, in and out.

A file is a list of `{"instr_id", "trajectory": [[viewpoint, heading, elevation], ...]}`; REVERIE
adds `"predObjId"`. This module knows the format; it knows no graph and no metric.

Source: Matterport3DSimulator tasks/R2R/eval.py, REVERIE README.md section 7.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DataError

__all__ = ["Pose", "Result", "read_results", "write_results"]


@dataclass(frozen=True, slots=True)
class Pose:
    """Where an agent stood and looked: one entry of a trajectory, angles in radians."""

    viewpoint: str
    heading: float = 0.0
    elevation: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What an agent did for one instruction.

    Attributes:
        instr_id: The instruction.
        trajectory: Every pose, the start first.
        target: The object it chose (REVERIE); None when it chose none.
    """

    instr_id: str
    trajectory: tuple[Pose, ...]
    target: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the submission; whole-number object ids as numbers."""
        entry: dict[str, Any] = {
            "instr_id": self.instr_id,
            "trajectory": [[p.viewpoint, p.heading, p.elevation] for p in self.trajectory],
        }
        if self.target is not None:
            whole = self.target.lstrip("-").isdecimal()
            entry["predObjId"] = int(self.target) if whole else self.target
        return entry


def read_results(path: Path) -> list[Result]:
    """Return the results of a submission file, in order.

    Raises:
        DataError: If the file is missing or an entry is not of the format.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as exc:
        raise DataError(f"cannot read the results {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise DataError(f"{path} is not JSON: {exc}") from exc
    if isinstance(content, Mapping):  # an early REVERIE form: entries by any key
        content = list(content.values())
    if not isinstance(content, list):
        raise DataError(f"{path}: expected a list of results, got {type(content).__name__}")
    return [_result(entry, f"{path}: entry {i}") for i, entry in enumerate(content)]


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write a submission file."""
    path.write_text(json.dumps([result.to_json() for result in results]), encoding="utf-8")


def _result(entry: Any, where: str) -> Result:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("instr_id"), str):
        raise DataError(f'{where}: expected an object with an "instr_id", got {str(entry)[:120]}')
    where = f"{where} ({entry['instr_id']})"
    trajectory = entry.get("trajectory")
    if not isinstance(trajectory, list) or not trajectory:
        raise DataError(f"{where}: a trajectory is a list of poses that begins with the start")
    target = entry.get("predObjId")
    return Result(
        entry["instr_id"],
        tuple(_pose(pose, where) for pose in trajectory),
        None if target is None else str(target),
    )


def _pose(pose: Any, where: str) -> Pose:
    if (
        not isinstance(pose, Sequence)
        or isinstance(pose, str)
        or not pose
        or not isinstance(pose[0], str)
        or not all(isinstance(angle, int | float) for angle in pose[1:])
    ):
        raise DataError(
            f"{where}: a pose is [viewpoint, heading, elevation], got {str(pose)[:120]}"
        )
    heading, elevation = (*map(float, pose[1:3]), 0.0, 0.0)[:2]
    return Pose(pose[0], heading, elevation)
