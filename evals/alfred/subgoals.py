"""When a sub-goal of a plan counts as done. Knows metadata and a plan, no policy.

Source: ALFRED env/tasks.py and env/reward.py @f91f4c0c; errata of 2020-12-14 (distance below 3).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qvl_agent.envs.household.goals import Treated
from qvl_agent.envs.household.navigation import Spot, path
from qvl_agent.evals.alfred.data import HighStep

__all__ = ["SUBGOALS", "subgoal_done", "subgoal_weight"]

_MOVES = ("MoveAhead", "RotateLeft", "RotateRight", "LookUp", "LookDown", "Teleport")
_REACHED = 3
"""A pose counts as reached when fewer actions than this lead to it."""

_LAST: Mapping[str, tuple[str, ...]] = {
    "GotoLocation": (*_MOVES, "TeleportFull"),
    "PickupObject": ("PickupObject", "OpenObject", "CloseObject"),
    "PutObject": ("PutObject", "OpenObject", "CloseObject"),
    "SliceObject": ("SliceObject", "OpenObject", "CloseObject"),
    "ToggleObject": ("ToggleObjectOn", "ToggleObjectOff"),
    "CleanObject": ("PutObject", "PickupObject", "ToggleObjectOn", "ToggleObjectOff"),
    "HeatObject": ("OpenObject", "CloseObject", "PickupObject", "PutObject")
    + ("ToggleObjectOn", "ToggleObjectOff"),
    "CoolObject": ("OpenObject", "CloseObject", "PickupObject", "PutObject"),
}
SUBGOALS = tuple(_LAST)
"""The eight types, by their published names."""


def subgoal_done(
    plan: Sequence[HighStep],
    index: int,
    metadata: Mapping[str, Any],
    treated: Treated,
    cells: frozenset[tuple[int, int]],
) -> bool:
    """Return whether sub-goal `index` of a plan holds after the last action, failed or not.

    Args:
        plan: The recorded plan.
        index: Position in it.
        metadata: THOR's metadata now.
        treated: What was cleaned, heated and cooled.
        cells: Where the agent can stand.
    """
    step = plan[index]
    if metadata["lastAction"] not in _LAST[step.action]:
        return False
    objects = {o["objectId"]: o for o in metadata["objects"]}
    return _DONE[step.action](_Case(plan, index, metadata, objects, treated, cells))


class _Case:
    def __init__(
        self,
        plan: Sequence[HighStep],
        index: int,
        metadata: Mapping[str, Any],
        objects: Mapping[str, Mapping[str, Any]],
        treated: Treated,
        cells: frozenset[tuple[int, int]],
    ) -> None:
        self.plan, self.index, self.planner = plan, index, plan[index].planner
        self.metadata, self.objects, self.treated = metadata, objects, treated
        self.cells = cells
        inventory = metadata["inventoryObjects"]
        self.held: str | None = inventory[0]["objectId"] if inventory else None


def _goto(case: _Case) -> bool:
    x, z, turn, horizon = (int(v) for v in case.planner["location"].split("|")[1:])
    goal = Spot(x, z, turn % 4, round(horizon / 15))
    here = Spot.of(case.metadata["agent"])
    found = path(here, [goal], case.cells | {(goal.x, goal.z), (here.x, here.z)})
    return found is not None and len(found[0]) < _REACHED


def _pick_up(case: _Case) -> bool:
    wanted = case.planner["objectId"].split("Sliced")[0]
    return case.held is not None and case.held.split("Sliced")[0] == wanted


def _put(case: _Case) -> bool:
    receptacle = case.objects.get(case.planner["receptacleObjectId"], {})
    return case.planner["objectId"] in (receptacle.get("receptacleObjectIds") or ())


def _slice(case: _Case) -> bool:
    return bool(case.objects.get(case.planner["objectId"], {}).get("isSliced"))


def _toggle(case: _Case) -> bool:
    return bool(case.objects.get(case.planner["objectId"], {}).get("isToggled"))


def _clean(case: _Case) -> bool:
    """As published: of a slice the plan names the whole, so cleaning a slice never counts."""
    return case.planner["cleanObjectId"] in case.treated.cleaned


def _heat(case: _Case) -> bool:
    return _put_later(case) in case.treated.heated


def _cool(case: _Case) -> bool:
    thing = _put_later(case)
    picked = case.metadata["lastAction"] == "PickupObject"
    return picked and thing in case.treated.cooled and case.held == thing


def _put_later(case: _Case) -> str | None:
    """Return the id that the put two sub-goals later names: Heat and Cool name the appliance."""
    later = case.plan[case.index + 2 : case.index + 3]
    return later[0].planner.get("objectId") if later else None


_DONE: Mapping[str, Callable[[_Case], bool]] = {
    "GotoLocation": _goto,
    "PickupObject": _pick_up,
    "PutObject": _put,
    "SliceObject": _slice,
    "ToggleObject": _toggle,
    "CleanObject": _clean,
    "HeatObject": _heat,
    "CoolObject": _cool,
}


def subgoal_weight(success: bool, length: int, expert_length: int) -> float:
    """Return a sub-goal's success weighted by path length.

    Args:
        success: Whether it was done.
        length: Low-level actions that the policy took for it.
        expert_length: Those of the plan.
    """
    return success * min(1.0, expert_length / length) if length > 0 else float(success)
