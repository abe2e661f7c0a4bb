"""Guesses at what a model writes next, from what it has read ("prompt lookup").

A thought often repeats words of the task, of the screen and of earlier thoughts. So the tokens that
followed the same few tokens earlier are a guess, and one forward pass checks all of it: `rows` has
each token chosen from the logits as it would be without a guess, which stands as far as it is what
was chosen. So a guess changes no answer, sampled ones included. Knows ids, no model and no tensors.

Source: Saxena, "Prompt Lookup Decoding", github.com/apoorvumang/prompt-lookup-decoding.
"""

from collections.abc import Sequence

import numpy as np

from qvl_agent.model.chat import Sequence as TokenSequence

__all__ = ["PromptLookup"]

_GRAMS = (3, 2, 1)
"""Tokens that have to be the same, tried in this order."""


class PromptLookup:
    """Finds what followed the newest tokens the last time that they stood in a row.

    Args:
        sequence: What the model has read; pictures are left out of it.
        longest: Most tokens of a guess. With the token before them they are 16: one pass of
            `StaticDecode`.
    """

    def __init__(self, sequence: TokenSequence, longest: int = 15) -> None:
        is_text = np.ones(len(sequence), np.bool_)
        for span in sequence.pictures:
            is_text[span.start : span.stop] = False
        self._known = sequence.ids[is_text]
        self._written = 0
        self._longest = longest

    def guess(self, written: Sequence[int]) -> list[int]:
        """Return a guess at what follows, [] where nothing is known.

        Args:
            written: The answer so far; it only ever grows.
        """
        new = np.array(written[self._written :], np.int64)
        self._known = np.concatenate([self._known, new])
        self._written = len(written)
        for gram in _GRAMS:
            after = self._after_last(gram)
            if after is not None:
                guess: list[int] = self._known[after : after + self._longest].tolist()
                return guess
        return []

    def _after_last(self, gram: int) -> int | None:
        """Return the index after the last earlier place of the newest `gram` tokens."""
        known = self._known
        places = len(known) - gram
        if places <= 0:
            return None
        same = np.ones(places, np.bool_)
        for offset in range(gram):
            same &= known[offset : offset + places] == known[places + offset]
        if not same.any():
            return None
        return int(places - 1 - same[::-1].argmax()) + gram
