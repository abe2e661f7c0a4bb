"""Worlds that show the wrong picture, to measure how much a policy needs the right one.

A policy that scores the same on them does not look. Knows worlds, and no suite.
"""

from typing import Any, cast

import gymnasium
import numpy as np

from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Observation, World

__all__ = ["Blank", "Shuffled"]

_Wrapper = gymnasium.Wrapper[Observation, Action, Observation, Action]


class Blank(_Wrapper):
    """Shows a grey picture of the same size; the words stay."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Reset the world and blank what it shows."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._blanked(observation), info

    def step(self, action: Action) -> tuple[Observation, Any, bool, bool, dict[str, Any]]:
        """Step the world and blank what it shows."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._blanked(observation), reward, terminated, truncated, info

    def _blanked(self, observation: Observation) -> Observation:
        return Observation(np.full_like(observation.image, 128), observation.text)


class Shuffled(_Wrapper):
    """Shows the picture with which another episode begins; the words stay.

    Args:
        env: The world that is played.
        other: Another world of its kind, whose pictures are shown. Its episodes are drawn until
            its expert reads something else off the picture than the played world's does.
    """

    def __init__(self, env: World, other: World) -> None:
        super().__init__(env)
        self._other = other
        self._shown: Observation | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Reset the world, and draw the episode whose picture is shown instead."""
        observation, info = self.env.reset(seed=seed, options=options)
        truth = _reading(cast(World, self.env.unwrapped))
        self._shown, _ = self._other.reset(seed=None if seed is None else seed ^ 0x5EED)
        while _reading(self._other) == truth:
            self._shown, _ = self._other.reset()
        return self._swapped(observation), info

    def step(self, action: Action) -> tuple[Observation, Any, bool, bool, dict[str, Any]]:
        """Step the world; the other one's picture stays."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._swapped(observation), reward, terminated, truncated, info

    def _swapped(self, observation: Observation) -> Observation:
        assert self._shown is not None
        return Observation(self._shown.image, observation.text)

    def close(self) -> None:
        """Close both worlds."""
        self._other.close()
        super().close()


def _reading(world: World) -> list[str]:
    """Return the words of the expert's thought, whatever their order: 7 + 5 is 5 + 7."""
    return sorted(world.expert().thought.split())
