"""A household as a world: an action goes in, the robot's view comes out, the state decides.

`Household` knows the rules of an episode. What a skill does is in `skills`, what a goal asks for in
`goals`, what carries it out behind `Body`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, SupportsFloat, cast

import gymnasium

from qvl_agent.actions import household as acts
from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.household import household_space, low_level_space
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.base import Decision, Image, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.household.body import Body, Snapshot
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.expert import decide
from qvl_agent.envs.household.failures import Failure
from qvl_agent.envs.household.goals import TASK_TYPES, Goal, Matching, progress
from qvl_agent.envs.household.masks import choose_object, mask_of_point
from qvl_agent.envs.household.naming import names_of, resolve
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.skills import Skill, Skills
from qvl_agent.envs.household.tasks import Split, draw_scene, draw_task

__all__ = ["Household"]

_OPTIONS = ("goal", "instruction", "scene", "split", "task_type")
_DRAWS = 60


class Household(World):
    """A robot in a furnished room.

    ## Action space
    `household_space()`: the paper's skills by name; or, with `mode="low"`, `low_level_space()`:
    ALFRED's twelve actions, with a point on the picture where it takes a mask. `Done` ends the
    episode.

    ## Observation
    The robot's view; `text` names what is in view and what is in hand. `info["error"]` says why an
    action was not carried out, `info["failure"]` its code.

    ## Reward
    1 at the end of an episode that succeeded, else 0.

    ## Options of `reset`
    | key | value |
    | --- | --- |
    | `task_type` | one of ALFRED's seven, for a made-up task |
    | `split` | "train" (default) or "test": the made-up scenes are disjoint |
    | `scene`, `goal`, `instruction` | a trajectory's scene, a `Goal` (or its fields), its words |

    Args:
        body: Carries out low-level actions; by default the bundled simulator in this process.
        data: Folder of ALFRED's dataset, for the default body.
        mode: "skills" or "low".
        split: Default of the option.
        matching: How a goal's names find objects, see `goals`.
        max_steps: Low-level actions until the episode is cut off.
        max_failures: Failed actions until then.
        cancelled: Asked before every low-level action; True calls a skill off.
        render_mode: "rgb_array" lets `render` return the view.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 2}  # type: ignore[misc]

    def __init__(
        self,
        body: Body | None = None,
        *,
        data: str | Path | None = None,
        mode: Literal["skills", "low"] = "skills",
        split: Split = "train",
        matching: Matching = "substring",
        max_steps: int = 1000,
        max_failures: int = 10,
        cancelled: Callable[[], bool] = lambda: False,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        if mode not in ("skills", "low"):
            raise UsageError(f'mode must be "skills" or "low", got {mode!r}')
        self.action_space = household_space() if mode == "skills" else low_level_space()
        self.observation_space = ObservationSpace()
        self.render_mode = render_mode
        self.session = Session(body or BundledBody(Path(data) if data else None))
        self.goal: Goal | None = None
        self._skills = Skills(self.session, cancelled=cancelled)
        self._split, self._matching = split, matching
        self._max_steps, self._max_failures = max_steps, max_failures
        self._stream = Random()
        self._phase: Literal["new", "running", "over"] = "new"
        self._failures = 0
        self._avoid: frozenset[str] = frozenset()
        self._image: Image | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; the same seed and options give the same one.

        Raises:
            UsageError: If the options are not among those above.
            DataError: If the body does not know the scene.
            DeviceError: If the body is gone.
        """
        given = _checked(options or {})
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Random(seed)
        if "scene" in given:
            self.session.restore(given["scene"])
            self.goal, self.task = given["goal"], given["instruction"]
        else:
            self._make_up(given)
        self._skills.begin()
        self._failures, self._avoid = 0, frozenset()
        self._phase = "running"
        return self._observe({})

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Do one thing.

        Raises:
            ResetNeeded: Before the first `reset`, and after the end of an episode.
            gymnasium.error.InvalidAction: If it is not in the action space; nothing was done.
            DeviceError: If the body is gone.
        """
        self._need_episode()
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(f"no action of a household: {action!r}")
        if isinstance(action, acts.Done):
            self._phase = "over"
            observation, info = self._observe({})
            return observation, float(self.outcome().success), True, False, info
        failure, info = self._carry_out(action)
        if failure is not None:
            self._failures += 1
            info |= {"error": failure.message, "failure": failure.code}
            self._note(action)
        session = self.session
        truncated = session.num_steps >= self._max_steps or self._failures >= self._max_failures
        if truncated:
            self._phase = "over"
        reward = float(truncated and self.outcome().success)
        observation, info = self._observe(info)
        return observation, reward, False, truncated, info

    def outcome(self) -> Outcome:
        """Return whether the goal holds in the state as it is.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        if self.goal is None:
            raise ResetNeeded("there is no episode yet; call reset() first")
        now = progress(
            self.goal, self.session.now.metadata, self.session.treated, matching=self._matching
        )
        return Outcome(
            now.satisfied,
            {
                "goal_conditions_met": float(now.met),
                "goal_conditions": float(now.total),
                "low_level_steps": float(self.session.num_steps),
            },
        )

    def expert(self) -> Decision:
        """Return the next skill of ALFRED's plan skeletons.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: In the low-level mode, which has no expert.
        """
        self._need_episode()
        if self.action_space.name != "household":
            raise UsageError('the expert speaks of skills; make the world with mode="skills"')
        assert self.goal is not None
        session = self.session
        return decide(self.goal, session.now.metadata, session.treated, self._avoid)

    def render(self) -> Image | None:
        """Return the last view where `render_mode` is "rgb_array"."""
        return self._image if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Let go of the body."""
        self.session.body.close()
        super().close()

    def _make_up(self, given: Mapping[str, Any]) -> None:
        """Draw a scene and a task that is not done from the start."""
        split, task_type = given.get("split", self._split), given.get("task_type")
        for _ in range(_DRAWS):
            name = draw_scene(self._stream, split, task_type)
            snapshot = self.session.body.reset(name)
            task = draw_task(self._stream, name, snapshot.metadata, task_type)
            if task is None or progress(task.goal, snapshot.metadata).satisfied:
                continue
            agent = snapshot.metadata["agent"]
            self.session.restore(
                {
                    "floor_plan": name,
                    "init_action": {
                        "action": "TeleportFull",
                        **agent["position"],
                        "rotation": agent["rotation"]["y"],
                        "horizon": agent["cameraHorizon"],
                    },
                    "dirty_and_empty": task.goal.task_type == "pick_clean_then_place_in_recep",
                }
            )
            self.goal, self.task = task.goal, task.instruction
            return
        raise UsageError(f"no made-up scene of {split!r} allows a task of type {task_type!r}")

    def _carry_out(self, action: Action) -> tuple[Failure | None, dict[str, Any]]:
        if self.action_space.name == "household":
            result = self._skills.run(cast(Skill, action))
            return result.failure, {"executed": [dict(c) for c in result.executed]}
        name = type(action).__name__
        point: Point | None = getattr(action, "point", None)
        if point is None:
            return self._low({"action": name, "forceAction": True})
        now = self.session.now
        height, width = now.sight.image.shape[:2]
        key = choose_object(mask_of_point(point, height, width), now.sight, now.metadata)
        if key is None:
            text = "Bad interact mask. Couldn't locate target object"
            return Failure("NO_SUCH_OBJECT", text, 0, name), {"executed": []}
        command: dict[str, Any] = {"action": name, "objectId": key}
        if name == "PutObject":
            command |= {"objectId": now.held, "receptacleObjectId": key}
            command |= {"forceAction": True, "placeStationary": True}
        failure, info = self._low(command)
        return failure, info | {"target": key}

    def _low(self, command: dict[str, Any]) -> tuple[Failure | None, dict[str, Any]]:
        result = self.session.low(command)
        failure = None
        if not result.ok:
            failure = Failure("REFUSED", result.message or "the action failed", 0)
        return failure, {"executed": [command]}

    def _note(self, action: Action) -> None:
        """Remember for the expert what could not be used."""
        found = resolve(getattr(action, "name", ""), self.session.now.metadata)
        if not isinstance(found, Failure):
            self._avoid |= {found["objectId"]}

    def _observe(self, info: dict[str, Any]) -> tuple[Observation, dict[str, Any]]:
        now = self.session.now
        image = now.sight.image.copy()
        self._image = image
        return Observation(image, _told(now)), info | {"steps": self.session.num_steps}

    def _need_episode(self) -> None:
        if self._phase == "new":
            raise ResetNeeded("there is no episode yet; call reset() first")
        if self._phase == "over":
            raise ResetNeeded("the episode is over; call reset() first")


def _told(now: Snapshot) -> str:
    """Return in words what is in view and in hand."""
    names = names_of(now.metadata)
    seen = [names[o["objectId"]] for o in now.metadata["objects"] if o["visible"]]
    held = names[now.held] if now.held else "nothing"
    view = ", ".join(s for s in seen if s != held) or "nothing"
    return f"In view: {view}. In hand: {held}."


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    """Return options that make sense.

    Raises:
        UsageError: If one does not.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise UsageError(f"unknown option {unknown[0]!r}; a household takes {', '.join(_OPTIONS)}")
    given = {k: v for k, v in options.items() if v is not None}
    if given.get("split", "train") not in ("train", "test"):
        raise UsageError(f'split must be "train" or "test", got {given["split"]!r}')
    if given.get("task_type", TASK_TYPES[0]) not in TASK_TYPES:
        raise UsageError(
            f"task_type must be one of {', '.join(TASK_TYPES)}, got {given['task_type']!r}"
        )
    whole = {"scene", "goal", "instruction"}
    if whole & set(given) and not whole <= set(given):
        raise UsageError("scene, goal and instruction have to be given together")
    if isinstance(given.get("goal"), Mapping):
        given["goal"] = Goal.of(given["goal"].get("task_type", ""), given["goal"])
    return given
