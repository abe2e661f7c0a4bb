"""Requests on their way through the model: what of each was read and what it has written.

A row is one request from the moment it is asked until it is complete. It reads its sequence in
chunks and then writes its answer: in each forward pass it brings some tokens, and when all that is
known is in its slot it takes the logits that follow. What it brings may end with a guess, which
those logits bear out or not. Knows sampling, and no model.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.drafting import PromptLookup
from qvl_agent.model.policy import Decoding, Generation, Seconds
from qvl_agent.model.prefix import Held, Slot
from qvl_agent.model.sampling import choose
from qvl_agent.model.vision import Clock
from qvl_agent.model.writing import Writing

__all__ = ["Request", "Row", "take"]


@dataclass(frozen=True, slots=True)
class Request:
    """A sequence to read, and usually to answer.

    Attributes:
        sequence: What the model reads.
        writing: The answer, still empty; it says when it is complete. Without one the sequence is
            only read.
        decoding: How tokens are chosen.
        deletion: Whether it may be answered approximately, see `PrefixCache.acquire`.
    """

    sequence: TokenSequence
    writing: Writing | None = None
    decoding: Decoding = field(default_factory=Decoding)
    deletion: bool = False

    @property
    def capacity(self) -> int:
        """Most tokens that the sequence and its answer take."""
        return len(self.sequence) + (self.writing.limit if self.writing else 0)


@dataclass(slots=True, eq=False)
class Row:
    """A request while it is worked on.

    Attributes:
        request: What is asked.
        slot: Where its keys and values are; None while it waits.
        reused: Tokens of its sequence that the slot held from the start.
        read: Tokens of its sequence that are in the slot.
        fed: Tokens of its answer that are in the slot.
        guess: Tokens that it brings to the next pass after all that is known.
        logits: (vocabulary,) of the token that follows a sequence that is only read.
        forwards: Passes that wrote the answer; reading the sequence is the first.
        clock: Seconds spent on its pictures.
        prefill: Seconds spent on reading; of a pass that is shared, its share of the tokens.
        decode: Seconds spent on writing, likewise.
        alone: Whether it has to have the memory for itself.
        cancelled: Whether nobody waits for it any longer.
        error: Why it failed.
        complete: Whether it has left the engine; set last, so that any thread may ask.
    """

    request: Request
    slot: Slot | None = None
    reused: int = 0
    read: int = 0
    fed: list[int] = field(default_factory=list)
    guess: list[int] = field(default_factory=list)
    logits: Tensor | None = None
    forwards: int = 1
    clock: Clock = field(default_factory=Clock)
    prefill: float = 0.0
    decode: float = 0.0
    alone: bool = False
    cancelled: bool = False
    error: BaseException | None = None
    complete: bool = False
    source: random.Random = field(init=False)
    _lookup: PromptLookup | None = None

    def __post_init__(self) -> None:
        self.source = random.Random(self.request.decoding.seed)

    @property
    def sequence(self) -> TokenSequence:
        """What the model reads."""
        return self.request.sequence

    @property
    def reading(self) -> bool:
        """Whether some of the sequence is unread."""
        return self.read < len(self.sequence)

    @property
    def unfed(self) -> list[int]:
        """The answer's tokens that are not in the slot."""
        writing = self.request.writing
        return [] if writing is None else writing.ids[len(self.fed) :]

    @property
    def next_tokens(self) -> list[int]:
        """What it brings of its answer: all that is known, then the guess."""
        return [*self.unfed, *self.guess]

    @property
    def open_slot(self) -> Slot:
        """Its slot, which it has from when it is admitted."""
        assert self.slot is not None
        return self.slot

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        if self.error is not None or self.cancelled:
            return True
        writing = self.request.writing
        written = self.logits is not None if writing is None else writing.stop is not None
        return written and not self.reading

    @property
    def length(self) -> int:
        """Tokens in the slot."""
        return self.read + len(self.fed)

    @property
    def position(self) -> int:
        """M-RoPE position of the answer's next token to feed."""
        return self.sequence.next_position + self.shift + len(self.fed)

    @property
    def shift(self) -> int:
        """M-RoPE positions of what was deleted before the tokens that it brings."""
        return 0 if self.slot is None else self.slot.shift

    def look_up(self) -> None:
        """Guess what its answer goes on with, as far as its writing would take that."""
        writing = self.request.writing
        assert writing is not None
        self._lookup = self._lookup or PromptLookup(self.sequence)
        guess = self._lookup.guess(writing.ids)
        self.guess = guess[: writing.acceptable(guess)]

    def check(self, logits: Tensor) -> None:
        """Write on for as long as the guess is what is written.

        Args:
            logits: (tokens of the guess, vocabulary), after each of them; changed in place.
        """
        guess, self.guess = self.guess, []
        while not self.done and 0 < (count := len(self.unfed)) <= len(guess):
            if self.unfed != guess[:count]:
                break
            take([self], logits[count - 1 : count])
        right = takewhile(lambda pair: pair[0] == pair[1], zip(guess, self.unfed, strict=False))
        self.fed += [token for token, _ in right]

    def feed(self, count: int) -> None:
        """Note that its next `count` tokens went through a pass."""
        if not self.reading:
            self.fed += self.unfed[:count]
            self.forwards += 1
            return
        self.read += count
        if not self.reading and self.slot is not None:  # from now on others may share it
            self.slot.held = Held.of(self.sequence, self.read)

    def spend(self, seconds: float, *, reading: bool) -> None:
        """Note the time that its tokens took in a pass."""
        if reading:
            self.prefill += seconds
        else:
            self.decode += seconds

    def generation(self) -> Generation:
        """Return the answer of a row that is complete.

        Raises:
            BaseException: What made it fail.
        """
        self._raise()
        writing = self.request.writing
        assert writing is not None
        assert writing.stop is not None
        return Generation(
            text=writing.text,
            tokens=writing.tokens,
            stop=writing.stop,
            prompt_tokens=len(self.sequence),
            reused_tokens=self.reused,
            seconds=Seconds(self.clock.preprocess, self.clock.vision, self.prefill, self.decode),
            forwards=self.forwards,
        )

    def next_logits(self) -> Tensor:
        """Return the logits (vocabulary,) of the token after a sequence that was only read.

        Raises:
            BaseException: What made it fail.
        """
        self._raise()
        assert self.logits is not None
        return self.logits

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def restart(self) -> "Row":
        """Forget all work, and have the memory for itself the next time; returns itself."""
        if self.request.writing is not None:
            self.request.writing.restart()
        self.alone = True
        self.slot, self.logits = None, None
        self.read, self.fed, self.guess, self.forwards = 0, [], [], 1
        self._lookup = None
        self.source = random.Random(self.request.decoding.seed)
        return self


def take(rows: Sequence[Row], logits: Tensor) -> None:
    """Let each row choose its next token; one that cannot has its `error` set.

    Args:
        rows: All that they know is in their slots.
        logits: (rows, vocabulary); changed in place.
    """
    alike: dict[tuple[float, float], list[int]] = {}
    for place, row in enumerate(rows):
        writing, decoding = row.request.writing, row.request.decoding
        if writing is None:
            row.logits = logits[place].clone()
        elif writing.stop is None:
            _forbid(logits[place], writing.allowed())
            alike.setdefault((decoding.temperature, decoding.top_p), []).append(place)
    for places in alike.values():
        some = logits if len(places) == len(rows) else logits[places]
        _choose([rows[place] for place in places], some)


def _choose(rows: Sequence[Row], logits: Tensor) -> None:
    """Choose the next token of rows that are decoded alike, and add it to their answers."""
    decoding = rows[0].request.decoding
    sources = [row.source for row in rows]
    try:
        tokens = choose(logits, decoding.temperature, decoding.top_p, sources)
    except PolicyError as exc:
        if len(rows) == 1:
            rows[0].error = exc
            return
        for place, row in enumerate(rows):  # the others must not suffer from one
            _choose([row], logits[place : place + 1])
        return
    for row, token in zip(rows, tokens, strict=True):
        writing = row.request.writing
        assert writing is not None
        try:
            writing.add(token)
        except PolicyError as exc:
            row.error = exc


def _forbid(logits: Tensor, allowed: NDArray[np.bool_] | None) -> None:
    """Make tokens impossible that are not allowed; logits (vocabulary,) are changed in place."""
    if allowed is not None:
        mask = torch.ones(len(logits), dtype=torch.bool)
        known = torch.from_numpy(allowed[: len(logits)])  # the vocabulary may be padded
        mask[: len(known)] = ~known
        logits.masked_fill_(mask.to(logits.device), float("-inf"))
