"""What the four card games share: the life of an episode, the picture, the return.

This module knows no game's rules.
"""

import random
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, SupportsFloat

import gymnasium

from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Drawn, Image, Observation, ObservationSpace, Outcome, World
from qvl_agent.envs.cards.canvas import GREEN, SIDE, Item, drawn, paint

__all__ = ["CardGame", "Turn"]

Turn = tuple[float, bool, bool]
"""What a step comes to: reward, terminated, truncated."""


class CardGame(World):
    """A game on a 300x300 table. A subclass gives the rules and the layout of its picture.

    Args:
        space: Its action space.
        render_mode: "rgb_array" lets `render` return the picture; it is always observed.

    Attributes:
        ACTIONS: All actions; the index is the published action id.
        OPTIONS: The keys that `reset(options=...)` takes.
        PAPER: The background.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 2}  # type: ignore[misc]
    ACTIONS: tuple[Action, ...]
    OPTIONS: ClassVar[tuple[str, ...]] = ()
    PAPER: ClassVar[tuple[int, int, int]] = GREEN

    def __init__(
        self, space: ActionSpace, *, render_mode: Literal["rgb_array"] | None = None
    ) -> None:
        self.action_space = space
        self.observation_space = ObservationSpace(SIDE, SIDE)
        self.render_mode = render_mode
        self._legal = frozenset(self.ACTIONS)
        self._random = random.Random()
        self._return = 0.0
        self._phase: Literal["new", "running", "over"] = "new"

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; the same seed always gives the same one.

        Args:
            seed: Restarts the stream of deals; without it the stream goes on.
            options: A deal instead of a random one; the class says which.

        Raises:
            UsageError: If the options are not such a deal. The episode under way is not touched.
        """
        given = self._given_checked(options) if options else None
        super().reset(seed=seed)
        if seed is not None:
            self._reseed(seed)
        self._start(self._draw() if given is None else given)
        self._return = 0.0
        self._phase = "running"
        return self._observe(), self._info()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Play one action.

        Raises:
            ResetNeeded: Before the first `reset`, and after the end of an episode.
            gymnasium.error.InvalidAction: If it is not in the action space; nothing has changed.
        """
        self._need_episode()
        if not isinstance(action, Action) or action not in self._legal:
            raise gymnasium.error.InvalidAction(
                f"{action!r} is not in {self.action_space}; use one of "
                f"{', '.join(map(repr, self.ACTIONS))}"
            )
        reward, terminated, truncated = self._play(action)
        self._return += reward
        if terminated or truncated:
            self._phase = "over"
        return self._observe(), reward, terminated, truncated, self._info()

    def outcome(self) -> Outcome:
        """Return success by the published counter: the sum of rewards is above 0.

        Source: RL4VLM/RL4VLM VLM_PPO/main.py @b989b574.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        self._need_state()
        return Outcome(self._return > 0, self._metrics())

    def scene(self) -> list[Drawn]:
        """Return every word that can be read off the current picture, with its box in pixels.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        self._need_state()
        return drawn(self._layout())

    def render(self) -> Image | None:
        """Return the current picture, or None where the world was made without a render mode.

        Raises:
            ResetNeeded: Before the first `reset`.
        """
        self._need_state()
        return paint(self._layout(), self.PAPER) if self.render_mode == "rgb_array" else None

    def _given_checked(self, options: Mapping[str, Any]) -> Any:
        unknown = [key for key in options if key not in self.OPTIONS]
        if unknown:
            raise UsageError(
                f"{type(self).__name__} has no option {unknown[0]!r}; "
                f"its options are {', '.join(self.OPTIONS)}"
            )
        return self._given(options)

    def _need_state(self) -> None:
        if self._phase == "new":
            raise ResetNeeded("there is no episode yet; call reset() first")

    def _need_episode(self) -> None:
        self._need_state()
        if self._phase == "over":
            raise ResetNeeded("the episode is over; call reset() first")

    def _observe(self) -> Observation:
        return Observation(paint(self._layout(), self.PAPER), self._text())

    def _text(self) -> str:
        """Return the words that come with the picture."""
        return ""

    def _metrics(self) -> Mapping[str, float]:
        """Return further readings of the outcome."""
        return {}

    def _reseed(self, seed: int) -> None:
        """Restart the stream of deals, in the three games that draw from Python's `random`."""
        self._random = random.Random(seed)
        self._draw()  # the published constructor deals once, before the first reset

    @abstractmethod
    def _given(self, options: Mapping[str, Any]) -> Any:
        """Return the deal that the options ask for; raise `UsageError` where there is none."""

    @abstractmethod
    def _draw(self) -> Any:
        """Return a random deal, drawn exactly as the published program does."""

    @abstractmethod
    def _start(self, deal: Any) -> None:
        """Set up the state."""

    @abstractmethod
    def _play(self, action: Action) -> Turn:
        """Change the state by one legal action."""

    @abstractmethod
    def _info(self) -> dict[str, Any]:
        """Return the published info, sharing nothing with the state."""

    @abstractmethod
    def _layout(self) -> list[Item]:
        """Return what lies where."""
