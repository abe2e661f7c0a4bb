"""Walks that look at nothing: what a policy has to beat.

This module knows the world and its actions. It knows no pictures and no scores.
"""

import random

from qvl_agent.actions.navigation import GoTo, Select, Stop, Turn
from qvl_agent.actions.types import Action
from qvl_agent.envs.vln.env import NavigationEnv

__all__ = ["Stroll"]


class Stroll:
    """A random walk through one episode, then a stop and, in REVERIE, any object in sight.

    Args:
        world: To walk in.
        longest: Most moves; how many are made is drawn from 1 to this, and 0 stops at the start.
        seed: With the instruction's id it decides everything.
    """

    def __init__(self, world: NavigationEnv, longest: int, seed: int = 0) -> None:
        self._world = world
        self._longest = longest
        self._seed = seed
        self._left: int | None = None

    def __call__(self) -> Action:
        """Return what to do now."""
        world = self._world
        if self._left is None:
            self._rng = random.Random(f"{self._seed} {world.instr_id}")
            self._left = self._rng.randint(1, self._longest) if self._longest else 0
        if world.selectable:
            return Select(self._rng.choice(world.selectable))
        if not self._left:
            return Stop()
        if not world.candidates:  # at low level nothing may lie ahead
            return Turn("right") if "Turn" in world.action_space.names else Stop()
        self._left -= 1
        return GoTo(self._rng.randint(1, world.candidates))
