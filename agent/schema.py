"""The form of a trace, as JSON Schema: the contract with whatever reads one.

Fields may be added without a new `SCHEMA_VERSION`; one that is taken away or changes its meaning
needs one.
"""

from typing import Any, get_args

from qvl_agent.actions.errors import ParseErrorKind
from qvl_agent.agent.limits import EndReason

__all__ = ["EVENT_SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 1

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_ANY_OBJECT: Schema = {"type": "object"}
_WORDS: Schema = {"type": "array", "items": _TEXT}


def _object(**properties: Schema) -> Schema:
    """Return the schema of an object that has all of these, and maybe more."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _event(name: str, optional: Schema | None = None, **properties: Schema) -> Schema:
    head: dict[str, Schema] = {
        "schema_version": {"const": SCHEMA_VERSION},
        "at": _SECONDS,
        "event": {"const": name},
    }
    event = _object(**head, **properties)
    event["properties"] |= optional or {}
    return event


# The name of a file in `images/`: nothing but hex, so that a trace cannot name a file elsewhere.
_IMAGE: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_OBSERVATION = _object(
    image=_IMAGE,
    width=_COUNT,
    height=_COUNT,
    text=_TEXT,
    views={"type": "array", "items": _object(image=_IMAGE, label=_TEXT)},
)
_FIGURE: Schema = {"figure": _IMAGE}
"""A world's picture for people, where it has one."""
_WINDOW = _object(tokens=_COUNT, reserve=_COUNT, budget=_COUNT, dropped=_COUNT, kept=_COUNT)
_PHASES = _object(preprocess=_SECONDS, vision=_SECONDS, prefill=_SECONDS, decode=_SECONDS)
_GENERATION = _object(
    text=_TEXT,
    tokens={"type": "array", "items": _COUNT},
    stop={"enum": ["call", "stop_word", "end_of_turn", "length"]},
    prompt_tokens=_COUNT,
    reused_tokens=_COUNT,
    seconds=_PHASES,
)
_STEP = {"step": _COUNT, "turn": _COUNT}
_CHOICE: dict[str, Schema] = {
    "action": _object(type=_TEXT, arguments=_ANY_OBJECT),
    "call": _object(function=_TEXT, args=_ANY_OBJECT),
    "frame": _TEXT,
    "thought": _TEXT,
    "flags": _WORDS,
}
_NULL: Schema = {"type": "null"}
_OUTCOME = _object(success=_FLAG, metrics=_ANY_OBJECT)

EVENT_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "One line of trace.jsonl",
    "oneOf": [
        _event(
            "started",
            _FIGURE,
            task=_TEXT,
            frame=_ANY_OBJECT,
            observation=_OBSERVATION,
            info=_ANY_OBJECT,
        ),
        _event("generated", **_STEP, generation=_GENERATION, seconds=_SECONDS, window=_WINDOW),
        _event(
            "parse_failed",
            **_STEP,
            kind={"enum": list(get_args(ParseErrorKind))},
            message=_TEXT,
            span={"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
            flags=_WORDS,
        ),
        _event(
            "denied", **_STEP, **_CHOICE, verdict={"enum": ["ask", "deny", "stop"]}, reason=_TEXT
        ),
        _event("chose", **_STEP, **_CHOICE),
        _event(
            "acted",
            _FIGURE,
            **_STEP,
            **_CHOICE,
            window=_WINDOW,
            observation=_OBSERVATION,
            # A reward that is not finite is written as text.
            reward={"type": ["number", "null", "string"]},
            terminated=_FLAG,
            truncated=_FLAG,
            info=_ANY_OBJECT,
            error=_TEXT,
            seconds=_object(policy=_SECONDS, world=_SECONDS, agent=_SECONDS),
        ),
        _event("world_failed", step=_COUNT, kind=_TEXT, message=_TEXT),
        _event(
            "ended",
            task=_TEXT,
            reason={"enum": list(get_args(EndReason))},
            detail=_TEXT,
            outcome={"anyOf": [_NULL, _OUTCOME]},
            steps=_COUNT,
            turns=_COUNT,
            reward={"type": ["number", "string"]},
            tokens=_COUNT,
            seconds=_SECONDS,
            trace={"type": ["string", "null"]},
            success=_FLAG,
        ),
    ],
}
