"""Reads the calls in a `<tool_call>` block: JSON objects of a name and arguments.

It knows no functions and no frames.

Source: Qwen-Agent's nous_fncall_prompt; vLLM#17790 (several objects in one block), vLLM#22885 (the
last brace lost).
"""

import re

from qvl_agent.actions.dialects.relaxed import Reader, Value
from qvl_agent.actions.dialects.scan import CLOSE_TAG, FENCE, Event, begins, next_event
from qvl_agent.actions.dialects.strings import Unreadable
from qvl_agent.actions.dialects.written import Problem, Written, problem_of, read_whole

__all__ = ["read_block", "read_untagged"]

_BETWEEN = re.compile(r"[\s,;]*")


def read_block(text: str, event: Event, calls: list[Written], *, own: bool) -> int:
    """Read the calls of one block; return the index after it.

    Args:
        text: What a policy wrote.
        event: The opening tag.
        calls: Gets the calls.
        own: Whether the dialect writes its calls so.

    Raises:
        Problem: Of the last one of `calls`.
    """
    reader = Reader(text, event.end, set() if own else {"tool_call_format"}, begins)
    before = len(calls)
    while _between(reader):
        if reader.peek() in ("{", "["):
            _objects(reader, calls, event.start if len(calls) == before else reader.pos)
        elif reader.peek() in ("}", "]", ")"):
            reader.flags.add("extra_brace")
            reader.pos += 1
        else:
            reader.flags.add("trailing_text")
            following = next_event(text, reader.pos)
            stop = following.start if following else len(text)
            close = text.find(CLOSE_TAG, reader.pos, stop)
            reader.pos = stop if close < 0 else close
    if len(calls) == before:
        calls.append(Written(event.start, "", (event.start, reader.pos), flags=reader.flags))
        cut = reader.pos >= len(text) and "missing_tag" in reader.flags
        raise Problem(
            "truncated" if cut else "bad_args",
            "the text ends inside a block" if cut else "the block holds no JSON object",
            (event.start, reader.pos),
        )
    for call in calls[before:]:
        call.flags |= reader.flags
    return reader.pos


def _between(reader: Reader) -> bool:
    """Move over what stands between objects; return False behind the block's end."""
    while True:
        reader.pos = _BETWEEN.match(reader.text, reader.pos).end()  # type: ignore[union-attr]
        if fence := FENCE.match(reader.text, reader.pos):
            reader.flags.add("fence")
            reader.pos = fence.end()
        elif reader.text.startswith(CLOSE_TAG, reader.pos):
            reader.pos += len(CLOSE_TAG)
            return False
        elif reader.at_end():
            reader.flags.add("missing_tag")
            return False
        else:
            return True


def _objects(reader: Reader, calls: list[Written], start: int) -> None:
    """Read one object, or a list of them."""
    begin = reader.pos
    try:
        value = reader.value()
    except Unreadable as exc:
        calls.append(Written(start, "", (begin, exc.pos), flags=reader.flags))
        raise problem_of(exc, reader.text, begin) from exc
    for item in value if isinstance(value, list) else [value]:
        span = (begin, reader.pos)
        call = Written(start, "", span, span=span, flags=set(reader.flags))
        calls.append(call)
        _fill(call, item)


def _fill(call: Written, item: Value) -> None:
    """Fill a call from `{"name": ..., "arguments": ...}`."""
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(name, str) or not name.strip():
        raise Problem("empty_name", 'the object has no "name"', call.span)
    call.name = name
    if item.keys() - {"name", "arguments"}:
        call.flags.add("unknown_key")
    match item.get("arguments"):
        case dict() as arguments:
            call.arguments = arguments
        case None:
            call.absence = "none_args" if "arguments" in item else "no_args"
        case []:
            call.absence = "empty_args"
        case str() as arguments:
            try:
                read_whole(Reader(arguments, flags=call.flags), call)
            except Unreadable as exc:
                raise Problem(exc.kind, f"arguments: {exc}", call.span) from exc
        case _:
            raise Problem("bad_args", "the arguments are no JSON object", call.span)


def read_untagged(text: str, calls: list[Written], *, own: bool) -> None:
    """Read a text that is nothing but one block's object, its tags lost.

    Args:
        text: What a policy wrote.
        calls: Gets the call, if there is one.
        own: Whether the dialect writes its calls in blocks.

    Raises:
        Problem: Of the last one of `calls`.
    """
    reader = Reader(text, flags={"missing_tag"} if own else {"missing_tag", "tool_call_format"})
    if fence := FENCE.match(text):
        reader.flags.add("fence")
        reader.pos = fence.end()
    reader.skip()
    begin = reader.pos
    if reader.peek() != "{":
        return
    try:
        value = reader.value()
    except Unreadable:
        return
    rest = text[reader.pos :].strip(" \t\r\n`")
    if rest or not isinstance(value, dict) or value.keys() != {"name", "arguments"}:
        return
    span = (begin, reader.pos)
    calls.append(Written(begin, "", span, span=span, flags=set(reader.flags)))
    _fill(calls[-1], value)
