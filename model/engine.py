"""Sequences in, answers out, doing only the work that is new. Knows no chat format and no files.

A step of an agent appends a picture and some text to a history that the model has read already. The
engine finds the longest prefix whose keys and values it still holds, encodes only pictures it has
not seen, prefills only the rest, and decodes. The answer equals that of a fresh computation.
"""

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.attention import KeyValues, attend_batch, attend_one, attend_prefill
from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.policy import Decoding, Generation, Seconds
from qvl_agent.model.prefix import PrefixCache, Slot
from qvl_agent.model.sampling import choose
from qvl_agent.model.vision import VisionEncoder
from qvl_agent.model.writing import Writing

__all__ = ["Engine", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """A sequence to answer.

    Attributes:
        sequence: What the model reads.
        writing: The answer, still empty; it says when it is complete.
    """

    sequence: TokenSequence
    writing: Writing


@dataclass(slots=True)
class _Reading:
    """A sequence that the model has read."""

    slot: Slot
    reused: int
    logits: Tensor
    seconds: Seconds


@dataclass(slots=True)
class _Row:
    """A request while it is answered. `fed` are the answer's tokens that are in the cache."""

    request: Request
    reading: _Reading
    source: random.Random
    fed: list[int] = field(default_factory=list)
    forwards: int = 1

    @property
    def done(self) -> bool:
        return self.request.writing.stop is not None

    @property
    def length(self) -> int:
        """Tokens in the cache."""
        return len(self.request.sequence) + len(self.fed)

    @property
    def position(self) -> int:
        """M-RoPE position of the next token to feed."""
        return self.request.sequence.next_position + len(self.fed)

    @property
    def unfed(self) -> list[int]:
        """The answer's tokens that are not in the cache."""
        return self.request.writing.ids[len(self.fed) :]

    @property
    def next_token(self) -> int:
        """The token to feed next; any one will do for an answer that is complete."""
        return next(iter(self.unfed), 0)

    def feed(self, tokens: Sequence[int]) -> None:
        """Note a forward pass of these tokens."""
        self.fed += tokens
        self.forwards += 1


class Engine:
    """Answers requests with one model.

    Args:
        decoder: The language model.
        vision: The vision encoder with its feature cache.
        prefixes: The slots.
        flash: Use the flash-attn package for prefill.
        chunk: Tokens prefilled at once; bounds the memory of activations and masks.
        max_rows: Most requests decoded side by side.
        jump_forward: Feed tokens that a grammar forces in one pass; without it, one by one.
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
    ) -> None:
        self.decoder = decoder
        self.vision = vision
        self.prefixes = prefixes
        self._flash = flash
        self._chunk = chunk
        self._max_rows = max_rows
        self.jump_forward = jump_forward
        self._device = decoder.shape.device

    @torch.inference_mode()
    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Generation]:
        """Return one answer per request, each equal to what it would be alone.

        Raises:
            PolicyError: If the logits are not finite, or memory does not suffice even with empty
                caches. The engine can be used afterwards.
        """
        answers: list[Generation] = []
        for first in range(0, len(requests), self._max_rows):
            answers += self._answer(requests[first : first + self._max_rows], decoding)
        return answers

    @torch.inference_mode()
    def next_logits(self, sequence: TokenSequence) -> Tensor:
        """Return the logits (vocabulary,) of the token that follows a sequence."""
        reading = self._read(sequence, room=0)
        self.prefixes.release(reading.slot)
        return reading.logits.clone()

    def clear(self) -> None:
        """Drop all earlier work and give the memory back."""
        self.prefixes.clear()
        self.vision.cache.clear()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _answer(self, requests: Sequence[Request], decoding: Decoding) -> list[Generation]:
        """Answer side by side; if memory does not suffice, one by one from empty caches."""
        try:
            return self._wave(requests, decoding)
        except (RuntimeError, MemoryError) as exc:
            if not _is_out_of_memory(exc):
                raise
        answers = []
        for request in requests:
            self.clear()
            request.writing.restart()
            try:
                answers += self._wave([request], decoding)
            except (RuntimeError, MemoryError) as exc:
                if not _is_out_of_memory(exc):
                    raise
                self.clear()
                raise self._out_of_memory(request.sequence) from exc
        return answers

    def _wave(self, requests: Sequence[Request], decoding: Decoding) -> list[Generation]:
        rows: list[_Row] = []
        try:
            for request in requests:
                reading = self._read(request.sequence, room=request.writing.limit)
                rows.append(_Row(request, reading, random.Random(decoding.seed)))
            begin = time.perf_counter()
            self._write(rows, decoding)
            share = (time.perf_counter() - begin) / len(rows)
        except BaseException:
            for row in rows:
                self.prefixes.drop(row.reading.slot)
            raise
        for row in rows:
            row.reading.slot.append(row.fed)
            self.prefixes.release(row.reading.slot)
        return [_generation(row, share) for row in rows]

    def _read(self, sequence: TokenSequence, room: int) -> _Reading:
        """Compute what no slot holds yet, up to the logits of the next token."""
        slot, common = self.prefixes.acquire(sequence, len(sequence) + room)
        try:
            unread = [span for span in sequence.pictures if span.start >= common]
            features, clock = self.vision.encode(unread)
            begin = time.perf_counter()
            logits = self._prefill(sequence, slot.cache, common, features)
            if self._device.type == "cuda":
                torch.cuda.synchronize(self._device)
            prefill = time.perf_counter() - begin
        except BaseException:
            self.prefixes.drop(slot)
            raise
        slot.holds(sequence, len(sequence))
        seconds = Seconds(clock.preprocess, clock.vision, prefill)
        return _Reading(slot, common, logits, seconds)

    def _prefill(
        self,
        sequence: TokenSequence,
        cache: KeyValues,
        common: int,
        features: dict[tuple[str, ImageSettings], Tensor],
    ) -> Tensor:
        """Write keys and values from index `common` on; return the logits after the last token."""
        ids = torch.from_numpy(sequence.ids[common:]).to(self._device)
        positions = torch.from_numpy(sequence.positions(common)).to(self._device)
        cos, sin = self.decoder.rotary(positions)
        x = self.decoder.embed(ids)
        levels = max((len(levels) for levels in features.values()), default=1)
        extra = x.new_zeros((levels - 1, *x.shape))
        for span in sequence.pictures:
            if span.start >= common:  # a prefix never ends inside a picture
                here = slice(span.start - common, span.stop - common)
                seen = features[span.key].to(x)
                x[here], extra[:, here] = seen[0], seen[1:]
        hidden = x
        for first in range(0, len(x), self._chunk):
            part = slice(first, min(first + self._chunk, len(x)))
            count = part.stop - first
            attend = attend_prefill(cache, common + first, count, flash=self._flash)
            rotary = cos[part], sin[part]
            hidden = self.decoder.forward(x[part], rotary, attend, extra[:, part].unbind())
        return self.decoder.logits(hidden[-1:])[0]

    def _write(self, rows: Sequence[_Row], decoding: Decoding) -> None:
        """Decode until every answer is complete."""
        lanes = [row for row in rows if not row.done and not row.unfed]
        if lanes:
            _take(lanes, torch.stack([row.reading.logits for row in lanes]), decoding)
        lanes = [row for row in rows if not row.done]
        if len(lanes) == 1:
            self._write_one(lanes[0], decoding)
        elif lanes:
            self._write_batch(lanes, decoding)

    def _write_one(self, row: _Row, decoding: Decoding) -> None:
        cos, sin = self.decoder.text_rotary()
        cache = row.reading.slot.cache
        while not row.done:
            tokens = row.unfed if self.jump_forward else row.unfed[:1]
            count = len(tokens)
            here = slice(row.position, row.position + count)
            attend = (
                attend_one(cache, row.length)
                if count == 1
                else attend_prefill(cache, row.length, count, flash=self._flash)
            )
            x = self.decoder.embed(torch.tensor(tokens, device=self._device))
            hidden = self.decoder.forward(x, (cos[here], sin[here]), attend)
            row.feed(tokens)
            if not row.unfed:
                _take([row], self.decoder.logits(hidden[-1:]), decoding)

    def _write_batch(self, lanes: list[_Row], decoding: Decoding) -> None:
        """Decode side by side in one padded cache; what is new goes back into the slots."""
        cos, sin = self.decoder.text_rotary()
        batch = self._gather(lanes)
        while not all(row.done for row in lanes):
            going_on = [lane for lane, row in enumerate(lanes) if not row.done]
            if len(going_on) * 2 <= len(lanes):  # stop computing lanes that are done
                _scatter(batch, lanes)
                batch.select(going_on)
                lanes = [lanes[lane] for lane in going_on]
                going_on = list(range(len(lanes)))
            tokens = torch.tensor([row.next_token for row in lanes], device=self._device)
            lengths = torch.tensor([row.length for row in lanes], device=self._device)
            positions = torch.tensor([row.position for row in lanes], device=self._device)
            rotary = cos[positions], sin[positions]
            attend = attend_batch(batch, lengths)
            hidden = self.decoder.forward(self.decoder.embed(tokens), rotary, attend)
            for lane in going_on:
                lanes[lane].feed([lanes[lane].next_token])
            choosing = [lane for lane in going_on if not lanes[lane].unfed]
            if choosing:
                rows = [lanes[lane] for lane in choosing]
                _take(rows, self.decoder.logits(hidden[choosing]), decoding)
        _scatter(batch, lanes)

    def _gather(self, lanes: Sequence[_Row]) -> KeyValues:
        """Return one cache with a row for each lane, and room for the longest answer."""
        capacity = max(len(row.request.sequence) + row.request.writing.limit for row in lanes)
        batch = KeyValues(self.decoder.shape, len(lanes), capacity)
        for lane, row in enumerate(lanes):
            batch.copy_row(lane, row.reading.slot.cache, 0, 0, row.length)
        return batch

    def _out_of_memory(self, sequence: TokenSequence) -> PolicyError:
        needed = len(sequence) * self.decoder.shape.bytes_per_token
        return PolicyError(
            f"out of memory for a prompt of {len(sequence)} tokens, even with empty caches: its "
            f"keys and values alone take {needed / 1e9:.3f} GB and {_free(self._device)} is free; "
            "use a smaller context, smaller pictures (max_pixels) or a smaller model"
        )


def _take(rows: Sequence[_Row], logits: Tensor, decoding: Decoding) -> None:
    """Choose the next token of each row and add it to the row's answer."""
    for row, values in zip(rows, logits, strict=True):
        _forbid(values, row.request.writing.allowed())
    sources = [row.source for row in rows]
    tokens = choose(logits, decoding.temperature, decoding.top_p, sources)
    for row, token in zip(rows, tokens, strict=True):
        row.request.writing.add(token)


def _forbid(logits: Tensor, allowed: NDArray[np.bool_] | None) -> None:
    """Make tokens impossible that are not allowed; logits (vocabulary,) are changed in place."""
    if allowed is not None:
        mask = torch.ones(len(logits), dtype=torch.bool)
        known = torch.from_numpy(allowed[: len(logits)])  # the vocabulary may be padded
        mask[: len(known)] = ~known
        logits.masked_fill_(mask.to(logits.device), float("-inf"))


def _scatter(batch: KeyValues, lanes: Sequence[_Row]) -> None:
    """Copy the answers' keys and values of finished lanes into their slots."""
    for lane, row in enumerate(lanes):
        if row.done:
            begin = len(row.request.sequence)
            row.reading.slot.cache.copy_row(0, batch, lane, begin, row.length)


def _generation(row: _Row, decode: float) -> Generation:
    spent = row.reading.seconds
    writing = row.request.writing
    assert writing.stop is not None
    return Generation(
        text=writing.text,
        tokens=writing.tokens,
        stop=writing.stop,
        prompt_tokens=len(row.request.sequence),
        reused_tokens=row.reading.reused,
        seconds=Seconds(spent.preprocess, spent.vision, spent.prefill, decode),
        forwards=row.forwards,
    )


def _is_out_of_memory(exc: BaseException) -> bool:
    """Return whether an allocation failed; on a CPU torch says so in a bare RuntimeError."""
    return isinstance(exc, torch.OutOfMemoryError | MemoryError) or (
        "can't allocate memory" in str(exc) or "not enough memory" in str(exc)
    )


def _free(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{torch.cuda.mem_get_info(device)[0] / 1e9:.3f} GB"
    pages: int = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 1e9:.3f} GB"
