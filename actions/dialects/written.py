"""A call as it stands in a text, before it is known what it may call.

Knows how arguments are written: as an object, as one that has lost its braces, inside a string,
or as one of the ways to say that there are none. It knows no functions and no frames.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qvl_agent.actions.dialects.relaxed import Reader, Value
from qvl_agent.actions.dialects.strings import Unreadable
from qvl_agent.actions.errors import ParseErrorKind

__all__ = ["Problem", "Written", "problem_of", "read_arguments", "read_whole"]

_BARE_KEY = re.compile(r"\w+\s*[:：]")


class Problem(Exception):
    """A call is wrong; `ParseError` is made of this when it is the first one.

    Attributes:
        kind: One of `ParseErrorKind`.
        span: Where in the text.
    """

    def __init__(self, kind: ParseErrorKind, message: str, span: tuple[int, int] = (0, 0)) -> None:
        super().__init__(message)
        self.kind: ParseErrorKind = kind
        self.span = span


@dataclass(slots=True)
class Written:
    """A call as it stands in a text.

    Attributes:
        start: Where it begins.
        name: The function's name as it was written.
        name_span: Where that stands.
        name_cut: Whether the text ends with the name.
        arguments: As they were read, None where there are none.
        arguments_cut: Whether the text ends with the beginning of what announces arguments.
        span: Where the arguments stand.
        absence: The flag of a call without arguments, when the function takes none.
        flags: What was repaired.
        problem: Why it cannot be read.
    """

    start: int
    name: str
    name_span: tuple[int, int]
    name_cut: bool = False
    arguments: Mapping[str, Value] | None = None
    arguments_cut: bool = False
    span: tuple[int, int] = (0, 0)
    absence: str = "no_args"
    flags: set[str] = field(default_factory=set)
    problem: Problem | None = None


def problem_of(exc: Unreadable, text: str, start: int) -> Problem:
    """Return the problem of arguments, from `start` on, that cannot be read."""
    message = str(exc)
    if exc.kind == "bad_args":
        near = text[max(start, exc.pos - 12) : exc.pos + 12]
        message = f"the arguments are no JSON object: {message}, near {near!r}"
    return Problem(exc.kind, message, (start, exc.pos))


def read_arguments(reader: Reader, call: Written) -> None:
    """Read a call's arguments: an object, one without its braces, one in a string, or none.

    Raises:
        Unreadable: If they are something else.
    """
    reader.skip()
    if reader.at_end():
        call.absence = "empty_args"
        return
    start = reader.pos
    match reader.peek():
        case "{":
            reader.take()
            call.arguments = reader.members("}")
        case "(" | "[":
            items = reader.value()
            if items != []:
                raise Unreadable("bad_args", "arguments have no names", start)
            call.absence = "paren_args" if reader.text[start] in "(（" else "empty_args"
        case _ if _BARE_KEY.match(reader.text, start):
            reader.flags.add("missing_brace")
            call.arguments = reader.members("")
        case _:
            _read_other(reader, call)


def _read_other(reader: Reader, call: Written) -> None:
    start = reader.pos
    value = reader.value()
    if value is None:
        reader.flags.discard("python_literal")
        call.absence = "none_args"
        return
    if not isinstance(value, str):
        raise Unreadable("bad_args", "expected an object", start)
    reader.skip()
    if reader.peek() == ":":
        reader.pos = start
        reader.flags.add("missing_brace")
        call.arguments = reader.members("")
        return
    try:
        read_whole(Reader(value, flags=reader.flags), call)
    except Unreadable as exc:
        raise Unreadable(exc.kind, f"in the string, {exc}", start) from exc


def read_whole(reader: Reader, call: Written) -> None:
    """Read arguments that stand in a string and fill it."""
    reader.skip()
    if reader.at_end():
        call.absence = "empty_args"
        return
    if reader.peek() != "{":
        raise Unreadable("bad_args", "expected an object", reader.pos)
    reader.take()
    reader.flags.add("args_string")
    call.arguments = reader.members("}")
    reader.skip()
    if not reader.at_end():
        raise Unreadable("bad_args", "expected nothing after the object", reader.pos)
