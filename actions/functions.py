"""A function that a policy may call: its name, its typed parameters, and the action it stands for.

Read off an action's dataclass, or given as a user's tool schema. It knows nothing of the space that
it is one of, and of how a call is written.
"""

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin, get_type_hints

import jsonschema

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.types import Action, Point

__all__ = ["POINT", "Function", "Parameter", "ToolCall"]

POINT: Mapping[str, Any] = {"format": "point"}
"""The schema of a point parameter; `Function.json_schema` puts the frame's grid in its place."""

_SCALARS: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class ToolCall(Action):
    """A call of a user's function that has no action class of its own."""

    function: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        name: As written in a call.
        description: What the policy is told.
        schema: JSON Schema of the value; `POINT` for a point.
        required: Whether a call without it is an error.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    required: bool = True

    @property
    def is_point(self) -> bool:
        """Whether the value is a place on the picture."""
        return self.schema.get("format") == "point"


@dataclass(frozen=True)
class Function:
    """One function of an action space.

    Attributes:
        name: As written in a call.
        description: What the policy is told.
        parameters: In the order in which they are written.
        build: Makes the action from arguments (points as `Point`).
        forms: When not empty, exactly one of these sets of parameters has to be given.
        aliases: Further names; the first one that a user of the space sees is `name`.
        exact: Whether a call has to spell the name to the letter. For what cannot be taken back,
            such as the end of an episode: no repair of a misspelt text may lead there.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    build: Callable[[Mapping[str, Any]], Action]
    forms: tuple[tuple[str, ...], ...] = ()
    aliases: tuple[str, ...] = ()
    exact: bool = False

    @staticmethod
    def of(
        action: type[Action],
        *,
        name: str | None = None,
        forms: tuple[tuple[str, ...], ...] = (),
        aliases: tuple[str, ...] = (),
        exact: bool = False,
    ) -> "Function":
        """Return the function that makes actions of one class, read off its annotations."""
        # Classes are hashable, which mypy does not see.
        return _read_off(action, name, forms, aliases, exact)  # type: ignore[arg-type]

    @classmethod
    def of_tool(cls, tool: Mapping[str, Any]) -> Self:
        """Return the function of an OpenAI-style tool schema; its action is a `ToolCall`.

        Args:
            tool: `{"type": "function", "function": {"name", "description", "parameters"}}` or the
                inner object alone; `parameters` is a JSON Schema of an object.

        Raises:
            UsageError: If it has no name or its parameters are not a valid JSON Schema.
        """
        inner = tool.get("function", tool)
        name = inner.get("name")
        if not isinstance(name, str) or not name:
            raise UsageError(f"a tool needs a name, got {json.dumps(inner, default=str)[:200]}")
        schema = inner.get("parameters") or {"type": "object", "properties": {}}
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as exc:
            raise UsageError(
                f"the parameters of tool {name!r} are not a valid JSON Schema: {exc.message}"
            ) from exc
        if not isinstance(schema, Mapping) or schema.get("type", "object") != "object":
            raise UsageError(f"the parameters of tool {name!r} must be a schema of an object")
        required = schema.get("required", [])
        return cls(
            name=name,
            description=inner.get("description", ""),
            parameters=tuple(
                Parameter(key, value.get("description", ""), value, key in required)
                for key, value in schema.get("properties", {}).items()
            ),
            build=partial(_called, name),
        )

    def json_schema(self, frame: Frame = FRAME_1000) -> dict[str, Any]:
        """Return the JSON Schema of the arguments, points on the frame's grid."""
        number = {"type": "integer" if frame.integer else "number", "minimum": 0}
        point = {
            "type": "array",
            "prefixItems": [number | {"maximum": frame.width}, number | {"maximum": frame.height}],
            "minItems": 2,
            "maxItems": 2,
            "items": False,
        }
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {
                p.name: point if p.is_point else dict(p.schema) for p in self.parameters
            },
            "required": [p.name for p in self.parameters if p.required],
            "additionalProperties": False,
        }
        if self.forms:
            schema["oneOf"] = [
                {
                    "required": list(form),
                    "properties": {p.name: False for p in self.parameters if p.name not in form},
                }
                for form in self.forms
            ]
        return schema

    def describe(self, frame: Frame) -> str:
        """Return the function as the paper's system prompt writes it.

        Source: Qwen2-VL paper, 2.2.1 "Visual Agent". The parameter list is written as there:
        Python's `True`, and the grid's range in a point's description.
        """
        parameters = []
        for p in self.parameters:
            told = p.description
            if p.is_point:
                told += (
                    f", denoted by the coordinates (x, y) where x ranges from 0 to {frame.width:g}"
                    f" and y from 0 to {frame.height:g}"
                    if frame.width != frame.height
                    else ", denoted by the coordinates (x, y) where x and y range from 0 to "
                    f"{frame.width:g}"
                )
            choices = p.schema.get("enum")
            if choices:
                told += f", one of {', '.join(map(str, choices))}"
            parameters.append(
                f'{{"name": {json.dumps(p.name)}, "description": '
                f'{json.dumps(told + ".", ensure_ascii=False)}, "required": {p.required}}}'
            )
        return (
            f"### {self.name}\n{self.name}: {self.description} "
            f"Parameters: [{', '.join(parameters)}]"
        )


# Builders are named functions, so that a space can cross over to the process a world lives in.
def _built(action: type[Action], arguments: Mapping[str, Any]) -> Action:
    """Return an action of a class."""
    return action(**{key: _frozen(value) for key, value in arguments.items()})


def _called(name: str, arguments: Mapping[str, Any]) -> Action:
    """Return the action of a user's function."""
    return ToolCall(name, dict(arguments))


def _frozen(value: Any) -> Any:
    """Return an argument as an action holds it: a JSON array is a tuple there."""
    return tuple(value) if isinstance(value, list) else value


@cache
def _read_off(
    action: type[Action],
    name: str | None,
    forms: tuple[tuple[str, ...], ...],
    aliases: tuple[str, ...],
    exact: bool,
) -> Function:
    """Return the function of an action class, read once: each world of a kind asks for it."""
    hints = get_type_hints(action, include_extras=True)
    fields = dataclasses.fields(action)  # type: ignore[arg-type]
    return Function(
        name=name or action.__name__,
        description=(inspect.getdoc(action) or "").split("\n\n")[0].replace("\n", " "),
        parameters=tuple(_parameter(field, hints[field.name]) for field in fields),
        build=partial(_built, action),
        forms=forms,
        aliases=aliases,
        exact=exact,
    )


def _parameter(field: "dataclasses.Field[Any]", hint: Any) -> Parameter:
    """Return the parameter of a dataclass field annotated `Annotated[T, "description"]`."""
    description = ""
    schema: dict[str, Any] = {}
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        description = next((e for e in extras if isinstance(e, str)), "")
        schema = next((dict(e) for e in extras if isinstance(e, Mapping)), {})
    if get_origin(hint) in (Union, UnionType):
        hint = next(t for t in get_args(hint) if t is not NoneType)
    if hint is Point:
        schema |= POINT
    elif get_origin(hint) is Literal:
        schema |= {"type": "string", "enum": list(get_args(hint))}
    elif hint in _SCALARS:
        schema |= {"type": _SCALARS[hint]}
    elif hint == tuple[str, ...]:
        schema = {"type": "array", "items": {"type": "string"}} | schema
    else:
        raise TypeError(f"a parameter cannot be of type {hint!r} (field {field.name!r})")
    has_default = field.default is not dataclasses.MISSING
    return Parameter(field.name, description, schema, required=not has_default)
