"""Collects the calls that stand in a text, by walking from marker to marker.

Arguments are read where they are due, so that a marker inside a string is never taken for one. It
knows no functions and no frames.
"""

import re
from dataclasses import dataclass, field

from qvl_agent.actions.dialects.blocks import read_block, read_untagged
from qvl_agent.actions.dialects.relaxed import Reader
from qvl_agent.actions.dialects.scan import FENCE, Event, begins, next_event, partial_tail
from qvl_agent.actions.dialects.strings import Unreadable
from qvl_agent.actions.dialects.written import Problem, Written, problem_of, read_arguments

__all__ = ["Collected", "collect"]

_CLOSE_THINK = "</think>"
_AFTERWARDS = re.compile(r"\s*(?:(?P<brace>[}\])])|(?P<fence>`{1,3}))")
_GOES_ON = re.compile(r"[\w\"']")
_UNMARKED = re.compile(r"[^\n{]{1,80}\n?\s{0,8}(?=\{)")
"""What may stand between a function marker and arguments whose own marker is missing."""


@dataclass(slots=True)
class Collected:
    """The calls of a text, and what was repaired or left out around them."""

    calls: list[Written] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)


def collect(text: str, glyph: str) -> Collected:
    """Return the calls that stand in a text.

    A call with a problem is the last one: where the next would begin is not known.

    Args:
        text: What a policy wrote.
        glyph: What stands around the markers when they are written as they should be; "" when
            calls should stand in `<tool_call>` blocks.
    """
    walk = _Walk(text, glyph)
    try:
        walk.run()
    except Problem as problem:
        walk.found.calls[-1].problem = problem
    return walk.found


@dataclass(slots=True)
class _Walk:
    text: str
    glyph: str
    found: Collected = field(default_factory=Collected)
    open: Written | None = None
    """The call by markers whose arguments may still come."""

    def run(self) -> None:
        pos = 0
        cut = False
        while event := next_event(self.text, pos, in_call=self.open is not None):
            pos = event.end
            match event.kind:
                case "think":
                    pos = self.text.find(_CLOSE_THINK, pos) + len(_CLOSE_THINK)
                    if pos < len(_CLOSE_THINK):
                        self.found.flags.add("unclosed_think")
                        return
                case "unthink":
                    # The template opened the thinking: what stands before this was no call.
                    self.found, self.open = Collected(), None
                case "stop" | "end":
                    cut = True
                    if event.kind == "stop" or self.text[pos:].strip():
                        self.found.flags.add("stop_word_leak")
                    break
                case "block":
                    self.open = None
                    pos = read_block(self.text, event, self.found.calls, own=not self.glyph)
                case "function":
                    pos = self._function(event)
                case "args":
                    pos = self._arguments(event)
        if not self.found.calls and not cut:
            read_untagged(self.text, self.found.calls, own=not self.glyph)

    def _function(self, event: Event) -> int:
        """Read a function's name; return where to go on."""
        following = next_event(self.text, event.end, in_call=True)
        stop = following.start if following else partial_tail(self.text)
        stop = max(stop, event.end)
        call = self._begin(event, event.start, (event.end, stop))
        self.open = call
        head = _UNMARKED.match(self.text, event.end)
        if head and head[0].strip() and head.end() <= stop:
            call.name = head[0].strip()
            call.flags.add("missing_marker")
            return self._read_arguments(call, head.end())
        first, line_end, rest = self.text[event.end : stop].lstrip().partition("\n")
        call.name = first.strip()
        if rest.strip(" \t\r\n`"):
            call.flags.add("trailing_text")
        if following is None:
            remainder = self.text[stop:]
            call.name_cut = not (line_end or remainder) and first == first.rstrip()
            call.arguments_cut = bool(remainder) and _may_begin("ARGS", remainder)
            self._leftover(call, remainder)
        return stop

    def _begin(self, event: Event, start: int, name_span: tuple[int, int]) -> Written:
        call = Written(start, "", name_span)
        self._note_marker(call, event)
        self.found.calls.append(call)
        return call

    def _note_marker(self, call: Written, event: Event) -> None:
        if not event.glyph or event.glyph != self.glyph:
            call.flags.add("marker_variant")
        if event.fullwidth:
            call.flags.add("fullwidth")

    def _arguments(self, event: Event) -> int:
        """Read the arguments after their marker; return where to go on."""
        call = self.open
        if call is None:
            span = (event.start, event.end)
            self._begin(event, event.start, span)
            raise Problem("empty_name", "there are arguments, but no function", span)
        if call.arguments is not None or call.absence != "no_args":
            call = Written(event.start, call.name, call.name_span, flags=set(call.flags))
            self.found.calls.append(call)
            self.open = call
        self._note_marker(call, event)
        return self._read_arguments(call, event.end)

    def _read_arguments(self, call: Written, start: int) -> int:
        reader = Reader(self.text, start, call.flags, begins)
        if fence := FENCE.match(self.text, start):
            call.flags.add("fence")
            reader.pos = fence.end()
        try:
            read_arguments(reader, call)
        except Unreadable as exc:
            raise problem_of(exc, self.text, start) from exc
        call.span = (start, reader.pos)
        return self._afterwards(call, reader.pos)

    def _afterwards(self, call: Written, start: int) -> int:
        """Look at what stands between a call's arguments and the next marker."""
        following = next_event(self.text, start, in_call=True)
        stop = following.start if following else max(start, partial_tail(self.text))
        pos = start
        while more := _AFTERWARDS.match(self.text, pos, stop):
            call.flags.add("extra_brace" if more["brace"] else "fence")
            pos = more.end()
        rest = self.text[pos:stop].strip()
        if _GOES_ON.match(self.text, pos, stop) or rest.endswith('"}'):
            raise Problem("bad_args", "the arguments go on after their brace", (start, stop))
        if rest:
            call.flags.add("trailing_text")
        if following is None:
            self._leftover(call, self.text[stop:])
        return stop

    def _leftover(self, call: Written, remainder: str) -> None:
        """Note the beginning of a marker that the text's end cuts off."""
        if _may_begin("RESULT", remainder) or _may_begin("RETURN", remainder):
            call.flags.add("stop_word_leak")
        elif remainder.strip("\\*✿"):
            call.flags.add("trailing_text")


def _may_begin(marker: str, remainder: str) -> bool:
    """Return whether a cut marker at the text's end may be the beginning of this one."""
    letters = remainder.strip("\\*✿")
    return letters != "" and marker.startswith(letters)
