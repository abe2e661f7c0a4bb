"""What an action is: a typed, frozen value. Knows no world, no model and no pixels."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["JSON", "Action", "Call", "Point"]

JSON: TypeAlias = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the picture, normalised: x right and y down, each in [0, 1].

    Pixels exist only inside an environment, a model's own grid only in `Frame`.

    Raises:
        ValueError: If a coordinate is not a finite number in [0, 1].
    """

    x: float
    y: float

    def __post_init__(self) -> None:
        for name, value in (("x", self.x), ("y", self.y)):
            if not (math.isfinite(value) and 0.0 <= value <= 1.0):
                raise ValueError(f"{name} of a point must be in [0, 1], got {value!r}")


class Action:
    """Base of all actions. A subclass is a frozen, slotted dataclass.

    Its docstring's first line is what a policy is told about it; a field annotated with
    `Annotated[T, "..."]` is a parameter, and the string is what a policy is told about that.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function call as a policy wrote it, after repair: plain JSON, points on the policy's grid.

    Attributes:
        function: The name from the action space (never an unknown one).
        args: JSON values; a point is `[x, y]` on the frame's grid.
    """

    function: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return `{"function": ..., "args": {...}}`."""
        return {"function": self.function, "args": dict(self.args)}
