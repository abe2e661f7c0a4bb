"""Sequences in, answers out, doing only the work that is new. Knows no chat format and no files.

A step of an agent appends a picture and some text to a history that the model has read already. The
engine finds the longest prefix whose keys and values it still holds, encodes only pictures it has
not seen, reads only the rest, and writes. The answer equals that of a fresh computation.

Requests come and go at any time ("continuous batching"): every forward pass takes one chunk of the
sequence that is being read, and the next tokens of all answers that are being written.
"""

import time
import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch

from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.passes import Passes
from qvl_agent.model.prefix import PrefixCache
from qvl_agent.model.rows import Request, Row, take
from qvl_agent.model.shortage import is_out_of_memory, out_of_memory
from qvl_agent.model.static import StaticDecode
from qvl_agent.model.vision import VisionEncoder

__all__ = ["CacheUse", "Engine"]

_WORTH_DRAFTING = 1.5
"""A pass that checks a guess may cost this many times one token's: it writes some 1.7 tokens."""


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What is kept for later prompts.

    Attributes:
        slots: Sequences of which the keys and values are kept.
        keys_and_values: Bytes of these.
        features: Bytes of pictures' visual features.
        features_bound: Most bytes of those.
    """

    slots: int
    keys_and_values: int
    features: int
    features_bound: int


class Engine:
    """Answers requests with one model. One thread at a time may use it, but for `submit`.

    Args:
        decoder: The language model.
        vision: The vision encoder with its feature cache.
        prefixes: The slots.
        flash: Use the flash-attn package for prefill.
        chunk: Tokens of a sequence read in one pass; bounds the memory of activations and masks,
            and how long answers that are being written wait.
        max_rows: Most requests worked on side by side.
        jump_forward: Feed tokens that a grammar forces in one pass; without it, one by one.
        static: Writes a lone answer; without it, ordinary passes do.
        drafting: Let a lone answer's passes check guesses, see `drafting`; None is where `static`
            measures that a pass of many tokens costs little more than one of one.
    """

    def __init__(
        self,
        decoder: TextDecoder,
        vision: VisionEncoder,
        prefixes: PrefixCache,
        *,
        flash: bool = False,
        chunk: int = 1024,
        max_rows: int = 32,
        jump_forward: bool = True,
        static: StaticDecode | None = None,
        drafting: bool | None = None,
    ) -> None:
        self.decoder = decoder
        self.vision = vision
        self.prefixes = prefixes
        self.jump_forward = jump_forward
        self.static = static
        self.drafting = drafting
        self._passes = Passes(decoder, vision, flash=flash)
        self._chunk = chunk
        self._max_rows = max_rows
        self._device = decoder.shape.device
        self._waiting: deque[Row] = deque()
        self._rows: list[Row] = []  # at most one is reading, and that is the last

    def submit(self, request: Request) -> Row:
        """Return the row of a request, which `advance` will work on; any thread may call this."""
        row = Row(request)
        self._waiting.append(row)
        return row

    @torch.inference_mode()
    def advance(self) -> list[Row]:
        """Run one forward pass for all rows, and return those that are complete now.

        A row whose logits are not finite, or that does not fit into the memory even with empty
        caches and alone, is complete with an error. The engine can be used afterwards.

        Raises:
            BaseException: What nobody expected; no row is left then, and all have it as error.
        """
        failed: list[Row] = []
        try:
            self._admit()
            self._pass([row for row in self._rows if not row.done])
        except (RuntimeError, MemoryError) as exc:
            if not is_out_of_memory(exc):
                self._abandon(exc)
                raise
            failed = self._retreat(exc)
        except BaseException as exc:
            self._abandon(exc)
            raise
        return failed + self._leave()

    @property
    def use(self) -> CacheUse:
        """What is kept now."""
        features = self.vision.cache
        return CacheUse(
            len(self.prefixes), self.prefixes.nbytes, features.nbytes, features.max_bytes
        )

    def clear(self) -> None:
        """Drop all earlier work and give the memory back."""
        self.prefixes.clear()
        self.vision.cache.clear()
        if self.static is not None:
            self.static.forget()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _admit(self) -> None:
        """Begin with the next request, unless one is being read that it may share a prefix with."""
        if not self._waiting or len(self._rows) == self._max_rows:
            return
        row = self._waiting[0]
        if self._rows and (self._rows[-1].reading or row.alone or self._rows[-1].alone):
            return
        self._rows.append(self._waiting.popleft())
        if row.cancelled:
            return
        if row.alone:
            self.clear()
        request = row.request
        row.slot, row.reused = self.prefixes.acquire(
            request.sequence, request.capacity, deletion=request.deletion
        )
        row.read = row.reused

    def _pass(self, rows: Sequence[Row]) -> None:
        """Let each row bring its next tokens, and those that need it choose the token after."""
        if not rows:
            return
        begin = time.perf_counter()
        was_reading = [row.reading for row in rows]
        if len(rows) == 1 and not rows[0].reading and self._drafts(rows[0]):
            rows[0].look_up()
        counts = [self._next_count(row) for row in rows]
        logits_of, looking = self._passes.run(rows, counts, self.static)
        choosing: list[Row] = []
        places: list[int] = []
        firsts: list[int] = []
        for row, count, end in zip(rows, counts, accumulate(counts), strict=True):
            row.feed(count)
            if not row.reading and not row.unfed:
                choosing.append(row)
                firsts.append(len(places))
                places += range(end - len(row.guess) - 1, end)
        if choosing:
            logits = logits_of(places)
            take(choosing, logits if len(firsts) == len(places) else logits[firsts])
            for row, first in zip(choosing, firsts, strict=True):
                if row.guess:
                    row.check(logits[first + 1 : first + 1 + len(row.guess)])
        share = (time.perf_counter() - begin - looking) / sum(counts)
        for row, count, read in zip(rows, counts, was_reading, strict=True):
            row.spend(share * count, reading=read)

    def _next_count(self, row: Row) -> int:
        """Return how many tokens a row brings to the next pass."""
        if row.reading:
            return min(self._chunk, len(row.sequence) - row.read)
        return len(row.next_tokens) if self.jump_forward else 1

    def _drafts(self, row: Row) -> bool:
        """Return whether guesses are worth their time; measured once, in a lone row's place."""
        if self.drafting is None:
            self.drafting = False
            if self.static is not None:
                ratio = self.static.cost_ratio(row.open_slot.cache, row.length)
                self.drafting = ratio <= _WORTH_DRAFTING
        return self.drafting and self.jump_forward and row.request.writing is not None

    def _leave(self) -> list[Row]:
        """Return the rows that are done, and let go of their slots."""
        done = [row for row in self._rows if row.done]
        self._rows = [row for row in self._rows if not row.done]
        if done and self.static is not None:
            self.static.flush()
            if any(row.error is not None for row in done):
                self.static.wipe()
        for row in done:
            if row.slot is not None:
                if row.error is not None or row.reading:
                    self.prefixes.drop(row.slot)
                else:
                    row.slot.held = row.slot.held.then(row.fed)
                    self.prefixes.release(row.slot)
            row.complete = True
        return done

    def _retreat(self, exc: BaseException) -> list[Row]:
        """Empty all caches and begin all rows anew, one by one; return one that was alone already.

        That one has failed: it does not fit.
        """
        traceback.clear_frames(exc.__traceback__)  # they hold the tensors of the pass
        rows, self._rows = self._rows, []
        self.clear()
        if len(rows) > 1 or not rows[0].alone:
            self._waiting.extendleft(row.restart() for row in reversed(rows))
            return []
        rows[0].error = out_of_memory(len(rows[0].sequence), self.decoder.shape, exc)
        rows[0].complete = True
        return rows

    def _abandon(self, exc: BaseException) -> None:
        """Give up all rows."""
        if self.static is not None:
            self.static.forget()
        rows, self._rows = [*self._rows, *self._waiting], []
        self._waiting.clear()
        for row in rows:
            if row.slot is not None:
                self.prefixes.drop(row.slot)
            row.error = exc
            row.complete = True
