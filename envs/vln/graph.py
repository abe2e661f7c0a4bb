"""The navigation graph of one scan, in Matterport3DSimulator's connectivity format.

This module knows files of the form `connectivity/<scan>_connectivity.json`, positions and
distances. It knows no pictures, no headings (`views`) and no episodes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import DataError

__all__ = ["NavGraph", "load_graphs"]


@dataclass(frozen=True, eq=False)
class NavGraph:
    """The included viewpoints of a scan and where an agent may walk between them.

    Viewpoints are numbered 0..N-1 in the file's order, those not included left out.

    Attributes:
        scan: Name of the scan.
        viewpoints: The 32-hex ids, by number.
        poses: float64 (N, 4, 4), camera to world, metres, world z up. The camera frame is x right,
            y down, z forward, and looks at skybox face 3.
        adjacency: bool (N, N), symmetric: an agent may walk from i to j.

    Source: Matterport3DSimulator connectivity/README.md and tasks/R2R/utils.py.
    """

    scan: str
    viewpoints: tuple[str, ...]
    poses: NDArray[np.float64]
    adjacency: NDArray[np.bool_]

    @classmethod
    def load(cls, folder: Path, scan: str) -> Self:
        """Return the graph of `<folder>/<scan>_connectivity.json`.

        Raises:
            DataError: If the file is missing, is not of the format, or its graph is not undirected.
        """
        path = folder / f"{scan}_connectivity.json"
        try:
            records = json.loads(path.read_bytes())
        except FileNotFoundError as exc:
            raise DataError(f"scan {scan!r} has no navigation graph: expected {path}") from exc
        except ValueError as exc:
            raise DataError(f"{path} is not JSON: {exc}") from exc
        return cls.from_json(scan, records, source=str(path))

    @classmethod
    def from_json(cls, scan: str, records: Sequence[Any], *, source: str = "connectivity") -> Self:
        """Return the graph of a connectivity file's content.

        Args:
            scan: Name of the scan.
            records: One object per panorama: image_id, pose (16 floats), included, unobstructed.
            source: How errors name the content.

        Raises:
            DataError: If it is not of the format or the graph is not undirected.
        """
        try:
            kept = [i for i, record in enumerate(records) if record["included"]]
            names = tuple(str(records[i]["image_id"]) for i in kept)
            poses = np.array([records[i]["pose"] for i in kept], float).reshape(-1, 4, 4)
            rows = [records[i]["unobstructed"] for i in kept]
            matrix = np.array(rows, bool).reshape(len(kept), len(records))[:, kept]
        except (KeyError, TypeError, ValueError) as exc:
            raise DataError(f"{source} is not a connectivity file: {exc!r}") from exc
        if len(set(names)) != len(names):
            raise DataError(f"{source}: a viewpoint id stands twice")
        one_way = np.argwhere(matrix & ~matrix.T)
        if len(one_way):
            a, b = (names[i] for i in one_way[0])
            raise DataError(
                f"{source}: {a} leads to {b} but not back; the graph must be undirected"
            )
        np.fill_diagonal(matrix, False)
        return cls(scan, names, poses, matrix)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each viewpoint id."""
        return {name: i for i, name in enumerate(self.viewpoints)}

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Float64 (N, 3): camera positions, metres."""
        return np.ascontiguousarray(self.poses[:, :3, 3])

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """For each viewpoint the numbers an agent may walk to, ascending."""
        return tuple(tuple(np.flatnonzero(row).tolist()) for row in self.adjacency)

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Float64 (N, N): Euclidean length of each edge in metres, inf where there is none."""
        # Column by column as the published scorer sums: (dx^2 + dy^2 + dz^2) ** 0.5.
        x, y, z = (p[:, None] - p[None, :] for p in self.positions.T)
        euclidean: NDArray[np.float64] = np.sqrt(x**2 + y**2 + z**2)
        return np.where(self.adjacency, euclidean, np.inf)

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """Float64 (N, N): shortest walking distance in metres, inf where there is no way."""
        d = self.lengths.copy()
        np.fill_diagonal(d, 0.0)
        for k in range(len(d)):  # Floyd-Warshall: one vectorised relaxation per viewpoint
            np.minimum(d, d[:, k, None] + d[None, k, :], out=d)
        return d

    def number(self, viewpoint: str) -> int:
        """Return the number of a viewpoint id.

        Raises:
            DataError: If the scan has no such (included) viewpoint.
        """
        try:
            return self.numbers[viewpoint]
        except KeyError:
            raise DataError(
                f"viewpoint {viewpoint!r} is not in the navigation graph of scan {self.scan!r}"
            ) from None

    def shortest_path(self, start: int, goal: int) -> list[int]:
        """Return the viewpoints of a shortest way, `start` and `goal` included.

        Raises:
            DataError: If there is no way.
        """
        if not np.isfinite(self.distances[start, goal]):
            a, b = self.viewpoints[start], self.viewpoints[goal]
            raise DataError(f"scan {self.scan!r} has no way from {a} to {b}")
        path = [start]
        while path[-1] != goal:
            onward = self.lengths[path[-1]] + self.distances[:, goal]
            onward[path] = np.inf  # rounding must not send the path in a circle
            path.append(int(np.argmin(onward)))
        return path


def load_graphs(folder: Path, scans: Iterable[str]) -> dict[str, NavGraph]:
    """Return the graphs of several scans by name.

    Raises:
        DataError: If one is missing or malformed.
    """
    return {scan: NavGraph.load(folder, scan) for scan in sorted(set(scans))}
