"""Experts and baselines that need no pictures: whole splits walked on the graph alone.

This module knows episodes and graphs. It knows no metric and no policy.
"""

import random
from collections.abc import Callable, Iterable, Mapping

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.vln.annotations import Episode, SeenObject
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.views import candidates, snap, view_angles
from qvl_agent.evals.vln.results import Pose, Result

__all__ = ["WALKERS", "walk_split"]

Walker = Callable[[Episode, NavGraph, random.Random], list[int]]
"""Returns the viewpoints of a walk by number, the start first."""


def _shortest(episode: Episode, graph: NavGraph, rng: random.Random) -> list[int]:
    return graph.shortest_path(graph.number(episode.path[0]), graph.number(episode.path[-1]))


def _annotated(episode: Episode, graph: NavGraph, rng: random.Random) -> list[int]:
    return [graph.number(viewpoint) for viewpoint in episode.path]


def _stop(episode: Episode, graph: NavGraph, rng: random.Random) -> list[int]:
    return [graph.number(episode.path[0])]


def _random(episode: Episode, graph: NavGraph, rng: random.Random) -> list[int]:
    path = [graph.number(episode.path[0])]
    for _ in range(rng.randint(1, 10)):
        path.append(rng.choice(graph.neighbours[path[-1]] or (path[-1],)))
    return path


WALKERS: Mapping[str, Walker] = {
    "shortest": _shortest,
    "annotated": _annotated,
    "stop": _stop,
    "random": _random,
}
"""The shortest way, the annotated path, stopping at the start, a random walk of 1 to 10 moves."""


def walk_split(
    walker: str,
    episodes: Iterable[Episode],
    graphs: Mapping[str, NavGraph],
    objects: Mapping[str, Mapping[str, Mapping[int, SeenObject]]] | None = None,
    *,
    seed: int = 0,
) -> list[Result]:
    """Return a walker's results on a split; every episode has its own seeded source of chance.

    In REVERIE an object is chosen at the end: the target where it can be seen (by the experts),
    any visible one by the others, none where nothing is visible.

    Raises:
        UsageError: If there is no such walker.
    """
    if walker not in WALKERS:
        raise UsageError(f"there is no walker {walker!r}; use one of {', '.join(WALKERS)}")
    results = []
    for episode in episodes:
        graph, rng = graphs[episode.scan], random.Random(f"{seed} {episode.instr_id}")
        path = WALKERS[walker](episode, graph, rng)
        target = None
        if objects is not None:
            here = objects.get(episode.scan, {}).get(graph.viewpoints[path[-1]], {})
            visible = sorted(number for number, seen in here.items() if seen.views)
            if episode.target in visible and walker in ("shortest", "annotated"):
                target = str(episode.target)
            elif visible:
                target = str(rng.choice(visible))
        results.append(Result(episode.instr_id, _poses(graph, path, episode.heading), target))
    return results


def _poses(graph: NavGraph, path: list[int], heading: float) -> tuple[Pose, ...]:
    """Return a walk's poses: after each move the agent faces the view it went through."""
    view = snap(heading, 0.0)
    poses = [Pose(graph.viewpoints[path[0]], *view_angles(view))]
    for at, to in zip(path, path[1:], strict=False):
        view = next((c.view for c in candidates(graph, at) if c.viewpoint == to), view)
        poses.append(Pose(graph.viewpoints[to], *view_angles(view)))
    return tuple(poses)
