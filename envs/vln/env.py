"""Navigation: follow an instruction through a building, from panorama to panorama.

This module knows the rules of an episode. Where episodes come from is `venues`' business, what is
seen `observing`'s, the geometry `walk`'s.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import gymnasium

from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.navigation import GoTo, Look, Select, Stop, Turn, navigation_space
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import (
    Decision,
    Drawn,
    Image,
    Observation,
    ObservationSpace,
    Outcome,
    World,
)
from qvl_agent.envs.vln import glance, metrics
from qvl_agent.envs.vln.annotations import Benchmark, SeenObject
from qvl_agent.envs.vln.experts import Guide, Route
from qvl_agent.envs.vln.observing import Composition, Painter
from qvl_agent.envs.vln.topdown import draw_route
from qvl_agent.envs.vln.venues import Directions, FolderVenue, GeneratedVenue, Stage, Venue
from qvl_agent.envs.vln.views import view_angles
from qvl_agent.envs.vln.walk import Walk

__all__ = ["NavigationEnv"]


class NavigationEnv(World):
    """Walk where an instruction leads (R2R), or to the object it means (REVERIE).

    An action that cannot be done (a candidate that is not there, an object that cannot be seen, a
    look beyond the last level) changes nothing but the step count; the next observation says so
    and `info["refused"]` is True. In REVERIE `Stop` asks which of the visible objects is meant,
    and `Select` ends the episode; a stop where no object is near ends it at once.

    `reset(options={"episode": "1000_0"})` gives an instruction by its id. The reward is 1 for an
    episode that ends in success, else 0.

    Args:
        data: Folder of R2R's or REVERIE's files; by default generated buildings.
        benchmark: "r2r" or "reverie".
        split: Of the data folder.
        held_out: Of generated buildings: whether to use those that training never sees.
        level: "viewpoint": every neighbour is a candidate, as MapGPT-style agents walk. "low": the
            agent turns and looks around itself and goes to what it faces, as in the simulator.
        composition: "candidates": a labelled picture per candidate. "panorama": one picture of the
            full turn with the candidates' numbers on it. "glance": one picture of 224 x 224 with
            the half turn ahead above the one behind, and few words.
        directions: Of generated R2R routes. "route": turns, rooms, things passed. "landmarks": for
            each move the thing to go to, so that whoever sees it knows the way.
        expert: "shortest" or "annotated": the way that `expert()` takes.
        max_steps: Actions until the episode is cut off; by default 15, or 60 at low level.
        max_pixels: Of all pictures of an observation together; they are drawn smaller to keep it.
        storeys: Of generated buildings.
        rooms: Of generated buildings, per storey.
        moves: Of generated routes, fewest and most.
        face: Pixels along a generated skybox face.
        buildings: How many different ones are generated.
        kept: How many of them stay in memory.
        venue: Where episodes come from, to share it among worlds; the arguments above that say
            where else they would come from are not looked at then.
        render_mode: "rgb_array": `render()` returns the map from above with the route.

    Raises:
        UsageError: If an argument is none of the above.
        DataError: If the data folder lacks something.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 1}

    def __init__(
        self,
        data: str | Path | None = None,
        benchmark: Benchmark = "r2r",
        split: str = "val_unseen",
        *,
        held_out: bool = False,
        level: Literal["viewpoint", "low"] = "viewpoint",
        composition: Composition = "candidates",
        expert: Route = "shortest",
        max_steps: int | None = None,
        max_pixels: int = 5 * 640 * 480,
        storeys: int = 1,
        rooms: int = 8,
        moves: tuple[int, int] = (2, 5),
        face: int = 512,
        directions: Directions = "route",
        buildings: int = 100,
        kept: int = 4,
        venue: Venue | None = None,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        _one_of("benchmark", benchmark, ("r2r", "reverie"))
        _one_of("level", level, ("viewpoint", "low"))
        _one_of("composition", composition, ("candidates", "panorama", "glance"))
        _one_of("directions", directions, ("route", "landmarks"))
        _one_of("expert", expert, ("shortest", "annotated"))
        self.render_mode = render_mode
        self.action_space = navigation_space(
            low_level=level == "low", objects=benchmark == "reverie"
        )
        self.observation_space = ObservationSpace()
        self.venue: Venue
        if venue is not None:
            self.venue = venue
        elif data is None:
            self.venue = GeneratedVenue(
                benchmark, held_out=held_out, storeys=storeys, rooms=rooms,
                moves=(int(moves[0]), int(moves[1])), face=face, directions=directions,
                buildings=buildings, kept=kept,
            )  # fmt: skip
        else:
            self.venue = FolderVenue(Path(data), benchmark, split)
        self._low = level == "low"
        self._painter = Painter(composition, max_pixels)
        self._route = expert
        self._leg_by_leg = directions == "landmarks" and data is None and not self._low
        self.max_steps = max_steps or (60 if self._low else 15)
        if self._low and composition == "glance":
            raise UsageError("a glance shows all candidates: it is for the level 'viewpoint'")
        self._stage: Stage | None = None
        self._running = False

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Of the choice of episodes from here on.
            options: `{"episode": instr_id}` gives one by its id; `{"moves": n}` begins it n moves
                along the annotated path, `{"moves": "any"}` anywhere on it.

        Raises:
            UsageError: If there is no such episode, or an option is unknown or out of range.
        """
        super().reset(seed=seed)
        wanted = dict(options or {})
        episode, moves = wanted.pop("episode", None), wanted.pop("moves", 0)
        if wanted:
            raise UsageError(f"unknown options {sorted(wanted)}; there are 'episode' and 'moves'")
        stage = self.venue.named(str(episode)) if episode else self.venue.draw(self.np_random)
        path = [stage.graph.number(viewpoint) for viewpoint in stage.episode.path]
        self._stage, self._path = stage, path
        self._walk = Walk.start(stage.graph, path[0], stage.episode.heading)
        self._guide = Guide(
            stage, path, self._route, low_level=self._low, leg_by_leg=self._leg_by_leg
        )
        self._choosing: Mapping[int, SeenObject] | None = None
        self.chosen: int | None = None
        self._steps = self._begin(path, moves)
        self._running = True
        self.task = stage.episode.instruction
        return self._observe(""), self._info(refused=False)

    def _begin(self, path: Sequence[int], moves: object) -> int:
        """Walk the first moves of a path, and return how many they are."""
        if moves == "any":
            moves = int(self.np_random.integers(min(len(path), self.max_steps)))
        if not isinstance(moves, int) or not 0 <= moves < min(len(path), self.max_steps):
            raise UsageError(f"'moves' is in 0..{len(path) - 1} here, got {moves!r}")
        for viewpoint in path[1 : moves + 1]:
            views = dict(self._choices())
            self._walk.go(viewpoint, views.get(viewpoint))
        return moves

    @property
    def trajectory(self) -> list[tuple[str, float, float]]:
        """The poses so far as (viewpoint id, heading, elevation): a submission's trajectory.

        Raises:
            ResetNeeded: If there has been no episode.
        """
        stage = self._need_stage()
        return [(stage.graph.viewpoints[v], *view_angles(view)) for v, view in self._walk.poses]

    @property
    def instr_id(self) -> str:
        """The id of the current instruction.

        Raises:
            ResetNeeded: If there has been no episode.
        """
        return self._need_stage().episode.instr_id

    @property
    def candidates(self) -> int:
        """How many candidates there are to go to now."""
        return len(self._choices())

    @property
    def leads(self) -> list[str]:
        """What leads to each candidate, in order, as directions by landmarks say; "" if nothing."""
        stage = self._need_stage()
        return [stage.lead(self._walk.at, viewpoint) for viewpoint, _ in self._choices()]

    @property
    def moves(self) -> int:
        """How many moves were made so far."""
        return len(self._walk.visited) - 1

    @property
    def selectable(self) -> tuple[int, ...]:
        """The objects that can be selected now: none before `Stop`."""
        return tuple(self._choosing or ())

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Do one action.

        Raises:
            ResetNeeded: If no episode is under way.
            gymnasium.error.InvalidAction: If it is no action of this world.
        """
        self._need_episode()
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(
                f"expected an action of {self.action_space}, got {action!r}"
            )
        refusal, terminated = self._do(action)
        self._steps += 1
        truncated = not terminated and self._steps >= self.max_steps
        self._running = not (terminated or truncated)
        reward = float(not self._running and self.outcome().success)
        return (
            self._observe(refusal),
            reward,
            terminated,
            truncated,
            self._info(refused=bool(refusal)),
        )

    def _do(self, action: Action) -> tuple[str, bool]:
        """Carry out an action; return why it could not be done, or "", and whether it ends all."""
        if isinstance(action, Select):
            if self._choosing is None:
                return "an object is selected after Stop", False
            if action.object not in self._choosing:
                listed = ", ".join(map(str, self._choosing))
                return f"object {action.object} is not in sight; choose one of {listed}", False
            self.chosen = action.object
            return "", True
        if self._choosing is not None:
            return "you have stopped; select the object that is meant", False
        match action:
            case GoTo(number):
                choices = self._choices()
                if number > len(choices):
                    return f"there is no candidate {number}; there are {len(choices)}", False
                viewpoint, view = choices[number - 1]
                self._walk.go(viewpoint, view)
            case Turn(direction):
                self._walk.turn(direction)
            case Look(direction):
                if not self._walk.look(direction):
                    return f"you cannot look further {direction}", False
            case Stop():
                return "", self._stop()
        return "", False

    def _stop(self) -> bool:
        """Stop walking; return whether the episode is over."""
        stage = self._need_stage()
        if "Select" not in self.action_space.names:
            return True
        visible = {k: o for k, o in stage.objects(self._walk.at).items() if o.views}
        self._choosing = visible or None
        return not visible

    def _choices(self) -> list[tuple[int, int | None]]:
        """Return the candidates in order: viewpoint, and the view that is faced after going."""
        if self._low:
            return [(location.viewpoint, None) for location in self._walk.ahead()]
        return [(candidate.viewpoint, candidate.view) for candidate in self._walk.candidates()]

    def outcome(self) -> Outcome:
        """Return the published metrics of the walk so far, as if it ended here.

        Raises:
            ResetNeeded: If there has been no episode.
        """
        stage = self._need_stage()
        d, visited, path = stage.graph.distances, self._walk.visited, self._path
        to_goal = [float(d[v, path[-1]]) for v in visited]
        walked, shortest = metrics.path_length(d, visited), float(d[path[0], path[-1]])
        scores = {"trajectory_length": walked, "navigation_error": to_goal[-1]}
        target = stage.episode.target
        if target is None:
            success = to_goal[-1] < metrics.THRESHOLD_M
            oracle = min(to_goal) < metrics.THRESHOLD_M
            ndtw = metrics.ndtw(d, visited, path)
            scores |= {"ndtw": ndtw, "sdtw": ndtw * success, "cls": metrics.cls(d, visited, path)}
        else:
            seen = [target in (o := stage.objects(v)) and bool(o[target].views) for v in visited]
            success, oracle = seen[-1], any(seen)
            right = self.chosen == target
            scores |= {"rgs": float(right), "rgspl": metrics.spl(right, shortest, walked)}
        annotated = metrics.path_length(d, path)
        scores |= {
            "success_rate": float(success),
            "oracle_success_rate": float(oracle),
            "spl": metrics.spl(success, shortest, walked),
            "spl_duet": metrics.spl_duet(success, annotated, walked),
        }
        return Outcome(success, scores)

    def expert(self) -> Decision:
        """Return the next action on the way, with a thought that names what is there.

        Raises:
            ResetNeeded: If no episode is under way.
        """
        self._need_episode()
        if self._choosing is not None:
            return self._guide.choose(self._choosing)
        return self._guide.decide(self._walk, [viewpoint for viewpoint, _ in self._choices()])

    def figure(self) -> Image:
        """Return the map from above, our route beside the annotated one.

        Raises:
            ResetNeeded: If there has been no episode.
        """
        stage = self._need_stage()
        ends = [viewpoint for viewpoint, _ in self._choices()] if self._running else []
        return draw_route(stage.graph, self._walk.visited, self._path, ends)

    def render(self) -> Any:
        """Return the same as `figure`: uint8 (H, W, 3)."""
        return self.figure()

    def scene(self) -> list[Drawn]:
        """Return the words of a glance with their places: for whoever learns to read it.

        The last word of what fills a cell of 28 x 28, where it is known, then the candidates'
        numbers.
        """
        stage, side, found = self._need_stage(), float(glance.CELL), []
        scene = stage.scene(self._walk.at)
        if scene is not None:
            things, names = scene
            cells = glance.cells(glance.turned(things, self._walk.view))
            for (row, column), thing in cells.items():
                word = names[thing].split()[-1]
                found.append(Drawn(word, column * side, row * side, side, side))
        ends = [viewpoint for viewpoint, _ in self._choices()]
        marks = glance.marks(stage.graph, self._walk.at, ends, self._walk.heading)
        return [*found, *(Drawn(str(k), *glance.label(k, place)) for k, place in marks.items())]

    def _observe(self, refusal: str) -> Observation:
        stage = self._need_stage()
        head = [f"Not possible: {refusal}."] if refusal else []
        if self._painter.composition != "glance":
            head.append(f"Step {self._steps} of {self.max_steps}.")
        if self._choosing is not None:
            return self._painter.objects(stage, self._walk, self._choosing, head)
        ends = [(viewpoint, view) for viewpoint, view in self._choices()]
        return self._painter.walk(stage, self._walk, ends, head, low_level=self._low)

    def _info(self, *, refused: bool) -> dict[str, Any]:
        stage = self._need_stage()
        return {
            "instr_id": stage.episode.instr_id,
            "scan": stage.episode.scan,
            "viewpoint": stage.graph.viewpoints[self._walk.at],
            "view": self._walk.view,
            "object": self.chosen,
            "refused": refused,
        }

    def _need_stage(self) -> Stage:
        if self._stage is None:
            raise ResetNeeded("call reset() first")
        return self._stage

    def _need_episode(self) -> None:
        if not self._running:
            raise ResetNeeded("no episode is under way; call reset()")


def _one_of(name: str, value: object, legal: tuple[str, ...]) -> None:
    if value not in legal:
        raise UsageError(f"{name} must be one of {', '.join(legal)}, got {value!r}")
