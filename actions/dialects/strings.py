"""Reads a quoted string as models write it, and records what had to be repaired.

Single and curly quotes, raw line breaks, and escapes that JSON does not know, whose backslash is
dropped as JSON5 does. A string that the text's end cuts off is never completed.
"""

import re
from collections.abc import Mapping

from qvl_agent.actions.errors import ParseErrorKind

__all__ = ["QUOTES", "Unreadable", "read_string"]

QUOTES: Mapping[str, str] = {'"': '"', "'": "'", "“": "”", "‘": "’", "＂": "＂"}
"""Closing quotes by their opening ones; the last pair is full-width."""

_REPAIRS = {"'": "single_quotes", "“": "smart_quotes", "‘": "smart_quotes", "＂": "fullwidth"}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {c: c for c in '"\\/'}
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_PLAIN = {
    quote: re.compile(rf"[^{close}\\\x00-\x1f\ud800-\udfff]+") for quote, close in QUOTES.items()
}


class Unreadable(Exception):
    """The text at `pos` is no value; `ParseError` is made of this."""

    def __init__(self, kind: ParseErrorKind, message: str, pos: int) -> None:
        super().__init__(message)
        self.kind: ParseErrorKind = kind
        self.pos = pos


def read_string(text: str, pos: int, flags: set[str]) -> tuple[str, int]:
    """Return the string whose opening quote is at `pos`, and the index after its closing one.

    Raises:
        Unreadable: `truncated` or `bad_args`.
    """
    quote = text[pos]
    if quote in _REPAIRS:
        flags.add(_REPAIRS[quote])
    pieces: list[str] = []
    pos += 1
    while pos < len(text):
        if plain := _PLAIN[quote].match(text, pos):
            piece, pos = plain[0], plain.end()
        elif text[pos] == QUOTES[quote]:
            return "".join(pieces), pos + 1
        elif text[pos] == "\\":
            piece, pos = _escaped(text, pos + 1, quote, flags)
        elif text[pos] < " ":
            flags.add("control_char")
            piece, pos = text[pos], pos + 1
        else:
            raise Unreadable("bad_args", "half of a surrogate pair in a string", pos)
        pieces.append(piece)
    raise _cut(text)


def _escaped(text: str, pos: int, quote: str, flags: set[str]) -> tuple[str, int]:
    """Return what an escape stands for, and the index after it; `pos` is behind the backslash."""
    if pos >= len(text):
        raise _cut(text)
    char = text[pos]
    if char == "u":
        return _code_point(text, pos + 1)
    if char not in _ESCAPES and char != quote:
        flags.add("bad_escape")
    return _ESCAPES.get(char, char), pos + 1


def _code_point(text: str, pos: int) -> tuple[str, int]:
    """Return the character of an escape by code, which may be a pair of them."""
    code, pos = _hex(text, pos)
    if 0xD800 <= code < 0xDC00 and text.startswith("\\u", pos):
        low, pos = _hex(text, pos + 2)
        if 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), pos
    if not 0xD800 <= code < 0xE000:
        return chr(code), pos
    if pos >= len(text):
        raise _cut(text)
    raise Unreadable("bad_args", "half of a surrogate pair in a string", pos)


def _hex(text: str, pos: int) -> tuple[int, int]:
    digits = _HEX.match(text, pos)
    if digits:
        return int(digits[0], 16), digits.end()
    if pos + 4 > len(text):
        raise _cut(text)
    raise Unreadable("bad_args", "\\u takes four hexadecimal digits", pos)


def _cut(text: str) -> Unreadable:
    return Unreadable("truncated", "the text ends inside a string", len(text))
