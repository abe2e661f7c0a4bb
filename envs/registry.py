"""Which worlds there are, and how to make one by name. Imports no world until it is made.

To add a world, add a line to `_WORLDS`. Worlds of other packages register themselves with
gymnasium and are made by their full id.
"""

import difflib
from dataclasses import dataclass
from typing import Any

import gymnasium

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.base import World

__all__ = ["WorldEntry", "list_worlds", "make", "register_all"]


@dataclass(frozen=True, slots=True)
class WorldEntry:
    """A world in the list.

    Attributes:
        name: Short name, as in `--env`.
        id: Full gymnasium id.
        entry_point: `module:Class`.
        summary: One line for `qvl-agent list envs`.
    """

    name: str
    id: str
    entry_point: str
    summary: str


_WORLDS = (
    WorldEntry(
        "numberline",
        "qvl_agent/NumberLine-v0",
        "qvl_agent.envs.cards:NumberLine",
        "Move a number to a target, one at a time.",
    ),
    WorldEntry(
        "blackjack",
        "qvl_agent/Blackjack-v0",
        "qvl_agent.envs.cards:Blackjack",
        "Win a hand against the dealer.",
    ),
    WorldEntry(
        "ezpoints",
        "qvl_agent/EZPoints-v0",
        "qvl_agent.envs.cards:EZPoints",
        "Write a formula that makes 12 of two cards.",
    ),
    WorldEntry(
        "points24",
        "qvl_agent/Points24-v0",
        "qvl_agent.envs.cards:Points24",
        "Write a formula that makes 24 of four cards.",
    ),
    WorldEntry(
        "android",
        "qvl_agent/Android-v0",
        "qvl_agent.envs.android:AndroidEnv",
        "Do what is asked for on a phone: a simulated one, or a real one over adb.",
    ),
    WorldEntry(
        "desktop",
        "qvl_agent/Desktop-v0",
        "qvl_agent.envs.desktop:DesktopEnv",
        "Do what is asked for with mouse and keyboard: this screen, or a virtual one.",
    ),
    WorldEntry(
        "miniwob",
        "qvl_agent/MiniWoB-v0",
        "qvl_agent.envs.miniwob:MiniWoB",
        "Do a small task on a web page, in a real browser (MiniWoB++).",
    ),
    WorldEntry(
        "vln",
        "qvl_agent/Navigation-v0",
        "qvl_agent.envs.vln:NavigationEnv",
        "Follow an instruction through a building (R2R, REVERIE, or generated).",
    ),
    WorldEntry(
        "household",
        "qvl_agent/Household-v0",
        "qvl_agent.envs.household:Household",
        "Do chores with a robot in a simulated home (ALFRED's goals), or in AI2-THOR.",
    ),
    WorldEntry(
        "tools",
        "qvl_agent/Tools-v0",
        "qvl_agent.envs.tools:CodeWorld",
        "Answer a question by running code, or by calling functions of your own.",
    ),
)


def list_worlds() -> tuple[WorldEntry, ...]:
    """Return the bundled worlds, in the order in which they are listed."""
    return _WORLDS


def register_all() -> None:
    """Register every bundled world with gymnasium; doing so again changes nothing."""
    for world in _WORLDS:
        if world.id not in gymnasium.registry:
            gymnasium.register(world.id, entry_point=world.entry_point)


def make(name: str, **config: Any) -> World:
    """Return a new world, without gymnasium's wrappers.

    Args:
        name: A short name as in `list_worlds`, or any registered gymnasium id.
        **config: The world's own arguments.

    Raises:
        UsageError: If there is no such world; the message names the nearest.
    """
    register_all()
    world_id = {world.name: world.id for world in _WORLDS}.get(name, name)
    if world_id not in gymnasium.registry:
        raise UsageError(_unknown(name))
    env = gymnasium.make(world_id, disable_env_checker=True, **config).unwrapped
    if not isinstance(env, World):
        raise UsageError(f"{name!r} is a gymnasium environment but no World of qvl_agent")
    return env


def _unknown(name: str) -> str:
    known = [w.name for w in _WORLDS] + [w.id for w in _WORLDS]
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = (
        f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known[: len(_WORLDS)])}"
    )
    return f"there is no world {name!r}; {hint}"
