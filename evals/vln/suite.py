"""R2R and REVERIE as suites: a split of your files, or held-out generated buildings.

What an agent did is kept with its record as a submission would have it, and scored by the
published rules afterwards. Knows worlds and scorers; knows no policy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.events import Acted, Event, Request, Started
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.session import Dialogue, overhear
from qvl_agent.envs.vln.annotations import Benchmark, SeenObject
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.envs.vln.venues import FolderVenue, GeneratedVenue, Stage
from qvl_agent.envs.vln.views import view_angles
from qvl_agent.evals.harness.records import Record, Trial
from qvl_agent.evals.harness.runner import Player
from qvl_agent.evals.suite import Task
from qvl_agent.evals.vln.results import Pose, Result
from qvl_agent.evals.vln.score import Report, score_r2r, score_reverie

__all__ = ["SHORT", "SUMMARIES", "NavigationSuite", "WalkPlayer", "result_of"]

SHORT: Mapping[str, Any] = MappingProxyType(
    {
        "composition": "glance",
        "directions": "landmarks",
        "moves": (1, 3),
        "rooms": 6,
        "max_steps": 6,
    }
)
"""Routes of one to three moves, one picture a step as small as nano sees. Of `NavigationEnv`."""

_VAL_UNSEEN = frozenset(
    {
        "2azQ1b91cZZ", "8194nk5LbLH", "EU6Fwq7SyZv", "QUCTc6BB5sX", "TbHJrupSAjP", "X7HyMhZNoso",
        "Z6MFQCViBuw", "oLBMNvg9in8", "pLe4wQe7qrG", "x8F5xyUWy9e", "zsNo4HB9uLZ",
    }
)  # fmt: skip
"""The buildings of R2R's val_unseen; REVERIE's are ten of them."""

_INSTRUCTIONS = {"r2r": 2349, "reverie": 3521}
"""Of the published val_unseen, REVERIE's in the version of the literature."""

_GENERATED: Mapping[str, Any] = MappingProxyType({"moves": (3, 6), "rooms": 8})
_SMALL: Mapping[str, Any] = MappingProxyType({"face": 64, "max_pixels": 20_000})
_OF_VENUE = ("directions", "face", "moves", "rooms")
_KEPT = 8
"""Generated buildings in memory: tasks go through them in rounds of as many."""


SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "r2r": "Instructions through buildings: R2R's, or held-out generated ones.",
        "reverie": "Objects to be found in buildings: REVERIE's, or held-out generated ones.",
    }
)
"""Of the suites, by benchmark."""


class NavigationSuite:
    """The instructions of a split, in order; or routes through generated buildings.

    Args:
        benchmark: "r2r" or "reverie".
        data: Folder of the benchmark's files; None is generated buildings, which training never
            sees, with wordings that it never uses.
        split: Of the data folder.
        version: Of REVERIE's annotations.
        buildings: How many are generated.
        routes: Through each of them.
        seed: Decides the generated routes.
        short: Whether routes, pictures and words are those of `SHORT`.
        blind: Whether nobody looks at the pictures, so that small ones will do.
        world: Further arguments of `NavigationEnv`.

    Attributes:
        limits: Of an episode; the world itself breaks off first.
        longest_stroll: Most moves of the random walk.

    Raises:
        UsageError: If an argument is out of range.
        DataError: If the data folder lacks something.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        data: Path | None = None,
        split: str = "val_unseen",
        *,
        version: Literal["v1", "v2"] = "v1",
        buildings: int = 5,
        routes: int = 10,
        seed: int = 0,
        short: bool = False,
        blind: bool = False,
        world: Mapping[str, Any] | None = None,
    ) -> None:
        if short and (data is not None or benchmark != "r2r"):
            raise UsageError("short routes are generated ones of R2R: they go without --data")
        self.name: str = benchmark
        self.summary = SUMMARIES[benchmark]
        self.split = split if data is not None else "generated"
        made = dict(SHORT if short else _GENERATED) | (dict(_SMALL) if blind else {})
        self._config = {k: v for k, v in made.items() if short or k not in _OF_VENUE}
        self._config |= {"benchmark": benchmark, **(world or {})}
        self.venue: FolderVenue | GeneratedVenue
        if data is not None:
            self.venue = FolderVenue(data, benchmark, split, version)
            self._ids = list(dict.fromkeys(e.instr_id for e in self.venue.episodes))
        else:
            self.venue = GeneratedVenue(
                benchmark,
                held_out=True,
                buildings=buildings,
                kept=_KEPT,
                **{k: v for k, v in made.items() if k in _OF_VENUE},
            )
            first = 10_000 * seed
            self._ids = [
                f"{number}_{first + route}_0"
                for start in range(0, buildings, _KEPT)
                for route in range(routes)
                for number in range(start, min(start + _KEPT, buildings))
            ]
        self.longest_stroll = SHORT["moves"][1] if short else 10
        self.limits = Limits(steps=self.make(Task("", "vln", 0)).max_steps + 1)

    @property
    def config(self) -> dict[str, Any]:
        """What decides the episodes and what is seen of them."""
        return {"split": self.split, **self._config}

    @property
    def standing(self) -> str:
        """What a figure on these episodes can be compared with."""
        if isinstance(self.venue, GeneratedVenue):
            return "held-out generated buildings, comparable with themselves only"
        return f"{self.split} as published" if self.published else f"{self.split}, not as published"

    def tasks(self) -> list[Task]:
        """Return an instruction a task; generated ones go through the buildings in turn."""
        return [Task(f"{self.split}/{i}", "vln", 0, {"episode": i}) for i in self._ids]

    def make(self, task: Task) -> NavigationEnv:
        """Return a new world; all of them share graphs and pictures."""
        return NavigationEnv(venue=self.venue, **self._config)

    @property
    def published(self) -> bool:
        """Whether these are all the instructions that published figures are over."""
        return (
            isinstance(self.venue, FolderVenue)
            and self.split == "val_unseen"
            and len(self._ids) == _INSTRUCTIONS[self.name]
            and _VAL_UNSEEN.issuperset(self.venue.graphs)
        )

    def report(self, records: Iterable[Record]) -> Report:
        """Return the published scores of what was walked.

        Raises:
            DataError: If the split is a test split, whose goals are not public.
        """
        results = [result_of(record) for record in records]
        stages = [self.venue.named(result.instr_id) for result in results]
        episodes = [stage.episode for stage in stages]
        graphs = {stage.graph.scan: stage.graph for stage in stages}
        if self.name == "r2r":
            return score_r2r(episodes, results, graphs)
        return score_reverie(episodes, results, graphs, _objects(stages, results))

    def write_data(self, folder: Path, records: Iterable[Record]) -> bool:
        """Write what a scorer needs of generated episodes; return whether there was a need."""
        if isinstance(self.venue, FolderVenue):
            return False
        self.venue.write(folder, self.split, [result_of(record).instr_id for record in records])
        return True


class WalkPlayer:
    """A seat that keeps with each record what a submission has of it.

    Args:
        player: Plays.
    """

    def __init__(self, player: Player) -> None:
        self._player = player

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Play a trial and return its record.

        Raises:
            EnvError: If the world broke.
            PolicyError: If the policy broke.
        """
        poses: list[tuple[str, int]] = []
        told: dict[str, Any] = {}

        def watch(event: Request | Event) -> None:
            if isinstance(event, Started | Acted) and "viewpoint" in event.info:
                pose = event.info["viewpoint"], event.info["view"]
                if pose not in poses[-1:]:
                    poses.append(pose)
                told.update(event.info)

        record = yield from overhear(self._player.play(trial), watch)
        result = Result(
            told["instr_id"],
            tuple(Pose(viewpoint, *view_angles(view)) for viewpoint, view in poses),
            None if told["object"] is None else str(told["object"]),
        )
        return replace(record, data=result.to_json())

    def expect(self, trial: Trial) -> None:
        """Learn which trial comes next."""
        self._player.expect(trial)

    def stop(self) -> None:
        """End whatever blocks the seat."""
        self._player.stop()

    def close(self) -> None:
        """Let go of the seat's worlds."""
        self._player.close()


def result_of(record: Record) -> Result:
    """Return what a submission has of a record."""
    data = record.data
    chosen = data.get("predObjId")
    return Result(
        data["instr_id"],
        tuple(Pose(*pose) for pose in data["trajectory"]),
        None if chosen is None else str(chosen),
    )


def _objects(
    stages: Sequence[Stage], results: Sequence[Result]
) -> dict[str, dict[str, Mapping[int, SeenObject]]]:
    """Return the near objects of all viewpoints that were visited, by scan and viewpoint."""
    found: dict[str, dict[str, Mapping[int, SeenObject]]] = {}
    for stage, result in zip(stages, results, strict=True):
        near = found.setdefault(stage.graph.scan, {})
        for viewpoint in {pose.viewpoint for pose in result.trajectory} - near.keys():
            near[viewpoint] = stage.objects(stage.graph.number(viewpoint))
    return found
