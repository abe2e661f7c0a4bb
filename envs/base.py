"""What every world is: a `gymnasium.Env` that shows pictures, takes actions and knows success.

This module knows no concrete world and no model.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import gymnasium
import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point

__all__ = [
    "Decision",
    "Drawn",
    "Image",
    "Observation",
    "ObservationSpace",
    "Outcome",
    "View",
    "World",
]

Image: TypeAlias = NDArray[np.uint8]
"""uint8 (H, W, 3), RGB, row 0 at the top."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A further labelled picture of a world that has several views.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        label: What it is called in the text, as in "Candidate 2".
    """

    image: Image
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What a policy gets to see.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        text: Words that come with the picture; empty where the picture says it all.
        views: Further labelled pictures, in the order in which they are shown.
    """

    image: Image
    text: str = ""
    views: tuple[View, ...] = ()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Observation)
            and self.text == other.text
            and np.array_equal(self.image, other.image)
            and [v.label for v in self.views] == [v.label for v in other.views]
            and all(
                np.array_equal(a.image, b.image)
                for a, b in zip(self.views, other.views, strict=True)
            )
        )

    __hash__ = None  # type: ignore[assignment]


class ObservationSpace(gymnasium.Space[Observation]):
    """All observations with a picture of one size, or of any size.

    Args:
        height: Pixels, or None for any.
        width: Pixels, or None for any.
        seed: Seed of `sample`.
    """

    def __init__(
        self, height: int | None = None, width: int | None = None, *, seed: int | None = None
    ) -> None:
        super().__init__(shape=None, dtype=None, seed=seed)
        self.height = height
        self.width = width

    def contains(self, x: Any) -> bool:
        """Return whether `x` is an observation whose picture has this space's size."""
        return (
            isinstance(x, Observation)
            and isinstance(x.image, np.ndarray)
            and x.image.dtype == np.uint8
            and x.image.ndim == 3
            and x.image.shape[0] == (self.height or x.image.shape[0]) > 0
            and x.image.shape[1] == (self.width or x.image.shape[1]) > 0
            and x.image.shape[2] == 3
        )

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> Observation:
        """Return an observation of noise."""
        size = (self.height or 64, self.width or 64, 3)
        return Observation(self.np_random.integers(0, 256, size, dtype=np.uint8))

    @property
    def is_np_flattenable(self) -> bool:
        """Always False: observations are records, not arrays."""
        return False

    def __repr__(self) -> str:
        return f"ObservationSpace(height={self.height}, width={self.width})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObservationSpace) and (self.height, self.width) == (
            other.height,
            other.width,
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A word that can be read off an observation's image, and where.

    Worlds that draw their pictures know it (`scene()`), and training can ask for it.

    Attributes:
        word: As it is written there; of an icon, its name.
        x: Left edge in pixels.
        y: Top edge in pixels.
        w: Width in pixels.
        h: Height in pixels.
    """

    word: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an episode stands, by the world's state and not by what the policy says.

    Attributes:
        success: The benchmark's own (strict) criterion.
        metrics: Further published readings by name, as `{"goal_reached": 1.0}`.
    """

    success: bool
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an expert would do.

    Attributes:
        thought: What it sees, and what follows from that.
        action: What it does.
        read_at: Where on the image the last word of what it sees is read, None where that is not
            one place.
    """

    thought: str
    action: Action
    read_at: Point | None = None


class World(gymnasium.Env[Observation, Action]):
    """A world an agent can act in.

    `reset(seed=..., options=...)` and `step(action)` are gymnasium's. The task goes in through
    `reset(options={"task": ...})` where a world takes tasks in words; otherwise `task` is what
    the world asks for.

    An action that the space holds and the world cannot carry out (no such app, nothing to pick up)
    is no exception: `step` goes on and says why in `info["error"]`, which the policy is told.
    Exceptions are for a world that broke (`EnvError`).

    Attributes:
        task: The instruction of the current episode, valid after `reset`.
    """

    action_space: ActionSpace
    observation_space: ObservationSpace
    task: str = ""

    @abstractmethod
    def outcome(self) -> Outcome:
        """Return how the episode stands, by the world's state."""

    def figure(self) -> Image | None:
        """Return a picture of the episode so far for people, as a map with the way that was taken.

        It is kept in traces and never shown to a policy. None where there is nothing to draw beyond
        what the observations show.
        """
        return None

    @abstractmethod
    def expert(self) -> Decision:
        """Return what an optimal player does now, from the world's state.

        Raises:
            ResetNeeded: If no episode is under way.
        """
