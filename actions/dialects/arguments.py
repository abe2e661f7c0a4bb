"""Fits arguments, as they were read, to a function's parameters.

Tolerant in form (a key's case, x and y for a point, a number in quotes), strict in meaning: what
is missing is not invented, and what is out of range is not moved. It knows no markers.
"""

import re
from collections.abc import Mapping
from typing import Any

from qvl_agent.actions.dialects.points import NotAPoint, read_point
from qvl_agent.actions.dialects.relaxed import DECIMAL, Number, Value
from qvl_agent.actions.errors import ParseErrorKind
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.functions import Function, Parameter

__all__ = ["Misfit", "fit", "needs_arguments", "skeleton"]

_NUMBER = re.compile(rf"\s*{DECIMAL}\s*")


class Misfit(Exception):
    """Arguments do not fit a function; `ParseError` is made of this."""

    def __init__(self, kind: ParseErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ParseErrorKind = kind


def needs_arguments(function: Function) -> bool:
    """Return whether a call without arguments is an error."""
    return bool(function.forms) or any(p.required for p in function.parameters)


def skeleton(function: Function) -> str:
    """Return what a function's arguments look like, for a policy that got them wrong."""

    def one(parameters: list[Parameter]) -> str:
        return "{" + ", ".join(f'"{p.name}": {_placeholder(p)}' for p in parameters) + "}"

    if function.forms:
        forms = [[p for p in function.parameters if p.name in form] for form in function.forms]
        return " or ".join(one(form) for form in forms)
    return one(list(function.parameters))


def _placeholder(parameter: Parameter) -> str:
    if parameter.is_point:
        return "[x, y]"
    choices = parameter.schema.get("enum")
    if choices and all(isinstance(choice, str) for choice in choices):
        return '"' + "|".join(choices) + '"'
    kind = parameter.schema.get("type")
    return {"string": '"..."', "array": "[...]", "object": "{...}", "boolean": "true"}.get(
        kind if isinstance(kind, str) else "", "0"
    )


def fit(
    function: Function, arguments: Mapping[str, Value], frame: Frame, flags: set[str]
) -> dict[str, Any]:
    """Return plain JSON arguments for a function, points on the frame's grid.

    The result still has to be validated against the function's schema.

    Args:
        function: What is called.
        arguments: As they were read.
        frame: The grid that the policy writes points on.
        flags: Gets what was repaired.

    Raises:
        Misfit: If an argument is missing, of another type, or a point outside the grid.
    """
    given = _keys(function, arguments, flags)
    fitted: dict[str, Any] = {}
    for parameter in function.parameters:
        if parameter.name in given:
            value = given[parameter.name]
            if value is not None or _takes_null(parameter):
                fitted[parameter.name] = _value(parameter, value, frame, flags)
        if parameter.required and parameter.name not in fitted:
            raise Misfit("missing_param", f"{parameter.name!r} is missing")
    return fitted


def _keys(function: Function, arguments: Mapping[str, Value], flags: set[str]) -> dict[str, Value]:
    """Return the arguments under their parameters' names."""
    lowered = {p.name.lower(): p.name for p in function.parameters}
    given: dict[str, Value] = {}
    unknown: dict[str, Value] = {}
    for key, value in arguments.items():
        name = key if key in lowered.values() else lowered.get(key.strip().lower())
        if name is None:
            unknown[key] = value
            continue
        if name in given:
            raise Misfit("bad_args", f"{name!r} stands twice")
        if name != key:
            flags.add("key_case")
        given[name] = value
    points = [p.name for p in function.parameters if p.is_point]
    if len(points) == 1 and points[0] not in given and {k.lower() for k in unknown} >= {"x", "y"}:
        flags.add("xy_object")
        given[points[0]] = {k: unknown.pop(k) for k in list(unknown) if k.lower() in ("x", "y")}
    if unknown:
        flags.add("unknown_key")
    return given


def _takes_null(parameter: Parameter) -> bool:
    kind = parameter.schema.get("type")
    return kind == "null" or (isinstance(kind, list) and "null" in kind)


def _value(parameter: Parameter, value: Value, frame: Frame, flags: set[str]) -> Any:
    if parameter.is_point:
        try:
            return read_point(value, frame, flags)
        except NotAPoint as exc:
            grid = f"x in 0..{frame.width:g} and y in 0..{frame.height:g}"
            raise Misfit(exc.kind, f"{parameter.name!r} {exc} ({grid})") from exc
    if "enum" in parameter.schema:
        return _choice(parameter, value, flags)
    return _scalar(parameter.name, parameter.schema, value, flags)


def _choice(parameter: Parameter, value: Value, flags: set[str]) -> Any:
    choices = parameter.schema["enum"]
    plain = value.text if isinstance(value, Number) else value
    if plain in choices and not isinstance(plain, bool):
        if isinstance(value, Number):
            flags.add("coerced")
        return plain
    if isinstance(value, Number) and value.value in choices:
        return value.value
    if not isinstance(value, str):
        raise Misfit("bad_type", f"{parameter.name!r} must be {_listed(choices)}")
    same = [c for c in choices if isinstance(c, str) and c.lower() == value.strip().lower()]
    if len(same) != 1:
        raise Misfit("bad_value", f"{parameter.name!r} must be {_listed(choices)}")
    flags.add("coerced")
    return same[0]


def _listed(choices: list[Any]) -> str:
    return "one of " + ", ".join(map(str, choices))


def _scalar(name: str, schema: Mapping[str, Any], value: Value, flags: set[str]) -> Any:
    """Return a value of a schema's type, a number out of quotes or into them where it is asked."""
    match schema.get("type"), value:
        case "string", Number() if value.is_finite:
            flags.add("coerced")
            return value.text
        case "number" | "integer", str() if _NUMBER.fullmatch(value[:64]) and len(value) < 64:
            flags.add("coerced")
            return _finite(name, Number(value.strip()))
        case "boolean", "true" | "false" | "True" | "False":
            flags.add("coerced")
            return value in ("true", "True")
        case "array", list():
            items = schema.get("items")
            return [
                _scalar(name, items if isinstance(items, Mapping) else {}, item, flags)
                for item in value
            ]
        case _:
            return _plain(name, value)


def _plain(name: str, value: Value) -> Any:
    match value:
        case Number():
            return _finite(name, value)
        case list():
            return [_plain(name, item) for item in value]
        case dict():
            return {key: _plain(name, item) for key, item in value.items()}
        case _:
            return value


def _finite(name: str, number: Number) -> int | float:
    if not number.is_finite:
        raise Misfit("bad_type", f"{name!r} must be a finite number")
    return number.value
