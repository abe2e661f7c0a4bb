"""The contract of a dialect: how a call is written, and how it is read back.

A dialect knows text. It knows no world, no model and no tokens.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace, Detail
from qvl_agent.actions.types import Call

__all__ = ["Dialect", "Parsed"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a policy's text says.

    Attributes:
        calls: At least one, each valid in the space it was read for; a loop runs the first.
        flags: What was repaired while reading, sorted, each once; see `flags.FLAGS`.
        thought: The text before the first call.
    """

    calls: tuple[Call, ...]
    flags: tuple[str, ...]
    thought: str


class Dialect(Protocol):
    """One way of writing calls.

    `parse(render(call)).calls == (call,)` for every call on the frame's grid.

    Attributes:
        name: As in `--dialect`.
        stop_words: Text that a policy must not go on to write; a server is told to stop there.
        results_in: Whose turn a result stands in. In "assistant" the whole trajectory is one
            assistant turn, so the token sequence only grows; in "user" each result opens a turn.
        before_result: Text between a call and its result.
        after_result: Text between a result and what the policy writes next.
    """

    name: str
    stop_words: tuple[str, ...]
    results_in: Literal["assistant", "user"]
    before_result: str
    after_result: str

    def space_for(self, space: ActionSpace) -> ActionSpace:
        """Return the form of a space that the dialect's models were taught, for all that follows.

        It holds the same actions under other functions; most often it is the space itself.
        """
        ...

    def system(self, space: ActionSpace, frame: Frame, detail: Detail = "full") -> str:
        """Return the system prompt's part that tells the actions and how to call them."""
        ...

    def render(self, call: Call, thought: str = "") -> str:
        """Return the text of a step: the thought, then the call."""
        ...

    def call_end(self, text: str) -> int | None:
        """Return the index just after the first complete call, or None while there is none yet.

        A decoding loop calls this after each token: it is cheap, and never true inside a string.
        """
        ...

    def parse(self, text: str, space: ActionSpace, frame: Frame) -> Parsed:
        """Return the calls in a newly generated text.

        Raises:
            ParseError: Whatever the text holds; no other exception leaves this function.
        """
        ...
