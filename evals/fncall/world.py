"""An item as a world of one step: see the picture, make the call.

### Action space
The item's tools, as calls.

### Observation
The item's picture.

### Success
Exact match; `metrics` has `type_match` and `exact_match`. The expert reads the record.
"""

from functools import cache
from typing import Any

from qvl_agent.actions.errors import ResetNeeded
from qvl_agent.actions.functions import Function, ToolCall
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Call
from qvl_agent.envs.base import Decision, Image, Observation, ObservationSpace, Outcome, World
from qvl_agent.evals.fncall.items import Item
from qvl_agent.evals.fncall.items import item as make_item
from qvl_agent.evals.fncall.scoring import CallScore, score_call
from qvl_agent.evals.fncall.tools import TOOLS

__all__ = ["FnCallWorld"]


@cache
def _function(name: str) -> Function:
    """Return a tool's function; checking a schema takes milliseconds, so each is checked once."""
    return Function.of_tool(TOOLS[name])


class FnCallWorld(World):
    """One item; see the module's head.

    Args:
        item: Which one; by default number `seed` of the set 0, given to `reset`.
    """

    metadata = {"render_modes": ["rgb_array"]}
    render_mode = "rgb_array"

    def __init__(self, item: Item | None = None) -> None:
        self._given = item
        self._show(item or make_item(0))
        self._picture: Image | None = None
        self._score: CallScore | None = None

    def _show(self, item: Item) -> None:
        self.item = item
        self.task = item.question
        self.action_space = ActionSpace("fncall", [_function(tool["name"]) for tool in item.tools])
        self.observation_space = ObservationSpace()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start the episode; without a fixed item the seed is the item's number."""
        super().reset(seed=seed)
        if self._given is None:
            number = int(self.np_random.integers(1 << 31)) if seed is None else seed
            self._show(make_item(number))
        self._score = None
        self._picture = self.item.picture()
        return Observation(self._picture.copy()), {"item": self.item.id}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Take the call; the episode ends.

        Raises:
            ResetNeeded: Before `reset` and after the call.
            ValueError: If the action is not a call of a tool.
        """
        if self._picture is None or self._score is not None:
            raise ResetNeeded("call reset: no episode is under way")
        if not isinstance(action, ToolCall):
            raise ValueError(f"{action!r} is not a call of a tool")
        self._score = score_call(self.item.gold, Call(action.function, dict(action.arguments)))
        reward = float(self._score.exact_match)
        observation = Observation(self._picture.copy())
        return observation, reward, True, False, {"wrong": self._score.wrong}

    def render(self) -> Image:
        """Return the picture."""
        if self._picture is None:
            raise ResetNeeded("call reset: no episode is under way")
        return self._picture.copy()

    def outcome(self) -> Outcome:
        """Return type match and exact match; no call is no match."""
        score = self._score or score_call(self.item.gold, None)
        return Outcome(
            success=score.exact_match,
            metrics={
                "type_match": float(score.type_match),
                "exact_match": float(score.exact_match),
            },
        )

    def expert(self) -> Decision:
        """Return the right call, from the record that the picture was drawn from."""
        if self._picture is None or self._score is not None:
            raise ResetNeeded("call reset: no episode is under way")
        gold = self.item.gold
        return Decision(
            f"The picture has what {gold.function} needs.",
            ToolCall(gold.function, dict(gold.args)),
        )
