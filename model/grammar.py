"""From an action space, a grid and a dialect to the grammar of one step: a thought, then a call.

Knows how calls are spelt (it asks the dialect) and llguidance's Lark notation. Knows no tokens and
no model; `guidance` walks along a grammar while a model writes.

The thought is any text in which a reader of calls finds no marker and no tag. The call is what the
dialect's `render` writes: names of the space only, arguments by each function's own schema, blanks
as `json.dumps` sets them. What follows the call is free, so that a token that closes it and goes on
(`]}` and a line break are one token in Qwen's vocabulary) may be chosen; the text is cut there.
"""

import json
import os.path
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Call

__all__ = ["Grammar"]

_SPELLING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}

_GLYPH = r"[\\*✿＊]"
_KEY = "(?:FUNCTION|ARGS|RESULT|RETURN)"
_BLANK = r"[ \t]{0,4}"
# What `actions.dialects.scan` takes for a marker or a tag, and a little more.
_MARKER = "|".join(
    (
        rf"{_GLYPH}{_BLANK}{_KEY}",
        rf"{_GLYPH}{_BLANK}(?i:{_KEY}){_BLANK}{_GLYPH}{{0,6}}{_BLANK}[:：]",
        rf"(?i:{_KEY}){_BLANK}(?:[:：]{_GLYPH}|{_GLYPH}{{1,6}}{_BLANK}[:：])",
        rf"(?i:FUNCTION|ARGS){_BLANK}[:：]",
        r"(?i:<think>|<tool_call>|<tool_response>)",
        r"(?i:<\|im_end\|>|<\|im_start\|>|<\|endoftext\|>)",
    )
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of one step.

    Attributes:
        lark: In llguidance's Lark notation.
        opening: What stands before a function's name; no thought contains it.
        shortest: For each function, a call of it without any free text; what has to fit.
    """

    lark: str
    opening: str
    shortest: tuple[str, ...]

    @classmethod
    def of(cls, space: ActionSpace, frame: Frame, dialect: Dialect) -> "Grammar":
        """Return the grammar of a thought and one call, every alias of a name included."""
        opening = os.path.commonprefix([dialect.render(Call(name)) for name in "AB"])
        calls, shortest = [], []
        for function in space.functions:
            for schema in _schemas(function, frame):
                shortest.append(dialect.render(Call(function.name, _example(schema))))
                arguments = json.dumps(schema | {"x-guidance": _SPELLING})
                for name in (function.name, *function.aliases):
                    before, _, after = dialect.render(Call(name)).rpartition("{}")
                    before = before.removeprefix(opening)
                    end = f" {_quoted(after)}" if after else ""
                    calls.append(f"{_quoted(before)} %json {arguments}{end}")
        lark = (
            "start: HEAD call TAIL\n"
            f"HEAD: THOUGHT {_quoted(opening)}\n"
            f"THOUGHT: /(?s:.*)/ & ~/(?s:.*)(?:{_MARKER})(?s:.*)/\n"
            "TAIL: /(?s:.*)/\n"
            f"call: {' | '.join(calls)}\n"
        )
        return cls(lark, opening, tuple(shortest))


def _quoted(text: str) -> str:
    """Return a Lark string."""
    return json.dumps(text, ensure_ascii=False)


def _schemas(function: Function, frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield a function's schema, or one for each of its forms: exactly those parameters."""
    schema = function.json_schema(frame)
    if not function.forms:
        yield schema
    schema.pop("oneOf", None)
    for form in function.forms:
        properties = {name: schema["properties"][name] for name in form}
        yield schema | {"properties": properties, "required": list(form)}


def _example(schema: Mapping[str, Any]) -> Any:
    """Return a long value of a schema, except that texts and lists are as short as they may be."""
    if "enum" in schema:
        return max(schema["enum"], key=lambda value: len(json.dumps(value)))
    match schema.get("type"):
        case "object":
            return {key: _example(value) for key, value in schema.get("properties", {}).items()}
        case "array":
            if "prefixItems" in schema:
                return [_example(item) for item in schema["prefixItems"]]
            return [_example(schema.get("items") or {})] * max(1, schema.get("minItems", 0))
        case "integer" | "number":
            return schema.get("maximum", 0)
        case "string":
            return "x" * int(schema.get("minLength", 0))
        case "boolean":
            return False
        case _:
            return None
