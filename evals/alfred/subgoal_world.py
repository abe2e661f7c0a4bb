"""A household in which one sub-goal of a recorded plan is to be done, the rest being done already.

The expert's own actions are replayed up to the sub-goal; from there the policy acts until the
plan's tracker says that it is done. Knows a plan and no suite.

Source: ALFRED models/eval/eval_subgoals.py @f91f4c0c. Upstream replays through the dataset's
masks; here the plan's own commands are sent, whose ids say the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from qvl_agent.actions.errors import EnvError, ResetNeeded
from qvl_agent.actions.household import (
    Clean,
    Cool,
    Done,
    GotoLocation,
    Heat,
    Pickup,
    PutDown,
    Slice,
    Toggle,
)
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, Outcome
from qvl_agent.envs.household.body import Body
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.failures import Failure
from qvl_agent.envs.household.navigation import CELL
from qvl_agent.evals.alfred.data import HighStep
from qvl_agent.evals.alfred.subgoals import subgoal_done

__all__ = ["SubgoalWorld"]


class SubgoalWorld(Household):
    """One sub-goal at a time; options of `reset` are `scene`, `instruction`, and `subgoal`.

    | key | value |
    | --- | --- |
    | `before` | the expert's commands up to it |
    | `plan` | the plan's sub-goals, as the fields of `HighStep` |
    | `position` | which of them is to be done |
    """

    def __init__(self, body: Body | None = None, **options: Any) -> None:
        self._plan: tuple[HighStep, ...] = ()
        self._position = 0
        self._cells: frozenset[tuple[int, int]] = frozenset()
        self._reached = False
        self._tried = False
        super().__init__(body, cancelled=self._look_whether_reached, **options)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Raises:
            EnvError: If the body cannot carry out the expert's part.
        """
        given = dict(options or {})
        subgoal: Mapping[str, Any] = given.pop("subgoal")
        self._plan = tuple(HighStep(**step) for step in subgoal["plan"])
        self._position = subgoal["position"]
        self._reached = self._tried = False
        super().reset(seed=seed, options=given)
        session = self.session
        for command in subgoal["before"]:
            result = session.low(command)
            if not result.ok:
                raise EnvError(f"the expert's part fails at {command['action']}: {result.message}")
        spots = session.body.act({"action": "GetReachablePositions"}).metadata["actionReturn"]
        self._cells = frozenset((round(p["x"] / CELL), round(p["z"] / CELL)) for p in spots)
        session.begin()
        return self._observe({})

    def outcome(self) -> Outcome:
        """Return whether the sub-goal was done by the policy's own actions.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        if not self._plan:
            raise ResetNeeded("there is no episode yet; call reset() first")
        return Outcome(self._reached, {"low_level_steps": float(self.session.num_steps)})

    def expert(self) -> Decision:
        """Return the plan's own sub-goal as a skill, once."""
        if self._tried:
            return Decision("The plan's step was tried.", Done())
        self._tried = True
        step = self._plan[self._position]
        return Decision(f"The plan says {step.action}.", _SKILLS[step.action](step))

    def _is_over(self) -> bool:
        return self._reached

    def _carry_out(self, action: Action) -> tuple[Failure | None, dict[str, Any]]:
        failure, info = super()._carry_out(action)
        # A skill that was called off because the sub-goal is done has not failed.
        return (None if self._look_whether_reached() else failure), info

    def _look_whether_reached(self) -> bool:
        session = self.session
        if session.num_steps and not self._reached:
            self._reached = subgoal_done(
                self._plan, self._position, session.now.metadata, session.treated, self._cells
            )
        return self._reached


def _held(step: HighStep) -> str:
    """Return what Heat and Cool do it to: the plan names the appliance, the words the thing."""
    return step.args[0]


_SKILLS: Mapping[str, Callable[[HighStep], Action]] = {
    "GotoLocation": lambda step: GotoLocation(step.args[0]),
    "PickupObject": lambda step: Pickup(step.planner["objectId"]),
    "PutObject": lambda step: PutDown(step.planner["receptacleObjectId"]),
    "CleanObject": lambda step: Clean(_held(step)),
    "HeatObject": lambda step: Heat(_held(step)),
    "CoolObject": lambda step: Cool(_held(step)),
    "SliceObject": lambda step: Slice(step.planner["objectId"]),
    "ToggleObject": lambda step: Toggle(step.planner["objectId"]),
}
