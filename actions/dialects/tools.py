"""Writes a function's parameters as the JSON Schema that a tool-calling model is told."""

from typing import Any

from qvl_agent.actions.frames import Frame
from qvl_agent.actions.functions import Function, Parameter

__all__ = ["parameters_schema"]


def parameters_schema(function: Function, frame: Frame) -> dict[str, Any]:
    """Return the schema of a function's arguments, for a prompt: points with their grid in words.

    It is shorter than `Function.json_schema`, which is for validation.
    """
    return {
        "type": "object",
        "properties": {p.name: _told(p, frame) for p in function.parameters},
        "required": [p.name for p in function.parameters if p.required],
    }


def _told(parameter: Parameter, frame: Frame) -> dict[str, Any]:
    if not parameter.is_point:
        return {"description": parameter.description, **parameter.schema}
    grid = f"[x, y] with x in 0..{frame.width:g} and y in 0..{frame.height:g}"
    return {
        "description": f"{parameter.description}, {grid}",
        "type": "array",
        "items": {"type": "integer" if frame.integer else "number"},
        "minItems": 2,
        "maxItems": 2,
    }
