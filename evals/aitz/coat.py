"""The scorer of the dataset's authors: clicks are boxes, types are words in a description.

The released program leaves the reference place of a click at (0, 0): it fills it in for scrolls,
where nothing reads it. As released, only boxes over the screen's corner are right. The mended
rule has that one word changed; nothing else differs.

A prediction that makes the program fail (a box of two numbers, a button after a space instead of
an underscore) counts as no match.

Source: IMNearth/CoAT coat/{evaluate,screen_utils}.py@9ab1a9f.
"""

from typing import Any, TypeAlias

from qvl_agent.evals.aitz.gold import Gold
from qvl_agent.evals.aitz.marks import resolve_mark
from qvl_agent.evals.aitz.notations import CoatCall, Gesture, Prediction, read_prediction
from qvl_agent.evals.aitz.score import StepScore
from qvl_agent.evals.edit_distance import indel_ratio

__all__ = ["action_type", "score_coat"]

_TYPES = ("click", "scroll", "type", "press", "stop")
_GROWTH = 1.2
_MIN_IOU = 0.5
_MIN_RATIO = 0.8
_POINT_REACH = 40.0
"""Half the side, on the 0..1000 grid, of the box that stands for a point outside all elements:
the distance up to which AITW takes two touches for one tap."""

_Bounds: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels."""


class _Unreadable(Exception):
    """The prediction is one on which the published program fails."""


def score_coat(
    gold: Gold,
    prediction: Prediction,
    image_size: tuple[int, int],
    *,
    as_released: bool = False,
) -> StepScore:
    """Return what a predicted step is worth under the authors' rule.

    Args:
        gold: The reference action.
        prediction: Any notation. A predicted point stands for the smallest element that holds it,
            and where none does for a square of 0.08 of the screen: the rule itself knows boxes
            only.
        image_size: (width, height) of the stored screenshot in pixels.
        as_released: Whether the reference place of a click is (0, 0), as in the released file.
    """
    words = gold.description.split(" ")
    gold_type = action_type(words[0]) or "none"
    read = read_prediction(prediction)
    match read:
        case Gesture():
            call = _as_call(read, gold, image_size)
        case CoatCall():
            call = resolve_mark(read, gold.boxes, image_size)
        case None:
            call = None
    predicted_type = action_type(call.action) if call is not None else None
    if call is None or predicted_type is None:
        return StepScore.of(gold_type, None)
    try:
        box = _predicted_box(call.args.get("bbox"), image_size)
        button = _button(call.action) if predicted_type == "press" else None
        if predicted_type != gold_type:
            return StepScore.of(gold_type, predicted_type)
        match gold_type:
            case "click":
                place = (0, 0) if as_released else _pixel(gold, image_size)
                exact = box is not None and _same_element(box, place, gold)
                return StepScore.of(gold_type, predicted_type, exact=exact)
            case "scroll":
                direction = words[1].strip() if len(words) > 1 else ""
                exact = call.args.get("direction") == direction
                return StepScore.of(gold_type, predicted_type, exact=exact)
            case "type":
                return _typed(gold.text, call.args.get("text", ""))
            case "press":
                return StepScore.of(gold_type, predicted_type, exact=button == _gold_button(gold))
            case _:
                return StepScore.of(gold_type, predicted_type, exact=True)
    except _Unreadable:
        return StepScore.of(gold_type, None)


def action_type(word: str | None) -> str | None:
    """Return the coarse type that an API word names: the first of five that is part of it.

    So "CLICK_ELEMENT" and "type_text" are known, "tap" and "swipe" are not.
    """
    if not word:
        return None
    word = word.lower()
    if word == "input":
        return "type"
    return next((kind for kind in _TYPES if kind in word), None)


def _as_call(gesture: Gesture, gold: Gold, image_size: tuple[int, int]) -> CoatCall | None:
    """Return a prediction by points as the call that this rule reads."""
    match gesture.kind:
        case "click":
            box = _element_at(gesture.point, gold, image_size) if gesture.point else None
            return CoatCall("click", {} if box is None else {"bbox": box})
        case "scroll":
            return CoatCall("scroll", {"direction": _direction(gesture)})
        case "type":
            return CoatCall("input", {"text": gesture.text})
        case "press":
            return CoatCall(f"press_{gesture.button.lower()}", {})
        case "stop":
            return CoatCall("stop", {})
        case "long_press" | "wait":
            return None


def _direction(gesture: Gesture) -> str | None:
    """Return a scroll's direction by the dataset's own rule: vertical from 0.9 of the width on."""
    if gesture.point is None or not isinstance(gesture.to, tuple):
        return gesture.to if isinstance(gesture.to, str) else None
    dx, dy = gesture.to[0] - gesture.point[0], gesture.to[1] - gesture.point[1]
    if abs(dy) >= 0.9 * abs(dx):
        return "up" if dy < 0 else "down"
    return "left" if dx < 0 else "right"


def _element_at(point: tuple[float, float], gold: Gold, image_size: tuple[int, int]) -> list[float]:
    """Return the smallest element that holds a point, on the 0..1000 grid."""
    width, height = image_size
    x, y = point[0] / 1000 * width, point[1] / 1000 * height
    around = [
        (h * w, left, top, left + w, top + h)
        for top, left, h, w in gold.boxes
        if left <= x <= left + w and top <= y <= top + h
    ]
    if not around:
        reach = _POINT_REACH
        return [point[0] - reach, point[1] - reach, point[0] + reach, point[1] + reach]
    _, left, top, right, bottom = min(around)
    return [
        left / width * 1000,
        top / height * 1000,
        right / width * 1000,
        bottom / height * 1000,
    ]


def _predicted_box(bbox: Any, image_size: tuple[int, int]) -> _Bounds | None:
    """Return a box of the 0..1000 grid in whole pixels.

    Raises:
        _Unreadable: If it is not a list that starts with four numbers.
    """
    if bbox is None:
        return None
    width, height = image_size
    try:
        left, top, right, bottom = bbox[:4]
        return (
            round(left / 1000 * width),
            round(top / 1000 * height),
            round(right / 1000 * width),
            round(bottom / 1000 * height),
        )
    except (TypeError, ValueError, OverflowError, KeyError) as exc:
        raise _Unreadable from exc


def _button(word: str | None) -> str:
    parts = (word or "").split("_")
    if len(parts) < 2:
        raise _Unreadable
    return parts[1].lower()


def _gold_button(gold: Gold) -> str:
    return next((b for b in ("enter", "back", "home") if b in gold.description), "")


def _typed(gold: str, predicted: Any) -> StepScore:
    """Compare typed texts: case counts, and an empty prediction is part of every text."""
    if not isinstance(predicted, str):
        raise _Unreadable
    ratio = indel_ratio(predicted, gold)
    exact = predicted in gold or gold in predicted or ratio > _MIN_RATIO
    return StepScore.of("type", "type", exact=exact, text_dist=ratio)


def _pixel(gold: Gold, image_size: tuple[int, int]) -> tuple[int, int]:
    (y, x), (width, height) = gold.touch, image_size
    return int(x * width), int(y * height)


def _same_element(box: _Bounds, place: tuple[int, int], gold: Gold) -> bool:
    """Return whether the enlarged box holds the place, or overlaps an element that does."""
    predicted = _enlarged(*box)
    if _holds(predicted, place):
        return True
    for top, left, height, width in gold.boxes:
        element = _enlarged(left, top, left + width, top + height)
        if _holds(element, place) and _iou(predicted, element) > _MIN_IOU:
            return True
    return False


def _enlarged(left: float, top: float, right: float, bottom: float) -> _Bounds:
    x, y = (left + right) / 2, (top + bottom) / 2
    width, height = (right - left) * _GROWTH, (bottom - top) * _GROWTH
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _holds(box: _Bounds, place: tuple[int, int]) -> bool:
    left, top, right, bottom = box
    return left <= place[0] <= right and top <= place[1] <= bottom


def _iou(a: _Bounds, b: _Bounds) -> float:
    """Return intersection over union; areas are at least one pixel, as in the published code."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    common = width * height
    area_a = max((a[2] - a[0]) * (a[3] - a[1]), 1.0)
    area_b = max((b[2] - b[0]) * (b[3] - b[1]), 1.0)
    return common / (area_a + area_b - common)
