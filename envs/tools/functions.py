"""A Python function as a tool: its JSON Schema, and a call that always ends in something to show.

The schema is given, or read off the signature and the docstring. Whatever a tool does - raise,
return nothing, return 50 MB - a `ToolResult` of bounded size comes back. It knows no world.
"""

import enum
import importlib.util
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    Self,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np
from PIL import Image as PillowImage

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.functions import Function
from qvl_agent.envs.base import Image

__all__ = ["MAX_TEXT", "Tool", "ToolResult", "load_tools", "result_of", "schema_of"]

MAX_TEXT = 20_000
"""Most characters of a result that a policy is shown."""

_MAX_SIDE = 2048
_MAX_PICTURES = 4
_SCALARS: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True, eq=False)
class ToolResult:
    """What a call gave.

    Attributes:
        text: At most `MAX_TEXT` characters.
        pictures: uint8 (H, W, 3) each, no side above 2048 pixels, at most four.
        failed: Whether the tool raised.
    """

    text: str
    pictures: tuple[Image, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a policy may call.

    Attributes:
        schema: OpenAI-style, `{"name", "description", "parameters"}`.
        call: Takes the arguments by keyword. What it returns is shown as it is where it is text,
            a picture (uint8 array or PIL image) or a list of these, as JSON otherwise.
    """

    schema: Mapping[str, Any]
    call: Callable[..., Any]

    def __post_init__(self) -> None:
        Function.of_tool(self.schema)  # a broken schema is the author's mistake, told at once

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Self:
        """Return the tool of a function, its schema read off signature and docstring.

        Raises:
            UsageError: If a parameter's type cannot be written as JSON Schema.
        """
        return cls(schema_of(function), function)

    @property
    def name(self) -> str:
        """As written in a call."""
        inner = self.schema.get("function", self.schema)
        return str(inner["name"])

    def __call__(self, arguments: Mapping[str, Any]) -> ToolResult:
        """Call the function; an exception is a result that says so."""
        try:
            return result_of(self.call(**arguments))
        except (Exception, SystemExit) as exc:
            # Its message alone: a traceback would show the policy the host's files.
            return ToolResult(_shortened(f"{type(exc).__name__}: {_words(exc)}"), failed=True)


def schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the OpenAI-style schema of a Python function.

    Types come from annotations (str, int, float, bool, Literal, Enum, list, dict, X | None),
    descriptions from the docstring's first paragraph and its Google "Args:" section, or from
    `Annotated[T, "..."]`. A parameter without a default is required.

    Raises:
        UsageError: If a parameter has no annotation, one that has no JSON Schema, or is *args.
    """
    name = getattr(function, "__name__", type(function).__name__)
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as exc:
        raise UsageError(f"the annotations of tool {name!r} cannot be read: {exc}") from exc
    text = inspect.getdoc(function) or ""
    described = _described_args(text)
    properties: dict[str, Any] = {}
    required = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise UsageError(f"tool {name!r}: parameter {parameter} cannot be given by name")
        if parameter.name not in hints:
            raise UsageError(f"tool {name!r}: parameter {parameter.name!r} has no annotation")
        schema, note = _schema_of_hint(hints[parameter.name], f"{name}.{parameter.name}")
        description = note or described.get(parameter.name)
        properties[parameter.name] = schema | ({"description": description} if description else {})
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    return {
        "name": name,
        "description": " ".join(text.split("\n\n")[0].split()),
        "parameters": {"type": "object", "properties": properties, "required": required},
    }


def load_tools(path: Path | str) -> tuple[Tool, ...]:
    """Return the tools of a Python file: its `TOOLS`, or else every public function it defines.

    The file is the user's own program and is run.

    Raises:
        UsageError: If it is not there, fails, or has no tool.
    """
    file = Path(path)
    spec = importlib.util.spec_from_file_location(f"qvl_agent_tools_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise UsageError(f"there is no Python file {file}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as exc:
        raise UsageError(f"{file} could not be run: {type(exc).__name__}: {exc}") from exc
    listed = getattr(module, "TOOLS", None)
    if listed is None:
        listed = [
            value
            for name, value in vars(module).items()
            if inspect.isfunction(value)
            and not name.startswith("_")
            and value.__module__ == module.__name__
        ]
    if not listed:
        raise UsageError(f"{file} defines no tool: no public function, and no list TOOLS")
    return tuple(tool if isinstance(tool, Tool) else Tool.of(tool) for tool in listed)


def result_of(value: Any) -> ToolResult:
    """Return what to show of a tool's value, within bounds."""
    parts = value if isinstance(value, list | tuple) else [value]
    pictures = [picture for part in parts if (picture := _picture(part)) is not None]
    if pictures:
        words = [part for part in parts if isinstance(part, str)]
        if len(pictures) > _MAX_PICTURES:
            words.append(f"({_MAX_PICTURES} of {len(pictures)} pictures are shown)")
        return ToolResult(_shortened("\n".join(words)), tuple(pictures[:_MAX_PICTURES]))
    if isinstance(value, ToolResult):
        return ToolResult(_shortened(value.text), value.pictures[:_MAX_PICTURES], value.failed)
    if value is None or (isinstance(value, str) and not value):
        return ToolResult("(the tool returned nothing)")
    if isinstance(value, bytes | bytearray | memoryview):
        return ToolResult(f"({len(value)} bytes that are not text)")
    return ToolResult(_shortened(value if isinstance(value, str) else _as_json(value)))


def _schema_of_hint(hint: Any, where: str) -> tuple[dict[str, Any], str]:
    """Return the JSON Schema of an annotation, and the description it carries."""
    note = ""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        note = next((extra for extra in extras if isinstance(extra, str)), "")
    if get_origin(hint) in (Union, UnionType):
        options = [option for option in get_args(hint) if option is not NoneType]
        schemas = [_schema_of_hint(option, where)[0] for option in options]
        return (schemas[0] if len(schemas) == 1 else {"anyOf": schemas}), note
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}, note
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}, note
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}, note
    if hint in (list, tuple) or get_origin(hint) in (list, tuple):
        items = [arg for arg in get_args(hint) if arg is not Ellipsis]
        inner = {"items": _schema_of_hint(items[0], where)[0]} if items else {}
        return {"type": "array"} | inner, note
    if hint is dict or get_origin(hint) is dict:
        values = get_args(hint)[1:]
        inner = {"additionalProperties": _schema_of_hint(values[0], where)[0]} if values else {}
        return {"type": "object"} | inner, note
    raise UsageError(f"{where}: {hint!r} cannot be written as JSON Schema")


def _described_args(text: str) -> dict[str, str]:
    """Return the descriptions of a Google docstring's "Args:" section."""
    _, found, section = text.partition("\nArgs:\n")
    if not found:
        return {}
    described: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if line.strip() and not line.startswith(" "):
            break  # the next section
        entry = re.match(r" {2,4}(\w+)(?: \([^)]*\))?: (.*)", line)
        if entry:
            name = entry[1]
            described[name] = entry[2].strip()
        elif name and line.strip():
            described[name] += f" {line.strip()}"
    return described


def _picture(value: Any) -> Image | None:
    """Return a picture in RGB with no side above the limit, or None where it is none."""
    if isinstance(value, np.ndarray):
        if value.dtype != np.uint8 or value.ndim not in (2, 3) or 0 in value.shape:
            return None
        if value.ndim == 3 and value.shape[2] not in (3, 4):
            return None
        value = PillowImage.fromarray(value)
    if not isinstance(value, PillowImage.Image):
        return None
    if max(value.size) > _MAX_SIDE:
        value = value.copy()
        value.thumbnail((_MAX_SIDE, _MAX_SIDE))
    return np.asarray(value.convert("RGB"))


def _as_json(value: Any) -> str:
    """Return a value as JSON, written only as far as it will be shown."""
    pieces, length = [], 0
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, default=_words).iterencode(value):
            pieces.append(piece)
            length += len(piece)
            if length > 2 * MAX_TEXT:
                break
    except (ValueError, TypeError, RecursionError):
        return _words(value)
    return "".join(pieces)


def _words(value: Any) -> str:
    """Return str(value); a value whose own method fails is named by its type."""
    try:
        return str(value)
    except Exception:
        return f"(a {type(value).__name__} that cannot be shown)"


def _shortened(text: str) -> str:
    """Return text without half characters, its middle left out where it is too long."""
    if len(text) > MAX_TEXT:
        note = f"\n... ({len(text) - MAX_TEXT} characters left out) ...\n"
        half = (MAX_TEXT - len(note)) // 2
        text = text[:half] + note + text[-half:]
    # A lone surrogate is a str that cannot be written to any file or sent to any model.
    return text.encode("utf-8", "replace").decode("utf-8")
