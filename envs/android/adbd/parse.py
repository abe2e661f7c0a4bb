"""Reads a command line as a POSIX shell would, as far as agents use it. Nothing is ever executed.

Understood are words, both kinds of quotes, backslashes, `;`, `&&`, `||`, `|`, `$?`, and
redirections of errors, which are dropped. Any other `$...` or backtick outside of single quotes is
an error: this phone has no variables and no substitution.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["BadCommand", "Simple", "parse_line"]

Joint: TypeAlias = Literal["", ";", "&&", "||", "|"]


class BadCommand(Exception):
    """The line is not one this shell understands."""


@dataclass(frozen=True, slots=True)
class Simple:
    """One command and how it is joined to the one before.

    Attributes:
        joint: "" for the first.
        words: Its words; a `$?` that has to be filled in is `STATUS`.
    """

    joint: Joint
    words: tuple[str, ...]


STATUS = "\0status\0"
"""Stands for `$?` in a word. No real word holds a NUL."""


def parse_line(line: str) -> list[Simple]:
    """Return the commands of a line.

    Raises:
        BadCommand: If a quote is not closed, or the line asks for a substitution.
    """
    commands: list[Simple] = []
    joint: Joint = ""
    words: list[str] = []
    for kind, value in _tokens(line):
        if kind == "word":
            words.append(value)
            continue
        if words:
            commands.append(Simple(joint, tuple(words)))
            words = []
        elif value in ("&&", "||", "|"):
            raise BadCommand(f"syntax error: unexpected '{value}'")
        joint = value  # type: ignore[assignment]
    if words:
        commands.append(Simple(joint, tuple(words)))
    return commands


def _tokens(line: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    word: str | None = None
    i = 0

    def end() -> None:
        nonlocal word
        if word is not None and word not in ("2>&1", "2>/dev/null", ">/dev/null", "1>/dev/null"):
            tokens.append(("word", word))
        word = None

    while i < len(line):
        char = line[i]
        if char == "'":
            close = line.find("'", i + 1)
            if close < 0:
                raise BadCommand("no closing quote")
            word = (word or "") + line[i + 1 : close]
            i = close
        elif char == '"':
            text, i = _double_quoted(line, i + 1)
            word = (word or "") + text
        elif char == "\\":
            i += 1
            word = (word or "") + line[i : i + 1]
        elif char.isspace():
            end()
            if char == "\n":
                tokens.append(("joint", ";"))
        elif char == "&" and word is not None and word.endswith(">"):
            word += char  # as in 2>&1
        elif line[i : i + 2] in ("&&", "||"):
            end()
            tokens.append(("joint", line[i : i + 2]))
            i += 1
        elif char in ";|":
            end()
            tokens.append(("joint", char))
        elif line[i : i + 2] == "$?":
            word = (word or "") + STATUS
            i += 1
        elif char in "$`":
            raise BadCommand(f"this phone's shell has no substitution ({line[i : i + 12]!r})")
        elif char == "&":
            raise BadCommand("this phone's shell has no background jobs")
        else:
            word = (word or "") + char
        i += 1
    end()
    return tokens


def _double_quoted(line: str, i: int) -> tuple[str, int]:
    """Return the text up to the closing quote, and its index."""
    text = ""
    while i < len(line):
        char = line[i]
        if char == '"':
            return text, i
        if char == "\\" and line[i + 1 : i + 2] in ('"', "\\", "$", "`"):
            i += 1
            text += line[i]
        elif line[i : i + 2] == "$?":
            text += STATUS
            i += 1
        elif char in "$`":
            raise BadCommand(f"this phone's shell has no substitution ({line[i : i + 12]!r})")
        else:
            text += char
        i += 1
    raise BadCommand("no closing quote")
