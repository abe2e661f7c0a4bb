"""Reads the calls in a policy's text, in whichever form they were written.

A policy's text is read the same way in all dialects; a dialect says only which form is its own,
and calls in another form get a flag. Texts of the world (screens, tools) never come here.

Source: Qwen-Agent's order of reading (text before the call is the thought, a stop word cuts, a
further ARGS is a further call of the same function), but markers inside strings are left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from qvl_agent.actions.dialects.arguments import Misfit, fit, needs_arguments, skeleton
from qvl_agent.actions.dialects.base import Parsed
from qvl_agent.actions.dialects.marked import collect
from qvl_agent.actions.dialects.names import NoFunction, resolve
from qvl_agent.actions.dialects.written import Problem, Written
from qvl_agent.actions.errors import ParseError, ParseErrorKind
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.functions import Function
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Call

__all__ = ["Form", "read"]

_LONGEST_MESSAGE = 300
_TURN_ENDS = ("<|im_end|>", "<|endoftext|>")


@dataclass(frozen=True, slots=True)
class Form:
    """A dialect's own way of writing a call.

    Attributes:
        glyph: What stands around its markers; "" when calls stand in `<tool_call>` blocks.
        example: Given a function's name and what its arguments look like, the call in one line.
    """

    glyph: str
    example: Callable[[str, str], str]


def read(text: str, space: ActionSpace, frame: Frame, form: Form) -> Parsed:
    """Return the calls in a newly generated text.

    Args:
        text: What the policy wrote.
        space: The functions it may call.
        frame: The grid that it writes points on.
        form: The dialect's own form.

    Raises:
        ParseError: Whatever the text holds; no other exception leaves this function.
    """
    found = collect(text, form.glyph)
    flags = set(found.flags)
    calls: list[Call] = []
    for index, written in enumerate(found.calls):
        repairs = set(written.flags)
        function: Function | None = None
        try:
            function, name = _function(written, text, space, repairs)
            calls.append(_call(written, function, name, space, frame, repairs))
        except Problem as problem:
            # A later call that is cut off or wrong does not take the first one with it.
            if index == 0:
                raise _error(problem, text, flags | repairs, space, function, form) from problem
            repairs = {"dropped_call"}
        flags |= repairs
    if not calls:
        raise _error(_nothing(text), text, flags, space, None, form)
    if len(found.calls) > 1:
        flags.add("several_calls")
    thought = text[: found.calls[0].start].strip()
    return Parsed(tuple(calls), tuple(sorted(flags)), thought.removeprefix(":").lstrip())


def _function(
    written: Written, text: str, space: ActionSpace, repairs: set[str]
) -> tuple[Function, str]:
    """Return the function that is called, and the name it is called by."""
    span = written.name_span
    if written.problem is not None and not written.name:
        raise written.problem
    try:
        function, name = resolve(written.name, space, repairs, cut=written.name_cut)
    except NoFunction as exc:
        raise Problem(exc.kind, str(exc), span) from exc
    if function.exact and name not in text[span[0] : span[1]]:
        raise Problem("unknown_function", f"{name!r} has to be written out", span)
    return function, name


def _call(
    written: Written,
    function: Function,
    name: str,
    space: ActionSpace,
    frame: Frame,
    repairs: set[str],
) -> Call:
    """Return a valid call of a function."""
    if written.problem is not None:
        raise written.problem
    if written.arguments_cut and function.parameters:
        raise Problem("truncated", "the text ends before the arguments", written.span)
    if written.arguments is None:
        if needs_arguments(function):
            raise Problem("missing_param", f"{name} needs arguments", written.name_span)
        if "paren_args" not in repairs:
            repairs.add(written.absence)
    try:
        call = Call(name, fit(function, written.arguments or {}, frame, repairs))
        space.validate(call, frame)
    except (Misfit, ParseError) as exc:
        raise Problem(exc.kind, str(exc), written.span) from exc
    return call


def _nothing(text: str) -> Problem:
    """Return the problem of a text without any call."""
    rest = text
    for mark in _TURN_ENDS:
        rest = rest.replace(mark, "")
    kind: ParseErrorKind = "no_call" if rest.strip(": \t\r\n") else "empty_output"
    return Problem(kind, "there is no call in the text" if kind == "no_call" else "nothing came")


def _error(
    problem: Problem,
    text: str,
    flags: set[str],
    space: ActionSpace,
    function: Function | None,
    form: Form,
) -> ParseError:
    """Return the error that tells a policy what was wrong and what would be right."""
    if function is None:
        legal = form.example(f"one of {', '.join(f.name for f in space.functions)}", "{...}")
    else:
        legal = form.example(function.name, skeleton(function))
    message = str(problem)
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + "..."
    return ParseError(
        problem.kind,
        f"{message}. The form is: {legal}",
        text=text,
        span=problem.span,
        flags=tuple(sorted(flags)),
    )
