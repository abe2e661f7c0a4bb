"""Where episodes come from: a benchmark's files, or generated buildings.

A venue yields a `Stage`: an episode with its graph, pictures and objects. This module knows no
actions and no rules of an episode.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.envs.vln.annotations import (
    Benchmark,
    DataFolder,
    Episode,
    SeenObject,
    load_episodes,
    load_objects,
)
from qvl_agent.envs.vln.buildings.boxes import seen_objects
from qvl_agent.envs.vln.buildings.building import Building, generate_building
from qvl_agent.envs.vln.buildings.dataset import write_boxes, write_connectivity, write_episodes
from qvl_agent.envs.vln.buildings.directions import direct, mixed_wording
from qvl_agent.envs.vln.buildings.language import (
    HELD_OUT,
    TRAINING,
    Wording,
    describe_route,
    landmark,
    refer_to,
    routes,
)
from qvl_agent.envs.vln.buildings.survey import Survey
from qvl_agent.envs.vln.graph import NavGraph, load_graphs
from qvl_agent.envs.vln.pictures import Pictures, SurveyedPictures, open_pictures

__all__ = ["Directions", "FolderVenue", "GeneratedVenue", "Stage", "Venue"]

Objects = Callable[[int], Mapping[int, SeenObject]]
"""The near objects of a viewpoint, by id."""

_FIRST_HELD_OUT = 1_000_000
"""Seeds of held-out buildings begin here."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """An episode and all that it needs.

    Attributes:
        episode: What is asked.
        graph: Of its scan.
        pictures: Of its scan.
        objects: Near objects of a viewpoint.
        place: What a viewpoint is, in words ("the kitchen, by the red chair"), or empty.
        lead: What leads from a viewpoint to a neighbour ("red chair"), or empty.
        scene: What the pixels of a viewpoint's coarse turn show, or -1, and what these things are
            called; north is in the middle. None where nobody knows.
    """

    episode: Episode
    graph: NavGraph
    pictures: Pictures
    objects: Objects
    place: Callable[[int], str] = lambda viewpoint: ""
    lead: Callable[[int, int], str] = lambda at, to: ""
    scene: Callable[[int], tuple[NDArray[np.int16], Sequence[str]] | None] = lambda viewpoint: None


class Venue(Protocol):
    """A source of episodes."""

    def draw(self, rng: np.random.Generator) -> Stage:
        """Return an episode chosen by `rng`."""
        ...

    def named(self, instr_id: str) -> Stage:
        """Return an episode by its id.

        Raises:
            UsageError: If there is none.
        """
        ...


class FolderVenue:
    """The episodes of a split in a data folder.

    Args:
        root: Below it lie annotations, connectivity, pictures and (REVERIE) object boxes.
        benchmark: "r2r" or "reverie".
        split: As in "val_unseen".
        version: Of REVERIE, where both are below `root`.

    Raises:
        DataError: If something is missing or malformed.
    """

    def __init__(
        self, root: Path, benchmark: Benchmark, split: str, version: Literal["v1", "v2"] = "v1"
    ) -> None:
        folder = DataFolder(root, version)
        self.episodes = load_episodes(folder.annotations(benchmark, split), benchmark)
        if not self.episodes:
            raise DataError(f"split {split!r} of {benchmark} in {root} has no episodes")
        scans = sorted({episode.scan for episode in self.episodes})
        self.graphs = load_graphs(folder.connectivity(scans[0]), scans)
        for episode in self.episodes:
            for viewpoint in episode.path:
                if viewpoint not in self.graphs[episode.scan].numbers:
                    raise DataError(
                        f"the path of {episode.instr_id} passes viewpoint {viewpoint!r}, which is "
                        f"not in the navigation graph of scan {episode.scan!r}"
                    )
        self._pictures = open_pictures(root, self.graphs)
        self._boxes = folder.boxes(scans[0]) if benchmark == "reverie" else None
        self._by_id = {episode.instr_id: episode for episode in self.episodes}

    def draw(self, rng: np.random.Generator) -> Stage:
        """Return an episode of the split."""
        return self._stage(self.episodes[int(rng.integers(len(self.episodes)))])

    def named(self, instr_id: str) -> Stage:
        """Return an episode by its instruction id."""
        if instr_id not in self._by_id:
            raise UsageError(f"the split has no instruction {instr_id!r}")
        return self._stage(self._by_id[instr_id])

    def _stage(self, episode: Episode) -> Stage:
        graph = self.graphs[episode.scan]
        boxes = self._boxes
        near = _boxes_of_scan(boxes, episode.scan) if boxes is not None else {}
        return Stage(
            episode,
            graph,
            self._pictures,
            objects=lambda viewpoint: near.get(graph.viewpoints[viewpoint], {}),
        )


@lru_cache(maxsize=16)
def _boxes_of_scan(folder: Path, scan: str) -> dict[str, dict[int, SeenObject]]:
    return load_objects(folder, scan)


Directions = Literal["route", "landmarks"]
"""What instructions of generated routes tell: turns, rooms and things passed, or what to go to."""


@dataclass(frozen=True, slots=True, eq=False)
class _Premises:
    """A generated building with what is kept of it."""

    building: Building
    survey: Survey
    pictures: Pictures
    objects: Objects


class GeneratedVenue:
    """Routes through generated buildings, without any file.

    An episode's id is `<building>_<route>` in R2R's manner, with the object's number and the
    wording's in REVERIE's; the same arguments give the same episodes.

    Args:
        benchmark: Whether a route is asked for ("r2r") or an object ("reverie").
        held_out: Whether buildings and wordings are those that training never sees.
        buildings: How many different ones.
        first: The number of the first of them.
        storeys: Of each.
        rooms: Per storey.
        moves: Fewest and most moves of a route.
        face: Pixels along a skybox face.
        directions: What R2R's instructions tell.
        kept: How many buildings stay in memory, with the turns of theirs that were looked at.
    """

    def __init__(
        self,
        benchmark: Benchmark = "r2r",
        *,
        held_out: bool = False,
        buildings: int = 100,
        first: int = 0,
        storeys: int = 1,
        rooms: int = 8,
        moves: tuple[int, int] = (2, 5),
        face: int = 512,
        directions: Directions = "route",
        kept: int = 4,
    ) -> None:
        if first + buildings > _FIRST_HELD_OUT:
            raise UsageError(
                f"there are {_FIRST_HELD_OUT} buildings of each kind, got {buildings} from the "
                f"{first}th on"
            )
        self._benchmark = benchmark
        self._held_out = held_out
        self._first = first + (_FIRST_HELD_OUT if held_out else 0)
        self._count = buildings
        self._moves = moves
        self._face = face
        self._directions = directions

        @lru_cache(maxsize=kept)
        def make(number: int) -> _Premises:
            building = generate_building(self._first + number, storeys=storeys, rooms=rooms)
            survey = Survey(building)
            size = min(256, max(128, face))
            objects = cache(lambda viewpoint: seen_objects(building, viewpoint, size))
            return _Premises(building, survey, SurveyedPictures(survey, face), objects)

        self._make = make

    def draw(self, rng: np.random.Generator) -> Stage:
        """Return a route through one of the buildings."""
        return self._route(int(rng.integers(self._count)), int(rng.integers(1 << 20)))

    def named(self, instr_id: str) -> Stage:
        """Return the episode of an id that an earlier episode had."""
        parts = instr_id.split("_")
        if len(parts) < 2 or not all(part.isdecimal() for part in parts[:2]):
            raise UsageError(f"expected an id as in 12_345_0, got {instr_id!r}")
        return self._route(int(parts[0]) % self._count, int(parts[1]))

    def _route(self, number: int, route: int) -> Stage:
        premises = self._make(number)
        building, survey = premises.building, premises.survey
        graph = building.graph
        rng = np.random.default_rng([self._first + number, route])
        heading = round(float(rng.uniform(0, 2 * np.pi)), 3)
        wording = self._wording(rng)
        target: int | None = None
        told: str | None = None
        for path in routes(rng, graph, self._moves):
            if self._benchmark == "reverie":
                in_sight = [n for n, seen in premises.objects(path[-1]).items() if seen.views]
                rng.shuffle(in_sight)
                phrases = {n: refer_to(building, building.things[n], wording) for n in in_sight}
                target = next((n for n in in_sight if phrases[n]), None)
                told = phrases[target] if target is not None else None
            elif self._directions == "landmarks":
                leads = survey.leads(path)
                told = direct([lead.phrase for lead in leads], wording) if leads else None
            else:
                told = describe_route(building, path, heading, wording)
            if told is not None:
                break
        else:
            raise DataError(f"building {number} has no route of {self._moves} moves")
        names = [thing.name for thing in building.things]
        key = f"{number}_{route}" if target is None else f"{number}_{route}_{target}"
        return Stage(
            Episode(
                f"{key}_0",
                graph.scan,
                tuple(graph.viewpoints[v] for v in path),
                heading,
                told,
                target,
            ),
            graph,
            premises.pictures,
            premises.objects,
            place=lambda viewpoint: _place(building, viewpoint),
            lead=lambda at, to: _lead(survey, at, to),
            scene=lambda viewpoint: (survey.prospect(viewpoint).things, names),
        )

    def write(self, root: Path, split: str, instr_ids: Iterable[str]) -> None:
        """Write graphs, annotations and object boxes of episodes in the benchmarks' layouts."""
        stages = [self.named(instr_id) for instr_id in instr_ids]
        write_episodes(root, self._benchmark, split, [(s.episode, s.graph) for s in stages])
        for number in sorted({int(s.episode.instr_id.partition("_")[0]) for s in stages}):
            premises = self._make(number)
            graph = premises.building.graph
            write_connectivity(root, premises.building)
            for viewpoint, name in enumerate(graph.viewpoints):
                if self._benchmark == "reverie":
                    write_boxes(root, graph.scan, name, premises.objects(viewpoint))

    def _wording(self, rng: np.random.Generator) -> Wording:
        if self._directions == "landmarks" and not self._held_out:
            return mixed_wording(rng)
        wordings = HELD_OUT if self._held_out else TRAINING
        return wordings[int(rng.integers(len(wordings)))]


def _place(building: Building, viewpoint: int) -> str:
    """Return what a viewpoint is: its room, and what stands next to it."""
    room = building.room_of(viewpoint)
    thing = landmark(building, viewpoint)
    return f"the {room.kind}, by the {thing.phrase}" if thing else f"the {room.kind}"


def _lead(survey: Survey, at: int, to: int) -> str:
    """Return what leads from a viewpoint to a neighbour, empty where nothing does."""
    thing = survey.prospect(at).leads.get(to)
    return thing.phrase if thing is not None else ""
