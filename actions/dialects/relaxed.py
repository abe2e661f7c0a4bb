"""Reads JSON as models write it, and records what had to be repaired.

Tolerant in form: single or curly quotes, bare keys, tuples, Python's literals, comments, trailing
commas, full-width punctuation, raw line breaks, lost closing braces. Strict in meaning: a number,
word or string that the text's end cuts off is never completed, a key that stands twice is refused,
and nothing is ever evaluated. It knows no functions and no schemas.

Source: JSON5 (json5.org) for quotes, keys, commas and comments; what else is seen in the wild is
listed in vLLM#22885, Qwen#919 and MobileAgent#272.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from qvl_agent.actions.dialects.strings import QUOTES, Unreadable, read_string

__all__ = ["DECIMAL", "Number", "Reader", "Value"]

_MAX_DEPTH = 16
_MOST_DIGITS = 1000

_FULLWIDTH = dict(zip("：，｛｝［］（）＂", ':,{}[]()"', strict=True))
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}

DECIMAL = r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
"""A number as JSON5 has it, without its hexadecimal ones; leading zeros are refused."""

_BLANK = re.compile(r"[\s\u200b\ufeff]*")
_COMMENT = re.compile(r"//[^\n]*|(?<=\s)#[^\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(rf"[-+]?(?:NaN|Infinity)|{DECIMAL}")
_CUT_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]*(?:[eE][-+]?[0-9]*)?\Z")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORD = re.compile(r"[^\W\d][\w$-]*")
_TAGGED = re.compile(
    r"<\|box_start\|>[^<\n]{0,80}<\|box_end\|>|<(point|bbox|box)>[^<\n]{0,80}</\1>"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, so that nothing is lost before a schema says what it is for."""

    text: str

    @property
    def value(self) -> int | float:
        """The value; an overflow is infinite, as in `json.loads`."""
        # Python refuses to read whole numbers of more than a few thousand digits.
        if len(self.text) < _MOST_DIGITS and self.text.lstrip("+-").isdigit():
            return int(self.text)
        return float(self.text)

    @property
    def is_finite(self) -> bool:
        """Whether it is neither NaN nor infinite."""
        value = self.value
        return isinstance(value, int) or math.isfinite(value)


Value: TypeAlias = "None | bool | str | Number | list[Value] | dict[str, Value]"


def _never(text: str, pos: int) -> bool:
    return False


@dataclass(slots=True)
class Reader:
    """A position in a text, moved forward by reading values.

    Attributes:
        text: What is read.
        pos: Where.
        flags: What was repaired so far; shared with whoever reads the rest.
        ends: Whether something begins at an index that cannot belong to a value (a marker, a tag):
            open braces and brackets are taken as closed there.
    """

    text: str
    pos: int = 0
    flags: set[str] = field(default_factory=set)
    ends: Callable[[str, int], bool] = _never

    def skip(self) -> None:
        """Move over white space and comments."""
        while True:
            self.pos = _BLANK.match(self.text, self.pos).end()  # type: ignore[union-attr]
            comment = _COMMENT.match(self.text, self.pos)
            if comment is None:
                return
            self.flags.add("comment")
            self.pos = comment.end()

    def peek(self) -> str:
        """Return the next character as plain punctuation, "" at the text's end."""
        char = self.text[self.pos : self.pos + 1]
        return _FULLWIDTH.get(char, char)

    def take(self) -> str:
        """Return the next character as plain punctuation and move over it."""
        char = self.text[self.pos : self.pos + 1]
        self.pos += 1
        if char in _FULLWIDTH:
            self.flags.add("fullwidth")
        return _FULLWIDTH.get(char, char)

    def at_end(self) -> bool:
        """Return whether the text ends here, or something begins that is no part of a value."""
        return self.pos >= len(self.text) or self.ends(self.text, self.pos)

    def value(self, depth: int = 0) -> Value:
        """Read one value.

        Raises:
            Unreadable: `truncated` or `bad_args`.
        """
        self.skip()
        char = self.peek()
        if depth > _MAX_DEPTH:
            raise self._bad(f"more than {_MAX_DEPTH} levels of brackets")
        if char in ("{", "[", "("):
            self.take()
            return self.members("}", depth) if char == "{" else self._items(char, depth)
        if char in QUOTES:
            return self._string()
        if self.at_end():
            raise self._cut("a value")
        if char in "+-.0123456789" or self.text.startswith(("NaN", "Infinity"), self.pos):
            return self._number()
        if tagged := _TAGGED.match(self.text, self.pos):
            self.pos = tagged.end()
            return tagged[0]
        return self._word()

    def members(self, close: str, depth: int = 0) -> dict[str, Value]:
        """Read the members of an object whose opening brace was read.

        Args:
            close: "}", or "" when the opening brace was lost too.
            depth: Levels of brackets around it.

        Raises:
            Unreadable: `truncated` or `bad_args`.
        """
        members: dict[str, Value] = {}
        comma = not close
        if close and depth == 0 and self.peek() == "{":
            self.take()  # doubled, as in a template
            self.flags.add("extra_brace")
        while True:
            self.skip()
            if self.peek() == "}":
                self.take()
                self._note(missing_brace=not close, trailing_comma=comma and bool(members))
                return members
            if self.at_end():
                return self._unclosed(members)
            key = self._key()
            if key in members:
                raise self._bad(f"{key!r} stands twice")
            members[key] = self.value(depth + 1)
            self.skip()
            if self.peek() in ("]", ")"):
                self.take()
                self.skip()
                self.flags.add("extra_brace")
            comma = self.peek() == ","
            if comma:
                self.take()
            elif self.at_end():
                self.flags.add("missing_brace")
                return members
            elif self.peek() != "}":
                raise self._bad(f"expected , or }} after the value of {key!r}")

    def _unclosed(self, members: dict[str, Value]) -> dict[str, Value]:
        """Return members that a marker, not the text's end, ends after a comma."""
        if not members or self.pos >= len(self.text):
            raise self._cut("the arguments")
        self._note(trailing_comma=True, missing_brace=True)
        return members

    def _items(self, opening: str, depth: int) -> list[Value]:
        items: list[Value] = []
        close, lost = ("]", "missing_bracket") if opening == "[" else (")", "missing_paren")
        comma = True
        while True:
            self.skip()
            if self.peek() in ("]", ")"):
                self._note(trailing_comma=comma and bool(items), **{lost: self.peek() != close})
                self.take()
                return items
            marked = self.pos < len(self.text) and self.at_end()
            if not comma and (marked or self.peek() == "}"):
                # The text's end may have cut further items off; a marker or a brace cannot.
                self.flags.add(lost)
                return items
            if self.at_end():
                raise self._cut("a list")
            if not comma:
                raise self._bad(f"expected , or {close}")
            items.append(self.value(depth + 1))
            self.skip()
            comma = self.peek() == ","
            if comma:
                self.take()

    def _key(self) -> str:
        if self.peek() in QUOTES:
            key = self._string()
        elif word := _WORD.match(self.text, self.pos):
            key, self.pos = word[0], word.end()
            self.flags.add("bare_key")
        else:
            raise self._bad("expected a parameter's name in quotes")
        self.skip()
        if self.peek() != ":":
            cut = self.at_end()
            raise self._cut("the arguments") if cut else self._bad(f"expected : after {key!r}")
        self.take()
        return key

    def _number(self) -> Number:
        start = self.pos
        number = _NUMBER.match(self.text, start)
        if _CUT_NUMBER.match(self.text, start):
            raise self._cut("a number")
        if number is None:
            raise self._bad("expected a number")
        self.pos = number.end()
        following = self.text[self.pos : self.pos + 1]
        if following.isalnum() or (following and following in "_.%+-#/"):
            raise self._bad(f"{self.text[start : self.pos + 8]!r} is no number")
        plain = _JSON_NUMBER.match(number[0])
        self._note(number_form=not plain and number[0].lstrip("+-")[0] not in "NI")
        return Number(number[0])

    def _word(self) -> bool | None:
        word = _WORD.match(self.text, self.pos)
        if word is None or word[0] not in _WORDS:
            rest = self.text[self.pos :] if len(self.text) - self.pos < 6 else ""
            if rest and any(literal.startswith(rest) for literal in _WORDS):
                raise self._cut("a value")
            raise self._bad("expected a JSON value")
        self.pos = word.end()
        self._note(python_literal=word[0][0].isupper())
        return _WORDS[word[0]]

    def _string(self) -> str:
        text, self.pos = read_string(self.text, self.pos, self.flags)
        return text

    def _note(self, **repairs: bool) -> None:
        self.flags.update(flag for flag, repaired in repairs.items() if repaired)

    def _bad(self, message: str) -> Unreadable:
        return Unreadable("bad_args", message, min(self.pos, len(self.text)))

    def _cut(self, what: str) -> Unreadable:
        return Unreadable("truncated", f"the text ends inside {what}", len(self.text))
