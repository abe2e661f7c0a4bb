"""NumberLine: move the current number to the target, one at a time."""

from collections.abc import Mapping
from typing import Any, Literal

from qvl_agent.actions.cards import Minus, Plus, numberline_space
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision
from qvl_agent.envs.cards.canvas import BLACK, WHITE, Item, Line
from qvl_agent.envs.cards.game import CardGame, Turn

__all__ = ["NumberLine"]


class NumberLine(CardGame):
    """Two numbers from 0 to `max_position`; each action moves the current one by one.

    A move toward the target is worth 0, reaching it +1 and the end, anything else -1, a move
    against the end of the line included. After `2 * max_position` moves the episode is truncated.

    `reset(options={"start": 0, "goal": 1})` gives the numbers.

    Source: RL4VLM/RL4VLM gym-cards @b989b574, NumberLine-v0.

    Args:
        max_position: The largest number.
        render_mode: See `CardGame`.

    Raises:
        UsageError: If `max_position` is below 2.
    """

    ACTIONS = (Minus(), Plus())
    OPTIONS = ("start", "goal")
    PAPER = WHITE
    task = "Move the current number to the target number."

    def __init__(
        self, max_position: int = 5, *, render_mode: Literal["rgb_array"] | None = None
    ) -> None:
        if max_position < 2:
            raise UsageError(f"max_position must be at least 2, got {max_position}")
        super().__init__(numberline_space(), render_mode=render_mode)
        self.max_position = max_position
        self._current = self._goal = self._steps = 0

    def expert(self) -> Decision:
        """Return the move toward the target."""
        self._need_episode()
        return Decision(
            f"Target {self._goal}. Current {self._current}.",
            Plus() if self._current < self._goal else Minus(),
        )

    def _draw(self) -> tuple[int, int]:
        start = self._random.randint(0, self.max_position)
        goal = self._random.randint(0, self.max_position)
        # The modulus is as published, one short of the line's length.
        return start, (goal + 1) % self.max_position if start == goal else goal

    def _given(self, options: Mapping[str, Any]) -> tuple[int, int]:
        start, goal = options.get("start"), options.get("goal")
        if not (self._is_position(start) and self._is_position(goal) and start != goal):
            raise UsageError(
                f"start and goal must be two different whole numbers from 0 to "
                f"{self.max_position}, got start={start!r}, goal={goal!r}"
            )
        return start, goal  # type: ignore[return-value]

    def _start(self, deal: tuple[int, int]) -> None:
        self._current, self._goal = deal
        self._steps = 0

    def _is_position(self, value: Any) -> bool:
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and 0 <= value <= self.max_position
        )

    def _play(self, action: Action) -> Turn:
        before = abs(self._goal - self._current)
        move = 1 if action == Plus() else -1
        self._current = min(self.max_position, max(0, self._current + move))
        self._steps += 1
        after = abs(self._goal - self._current)
        if after == 0:
            return 1.0, True, False
        return (-1.0 if after >= before else 0.0), False, self._steps >= 2 * self.max_position

    def _metrics(self) -> Mapping[str, float]:
        return {"goal_reached": float(self._current == self._goal)}

    def _info(self) -> dict[str, Any]:
        return {"Target": self._goal, "Current": self._current}

    def _layout(self) -> list[Item]:
        return [
            Line("Target: ", (str(self._goal),), 30, 60, 36, bold=True, ink=BLACK),
            Line("Current: ", (str(self._current),), 30, 180, 36, bold=True, ink=BLACK),
        ]
