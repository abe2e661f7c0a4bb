"""Reads a point in the forms that models write it, as `[x, y]` on a frame's grid.

A list or tuple, a string that holds one, an object of x and y, box tokens, a point tag, a box
(its centre is meant), fractions of the screen. A point that lies outside the grid is refused and
never clamped: it is the sign of a wrong frame (absolute pixels, most often).

Source: Qwen2-VL paper, 2.2.1 and figure 30 (tuple, string with a tuple, box tokens); UI-TARS#183,
UI-TARS-desktop#161 and #234 (boxes and tags where a point is asked).
"""

import re
from typing import TypeAlias

from qvl_agent.actions.dialects.relaxed import DECIMAL, Number, Value
from qvl_agent.actions.errors import ParseErrorKind
from qvl_agent.actions.frames import Frame

__all__ = ["NotAPoint", "read_point"]

_Coordinate: TypeAlias = int | float

_LONGEST = 200
"""No string longer than this holds a point; it also bounds the work of the patterns below."""

_FULLWIDTH = str.maketrans("（），［］：０１２３４５６７８９．－", "(),[]:0123456789.-")
_BETWEEN = r"(?:\s*[,;]\s*|\s+)"
_PAIR = re.compile(
    rf"\s*(?P<open>[(\[]?)\s*(?P<label>[xX]\s*[=:]\s*)?(?P<x>{DECIMAL})"
    rf"{_BETWEEN}(?(label)[yY]\s*[=:]\s*)(?P<y>{DECIMAL})"
    r"\s*(?P<close>[)\]]?)\s*"
)
_FOUR = re.compile(
    rf"\s*[(\[]?\s*({DECIMAL}){_BETWEEN}({DECIMAL}){_BETWEEN}({DECIMAL}){_BETWEEN}({DECIMAL})"
    r"\s*[)\]]?\s*"
)
_BOX_TOKENS = re.compile(
    r"\s*(?:<\|object_ref_start\|>.*?<\|object_ref_end\|>)?\s*"
    r"(?:<\|box_start\|>|<box>)(?P<inner>.*?)(?:<\|box_end\|>|</box>|\Z)\s*",
    re.DOTALL,
)
_POINT_TAG = re.compile(r"\s*<(?P<tag>point|bbox)>(?P<inner>.*?)(?:</(?P=tag)>|\Z)\s*", re.DOTALL)
_BRACKETED = {("(", ")"), ("[", "]"), ("", "")}


class NotAPoint(Exception):
    """A value is no point on the grid."""

    def __init__(self, kind: ParseErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ParseErrorKind = kind


def read_point(value: Value, frame: Frame, flags: set[str]) -> list[_Coordinate]:
    """Return `[x, y]` on the frame's grid, whole numbers as whole numbers.

    Args:
        value: As it was read.
        frame: The grid that the policy writes on.
        flags: Gets what was repaired.

    Raises:
        NotAPoint: `bad_type` if it has another form, `bad_value` if it can be read in two ways,
            `out_of_range` if it lies outside the grid.
    """
    repairs: set[str] = set()
    corners = _corners(value, repairs)
    if corners is None:
        raise NotAPoint("bad_type", "is no point: two numbers are expected")
    if not all(number.is_finite for corner in corners for number in corner):
        raise NotAPoint("bad_type", "is no point: two finite numbers are expected")
    numbers = _rescaled([number.value for corner in corners for number in corner], frame, repairs)
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        if not frame.holds(x, y):
            raise NotAPoint("out_of_range", "lies outside the grid, which is not the screen's size")
    if len(numbers) == 4:
        left, top, right, bottom = numbers
        repairs = repairs - {"box_tokens", "point_tag"} | {"box_to_point"}
        numbers = [_halved(left + right), _halved(top + bottom)]
    flags |= repairs
    return numbers


def _halved(total: _Coordinate) -> _Coordinate:
    return total // 2 if total % 2 == 0 else total / 2


def _rescaled(numbers: list[_Coordinate], frame: Frame, repairs: set[str]) -> list[_Coordinate]:
    """Return x, y, ... on the grid, where they may be fractions of its width and height."""
    strict = [0 < number < 1 for number in numbers]
    if not any(strict) or min(frame.width, frame.height) <= 1:
        return numbers
    if all(strict):
        repairs.add("rescaled")
        sizes = (frame.width, frame.height) * (len(numbers) // 2)
        # Nine decimals drop the noise of the product and keep every pixel.
        return [round(number * size, 9) for number, size in zip(numbers, sizes, strict=True)]
    if all(0 <= number <= 1 for number in numbers):
        raise NotAPoint("bad_value", "may be a fraction of the screen or a place on the grid")
    return numbers


_Corners: TypeAlias = list[tuple[Number, Number]]


def _corners(value: Value, flags: set[str]) -> _Corners | None:
    """Return one pair for a point, two for a box, None for anything else."""
    match value:
        case str():
            return _of_text(value, flags)
        case dict():
            return _of_object(value, flags)
        case [list() | dict() | str() as only]:
            flags.add("nested")
            return None if _is_nested(only) else _corners(only, flags)
        case [list() as first, list() as second]:
            ends = [_pair(first, flags), _pair(second, flags)]
            return [end for end in ends if end] if all(ends) else None
        case [_, _]:
            pair = _pair(value, flags)
            return [pair] if pair else None
        case [_, _, _, _]:
            ends = [_pair(value[:2], flags), _pair(value[2:], flags)]
            return [end for end in ends if end] if all(ends) else None
        case _:
            return None


def _is_nested(value: Value) -> bool:
    return isinstance(value, list) and len(value) == 1


def _pair(values: list[Value], flags: set[str]) -> tuple[Number, Number] | None:
    numbers = [_coordinate(value, flags) for value in values]
    match numbers:
        case [Number() as x, Number() as y]:
            return x, y
        case _:
            return None


def _coordinate(value: Value, flags: set[str]) -> Number | None:
    if isinstance(value, Number):
        return value
    if isinstance(value, str) and len(value) < _LONGEST:
        text = value.strip()
        if re.fullmatch(DECIMAL, text):
            flags.add("coerced")
            return Number(text)
    return None


def _of_object(value: dict[str, Value], flags: set[str]) -> _Corners | None:
    lowered = {key.lower(): item for key, item in value.items()}
    if len(value) != 2 or set(lowered) != {"x", "y"}:
        return None
    flags.add("xy_object")
    pair = _pair([lowered["x"], lowered["y"]], flags)
    return [pair] if pair else None


def _of_text(value: str, flags: set[str]) -> _Corners | None:
    if len(value) > _LONGEST:
        return None
    text = value.translate(_FULLWIDTH)
    if text != value:
        flags.add("fullwidth")
    for pattern, flag in ((_BOX_TOKENS, "box_tokens"), (_POINT_TAG, "point_tag")):
        if tagged := pattern.fullmatch(text):
            text = tagged["inner"]
            flags.add(flag)
            break
    if four := _FOUR.fullmatch(text):
        left, top, right, bottom = (Number(number) for number in four.groups())
        return [(left, top), (right, bottom)]
    if text.strip().startswith("[[") and text.strip().endswith("]]"):
        text = text.strip()[1:-1]
    first = _PAIR.match(text)
    if first is None:
        return None
    if first.end() == len(text):
        return [_of_match(first, flags)]
    second = _PAIR.fullmatch(text, first.end() + (text[first.end()] == ","))
    return [_of_match(m, flags) for m in (first, second)] if second else None


def _of_match(match: re.Match[str], flags: set[str]) -> tuple[Number, Number]:
    if (match["open"], match["close"]) not in _BRACKETED:
        flags.add("missing_paren")
    if match["label"]:
        flags.add("xy_object")
    return Number(match["x"]), Number(match["y"])
