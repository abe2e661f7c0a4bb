"""What goes into a household and what comes out beside the picture: spaces, options, words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.household import household_space, low_level_space
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.envs.household.body import Snapshot
from qvl_agent.envs.household.goals import TASK_TYPES, Goal
from qvl_agent.envs.household.naming import names_of
from qvl_agent.envs.household.tables import KINDS

__all__ = ["checked_options", "space_of", "told"]

_OPTIONS = ("goal", "instruction", "scene", "split", "task_type")


class _Skills(ActionSpace):
    """The skills, whose random names are those of things that there can be."""

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> Action:
        """Return a random skill, on some type of object."""
        action = super().sample(mask, probability)
        if not hasattr(action, "name"):
            return action
        kinds = tuple(KINDS)
        kind = kinds[self.np_random.integers(len(kinds))]
        return cast(Action, replace(cast(Any, action), name=kind))


def space_of(mode: str, *, pointing: bool) -> ActionSpace:
    """Return the action space of "skills" or "low"."""
    if mode == "low":
        return low_level_space()
    space = household_space(pointing=pointing)
    return _Skills(space.name, space.functions)


def told(now: Snapshot) -> str:
    """Return in words what is in view and in hand."""
    names = names_of(now.metadata)
    seen = [names[o["objectId"]] for o in now.metadata["objects"] if o["visible"]]
    held = names[now.held] if now.held else "nothing"
    view = ", ".join(s for s in seen if s != held) or "nothing"
    return f"In view: {view}. In hand: {held}."


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
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
    if given.keys() & {"scene", "goal", "instruction"} and not given.keys() >= {
        "scene",
        "instruction",
    }:
        raise UsageError("scene and instruction have to be given together, and a goal with them")
    if isinstance(given.get("goal"), Mapping):
        given["goal"] = Goal.of(given["goal"].get("task_type", ""), given["goal"])
    return given
