r"""How a text is typed through adb: the argument lists, so that it is typed and never executed.

adb joins its arguments with spaces and the *device's* shell parses them; then `input text` turns
every `%s` into a space. Hence: single quotes around it, `'` written `'\\''`, a space as `%s`, and a
literal "%s" cut in two. What `input text` cannot type (anything beyond ASCII) goes to the
ADBKeyBoard input method as base64. This module does no I/O.

Source: frameworks/base Input.java (`%s`), senzhk/ADBKeyBoard README (ADB_INPUT_B64); the cases in
tests/envs/android/test_text.py.
"""

import base64

__all__ = ["ENTER", "TAB", "is_plain", "quoted", "refusal", "text_arguments"]

ENTER = 66
"""Key code of Enter."""

TAB = 61
"""Key code of Tab."""

_LONGEST = 120
"""Characters in one call: longer ones arrive out of order on some phones."""


def is_plain(text: str) -> bool:
    """Return whether `input text` can type it."""
    return text.isascii()


def refusal(text: str) -> str:
    """Return why a text cannot be typed by any means, "" where it can."""
    odd = next((c for c in text if ord(c) < 32 and c not in "\n\r\t" or c == "\x7f"), None)
    if odd is not None:
        return f"the text holds the control character {odd!r}, which no keyboard types"
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        return "the text holds half of a surrogate pair, which is no character"
    return ""


def quoted(word: str) -> str:
    """Return a word as the device's shell reads it unchanged."""
    return "'" + word.replace("'", "'\\''") + "'"


def text_arguments(text: str) -> list[list[str]]:
    """Return the argument lists of the adb calls that type a text, in order.

    Lines are divided by Enter. A line beyond ASCII needs ADBKeyBoard to be the input method.
    """
    calls: list[list[str]] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for i, line in enumerate(lines):
        if i:
            calls.append(["shell", "input", "keyevent", str(ENTER)])
        if line and not is_plain(line):
            message = base64.b64encode(line.encode("utf-8")).decode("ascii")
            calls.append(
                ["shell", "am", "broadcast", "-a", "ADB_INPUT_B64", "--es", "msg", message]
            )
            continue
        for j, part in enumerate(line.split("\t")):
            if j:
                calls.append(["shell", "input", "keyevent", str(TAB)])
            calls += [
                ["shell", "input", "text", quoted(p.replace(" ", "%s"))] for p in _pieces(part)
            ]
    return calls


def _pieces(part: str) -> list[str]:
    """Return a text cut so that no piece is too long, or holds "%s"."""
    pieces: list[str] = []
    for i, chunk in enumerate(part.split("%s")):
        piece = ("s" if i else "") + chunk + ("%" if i < part.count("%s") else "")
        pieces += [piece[k : k + _LONGEST] for k in range(0, len(piece), _LONGEST)]
    return pieces
