"""What can be done in a world: named functions with typed parameters, as a `gymnasium.Space`.

From one `ActionSpace` come the system prompt's "# Actions" part, the JSON Schema that a call is
validated against, the typed action that an environment receives and seeded random actions, so
prompt, parser and environment cannot disagree. It knows nothing of how a call is written
(`dialects`) and of what an action does (`envs`).
"""

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, Self

import gymnasium
import jsonschema
import numpy as np

from qvl_agent.actions.errors import ParseError, ParseErrorKind
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.functions import Function, Parameter, ToolCall
from qvl_agent.actions.types import Action, Call, Point

__all__ = ["ActionSpace", "Detail"]

Detail = Literal["full", "names"]
"""How much of the space a system prompt tells: the paper's form, or the functions' names only."""


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
        validator = self._validators.get(key)
        if validator is None:
            # A grid point may be written with decimals ([687.0, 792.5]) even on a whole-number
            # grid, so validation asks for numbers; the integer form is for prompts and grammars.
            lenient = dataclasses.replace(frame, integer=False)
            schema = self._by_name[name].json_schema(lenient)
            validator = self._validators[key] = jsonschema.Draft202012Validator(schema)
        return validator

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
        if not (call.args or self._by_name[call.function].parameters):
            return  # nothing is given and nothing asked for, as by most moves in a game
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


def _written(value: Any, frame: Frame) -> Any:
    """Return an action's value as plain JSON, a point on the frame's grid."""
    if isinstance(value, Point):
        return list(frame.to_grid(value))
    return list(value) if isinstance(value, tuple) else value


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
