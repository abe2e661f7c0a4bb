"""Keeps what a model writes inside a grammar, and writes itself what the grammar leaves no choice.

Knows tokens and llguidance; knows no model and no tensors.

Where only one text can follow, its tokens are added without asking the model ("jump-forward"). They
are the text's own tokenisation, without the end of it that a longer token could begin with: that
choice is the model's. So a step costs a forward pass for each choice and not for each token.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import PolicyError, UsageError
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.model.grammar import Grammar
from qvl_agent.model.policy import Decoding, StopReason
from qvl_agent.model.tokenizer import TextTokenizer
from qvl_agent.model.writing import Writing

__all__ = ["Guide", "GuidedWriting", "Guides"]

_REMEMBER = 32
_SLACK = 8
_FOR_ARGUMENTS = 64
"""Tokens that a thought leaves to a call's texts, beyond what every call needs; at most a quarter
of the answer."""

_ENDINGS = ('"', "}", "]", ",")
"""What ends a text, an object, a list or a number, in the order in which it is tried."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A grammar, compiled for one vocabulary.

    Attributes:
        matcher: At the grammar's start; copied before use.
        opening: What stands before a function's name; no thought contains it.
        openings: Ways to write that next, as ids: in a line of its own, or just so.
        endings: Ids of what ends a text, an object, a list or a number, in order of preference.
        needed: Tokens that suffice for any call whose texts are empty.
    """

    matcher: LLMatcher
    opening: str
    openings: tuple[tuple[int, ...], ...]
    endings: tuple[int, ...]
    needed: int


class Guides:
    """Compiles grammars, and keeps those used last.

    Args:
        tokenizer: Of the model.
        end_of_turn: Its id.
    """

    def __init__(self, tokenizer: TextTokenizer, end_of_turn: int) -> None:
        self._tokenizer = tokenizer
        self._end_of_turn = end_of_turn
        self._vocabulary: LLTokenizer | None = None
        self._guides: OrderedDict[str, Guide] = OrderedDict()

    def get(self, space: ActionSpace, frame: Frame, dialect: Dialect) -> Guide:
        """Return the guide of a step.

        Raises:
            UsageError: If a function's schema asks for something that no grammar can say.
        """
        grammar = Grammar.of(space, frame, dialect)
        guide = self._guides.get(grammar.lark)
        if guide is None:
            guide = self._guides[grammar.lark] = self._compile(grammar, space)
            if len(self._guides) > _REMEMBER:
                self._guides.popitem(last=False)
        self._guides.move_to_end(grammar.lark)
        return guide

    def _compile(self, grammar: Grammar, space: ActionSpace) -> Guide:
        if self._vocabulary is None:  # takes a second or two for 150,000 tokens
            self._vocabulary = LLTokenizer(self._tokenizer.to_json(), eos_token=self._end_of_turn)
        matcher = LLMatcher(self._vocabulary, grammar.lark)
        if matcher.is_error():
            raise UsageError(
                f"calls of space {space.name!r} cannot be constrained: {matcher.get_error()}"
            )
        encode = self._tokenizer.encode
        opening = grammar.opening.rstrip(" ")  # the blank may be the beginning of the name's token
        endings = (encode(ending) for ending in _ENDINGS)
        return Guide(
            matcher,
            grammar.opening,
            openings=(encode(f"\n{opening}"), encode(opening)),
            endings=tuple(ids[0] for ids in endings if len(ids) == 1),
            needed=_SLACK + max(len(encode(f"\n{call}")) for call in grammar.shortest),
        )


class GuidedWriting(Writing):
    """A thought and one call. It is complete with the call, and forced tokens add themselves.

    When the budget runs short, the thought gives way to the call, and then the call's texts end as
    soon as they can. So a call is complete unless the whole budget is too small for it.

    Args:
        tokenizer: Gives the bytes of a token.
        decoding: Stop words are not looked for: no thought contains one, and in a call's texts
            they have no meaning.
        dialect: Says where a call ends.
        guide: What may be written.
        room: Most tokens that fit the model's window.
    """

    def __init__(
        self,
        tokenizer: TextTokenizer,
        decoding: Decoding,
        dialect: Dialect,
        guide: Guide,
        room: int,
    ) -> None:
        self._guide = guide
        self._call_end = dialect.call_end
        until_call = dataclasses.replace(decoding, stop_words=(), stop_after=dialect.call_end)
        super().__init__(tokenizer, until_call, frozenset(), room)

    def restart(self) -> None:
        """Forget what was written."""
        super().restart()
        self._matcher: LLMatcher = self._guide.matcher.deep_copy()
        self._in_call = False
        self._force()

    def allowed(self) -> NDArray[np.bool_]:
        """Return which tokens may follow; ids beyond the end (padding rows) may not."""
        packed = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.unpackbits(packed, bitorder="little").view(np.bool_)
        if self._in_call and self._left <= self._guide.needed:
            ending = next((token for token in self._guide.endings if allowed[token]), None)
            if ending is not None:
                allowed[:] = False
                allowed[ending] = True
        return allowed

    def acceptable(self, tokens: Sequence[int]) -> int:
        """Return how many of these tokens, from the first on, the grammar allows next."""
        fitting = list(tokens[: super().acceptable(tokens)])
        return int(self._matcher.validate_tokens(fitting)) if fitting else 0

    def add(self, token: int) -> StopReason | None:
        """Take one more token, and those that have to follow it; return why the text is complete.

        Raises:
            PolicyError: If the grammar does not allow the token.
        """
        if not self._matcher.consume_token(token):
            raise PolicyError(f"the grammar cannot be followed: {self._matcher.get_error()}")
        if super().add(token) is None:
            self._force()
        return self.stop

    @property
    def _left(self) -> int:
        """Tokens that may still be written."""
        return self.limit - len(self.ids)

    def _force(self) -> None:
        """Add the tokens that have to follow."""
        while self.stop is None and (forced := self._forced()):
            for token in forced:
                if super().add(token) is not None:
                    return

    def _forced(self) -> list[int]:
        """Return the tokens that have to follow, [] where there is a choice."""
        self._in_call = self._in_call or self._guide.opening in self.text
        rest = self._rest_of_call()
        if rest:
            return rest
        forced: list[int] = self._matcher.compute_ff_tokens()
        if not forced and not self._in_call:
            forced = self._end_of_thought()
        if not self._matcher.consume_tokens(forced):
            raise PolicyError(f"the grammar cannot be followed: {self._matcher.get_error()}")
        return forced

    def _rest_of_call(self) -> list[int]:
        """Return the tokens that complete the call, [] where more than one text could."""
        follows = self._matcher.compute_ff_bytes()
        try:
            text = self.text + follows.decode()
        except UnicodeDecodeError:  # the rest of a character that is half written
            return []
        end = self._call_end(text) if follows else None
        return [] if end is None else list(self._tokenizer.encode(text[len(self.text) : end]))

    def _end_of_thought(self) -> list[int]:
        """Return the tokens that begin the call, [] while there is room for more thought."""
        if self._left > self._guide.needed + min(_FOR_ARGUMENTS, self.limit // 4):
            return []
        openings = self._guide.openings if self.text else self._guide.openings[1:]
        for opening in openings:
            ids = list(opening)
            if self._matcher.validate_tokens(ids) == len(ids):
                return ids
        return []
