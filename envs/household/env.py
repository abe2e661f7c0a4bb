"""A household as a world: an action goes in, the robot's view comes out, the state decides.

`Household` knows the rules of an episode. What a skill does is in `skills`, what a goal asks for in
`goals`, what carries it out behind `Body`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, SupportsFloat, cast

import gymnasium

from qvl_agent.actions import household as acts
from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.household import region_of
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Image, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.household.body import Body
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.expert import decide
from qvl_agent.envs.household.failures import Failure
from qvl_agent.envs.household.goals import Goal, Matching, progress
from qvl_agent.envs.household.grounding import BoxSegmenter, Segmenter, ground
from qvl_agent.envs.household.interface import checked_options, space_of, told
from qvl_agent.envs.household.naming import resolve
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.skills import Skill, Skills
from qvl_agent.envs.household.tasks import Split, draw_scene, draw_task

__all__ = ["Household"]

_DRAWS = 60


class Household(World):
    """A robot in a furnished room.

    ## Action space
    `household_space()`: the paper's skills by name, and with a segmenter also by pointing; or, with
    `mode="low"`, `low_level_space()`: ALFRED's twelve actions, with a point or a box on the picture
    where it takes a mask. `Done` ends the episode.

    ## Observation
    The robot's view; `text` names what is in view and what is in hand. `info["error"]` says why an
    action was not carried out, `info["failure"]` its code, `info["executed"]` the low-level actions
    that were sent, `info["grounding"]` what pointing was taken for.

    ## Reward
    1 at the end of an episode that succeeded, else 0.

    ## Options of `reset`
    | key | value |
    | --- | --- |
    | `task_type` | one of ALFRED's seven, for a made-up task |
    | `split` | "train" (default) or "test": the made-up scenes are disjoint |
    | `scene`, `instruction` | a trajectory's scene, and the words |
    | `goal` | a `Goal` (or its fields), with a scene; without one nothing counts as success |

    Args:
        body: Carries out low-level actions; by default the bundled simulator in this process.
        data: Folder of ALFRED's dataset, for the default body.
        mode: "skills" or "low".
        segmenter: Makes a mask of what is pointed at; by default none for skills, and the box or
            the one pixel itself for low-level actions.
        names: Whether `text` says what is in view and in hand; the body knows, no picture tells.
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
        segmenter: Segmenter | None = None,
        names: bool = True,
        split: Split = "train",
        matching: Matching = "substring",
        max_steps: int = 1000,
        max_failures: int = 10,
        cancelled: Callable[[], bool] = lambda: False,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        if mode not in ("skills", "low"):
            raise UsageError(f'mode must be "skills" or "low", got {mode!r}')
        self.action_space = space_of(mode, pointing=segmenter is not None)
        self.observation_space = ObservationSpace()
        self.render_mode = render_mode
        self.session = Session(body or BundledBody(Path(data) if data else None))
        self.goal: Goal | None = None
        self._skills = Skills(
            self.session,
            cancelled=lambda: cancelled() or self.session.num_steps >= self._max_steps,
        )
        self._mode, self._segmenter, self._names = mode, segmenter or BoxSegmenter(), names
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
        given = checked_options(options or {})
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Random(seed)
        if "scene" in given:
            self.session.restore(given["scene"])
            self.goal, self.task = given.get("goal"), given["instruction"]
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
        ended = self._is_over()
        truncated = not ended and (
            session.num_steps >= self._max_steps or self._failures >= self._max_failures
        )
        if ended or truncated:
            self._phase = "over"
        reward = float((ended or truncated) and self.outcome().success)
        observation, info = self._observe(info)
        return observation, reward, ended, truncated, info

    def outcome(self) -> Outcome:
        """Return whether the goal holds in the state as it is.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        if self._phase == "new":
            raise ResetNeeded("there is no episode yet; call reset() first")
        counts = {
            "low_level_steps": float(self.session.num_steps),
            "failures": float(self._failures),
        }
        if self.goal is None:
            return Outcome(False, counts)
        now = progress(
            self.goal, self.session.now.metadata, self.session.treated, matching=self._matching
        )
        met = {"goal_conditions_met": float(now.met), "goal_conditions": float(now.total)}
        return Outcome(now.satisfied, counts | met)

    def expert(self) -> Decision:
        """Return the next skill of ALFRED's plan skeletons.

        Raises:
            ResetNeeded: If no episode is under way.
            UsageError: In the low-level mode, and without a goal: there it knows nothing to do.
        """
        self._need_episode()
        if self._mode == "low":
            raise UsageError('the expert speaks of skills; make the world with mode="skills"')
        if self.goal is None:
            raise UsageError("the expert needs a goal, and this task comes without one")
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

    def _is_over(self) -> bool:
        """Return whether the state ends the episode, whatever the policy says: never in ALFRED."""
        return False

    def _carry_out(self, action: Action) -> tuple[Failure | None, dict[str, Any]]:
        region = region_of(action)
        info: dict[str, Any] = {}
        if region is not None:
            now = self.session.now
            grounding = ground(region, now.sight, now.metadata, self._segmenter)
            info = {"grounding": grounding.to_json(), "target": grounding.target}
            if grounding.target is None:
                text = "Bad interact mask. Couldn't locate target object"
                failure = Failure("NO_SUCH_OBJECT", text, 0, type(action).__name__)
                self.session.refuse()
                return failure, info | {"executed": []}
        target: str | None = info.get("target")
        if self._mode == "low":
            failed, done = self._low(type(action).__name__, target)
        else:
            result = self._skills.run(cast(Skill, _pointed(action, target)))
            failed, done = result.failure, {"executed": [dict(c) for c in result.executed]}
        return failed, info | done

    def _low(self, name: str, target: str | None) -> tuple[Failure | None, dict[str, Any]]:
        """Carry out one of ALFRED's twelve actions as its wrapper sends them."""
        command: dict[str, Any] = {"action": name}
        match name:
            case "PutObject":
                command |= {"objectId": self.session.now.held, "receptacleObjectId": target}
                command |= {"forceAction": True, "placeStationary": True}
            case "OpenObject":
                command |= {"objectId": target, "moveMagnitude": 1.0}
            case "CloseObject":
                command |= {"objectId": target, "forceAction": True}
            case _ if target is not None:
                command |= {"objectId": target}
            case _:
                command |= {"forceAction": True}
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
        text = told(now) if self._names else ""
        return Observation(image, text), info | {"steps": self.session.num_steps}

    def _need_episode(self) -> None:
        if self._phase == "new":
            raise ResetNeeded("there is no episode yet; call reset() first")
        if self._phase == "over":
            raise ResetNeeded("the episode is over; call reset() first")


def _pointed(action: Action, target: str | None) -> Action:
    """Return a skill on what was pointed at, by its id; where nothing was, the skill as it is."""
    return action if target is None else replace(cast(Any, action), name=target)
