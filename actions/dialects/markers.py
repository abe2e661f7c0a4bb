"""What the dialects that write calls by markers share.

In both, a whole trajectory stands in one turn of the assistant: call, result, next thought.
"""

import json
from typing import Literal

from qvl_agent.actions.dialects import scan
from qvl_agent.actions.dialects.base import Parsed
from qvl_agent.actions.dialects.reader import Form, read
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Call

__all__ = ["MarkerDialect"]


class MarkerDialect:
    """A dialect of `FUNCTION`, `ARGS`, `RESULT` and `RETURN` between two glyphs.

    Args:
        name: As in `--dialect`.
        glyph: What stands around a marker.
    """

    results_in: Literal["assistant", "user"] = "assistant"

    def __init__(self, name: str, glyph: str) -> None:
        self.name = name
        self.function, self.args, self.result, self.back = (
            f"{glyph}{key}{glyph}" for key in ("FUNCTION", "ARGS", "RESULT", "RETURN")
        )
        self.stop_words: tuple[str, ...] = (self.result, self.back)
        self.before_result = f"\n{self.result}: "
        # The policy writes the blank after this colon: ": " and what follows may be one token.
        self.after_result = f"\n{self.back}:"
        self._form = Form(glyph, lambda name, args: f"{self.function}: {name} {self.args}: {args}")

    def __repr__(self) -> str:
        return f"<dialect {self.name}>"

    def space_for(self, space: ActionSpace) -> ActionSpace:
        """Return the space itself."""
        return space

    def render(self, call: Call, thought: str = "") -> str:
        """Return the thought, then the call in two lines; the thought must hold no marker."""
        opening = f"{thought}\n" if thought else ""
        args = json.dumps(dict(call.args), ensure_ascii=False)
        return f"{opening}{self.function}: {call.function}\n{self.args}: {args}"

    def call_end(self, text: str) -> int | None:
        """Return the index just after the first complete call, or None while there is none yet."""
        return scan.call_end(text)

    def parse(self, text: str, space: ActionSpace, frame: Frame) -> Parsed:
        """Return the calls in a newly generated text.

        Raises:
            ParseError: Whatever the text holds; no other exception leaves this function.
        """
        return read(text, space, frame, self._form)
