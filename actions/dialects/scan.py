"""Finds where calls begin and end in a policy's text.

Knows the markers, in the spellings that models give them, and the tags. It knows no function
names and reads no values; `call_end` is what a decoding loop asks after each token.
"""

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CLOSE_TAG",
    "FENCE",
    "Event",
    "EventKind",
    "begins",
    "call_end",
    "next_event",
    "object_end",
    "partial_tail",
]

EventKind = Literal["function", "args", "stop", "end", "think", "unthink", "block"]
"""`stop`: a marker of the world's answer; `end`: the end of a turn; `block`: `<tool_call>`."""

CLOSE_TAG = "</tool_call>"

FENCE = re.compile(r"\s*(?:```[a-zA-Z0-9]*|`)")
"""The opening of a code fence, or of code in a line."""

_OPENING = re.compile(rf"(?:{FENCE.pattern})?\s*\{{")
_GLYPHS = r"[\\*✿＊]"
# Every repetition is bounded, so that no run of blanks or stars makes a search quadratic.
_EVENT = re.compile(
    rf"(?P<open>{_GLYPHS}{{0,6}}[ \t]{{0,2}})(?P<key>FUNCTION|ARGS|RESULT|RETURN)"
    rf"(?P<close>[ \t]{{0,2}}[:：]?{_GLYPHS}{{0,6}})(?P<colon>[ \t]{{0,4}}[:：])?"
    r"|(?P<tag><think>|</think>|<tool_call>|<tool_response>"
    r"|<\|im_end\|>|<\|im_start\|>|<\|endoftext\|>)",
    re.IGNORECASE | re.ASCII,
)
_TAGS: dict[str, EventKind] = {
    "<think>": "think",
    "</think>": "unthink",
    "<tool_call>": "block",
    "<tool_response>": "stop",
    "<|im_end|>": "end",
    "<|im_start|>": "end",
    "<|endoftext|>": "end",
}
_KEYS: dict[str, EventKind] = {
    "FUNCTION": "function",
    "ARGS": "args",
    "RESULT": "stop",
    "RETURN": "stop",
}
_ARGS_FOLLOW = re.compile(r"[^\n]{0,80}?\n?[ \t]{0,8}ARGS[ \t]{0,2}:", re.IGNORECASE)
_PARTIAL = re.compile(r"(?:[\\*✿]{1,4}[A-Z]{0,8}|</?[a-z_]{1,13}|<\|[a-z_]{0,12}\|?)\Z")
# A string that never closes runs to the end of the text, so that a scan stays linear.
_STRING = r'"[^"\\]*(?:\\(?:.|\Z)[^"\\]*)*(?:"|\Z)' + r"|'[^'\\]*(?:\\(?:.|\Z)[^'\\]*)*(?:'|\Z)"
_BRACE = re.compile(rf"{_STRING}|[{{}}]", re.DOTALL)
_BLOCK_END = re.compile(rf"{_STRING}|{CLOSE_TAG}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Event:
    """A marker or tag.

    Attributes:
        kind: What it says.
        start: Index of its first character.
        end: Index after its last one, colon included.
        glyph: `*` or `✿` when it is written exactly as a dialect writes it, else "".
        fullwidth: Whether its colon is a full-width one.
    """

    kind: EventKind
    start: int
    end: int
    glyph: str = ""
    fullwidth: bool = False


def next_event(text: str, pos: int, *, in_call: bool = False) -> Event | None:
    """Return the first marker or tag at or after `pos`, or None.

    Args:
        text: A policy's text. The caller makes sure that `pos` is not inside a string.
        pos: Where to start.
        in_call: Whether a function has been named: markers without any decoration are then read
            more readily, since prose is not to be expected.
    """
    while match := _EVENT.search(text, pos):
        event = _event(text, match, in_call)
        if event is not None:
            return event
        pos = match.end("key") if match["key"] else match.end()
    return None


def begins(text: str, pos: int) -> bool:
    """Return whether a marker, a tag or a fence begins at `pos`: no value goes on there."""
    match = _EVENT.match(text, pos)
    if match is not None:
        return _event(text, match, in_call=True) is not None
    return text.startswith((CLOSE_TAG, "```"), pos)


def _event(text: str, match: re.Match[str], in_call: bool) -> Event | None:
    if match["tag"]:
        return Event(_TAGS[match["tag"].lower()], match.start(), match.end())
    kind = _KEYS[match["key"].upper()]
    around = match["close"] + (match["colon"] or "")
    colon = ":" in around or "：" in around
    glyph = match["open"] if match["open"] == match["close"] and match["open"] in ("*", "✿") else ""
    exact = bool(glyph) and match["key"].isupper()
    if not exact:
        # Emphasis in prose ("I *return* to it") is no marker, nor is a word before a colon.
        decorated = match["open"].strip() or match["close"].strip(" \t:：")
        if not colon or not (decorated or _bare(text, match, kind, in_call)):
            return None
    return Event(
        kind,
        match.start(),
        match.end(),
        glyph=glyph if exact and colon else "",
        fullwidth="：" in around,
    )


def _bare(text: str, match: re.Match[str], kind: EventKind, in_call: bool) -> bool:
    """Return whether a marker that has lost its stars is one: it opens a line, or ARGS follows."""
    line = text[max(0, match.start() - 8) : match.start()].rpartition("\n")
    opens_line = not line[2].strip(" \t:>") and (bool(line[1]) or match.start() <= len(line[2]))
    if in_call:
        return opens_line or kind == "args"
    if kind != "function":
        return kind == "args" and opens_line and match["key"].isupper()
    return opens_line and bool(match["key"].isupper() or _ARGS_FOLLOW.match(text, match.end()))


def partial_tail(text: str) -> int:
    """Return the index at which a marker or tag begins that the end of the text cuts off.

    It is `len(text)` when none does.
    """
    match = _PARTIAL.search(text, max(0, len(text) - 16))
    return match.start() if match else len(text)


def object_end(text: str, pos: int) -> int | None:
    """Return the index after the brace that closes the one at `pos`, or None while it is open."""
    depth = 0
    for match in _BRACE.finditer(text, pos):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def call_end(text: str) -> int | None:
    """Return the index just after the first complete call of any form, or None.

    Never true inside a string or inside `<think>`. Costs one substring search while the text holds
    no closing brace, and one pass over the text afterwards.
    """
    if "}" not in text:
        return None
    pos, in_call = 0, False
    while event := next_event(text, pos, in_call=in_call):
        pos = event.end
        match event.kind:
            case "function":
                in_call = True
            case "args" if in_call:
                opening = _OPENING.match(text, pos)
                return object_end(text, opening.end() - 1) if opening else None
            case "block":
                ends = (m for m in _BLOCK_END.finditer(text, pos) if m[0] == CLOSE_TAG)
                return next((m.end() for m in ends), None)
            case "think":
                pos = text.find("</think>", pos)
                if pos < 0:
                    return None
            case "stop" | "end":
                return None
            case "args" | "unthink":
                pass
    return None
