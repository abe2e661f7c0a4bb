"""Makes up household tasks by seed: a made-up scene, a goal that its things allow, the words.

Scenes of the test split are never drawn for training. Knows what a scene holds and no body.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.household.goals import TASK_TYPES, Goal, TaskType
from qvl_agent.envs.household.tables import COOLABLE, HEATABLE, LAMPS, kind_of

__all__ = ["Split", "Task", "draw_scene", "draw_task"]

Split = Literal["train", "test"]

_ROOMS: Mapping[str, tuple[TaskType, ...]] = {
    "Kitchen": tuple(t for t in TASK_TYPES if t != "look_at_obj_in_light"),
    "LivingRoom": ("pick_and_place_simple", "pick_two_obj_and_place", "look_at_obj_in_light")
    + ("pick_and_place_with_movable_recep",),
    "Bedroom": ("pick_and_place_simple", "pick_two_obj_and_place", "look_at_obj_in_light"),
    "Bathroom": ("pick_and_place_simple", "pick_two_obj_and_place")
    + ("pick_clean_then_place_in_recep",),
}
_NUM_TRAIN, _NUM_TEST = 400, 100
_WORDS: Mapping[TaskType, tuple[str, ...]] = {
    "pick_and_place_simple": (
        "Put a {object} in the {parent}.",
        "Move a {object} to the {parent}.",
    ),
    "pick_two_obj_and_place": (
        "Put two {object}s in the same {parent}.",
        "Find two {object}s and put both in one {parent}.",
    ),
    "look_at_obj_in_light": (
        "Look at a {object} in the light of the {toggle}.",
        "Hold a {object} under the lit {toggle}.",
    ),
    "pick_clean_then_place_in_recep": (
        "Put a clean {object} in the {parent}.",
        "Wash a {object} and put it in the {parent}.",
    ),
    "pick_heat_then_place_in_recep": (
        "Put a hot {object} in the {parent}.",
        "Heat a {object} and put it in the {parent}.",
    ),
    "pick_cool_then_place_in_recep": (
        "Put a cold {object} in the {parent}.",
        "Cool a {object} and put it in the {parent}.",
    ),
    "pick_and_place_with_movable_recep": (
        "Put a {object} in a {mrecep} and put the {mrecep} in the {parent}.",
    ),
}
_SLICEABLE = frozenset({"Apple", "Bread", "Lettuce", "Potato", "Tomato"})
_CLEANABLE = frozenset(
    {"Apple", "Bowl", "ButterKnife", "Cloth", "Cup", "Egg", "Fork", "Lettuce", "Mug", "Pan"}
    | {"Plate", "Pot", "Potato", "SoapBar", "Spatula", "Spoon", "Tomato"}
)
_SMALL = frozenset(
    {"Apple", "ButterKnife", "CD", "CellPhone", "CreditCard", "Egg", "Fork", "KeyChain", "Pen"}
    | {"Pencil", "Potato", "Spoon", "Tomato", "Watch"}
)
_VESSELS = frozenset({"Bowl", "Box", "Pan", "Plate", "Pot"})
_GOALS = frozenset(
    {"ArmChair", "Bed", "Cabinet", "CoffeeTable", "CounterTop", "Desk", "DiningTable", "Drawer"}
    | {"Dresser", "Fridge", "GarbageCan", "Microwave", "Safe", "SideTable", "SinkBasin", "Sofa"}
    | {"Toilet"}
)
_NARROW = frozenset({"Drawer", "GarbageCan", "Microwave", "Safe", "SinkBasin"})


@dataclass(frozen=True, slots=True)
class Task:
    """A goal with its words."""

    goal: Goal
    instruction: str


def draw_scene(rng: random.Random, split: Split, task_type: TaskType | None = None) -> str:
    """Return the name of a made-up scene in which such a task can be."""
    rooms = [room for room, types in _ROOMS.items() if task_type is None or task_type in types]
    number = rng.randrange(_NUM_TRAIN)
    if split == "test":
        number = _NUM_TRAIN + rng.randrange(_NUM_TEST)
    return f"{rng.choice(rooms)}{number}"


def draw_task(
    rng: random.Random, scene: str, metadata: Mapping[str, Any], task_type: TaskType | None = None
) -> Task | None:
    """Return a task for a scene, None where its things allow none of this type.

    Args:
        rng: Decides everything.
        scene: Its name.
        metadata: THOR's metadata after its reset.
        task_type: One of the seven; drawn without it.

    Raises:
        UsageError: If there is no such type.
    """
    if task_type is not None and task_type not in TASK_TYPES:
        raise UsageError(f"task_type must be one of {', '.join(TASK_TYPES)}, got {task_type!r}")
    chosen = rng.choice(_ROOMS[scene.rstrip("0123456789")]) if task_type is None else task_type
    goal = _goal(rng, chosen, metadata)
    if goal is None:
        return None
    words = {
        "object": ("sliced " if goal.object_sliced else "") + _spoken(goal.object_target),
        "parent": _spoken(goal.parent_target),
        "mrecep": _spoken(goal.mrecep_target),
        "toggle": _spoken(goal.toggle_target),
    }
    return Task(goal, rng.choice(_WORDS[chosen]).format(**words))


def _goal(rng: random.Random, task_type: TaskType, metadata: Mapping[str, Any]) -> Goal | None:
    counts: dict[str, int] = {}
    for thing in metadata["objects"]:
        counts[thing["objectType"]] = counts.get(thing["objectType"], 0) + 1
    small = [t for t in counts if kind_of(t).pickupable and max(kind_of(t).size) < 0.36]

    def one_of(wanted: Callable[[str], bool]) -> str | None:
        names = sorted(filter(wanted, counts))
        return rng.choice(names) if names else None

    def receptacle(target: str, *others: str) -> str | None:
        size = max(kind_of(target).size)
        return one_of(
            lambda t: t in _GOALS and t not in others and not (t in _NARROW and size > 0.3)
        )

    if task_type == "look_at_obj_in_light":
        lamp, target = one_of(lambda t: t in LAMPS), one_of(lambda t: t in small)
        return Goal(task_type, target, toggle_target=lamp) if lamp and target else None
    suited: Mapping[str, frozenset[str]] = {
        "pick_clean_then_place_in_recep": _CLEANABLE,
        "pick_heat_then_place_in_recep": HEATABLE,
        "pick_cool_then_place_in_recep": COOLABLE,
        "pick_and_place_with_movable_recep": _SMALL,
    }
    needed = {
        "pick_clean_then_place_in_recep": "SinkBasin",
        "pick_heat_then_place_in_recep": "Microwave",
        "pick_cool_then_place_in_recep": "Fridge",
    }.get(task_type, "")
    if needed and needed not in counts:
        return None
    least = 2 if task_type == "pick_two_obj_and_place" else 1
    target = one_of(
        lambda t: t in small and counts[t] >= least and t in suited.get(task_type, frozenset(small))
    )
    if target is None:
        return None
    vessel = ""
    if task_type == "pick_and_place_with_movable_recep":
        found = one_of(lambda t: t in _VESSELS and t != target)
        if found is None:
            return None
        vessel = found
    parent = receptacle(vessel or target, needed)
    if parent is None:
        return None
    knife = "Knife" in counts or "ButterKnife" in counts
    sliced = knife and target in _SLICEABLE and rng.random() < 0.3
    if target in _CLEANABLE and target == "ButterKnife":
        sliced = False
    return Goal(task_type, target, parent, vessel, object_sliced=sliced)


def _spoken(name: str) -> str:
    """Return "ButterKnife" as "butter knife"; initials as they are."""
    if name.isupper():
        return name
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
