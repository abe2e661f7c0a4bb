"""Android in the Wild: when two actions count as the same.

The rule compares gestures by where they go and every other action by its number alone: typed
text is never compared, and "complete" is not "impossible". Numbers are float32 as in the
published JAX program, so decimals at a threshold fall as they do there: taps 0.14 apart match,
and a finger that moves from 0.50 to 0.54 drags while one that moves from 0 to 0.04 taps.

Source: google-research/android_in_the_wild/action_matching.py, `check_actions_match`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qvl_agent.actions.errors import DataError

__all__ = ["DUAL_POINT", "GestureAction", "actions_match", "mean_over_datasets"]

DUAL_POINT = 4
"""The number of a gesture, tap or drag; the others are in `evals.aitz.gold`."""

_TAP_DISTANCE = np.float32(0.14)
_SWIPE_DISTANCE = np.float32(0.04)
_BOX_AUGMENT = np.float32(1.4)
"""How much is added to a box, as a share of its size: the result is 2.4 times as large."""


@dataclass(frozen=True, slots=True)
class GestureAction:
    """An action in AITW's encoding.

    Attributes:
        type: 4 for a gesture, other numbers for typing, buttons and the end.
        touch_yx: Where the finger goes down, (y, x) in [0, 1]; (-1, -1) when not a gesture.
        lift_yx: Where it is lifted.
    """

    type: int
    touch_yx: tuple[float, float]
    lift_yx: tuple[float, float]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return the action of `{"type", "touch_yx", "lift_yx"}` or of a dataset's step.

        Raises:
            DataError: If a field is missing or is not what it should be.
        """
        prefix = "" if "type" in record else "result_"
        try:
            kind = record["type" if not prefix else "result_action_type"]
            touch, lift = (record[f"{prefix}{name}_yx"] for name in ("touch", "lift"))
            touch, lift = (json.loads(p) if isinstance(p, str) else p for p in (touch, lift))
            (touch_y, touch_x), (lift_y, lift_x) = touch, lift
            return cls(int(kind), (float(touch_y), float(touch_x)), (float(lift_y), float(lift_x)))
        except (KeyError, TypeError, ValueError) as exc:
            raise DataError(
                "an AITW action needs type, touch_yx and lift_yx (pairs of numbers), "
                f"got {str(record)[:200]}: {exc!r}"
            ) from exc


def actions_match(
    a: GestureAction | Mapping[str, Any],
    b: GestureAction | Mapping[str, Any],
    boxes: ArrayLike,
) -> bool:
    """Return whether two actions on one screen count as the same.

    Two taps match when both lie in one enlarged box or at most 0.14 apart, two drags when they
    have the same main axis: up matches down.

    Args:
        a: One action, or its record.
        b: The other; the order makes no difference.
        boxes: float (n, 4), (y, x, height, width) of the screen's elements in [0, 1].

    Raises:
        ValueError: If `boxes` is empty or not (n, 4). The published program fails on an empty
            array; pass `[[0, 0, 0, 0]]` for a screen without elements.
        DataError: If a record is not one of an action.
    """
    elements = np.asarray(boxes, dtype=np.float32)
    if elements.ndim != 2 or elements.shape[0] == 0 or elements.shape[1] != 4:
        raise ValueError(
            f"boxes must have the shape (n, 4) with n >= 1, got {elements.shape}; "
            "pass [[0, 0, 0, 0]] for a screen without elements"
        )
    first, second = (
        x if isinstance(x, GestureAction) else GestureAction.from_json(x) for x in (a, b)
    )
    if first.type != DUAL_POINT or second.type != DUAL_POINT:
        return first.type == second.type
    touch_a, lift_a, touch_b, lift_b = np.asarray(
        [first.touch_yx, first.lift_yx, second.touch_yx, second.lift_yx], dtype=np.float32
    )
    is_tap = _distance(touch_a, lift_a) <= _SWIPE_DISTANCE
    if is_tap != (_distance(touch_b, lift_b) <= _SWIPE_DISTANCE):
        return False
    if is_tap:
        return _same_box(touch_a, touch_b, elements) or bool(
            _distance(touch_a, touch_b) <= _TAP_DISTANCE
        )
    return _main_axis(lift_a - touch_a) == _main_axis(lift_b - touch_b)


def mean_over_datasets(matches: Mapping[str, Sequence[bool]]) -> float:
    """Return the published score: action matching per dataset, then the mean over datasets.

    Raises:
        ValueError: If there is no dataset, or an empty one.
    """
    if not matches or not all(matches.values()):
        raise ValueError("every dataset needs at least one compared step")
    return float(np.mean([np.mean(list(values)) for values in matches.values()]))


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> np.float32:
    dy, dx = a - b
    return np.float32(np.sqrt(dy * dy + dx * dx))


def _main_axis(delta: NDArray[np.float32]) -> int:
    """Return 0 for vertical (a tie included), 1 for horizontal."""
    return int(np.argmax(np.abs(delta)))


def _same_box(a: NDArray[np.float32], b: NDArray[np.float32], boxes: NDArray[np.float32]) -> bool:
    """Return whether one enlarged box holds both points, edges included.

    A box that is clamped at the top or left keeps its full size, so it reaches further down or
    to the right: so does the published program.
    """
    grown = _BOX_AUGMENT * boxes[:, 2:]
    top_left = np.maximum(np.float32(0), boxes[:, :2] - grown / np.float32(2))
    bottom_right = top_left + np.minimum(np.float32(1), boxes[:, 2:] + grown)
    inside = [np.all((p >= top_left) & (p <= bottom_right), axis=1) for p in (a, b)]
    return bool(np.any(inside[0] & inside[1]))
