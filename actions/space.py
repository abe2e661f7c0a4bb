"""What can be done in a world: named functions with typed parameters, as a `gymnasium.Space`.

From one `ActionSpace` come the system prompt's "# Actions" part, the JSON Schema that a call is
validated against, the typed action that an environment receives and seeded random actions, so
prompt, parser and environment cannot disagree. It knows nothing of how a call is written
(`dialects`) and of what an action does (`envs`).
"""

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin, get_type_hints

import gymnasium
import jsonschema
import numpy as np

from qvl_agent.actions.errors import ParseError, ParseErrorKind, UsageError
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.types import Action, Call, Point

__all__ = ["POINT", "ActionSpace", "Detail", "Function", "Parameter", "ToolCall"]

Detail = Literal["full", "names"]
"""How much of the space a system prompt tells: the paper's form, or the functions' names only."""

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
        read = _read_off(action)  # type: ignore[arg-type]  # classes are hashable
        name = name or read.name
        return dataclasses.replace(read, name=name, forms=forms, aliases=aliases, exact=exact)

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


class ActionSpace(gymnasium.Space[Action]):
    """The functions a policy may call, with sampling and validation.

    Args:
        name: As listed by `qvl-agent list`.
        functions: In the order in which they are described.
        seed: Seed of `sample`.

    Attributes:
        packed: The same actions as one tool, where models were taught them so; see
            `Dialect.space_for`.

    Raises:
        ValueError: If two functions share a name or alias.
    """

    def __init__(
        self, name: str, functions: Iterable[Function], *, seed: int | None = None
    ) -> None:
        super().__init__(shape=None, dtype=None, seed=seed)
        self.name = name
        self.packed: ActionSpace | None = None
        self.functions = tuple(functions)
        self._by_name: dict[str, Function] = {}
        for function in self.functions:
            for key in (function.name, *function.aliases):
                if key in self._by_name:
                    raise ValueError(f"two functions of space {name!r} are called {key!r}")
                self._by_name[key] = function

    @classmethod
    def of_tools(cls, name: str, tools: Iterable[Mapping[str, Any]]) -> Self:
        """Return a space of user functions given as OpenAI-style tool schemas."""
        return cls(name, [Function.of_tool(tool) for tool in tools])

    @property
    def names(self) -> tuple[str, ...]:
        """Every name a call may use, aliases included."""
        return tuple(self._by_name)

    def function(self, name: str) -> Function:
        """Return the function of an exact name or alias.

        Raises:
            KeyError: If there is none.
        """
        return self._by_name[name]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy in another process needs: validators hold what cannot be pickled."""
        return {key: value for key, value in vars(self).items() if key != "_validators"}

    @cached_property
    def _validators(self) -> dict[tuple[str, Frame], jsonschema.Draft202012Validator]:
        return {}

    def _validator(self, name: str, frame: Frame) -> jsonschema.Draft202012Validator:
        key = (name, frame)
        if key not in self._validators:
            # A grid point may be written with decimals ([687.0, 792.5]) even on a whole-number
            # grid, so validation asks for numbers; the integer form is for prompts and grammars.
            lenient = dataclasses.replace(frame, integer=False)
            schema = self._by_name[name].json_schema(lenient)
            self._validators[key] = jsonschema.Draft202012Validator(schema)
        return self._validators[key]

    def validate(self, call: Call, frame: Frame = FRAME_1000) -> None:
        """Check a call's name and arguments against the function's JSON Schema.

        Raises:
            ParseError: Naming the kind, what was expected and what came.
        """
        if call.function not in self._by_name:
            raise ParseError(
                "unknown_function",
                f"there is no function {call.function!r}; use one of {', '.join(self.names)}",
            )
        errors = list(self._validator(call.function, frame).iter_errors(dict(call.args)))
        if errors:
            raise self._explain(call, errors[0])

    def _explain(self, call: Call, error: jsonschema.ValidationError) -> ParseError:
        where = ".".join(map(str, error.absolute_path)) or "arguments"
        function = self._by_name[call.function]
        kind: ParseErrorKind = "bad_value"
        message = f"{call.function}: {where}: {error.message}"
        top = error.absolute_path[0] if error.absolute_path else None
        is_point = any(p.name == top and p.is_point for p in function.parameters)
        match error.validator:
            case "required":
                kind = "missing_param"
            case "oneOf":
                given = set(call.args)
                kind = (
                    "bad_args"
                    if any(given > set(form) for form in function.forms)
                    else "missing_param"
                )
                forms = " or ".join(" and ".join(form) for form in function.forms)
                message = f"{call.function} takes either {forms}, got {sorted(given) or 'nothing'}"
            case "additionalProperties":
                kind = "bad_args"
            case "type":
                kind = "bad_type"
            case "minimum" | "maximum" if is_point:
                kind = "out_of_range"
            case "minItems" | "maxItems" | "items" if is_point:
                kind = "bad_type"
        return ParseError(kind, message)

    def to_action(self, call: Call, frame: Frame = FRAME_1000) -> Action:
        """Return the typed action of a call written on `frame`.

        Raises:
            ParseError: If the call is not valid in this space.
        """
        self.validate(call, frame)
        return self.build(call, frame)

    def build(self, call: Call, frame: Frame = FRAME_1000) -> Action:
        """Return the typed action of a call that `validate` takes, as a dialect's parser gives it.

        Raises:
            ParseError: If the action refuses its values, which no schema tells.
        """
        function = self._by_name[call.function]
        points = {p.name for p in function.parameters if p.is_point}
        arguments = {
            key: frame.to_point(*value) if key in points else value
            for key, value in call.args.items()
        }
        try:
            return function.build(arguments)
        except ValueError as exc:
            raise ParseError("bad_value", f"{call.function}: {exc}") from exc

    def to_call(self, action: Action, frame: Frame = FRAME_1000) -> Call:
        """Return the call that writes an action on `frame`; arguments equal to None are left out.

        Raises:
            ValueError: If no function of this space makes such an action.
        """
        if isinstance(action, ToolCall):
            if action.function not in self._by_name:
                raise ValueError(f"space {self.name!r} has no function {action.function!r}")
            return Call(
                action.function,
                {key: _written(value, frame) for key, value in action.arguments.items()},
            )
        args: dict[str, Any] = {}
        for field in dataclasses.fields(action):  # type: ignore[arg-type]
            value = getattr(action, field.name)
            if value is not None:
                args[field.name] = _written(value, frame)
        for function in self.functions:
            if [p.name for p in function.parameters if p.name in args] != list(args):
                continue
            points = {p.name: Point(0, 0) for p in function.parameters if p.is_point}
            try:
                made = function.build({k: points.get(k, v) for k, v in args.items()})
            except (ValueError, TypeError):
                continue
            if type(made) is type(action):
                return Call(function.name, args)
        raise ValueError(f"space {self.name!r} has no function for {action!r}")

    def describe(self, frame: Frame = FRAME_1000, detail: Detail = "full") -> str:
        """Return the text that tells a policy what it may do."""
        if detail == "names":
            return ", ".join(f.name for f in self.functions)
        return "\n\n".join(f.describe(frame) for f in self.functions)

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> Action:
        """Return a random valid action: a function, then a form, then each argument.

        Args:
            mask: Unused; part of gymnasium's signature.
            probability: Unused; part of gymnasium's signature.
        """
        rng = self.np_random
        function = self.functions[rng.integers(len(self.functions))]
        form = function.forms[rng.integers(len(function.forms))] if function.forms else None
        arguments = {}
        for p in function.parameters:
            if p.name in form if form is not None else p.required or rng.random() < 0.5:
                arguments[p.name] = _sample(p, rng)
        return function.build(arguments)

    def contains(self, x: Any) -> bool:
        """Return whether `x` is an action that some call in this space makes."""
        if not isinstance(x, Action):
            return False
        unit = Frame("unit", 1, 1, integer=False)
        try:
            return self.to_action(self.to_call(x, unit), unit) == x
        except (ValueError, TypeError, ParseError):
            return False

    @property
    def is_np_flattenable(self) -> bool:
        """Always False: actions are records, not arrays."""
        return False

    def __repr__(self) -> str:
        return f"ActionSpace({self.name!r}, {list(self.names)})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ActionSpace)
            and self.name == other.name
            and [(f.name, f.parameters, f.forms, f.aliases) for f in self.functions]
            == [(f.name, f.parameters, f.forms, f.aliases) for f in other.functions]
        )

    __hash__ = None  # type: ignore[assignment]


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


def _written(value: Any, frame: Frame) -> Any:
    """Return an action's value as plain JSON, a point on the frame's grid."""
    if isinstance(value, Point):
        return list(frame.to_grid(value))
    return list(value) if isinstance(value, tuple) else value


@cache
def _read_off(action: type[Action]) -> Function:
    """Return the function of an action class, read once: each world of a kind asks for it."""
    hints = get_type_hints(action, include_extras=True)
    fields = dataclasses.fields(action)  # type: ignore[arg-type]
    return Function(
        name=action.__name__,
        description=(inspect.getdoc(action) or "").split("\n\n")[0].replace("\n", " "),
        parameters=tuple(_parameter(field, hints[field.name]) for field in fields),
        build=partial(_built, action),
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


def _sample(parameter: Parameter, rng: np.random.Generator) -> Any:
    """Return a random value of a parameter's schema."""
    schema = parameter.schema
    if parameter.is_point:
        return Point(float(rng.random()), float(rng.random()))
    if "enum" in schema:
        return schema["enum"][rng.integers(len(schema["enum"]))]
    if "examples" in schema:
        return schema["examples"][rng.integers(len(schema["examples"]))]
    low = schema.get("minimum", 0)
    high = schema.get("maximum", low + 10)
    match schema.get("type"):
        case "integer":
            return int(rng.integers(low, high + 1))
        case "number":
            return float(rng.uniform(low, high))
        case "boolean":
            return bool(rng.integers(2))
        case "string":
            letters = "abcdefghijklmnopqrstuvwxyz "
            size = int(rng.integers(schema.get("minLength", 0), schema.get("maxLength", 12) + 1))
            return "".join(letters[i] for i in rng.integers(len(letters), size=size))
        case "array":
            item = Parameter(parameter.name, "", schema.get("items", {"type": "string"}))
            return [_sample(item, rng) for _ in range(rng.integers(1, 4))]
        case "object":
            properties = schema.get("properties", {})
            return {k: _sample(Parameter(k, "", v), rng) for k, v in properties.items()}
        case _:
            return None
