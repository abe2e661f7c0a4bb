"""Scores a submission on a split of R2R or REVERIE by the published evaluators' rules.

This module knows episodes, results, graphs and the metrics of one trajectory. It reads no file and
prints nothing.

Rules that surprise, followed as published: R2R refuses a move that no edge allows, REVERIE counts
its walking distance; of two results for one instruction the first counts and unknown ids are
passed over (both are counted in `Report`); RGS does not ask whether the chosen object can be seen.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln import metrics
from qvl_agent.envs.vln.annotations import Episode, SeenObject
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.evals.vln.results import Result

__all__ = ["R2RScore", "Report", "ReverieScore", "score_r2r", "score_reverie"]

Objects = Mapping[str, Mapping[str, Mapping[int, SeenObject]]]
"""Near objects by scan, viewpoint and id."""


@dataclass(frozen=True, slots=True)
class R2RScore:
    """One instruction's scores; distances in metres, all else in [0, 1].

    Attributes:
        instr_id: The instruction.
        trajectory_length: Metres walked.
        navigation_error: Metres from the last viewpoint to the goal.
        oracle_error: Metres from the nearest visited viewpoint to the goal.
        success_rate: 1 where the navigation error is below 3 m.
        oracle_success_rate: 1 where the oracle error is below 3 m.
        spl: By walking distance, as in the official evaluator.
        spl_duet: By the annotated path's length, as in later papers.
        ndtw: Normalised dynamic time warping.
        sdtw: The same where it succeeds, else 0.
        cls: Coverage weighted by length score.
    """

    instr_id: str
    trajectory_length: float
    navigation_error: float
    oracle_error: float
    success_rate: float
    oracle_success_rate: float
    spl: float
    spl_duet: float
    ndtw: float
    sdtw: float
    cls: float


@dataclass(frozen=True, slots=True)
class ReverieScore:
    """One instruction's scores; lengths in metres, all else in [0, 1].

    Attributes:
        instr_id: The instruction.
        trajectory_length: Metres walked.
        success_rate: 1 where the target can be seen from the last viewpoint.
        oracle_success_rate: 1 where it can be seen from any visited one.
        spl: By walking distance to the annotated path's end, as in the official evaluator.
        spl_duet: By the annotated path's length, as in later papers.
        rgs: Remote grounding success: 1 where the chosen object is the target.
        rgspl: The same, weighted by walking distance.
        rgspl_duet: The same, weighted by the annotated path's length.
        choice_visible: Not published: 1 where the chosen object can be seen from the last
            viewpoint. Below 1, RGS counts choices that an agent had no way to make.
    """

    instr_id: str
    trajectory_length: float
    success_rate: float
    oracle_success_rate: float
    spl: float
    spl_duet: float
    rgs: float
    rgspl: float
    rgspl_duet: float
    choice_visible: float


@dataclass(frozen=True, slots=True)
class Report:
    """A split's scores.

    Attributes:
        scores: Per instruction, in the order of the results.
        unknown: Results whose id is not in the split, passed over.
        repeated: Results for an instruction that already had one, passed over.
        jumps: Moves that no edge allows, counted by their walking distance (REVERIE).
    """

    scores: tuple[R2RScore, ...] | tuple[ReverieScore, ...]
    unknown: int = 0
    repeated: int = 0
    jumps: int = 0

    @property
    def out_of_sight(self) -> int:
        """How many right objects (REVERIE) could not be seen from where the agent stopped."""
        return sum(
            isinstance(s, ReverieScore) and bool(s.rgs) and not s.choice_visible
            for s in self.scores
        )

    def means(self) -> dict[str, float]:
        """Return each metric averaged over the instructions."""
        rows = [asdict(score) for score in self.scores]
        return {
            key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key != "instr_id"
        }

    def to_json(self) -> dict[str, Any]:
        """Return means, counts and the scores of every instruction."""
        return {
            "metrics": self.means(),
            "instructions": len(self.scores),
            "unknown_ids": self.unknown,
            "repeated_ids": self.repeated,
            "jumps": self.jumps,
            "scores": [asdict(score) for score in self.scores],
        }


def score_r2r(
    episodes: Iterable[Episode], results: Iterable[Result], graphs: Mapping[str, NavGraph]
) -> Report:
    """Score results on a split of R2R.

    Raises:
        DataError: If an instruction has no result, a trajectory does not begin at its start, leaves
            the graph, or moves where no edge leads (the published evaluator refuses that too), or
            the split is a test split, whose goals are not public.
    """
    pairs, unknown, repeated = _matched(episodes, results)
    return Report(tuple(_r2r(*pair, graphs) for pair in pairs), unknown, repeated)


def score_reverie(
    episodes: Iterable[Episode],
    results: Iterable[Result],
    graphs: Mapping[str, NavGraph],
    objects: Objects,
) -> Report:
    """Score results on a split of REVERIE, v1 or v2.

    A move that no edge allows counts its walking distance, as in the published evaluator.

    Raises:
        DataError: If an instruction has no result, a trajectory does not begin at its start or
            leaves the graph, or the split is a test split, whose targets are not public.
    """
    pairs, unknown, repeated = _matched(episodes, results)
    scores = tuple(_reverie(*pair, graphs, objects) for pair in pairs)
    jumps = sum(len(_jumps(_graph(graphs, episode), result)) for episode, result in pairs)
    return Report(scores, unknown, repeated, jumps)


def _matched(
    episodes: Iterable[Episode], results: Iterable[Result]
) -> tuple[list[tuple[Episode, Result]], int, int]:
    """Return (episode, its first result) in the order of the results, unknown and repeated ids."""
    by_id = {episode.instr_id: episode for episode in episodes}
    if not by_id:
        raise DataError("the split has no instructions")
    pairs: dict[str, tuple[Episode, Result]] = {}
    unknown = repeated = 0
    for result in results:
        if result.instr_id not in by_id:
            unknown += 1
        elif result.instr_id in pairs:
            repeated += 1
        else:
            pairs[result.instr_id] = (by_id[result.instr_id], result)
    missing = [i for i in by_id if i not in pairs]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(by_id)} instructions have no result: "
            f"{', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}"
        )
    return list(pairs.values()), unknown, repeated


def _numbers(graph: NavGraph, episode: Episode, result: Result) -> tuple[list[int], list[int]]:
    """Return the visited and the annotated viewpoints by number."""
    if len(episode.path) < 2:
        raise DataError(
            f"{episode.instr_id} has no annotated path: a test split cannot be scored here"
        )
    start = result.trajectory[0].viewpoint
    if start != episode.path[0]:
        raise DataError(
            f"the trajectory of {episode.instr_id} begins at {start}, "
            f"not at its start {episode.path[0]}"
        )
    try:
        visited = [graph.number(pose.viewpoint) for pose in result.trajectory]
    except DataError as exc:
        raise DataError(f"the trajectory of {episode.instr_id}: {exc}") from None
    try:
        return visited, [graph.number(viewpoint) for viewpoint in episode.path]
    except DataError as exc:
        raise DataError(f"the annotated path of {episode.instr_id}: {exc}") from None


def _jumps(graph: NavGraph, result: Result) -> list[tuple[str, str]]:
    """Return the moves of a trajectory that no edge allows."""
    visited = [(pose.viewpoint, graph.number(pose.viewpoint)) for pose in result.trajectory]
    return [
        (here, there)
        for (here, a), (there, b) in zip(visited, visited[1:], strict=False)
        if a != b and not graph.adjacency[a, b]
    ]


def _refuse_jumps(graph: NavGraph, result: Result) -> None:
    for here, there in _jumps(graph, result):
        raise DataError(
            f"the trajectory of {result.instr_id} moves from {here} to {there}, but no edge of "
            f"scan {graph.scan!r} joins them; the official R2R evaluator refuses such a trajectory"
        )


def _graph(graphs: Mapping[str, NavGraph], episode: Episode) -> NavGraph:
    try:
        return graphs[episode.scan]
    except KeyError:
        raise DataError(f"scan {episode.scan!r} ({episode.instr_id}) has no graph") from None


def _r2r(episode: Episode, result: Result, graphs: Mapping[str, NavGraph]) -> R2RScore:
    graph = _graph(graphs, episode)
    visited, reference = _numbers(graph, episode, result)
    _refuse_jumps(graph, result)
    d = graph.distances
    to_goal = d[visited, reference[-1]].tolist()
    success = to_goal[-1] < metrics.THRESHOLD_M
    walked = metrics.path_length(d, visited)
    ndtw = metrics.ndtw(d, visited, reference)
    return R2RScore(
        instr_id=episode.instr_id,
        trajectory_length=walked,
        navigation_error=to_goal[-1],
        oracle_error=min(to_goal),
        success_rate=float(success),
        oracle_success_rate=float(min(to_goal) < metrics.THRESHOLD_M),
        spl=metrics.spl(success, float(d[reference[0], reference[-1]]), walked),
        spl_duet=metrics.spl_duet(success, metrics.path_length(d, reference), walked),
        ndtw=ndtw,
        sdtw=ndtw if success else 0.0,
        cls=metrics.cls(d, visited, reference),
    )


def _reverie(
    episode: Episode, result: Result, graphs: Mapping[str, NavGraph], objects: Objects
) -> ReverieScore:
    if episode.target is None:
        raise DataError(f"{episode.instr_id} has no target: a test split cannot be scored here")
    graph = _graph(graphs, episode)
    visited, reference = _numbers(graph, episode, result)
    near = objects.get(episode.scan, {})

    def sees(viewpoint: str, target: str | None) -> bool:
        here = near.get(viewpoint, {})
        return any(str(key) == target and seen.views for key, seen in here.items())

    target = str(episode.target)
    in_sight = [sees(pose.viewpoint, target) for pose in result.trajectory]
    right = result.target == target
    d = graph.distances
    walked = metrics.path_length(d, visited)
    if not math.isfinite(walked):
        raise DataError(f"the trajectory of {episode.instr_id} jumps to where no way leads")
    shortest = float(d[reference[0], reference[-1]])
    annotated = metrics.path_length(d, reference)
    return ReverieScore(
        instr_id=episode.instr_id,
        trajectory_length=walked,
        success_rate=float(in_sight[-1]),
        oracle_success_rate=float(any(in_sight)),
        spl=metrics.spl(in_sight[-1], shortest, walked),
        spl_duet=metrics.spl_duet(in_sight[-1], annotated, walked),
        rgs=float(right),
        rgspl=metrics.spl(right, shortest, walked),
        rgspl_duet=metrics.spl_duet(right, annotated, walked),
        choice_visible=float(sees(result.trajectory[-1].viewpoint, result.target)),
    )
