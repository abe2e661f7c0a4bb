"""An action drawn over the picture it was chosen for, as SVG; and what to call it in words.

Reads the "action" of a trace's record: points are normalised, so nothing here knows a grid. It
goes by what the arguments look like and not by the action's name, so new actions are drawn too.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from qvl_agent.agent.page.markup import Html, join, tag

__all__ = ["caption", "overlay"]

_XY = tuple[float, float]
_DIRECTIONS: Mapping[str, tuple[float, float]] = {
    "up": (0, -1),
    "down": (0, 1),
    "left": (-1, 0),
    "right": (1, 0),
}
_REACH = 0.22
"""Half the length of an arrow for a direction without points, as a share of the picture."""
_LONGEST = 60


def overlay(
    action: Mapping[str, Any],
    width: int,
    height: int,
    mask: Mapping[str, Any] | None = None,
) -> Html | None:
    """Return an SVG that lies exactly over a picture, or None when there is nothing to point at.

    Args:
        action: `{"type": ..., "arguments": {...}}` of a trace's record.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        mask: What was pointed at, as `{"size": [H, W], "runs": [[start, length], ...]}`: runs of
            ones over the mask, row after row.
    """
    arguments = action.get("arguments", {})
    points = {name: (x * width, y * height) for name, (x, y) in _points(arguments)}
    unit = min(width, height)
    marks = [_area(mask, width, height)] if _is_mask(mask) else []
    if "point" in points and "corner" in points:
        marks.append(_box(points.pop("point"), points.pop("corner"), unit))
    if "start" in points and "end" in points:
        marks.append(_arrow(points.pop("start"), points.pop("end"), unit))
    elif not points and (step := _DIRECTIONS.get(str(arguments.get("direction", "")))):
        dx, dy = step[0] * _REACH * width, step[1] * _REACH * height
        x, y = width / 2, height / 2
        marks.append(_arrow((x - dx, y - dy), (x + dx, y + dy), unit))
    marks += [_ring(point, unit) for point in points.values()]
    if not marks:
        return None
    return tag("svg", *marks, class_="marks", viewBox=f"0 0 {width} {height}", aria_hidden="true")


def caption(action: Mapping[str, Any]) -> str:
    """Return an action in a few words: its name and its arguments that are no points."""
    words = [
        f"“{_short(value)}”" if isinstance(value, str) else _short(value)
        for value in action.get("arguments", {}).values()
        if not _is_point(value)
    ]
    return " ".join([str(action.get("type", "?")), *words])


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and value.keys() == {"x", "y"}
        and all(isinstance(value[axis], int | float) for axis in "xy")
    )


def _points(value: Any, name: str = "") -> Iterator[tuple[str, _XY]]:
    """Yield every point in nested arguments, with the name nearest to it."""
    if _is_point(value):
        yield name, (value["x"], value["y"])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _points(item, str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _points(item, f"{name}[{number}]")


def _is_mask(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value of a trace can be drawn as a mask."""
    if not isinstance(value, Mapping) or not all(
        isinstance(value.get(key), list) for key in ("size", "runs")
    ):
        return False
    pairs = [value["size"], *value["runs"]]
    whole = all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) for n in pair)
        for pair in pairs
    )
    return whole and min(value["size"]) > 0


def _area(mask: Mapping[str, Any], width: int, height: int) -> Html:
    """Return a mask as one shape, a strip per run and row."""
    rows, columns = mask["size"]
    strips = []
    for start, length in mask["runs"]:
        while length > 0:
            row, column = divmod(start, columns)
            part = min(length, columns - column)
            strips.append(f"M{column} {row}h{part}v1h-{part}z")
            start, length = start + part, length - part
    scale = f"scale({width / columns:g} {height / rows:g})"
    return tag("path", class_="area", d="".join(strips), transform=scale)


def _box(corner: _XY, opposite: _XY, unit: float) -> Html:
    """Return a frame around a box that was pointed at."""
    (x0, x1), (y0, y1) = (sorted(pair) for pair in zip(corner, opposite, strict=True))
    shape: dict[str, float] = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
    return join(
        tag("rect", class_="halo", stroke_width=unit * 0.02, **shape),
        tag("rect", class_="ring", stroke_width=unit * 0.01, **shape),
    )


def _ring(point: _XY, unit: float) -> Html:
    """Return a ring around a point: a halo below, so that it shows on any picture."""
    x, y = point
    radius = unit * 0.045
    shape: dict[str, float] = {"cx": x, "cy": y}
    return join(
        tag("circle", class_="halo", r=radius, stroke_width=unit * 0.02, **shape),
        tag("circle", class_="ring", r=radius, stroke_width=unit * 0.01, **shape),
        tag("circle", class_="dot", r=unit * 0.011, **shape),
    )


def _arrow(start: _XY, end: _XY, unit: float) -> Html:
    """Return an arrow with a small circle where the finger goes down."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length, dy / length
    head = min(unit * 0.05, length / 2)
    base = (end[0] - ux * head, end[1] - uy * head)
    tip = " ".join(
        f"{x:.1f},{y:.1f}"
        for x, y in (
            end,
            (base[0] - uy * head * 0.6, base[1] + ux * head * 0.6),
            (base[0] + uy * head * 0.6, base[1] - ux * head * 0.6),
        )
    )
    line: dict[str, float] = {"x1": start[0], "y1": start[1], "x2": base[0], "y2": base[1]}
    origin: dict[str, float] = {"cx": start[0], "cy": start[1], "r": unit * 0.02}
    return join(
        tag("line", class_="halo", stroke_width=unit * 0.026, **line),
        tag("polygon", class_="halo", points=tip, stroke_width=unit * 0.016),
        tag("circle", class_="halo", stroke_width=unit * 0.02, **origin),
        tag("line", class_="ring", stroke_width=unit * 0.012, **line),
        tag("polygon", class_="dot", points=tip),
        tag("circle", class_="dot", **origin),
    )
