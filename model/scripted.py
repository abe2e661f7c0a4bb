"""Policies without a model: fixed answers, a function's answers, random valid calls. No torch.

They count tokens by one stated rule: a text takes one token per four characters, begun ones
counted; a picture takes one token per begun 28 x 28 pixels plus two delimiters; a turn takes three
tokens to open and two to close.
"""

import copy
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.model.policy import Decoding, Generation, Profile, StopReason
from qvl_agent.model.prompt import Part, Prompt, Text

__all__ = ["RandomPolicy", "ScriptedPolicy"]

_CELL = 28
_OPENING = 3
_CLOSING = 2


class _Countable:
    """The counting rule, and a `generate` made of one function of the prompt."""

    name: str
    profile: Profile

    def _answer(self, prompt: Prompt) -> str:
        raise NotImplementedError

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return the answer, ended where a model's would be."""
        text, stop = _stopped(self._answer(prompt), decoding)
        return Generation(text, stop=stop, prompt_tokens=self.length(prompt))

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        """Return one generation per prompt."""
        return [self.generate(prompt, decoding) for prompt in prompts]

    def count(self, part: Part) -> int:
        """Return the number of tokens of a part by this module's rule."""
        if isinstance(part, Text):
            return -(-len(part.text) // 4)
        height, width = map(int, part.pixels.shape[:2])
        return -(-height // _CELL) * -(-width // _CELL) + 2

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn takes, whatever its role."""
        return _OPENING + _CLOSING

    def length(self, prompt: Prompt) -> int:
        """Return the number of tokens of a whole prompt by this module's rule."""
        parts = sum(self.count(part) for turn in prompt.turns for part in turn.parts)
        turns = (_OPENING + _CLOSING) * len(prompt.turns)
        if prompt.turns and prompt.turns[-1].role == "assistant":
            return parts + turns - _CLOSING
        return parts + turns + _OPENING

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the size unchanged: nothing looks at the picture."""
        return height, width

    def describe(self) -> dict[str, Any]:
        """Return what a trace has to say about the policy, as JSON values."""
        return {"policy": type(self).__name__, "name": self.name}


class ScriptedPolicy(_Countable):
    """Answers from a script.

    Args:
        outputs: Texts, each given once, in order; or a function from the prompt to the text.
        name: As shown and stored in traces.
        profile: How the loop should prompt it.
    """

    def __init__(
        self,
        outputs: Sequence[str] | Callable[[Prompt], str],
        *,
        name: str = "scripted",
        profile: Profile | None = None,
    ) -> None:
        self.name = name
        self.profile = profile or Profile()
        self._outputs = outputs
        self._given = 0

    def _answer(self, prompt: Prompt) -> str:
        if callable(self._outputs):
            return self._outputs(prompt)
        if self._given >= len(self._outputs):
            raise PolicyError(f"the script of {self.name!r} ended after {self._given} answers")
        self._given += 1
        return self._outputs[self._given - 1]


class RandomPolicy(_Countable):
    """Writes a random valid call; the same prompt and seed always give the same one.

    Args:
        space: The calls to choose from.
        dialect: How to write them.
        seed: Of the choice.
        frame: The grid for points.
        profile: How the loop should prompt it; its dialect should be the given one.
    """

    def __init__(
        self,
        space: ActionSpace,
        dialect: Dialect,
        seed: int = 0,
        *,
        frame: Frame = FRAME_1000,
        profile: Profile | None = None,
    ) -> None:
        self.name = "random"
        self.profile = profile or Profile(dialect=dialect.name, frame=frame.name)
        self._space = dialect.space_for(space)
        self._dialect = dialect
        self._seed = seed
        self._frame = frame

    def _answer(self, prompt: Prompt) -> str:
        space = copy.copy(self._space)  # seeding must not disturb a space that others sample from
        space.seed(_digest(prompt, self._seed))
        return self._dialect.render(space.to_call(space.sample(), self._frame))


def _stopped(text: str, decoding: Decoding) -> tuple[str, StopReason]:
    """Return the text cut where the decoding rules end it, and why it ends."""
    cuts: list[tuple[int, StopReason]] = []
    if decoding.stop_after is not None:
        end = _first_end(text, decoding.stop_after)
        cuts += [(end, "call")] if end is not None else []
    cuts += [(at, "stop_word") for word in decoding.stop_words if (at := text.find(word)) >= 0]
    if not cuts:
        return text, "end_of_turn"
    end, reason = min(cuts)
    return text[:end], reason


def _first_end(text: str, stop_after: Callable[[str], int | None]) -> int | None:
    """Return where the text is complete, asked as it grows, as a model would be."""
    for length in range(1, len(text) + 1):
        end = stop_after(text[:length])
        if end is not None:
            return end
    return None


def _digest(prompt: Prompt, seed: int) -> int:
    """Return a seed in [0, 2**32) made of all that the prompt says and shows."""
    digest = hashlib.sha256(str(seed).encode())
    for turn in prompt.turns:
        digest.update(turn.role.encode())
        for part in turn.parts:
            said = part.text if isinstance(part, Text) else part.key
            digest.update(f"{len(said)}:{said}".encode())
    return int.from_bytes(digest.digest()[:4], "big")
