"""R2R's and REVERIE's annotation files, object boxes, and where they lie in a data folder.

This module knows file formats. It knows no graph, no picture and no metric.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from qvl_agent.actions.errors import DataError

__all__ = [
    "Benchmark",
    "Box",
    "DataFolder",
    "Episode",
    "SeenObject",
    "load_episodes",
    "load_objects",
]

Benchmark = Literal["r2r", "reverie"]

Box = tuple[float, float, float, float]
"""(x, y, width, height) in pixels of a 640x480 view with 60 degrees VFOV, top-left origin."""

R2R_INSTRUCTIONS = 3
"""The official evaluator knows `<path_id>_0` to `_2`; a fourth instruction is not scored."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One instruction of a benchmark: the unit that is walked and scored.

    Attributes:
        instr_id: `<path_id>_<i>` in R2R, `<path_id>_<objId>_<i>` in REVERIE.
        scan: Name of the building.
        path: Annotated viewpoint ids, start to goal; the start alone in a test split.
        heading: Where the agent looks at the start, radians; the elevation is 0.
        instruction: What it is told.
        target: REVERIE's object id; None in R2R and in a test split.
    """

    instr_id: str
    scan: str
    path: tuple[str, ...]
    heading: float
    instruction: str
    target: int | None = None


@dataclass(frozen=True, slots=True)
class SeenObject:
    """An object within three metres of a viewpoint.

    Attributes:
        name: As in "chair".
        views: Discretised views that show it; empty when it is near but out of sight.
        boxes: Its box in each of them.
    """

    name: str
    views: tuple[int, ...]
    boxes: tuple[Box, ...]


_BOX_FILE = re.compile(r"[0-9a-f]{32}\.json")


def load_episodes(path: Path, benchmark: Benchmark) -> list[Episode]:
    """Return the episodes of `R2R_<split>.json` or `REVERIE_<split>.json` (v1 or v2), in order.

    REVERIE's v1 carries R2R's instructions too (`instructions_l`); they are not part of the task
    and are left out.

    Raises:
        DataError: If the file is missing or not of the format.
    """
    records = _read_json(path)
    if not isinstance(records, list):
        raise DataError(f"{path}: expected a list of annotations, got {type(records).__name__}")
    episodes: list[Episode] = []
    for number, record in enumerate(records):
        try:
            episodes += _episodes(record, benchmark)
        except (KeyError, TypeError, ValueError) as exc:
            raise DataError(f"{path}: annotation {number} is malformed: {exc!r}") from exc
    return episodes


def _episodes(record: Mapping[str, Any], benchmark: Benchmark) -> Iterator[Episode]:
    instructions = record["instructions"]
    target = None
    if benchmark == "r2r":
        key = str(record["path_id"])
        instructions = instructions[:R2R_INSTRUCTIONS]
    else:
        key = str(record["id"])
        target = int(record["objId"]) if record.get("objId") is not None else None
    path = tuple(map(str, record["path"]))
    if not path:
        raise ValueError("path is empty")
    for i, instruction in enumerate(instructions):
        heading = float(record["heading"])
        yield Episode(f"{key}_{i}", str(record["scan"]), path, heading, str(instruction), target)


def load_objects(folder: Path, scan: str) -> dict[str, dict[int, SeenObject]]:
    """Return each viewpoint's near objects by id, from `<folder>/<scan>_<viewpoint>.json`.

    A viewpoint without a file has none, as the published scorer reads it.

    Raises:
        DataError: If the folder is missing or a file is not of the format.
    """
    try:
        names = [n for n in os.listdir(folder) if _is_box_file(n, scan)]
    except OSError as exc:
        raise DataError(f"no folder of object boxes at {folder}: {exc.strerror}") from exc
    found: dict[str, dict[int, SeenObject]] = {}
    for name in sorted(names):
        content = _read_json(folder / name)
        try:
            for viewpoint, objects in content.items():
                found[viewpoint] = {
                    int(key): SeenObject(
                        str(value["name"]),
                        tuple(value["visible_pos"]),
                        tuple((x, y, w, h) for x, y, w, h in value["bbox2d"]),
                    )
                    for key, value in objects.items()
                }
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise DataError(f"{folder / name} is not a file of object boxes: {exc!r}") from exc
    return found


def _is_box_file(name: str, scan: str) -> bool:
    """Return whether a name is `<scan>_<32 hex digits>.json`."""
    return name.startswith(f"{scan}_") and bool(_BOX_FILE.fullmatch(name, len(scan) + 1))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as exc:
        raise DataError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise DataError(f"{path} is not JSON: {exc}") from exc


@dataclass(frozen=True)
class DataFolder:
    """A folder somewhere below which the benchmark's files lie, in any of the usual layouts.

    The files are found by their names, which are the same in Matterport3DSimulator, REVERIE,
    VLN-DUET and NavGPT; folders of panoramas are not searched.

    Attributes:
        root: What the user gave as `--data`.
        version: Which REVERIE to take where both are below `root`; v1 is the literature's.
    """

    root: Path
    version: Literal["v1", "v2"] = "v1"

    @cached_property
    def _files(self) -> list[tuple[Path, frozenset[str]]]:
        if not self.root.is_dir():
            raise DataError(f"there is no data folder {self.root}")
        found = []
        for folder, subfolders, names in os.walk(self.root, followlinks=True):
            deep = len(Path(folder).relative_to(self.root).parts) >= 5
            subfolders[:] = [] if deep else sorted(set(subfolders) - {"scans", "v1"})
            found.append((Path(folder), frozenset(n for n in names if n.endswith(".json"))))
        return found

    def annotations(self, benchmark: Benchmark, split: str) -> Path:
        """Return the annotation file of a split.

        Raises:
            DataError: If there is none, or more than one.
        """
        name = f"{'R2R' if benchmark == 'r2r' else 'REVERIE'}_{split}.json"
        return self._only([f for f, names in self._files if name in names], name) / name

    def connectivity(self, scan: str) -> Path:
        """Return the folder of the navigation graphs, by the graph of one scan.

        Collections carry one copy per benchmark; they are the same, and the first is taken.

        Raises:
            DataError: If there is none.
        """
        name = f"{scan}_connectivity.json"
        return self._only([f for f, names in self._files if name in names][:1], name)

    def boxes(self, scan: str) -> Path:
        """Return the folder of REVERIE's object boxes, by the files of one scan.

        Raises:
            DataError: If there is none, or more than one.
        """
        folders = [f for f, names in self._files if any(_is_box_file(n, scan) for n in names)]
        return self._only(folders, f"{scan}_<viewpoint>.json (object boxes)")

    def _only(self, folders: list[Path], name: str) -> Path:
        if len(folders) > 1:
            folders = [f for f in folders if ("v2" in f.name.lower()) == (self.version == "v2")]
        if not folders:
            raise DataError(f"there is no {name} below {self.root}")
        if len(folders) > 1:
            places = ", ".join(str(f) for f in folders)
            raise DataError(f"{name} is in several folders below {self.root}: {places}; name one")
        return folders[0]
