"""The text that a policy is writing: detokenised token by token, ended where it has to end.

Knows the tokenizer and the stopping rules of a `Decoding`; knows no model.
"""

import codecs
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qvl_agent.model.policy import Decoding, StopReason
from qvl_agent.model.tokenizer import TextTokenizer

__all__ = ["Writing"]


class Writing:
    """One answer while it grows.

    A character whose bytes are spread over several tokens appears with its last byte. Stopping
    rules see whole characters only, and are asked after every token.

    Args:
        tokenizer: Gives the bytes of a token.
        decoding: When to stop.
        end_tokens: Ids that end the turn; they are not part of the text.
        room: Most tokens that fit the model's window.

    Attributes:
        limit: Most tokens of this answer.
        text: What is written so far.
        ids: The tokens that the model wrote, whatever was cut off the text afterwards.
        tokens: When complete: tokens that write exactly the text.
        stop: Why it is complete, or None.
    """

    def __init__(
        self,
        tokenizer: TextTokenizer,
        decoding: Decoding,
        end_tokens: frozenset[int],
        room: int,
    ) -> None:
        self._tokenizer = tokenizer
        self._decoding = decoding
        self._end_tokens = end_tokens
        self._overlap = max((len(word) for word in decoding.stop_words), default=1) - 1
        self.limit = max(0, min(decoding.max_tokens, room))
        self.restart()

    def restart(self) -> None:
        """Forget what was written."""
        self.text = ""
        self.ids: list[int] = []
        self.tokens: tuple[int, ...] = ()
        self.stop: StopReason | None = None if self.limit else "length"
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._borders = [(0, 0)]  # (tokens, characters) where no character is half written

    def allowed(self) -> NDArray[np.bool_] | None:
        """Return which tokens (vocabulary,) may follow, or None when any may."""
        return None

    def acceptable(self, tokens: Sequence[int]) -> int:
        """Return how many of these tokens, from the first on, could be written next."""
        return max(0, min(len(tokens), self.limit - len(self.ids)))

    def add(self, token: int) -> StopReason | None:
        """Take one more token; return why the text is complete, or None while it is not."""
        if token in self._end_tokens:
            return self._finish("end_of_turn", flush=True)
        searched = max(0, len(self.text) - self._overlap)
        self.ids.append(token)
        self.text += self._utf8.decode(self._tokenizer.piece(token))
        if not self._utf8.getstate()[0]:
            self._borders.append((len(self.ids), len(self.text)))
        hits = [self.text.find(word, searched) for word in self._decoding.stop_words]
        cut = min((hit for hit in hits if hit >= 0), default=None)
        end = self._decoding.stop_after(self.text) if self._decoding.stop_after else None
        if end is not None and (cut is None or end <= cut):
            return self._finish("call", end)
        if cut is not None:
            return self._finish("stop_word", cut)
        if len(self.ids) >= self.limit:
            return self._finish("length", flush=True)
        return None

    def _finish(self, stop: StopReason, end: int | None = None, flush: bool = False) -> StopReason:
        if flush:
            self.text += self._utf8.decode(b"", final=True)
        self.tokens = tuple(self.ids)
        if end is not None:
            self._cut(end)
        self.stop = stop
        return stop

    def _cut(self, end: int) -> None:
        """Keep the first `end` characters, and of the tokens those that write exactly these.

        Where the cut goes through a token, what is left of it is tokenised anew.
        """
        kept, written = max(border for border in self._borders if border[1] <= end)
        self.tokens = (*self.ids[:kept], *self._tokenizer.encode(self.text[written:end]))
        self.text = self.text[:end]
