"""Set-of-marks predictions: a number on the screen instead of a place.

In the dataset authors' "tag" mode the screen's elements are numbered line by line, from left to
right, and a click names a number (`{"idx": 7}`). The order is theirs, quirks included: it decides
which element a number means, and number 0 is taken for no number.

Source: IMNearth/CoAT coat/{evaluate,screen_utils}.py@9ab1a9f, `row_col_sort`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cmp_to_key

from qvl_agent.evals.aitz.gold import Box
from qvl_agent.evals.aitz.notations import CoatCall

__all__ = ["numbered", "resolve_mark"]


def resolve_mark(call: CoatCall, boxes: Sequence[Box], image_size: tuple[int, int]) -> CoatCall:
    """Return a call with the box of the element it names by number, where it names one.

    Args:
        call: Any call.
        boxes: The screen's elements in pixels.
        image_size: (width, height) of the screen in pixels.
    """
    number = call.args.get("idx")
    if not call.by_marks or not number:
        return call
    try:
        index = int(number)
    except (TypeError, ValueError, OverflowError):
        return call
    if not 0 <= index < len(boxes):
        return call
    width, height = image_size
    top, left, h, w = numbered(boxes)[index]
    box = [left / width, top / height, (left + w) / width, (top + h) / height]
    return replace(call, args={**call.args, "bbox": [1000 * side for side in box]})


def numbered(boxes: Sequence[Box]) -> list[Box]:
    """Return elements in the order of their numbers."""
    if len(boxes) <= 1:
        return list(boxes)
    first, *others = sorted(boxes, key=cmp_to_key(_compare))
    lines = [[first]]
    for box in others:
        line = lines[-1]
        mean = sum(_middle(b) for b in line) / len(line)
        last = line[-1]
        if box[0] < mean < box[0] + box[2] and last[0] < _middle(box) < last[0] + last[2]:
            line.append(box)
        else:
            lines.append([box])
    return [box for line in lines for box in sorted(line, key=lambda b: b[1])]


def _middle(box: Box) -> float:
    return (box[0] + (box[0] + box[2])) * 0.5


def _compare(a: Box, b: Box) -> int:
    """Order by line, then from left to right; no order in the strict sense, as published."""
    if a[0] > b[0] and a[0] > (b[0] + (b[0] + b[2])) / 2:
        return 1
    if a[0] < b[0] and b[0] > (a[0] + (a[0] + a[2])) / 2:
        return -1
    return (a[1] > b[1]) - (a[1] < b[1])
