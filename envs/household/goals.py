"""The seven goals of ALFRED, checked on a final state. Knows metadata and no simulator.

Published names match by substring of an object's id, so "Pot" is also met by a Potato and "Pen"
by a Pencil; scores are comparable only with that reading, and it is the default here.

Source: ALFRED env/tasks.py @f91f4c0c (goal_conditions_met of each task).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.tables import type_of

__all__ = ["TASK_TYPES", "Goal", "Matching", "Progress", "TaskType", "Treated", "progress"]

TaskType = Literal[
    "pick_and_place_simple",
    "pick_two_obj_and_place",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_and_place_with_movable_recep",
]
TASK_TYPES: tuple[TaskType, ...] = get_args(TaskType)

Matching = Literal["substring", "type"]
"""How a name of a goal finds objects: as published, or by the object's own type."""

Thing: TypeAlias = Mapping[str, Any]
"""One object of THOR's metadata."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a task asks for; the fields are `pddl_params` of a trajectory.

    Attributes:
        task_type: One of the seven.
        object_target: Type of the object, without "Sliced".
        parent_target: Type of the receptacle; "" in look tasks.
        mrecep_target: Type of the movable receptacle; "" elsewhere.
        toggle_target: Type of the lamp; "" elsewhere.
        object_sliced: Whether a slice is asked for.
    """

    task_type: TaskType
    object_target: str
    parent_target: str = ""
    mrecep_target: str = ""
    toggle_target: str = ""
    object_sliced: bool = False

    @classmethod
    def of(cls, task_type: str, params: Mapping[str, Any]) -> "Goal":
        """Return the goal of a trajectory's `task_type` and `pddl_params`.

        Raises:
            DataError: If there is no such task type, or a name is missing.
        """
        if task_type not in TASK_TYPES:
            raise DataError(f"task_type must be one of {', '.join(TASK_TYPES)}, got {task_type!r}")
        try:
            return cls(
                task_type,
                params["object_target"],
                params.get("parent_target") or "",
                params.get("mrecep_target") or "",
                params.get("toggle_target") or "",
                bool(params.get("object_sliced")),
            )
        except KeyError as exc:
            raise DataError(f"pddl_params lack {exc.args[0]!r}") from exc

    @property
    def target(self) -> str:
        """The name that the object's id has to hold."""
        return self.object_target + "Sliced" * self.object_sliced


@dataclass(frozen=True, slots=True)
class Treated:
    """Ids of what was cleaned, heated and cooled in the episode so far."""

    cleaned: frozenset[str] = frozenset()
    heated: frozenset[str] = frozenset()
    cooled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a goal's conditions hold.

    Attributes:
        met: Conditions that hold.
        total: All conditions.
    """

    met: int
    total: int

    @property
    def satisfied(self) -> bool:
        """Whether every condition holds."""
        return self.met == self.total


def progress(
    goal: Goal,
    metadata: Mapping[str, Any],
    treated: Treated | None = None,
    *,
    matching: Matching = "substring",
) -> Progress:
    """Return how many conditions of a goal hold in a state.

    Args:
        goal: What is asked for.
        metadata: THOR's metadata of the agent: `objects` and `inventoryObjects`.
        treated: What was cleaned, heated and cooled on the way.
        matching: "substring" as published, or "type".
    """
    state = _State(goal, metadata, treated or Treated(), matching)
    conditions = _CONDITIONS[goal.task_type](state)
    met, total = sum(conditions), len(conditions)
    if goal.object_sliced:
        wanted = 2 if goal.task_type == "pick_two_obj_and_place" else 1
        met += min(wanted, sum("Sliced" in p["objectId"] for p in state.targets))
        total += wanted
    return Progress(met, total)


class _State:
    """The objects that a goal speaks of."""

    def __init__(
        self, goal: Goal, metadata: Mapping[str, Any], treated: Treated, matching: Matching
    ) -> None:
        objects: Sequence[Thing] = metadata["objects"]

        def named(name: str, trait: str) -> list[Thing]:
            if matching == "substring":
                return [o for o in objects if name in o["objectId"] and o[trait]]
            return [o for o in objects if name == type_of(o["objectId"]) and o[trait]]

        self.treated = treated
        self.held = [o["objectId"] for o in metadata.get("inventoryObjects") or ()]
        self.targets = named(goal.target, "pickupable")
        self.receptacles = named(goal.parent_target, "receptacle")
        self.movables = named(goal.mrecep_target, "pickupable")
        self.lamps = named(goal.toggle_target, "toggleable")


def _inside(thing: Thing, receptacle: Thing) -> bool:
    """Return whether a receptacle's contents list the thing; no list is an empty one."""
    return thing["objectId"] in (receptacle.get("receptacleObjectIds") or ())


def _placed(state: _State) -> list[Thing]:
    return [p for p in state.targets if any(_inside(p, r) for r in state.receptacles)]


def _simple(state: _State) -> list[bool]:
    return [bool(_placed(state))]


def _two(state: _State) -> list[bool]:
    """Count within one receptacle: two things in two drawers are one condition met."""
    counts = [sum(_inside(p, r) for p in state.targets) for r in state.receptacles]
    most = max(counts, default=0)
    return [most >= 1, most >= 2]


def _look(state: _State) -> list[bool]:
    targets = {p["objectId"] for p in state.targets}
    return [
        bool(state.held) and state.held[0] in targets,
        any(lamp["isToggled"] and lamp["visible"] for lamp in state.lamps),
    ]


def _treatment(name: Literal["cleaned", "heated", "cooled"]) -> Callable[[_State], list[bool]]:
    def conditions(state: _State) -> list[bool]:
        done: frozenset[str] = getattr(state.treated, name)
        placed = _placed(state)
        return [
            bool(placed),
            any(p["objectId"] in done for p in state.targets),
            any(p["objectId"] in done for p in placed),
        ]

    return conditions


def _movable(state: _State) -> list[bool]:
    parents = {r["objectId"] for r in state.receptacles}

    def holds(m: Thing) -> bool:
        return any(_inside(p, m) for p in state.targets)

    def stands(m: Thing) -> bool:
        return any(_inside(m, r) for r in state.receptacles)

    def listed(m: Thing) -> bool:
        return any(r in parents for r in m.get("parentReceptacles") or ())

    return [
        any(holds(m) for m in state.movables),
        any(stands(m) for m in state.movables),
        any(holds(m) and listed(m) for m in state.movables),
    ]


_CONDITIONS: Mapping[TaskType, Callable[[_State], list[bool]]] = {
    "pick_and_place_simple": _simple,
    "pick_two_obj_and_place": _two,
    "look_at_obj_in_light": _look,
    "pick_clean_then_place_in_recep": _treatment("cleaned"),
    "pick_heat_then_place_in_recep": _treatment("heated"),
    "pick_cool_then_place_in_recep": _treatment("cooled"),
    "pick_and_place_with_movable_recep": _movable,
}
