"""Finds the function that a written name means: exactly, or after an unmistakable repair.

Never by prefix and never by likeness: `Cli` is not Click, and `Scroll` is not Swipe.
"""

import re

from qvl_agent.actions.errors import ParseErrorKind
from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace

__all__ = ["NoFunction", "resolve"]

_QUOTES = "\"'`“”‘’"
_AROUND = ".,;:!*_[]{}<>。，：\\ \t"
_CALL = re.compile(r"(?P<name>[^\s()]+)\s*\((?P<inside>.*?)\)?", re.DOTALL)


class NoFunction(Exception):
    """A written name means no function."""

    def __init__(self, kind: ParseErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ParseErrorKind = kind


def resolve(
    written: str, space: ActionSpace, flags: set[str], *, cut: bool = False
) -> tuple[Function, str]:
    """Return the function that a written name means, and the name or alias it was called by.

    Args:
        written: The name, perhaps quoted, in another case, or with a full stop.
        space: The functions there are.
        flags: Gets what was repaired.
        cut: Whether the text ends with the name, so that it may be only the beginning of one.

    Raises:
        NoFunction: `empty_name`, `unknown_function`, `truncated`, or `bad_args` for arguments in
            parentheses.
    """
    repairs: set[str] = set()
    name = written.strip()
    if name not in space.names:
        name = _unwrapped(name, space, repairs)
    if not name:
        raise NoFunction("empty_name", "the function's name is empty")
    longer = any(known.startswith(name) and known != name for known in space.names)
    if cut and longer:
        raise NoFunction("truncated", f"the text ends inside the function's name, {name[:80]!r}")
    if name not in space.names:
        name = _in_its_case(name, space, repairs)
    flags |= repairs
    return space.function(name), name


def _unwrapped(name: str, space: ActionSpace, repairs: set[str]) -> str:
    """Return a name without what stands around it: quotes, punctuation, empty parentheses."""
    bare = name.strip(_AROUND)
    if bare != name:
        repairs.add("name_trim")
    unquoted = bare.strip(_QUOTES)
    if unquoted != bare:
        repairs.add("quoted_name")
        unquoted = unquoted.strip(_AROUND)
    call = _CALL.fullmatch(unquoted)
    if call and call["name"].lower() in {known.lower() for known in space.names}:
        if call["inside"].strip():
            raise NoFunction("bad_args", f"arguments in parentheses after {call['name']!r}")
        repairs.add("paren_args")
        return call["name"]
    return unquoted


def _in_its_case(name: str, space: ActionSpace, repairs: set[str]) -> str:
    """Return the one name that differs from `name` in its case only."""
    same = [known for known in space.names if known.lower() == name.lower()]
    match same:
        case [known] if name.isascii() and not space.function(known).exact:
            repairs.add("name_case")
            return known
        case _:
            raise NoFunction("unknown_function", f"there is no function {name[:80]!r}")
