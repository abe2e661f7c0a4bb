"""An example of a legal call, for a policy whose last one could not be read.

Knows action spaces and no dialect, no world and no model.
"""

from collections.abc import Mapping
from typing import Any

from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import Function, Parameter
from qvl_agent.actions.types import Call

__all__ = ["example_call"]


def example_call(function: Function, frame: Frame) -> Call:
    """Return a call of a function with its required arguments, each the plainest of its kind.

    A point is the middle of the frame's grid, a choice its first, a text "...".
    """
    first_form = function.forms[0] if function.forms else None
    return Call(
        function.name,
        {
            p.name: _example(p, frame)
            for p in function.parameters
            if (p.required if first_form is None else p.name in first_form)
        },
    )


def _example(parameter: Parameter, frame: Frame) -> Any:
    if parameter.is_point:
        middle = (frame.width / 2, frame.height / 2)
        return [int(value) for value in middle] if frame.integer else list(middle)
    return _plainest(parameter.schema)


def _plainest(schema: Mapping[str, Any]) -> Any:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    match schema.get("type"):
        case "string":
            return "..."
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case "array":
            return [_plainest(schema.get("items", {"type": "string"}))]
        case "object":
            properties = schema.get("properties", {})
            return {name: _plainest(properties[name]) for name in schema.get("required", ())}
        case _:
            return None
