"""Which earlier work can be used again: slots of keys and values, found by longest common prefix.

A slot holds the keys and values of one token sequence. A new sequence takes over the slot that it
continues, or starts a new one with a copy of what it shares. Tokens are compared by id, pictures by
content and by the way they are cut; positions follow from both. Slots are bounded by bytes, the
least recently used out first. Knows no model.
"""

from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from qvl_agent.model.attention import KeyValues
from qvl_agent.model.chat import PictureSpan, Sequence
from qvl_agent.model.decoder import DecoderShape
from qvl_agent.model.images import ImageSettings

__all__ = ["PrefixCache", "Slot", "common_prefix"]

_BLOCK = 256
"""Slots grow in steps of this many tokens; and a tail up to this long is not worth a copy."""


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A picture of which a slot holds the keys and values. Its pixels are not kept alive.

    Attributes:
        start: Index of its first visual token.
        rows: Visual tokens from top to bottom.
        columns: Visual tokens from left to right.
        key: Content, and the way it was cut.
    """

    start: int
    rows: int
    columns: int
    key: tuple[str, ImageSettings]

    @property
    def stop(self) -> int:
        """Index just after its last visual token."""
        return self.start + self.rows * self.columns


@dataclass(slots=True, eq=False)
class Slot:
    """Keys and values of one sequence.

    Attributes:
        cache: Holds them.
        ids: int64 (length,), the tokens that are in it.
        pictures: The pictures among them.
        used: When it was used last, as a count of uses.
        busy: Whether an answer is being written into it.
    """

    cache: KeyValues
    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    pictures: tuple[HeldPicture, ...] = ()
    used: int = 0
    busy: bool = False

    def holds(self, sequence: Sequence, length: int) -> None:
        """Note that the first `length` tokens of a sequence are in it, and nothing else."""
        self.ids = sequence.ids[:length]
        self.pictures = tuple(_held(span) for span in sequence.pictures if span.start < length)

    def append(self, ids: list[int]) -> None:
        """Note that these tokens of an answer follow."""
        self.ids = np.concatenate([self.ids, np.array(ids, np.int64)])


def common_prefix(slot: Slot, sequence: Sequence) -> int:
    """Return how many tokens of a sequence a slot holds, leaving at least one to compute.

    The prefix never ends inside a picture: pictures are equal as a whole or differ from the start.
    """
    length = min(len(slot.ids), len(sequence) - 1)
    differs = slot.ids[:length] != sequence.ids[:length]
    common = int(differs.argmax()) if differs.any() else length
    for mine, theirs in zip_longest(slot.pictures, map(_held, sequence.pictures)):
        first = min(picture.start for picture in (mine, theirs) if picture is not None)
        if first >= common:
            break
        if mine != theirs:
            return first
    return common


def _held(span: PictureSpan) -> HeldPicture:
    return HeldPicture(span.start, span.rows, span.columns, span.key)


class PrefixCache:
    """Slots, bounded by bytes and by number.

    Args:
        shape: Of the model.
        max_bytes: Of all slots together; one sequence is always served, whatever its size.
        max_slots: Most slots.
    """

    def __init__(self, shape: DecoderShape, max_bytes: int, max_slots: int = 64) -> None:
        self._shape = shape
        self._max_bytes = max_bytes
        self._max_slots = max_slots
        self._slots: list[Slot] = []
        self._uses = 0

    @property
    def nbytes(self) -> int:
        """Bytes allocated."""
        return sum(slot.cache.nbytes for slot in self._slots)

    def __len__(self) -> int:
        return len(self._slots)

    def acquire(self, sequence: Sequence, capacity: int) -> tuple[Slot, int]:
        """Return a busy slot with room for `capacity` tokens, and how many tokens it holds already.

        Args:
            sequence: What will be computed in it.
            capacity: Its length and that of the answer.
        """
        capacity = -(-capacity // _BLOCK) * _BLOCK
        best, common = self._longest(sequence)
        if best is not None and not best.busy and _continues(best, common, sequence):
            slot = best
        else:
            nbytes = capacity * self._shape.bytes_per_token
            self._make_room(nbytes, best, new_slots=1)
            if best is not None and not best.busy and self._is_full(nbytes, new_slots=1):
                slot = best
            else:
                slot = Slot(KeyValues(self._shape, capacity))
                if best is not None:
                    slot.cache.copy(best.cache, common)
                self._slots.append(slot)
        slot.busy = True
        self._uses += 1
        slot.used = self._uses
        slot.holds(sequence, common)
        self._grow(slot, capacity, common)
        return slot, common

    def release(self, slot: Slot) -> None:
        """Let other sequences take over the slot."""
        slot.busy = False

    def drop(self, slot: Slot) -> None:
        """Forget a slot whose content cannot be trusted."""
        if slot in self._slots:
            self._slots.remove(slot)

    def clear(self) -> None:
        """Drop everything."""
        self._slots.clear()

    def _longest(self, sequence: Sequence) -> tuple[Slot | None, int]:
        best, common = None, 0
        for slot in self._slots:
            shared = common_prefix(slot, sequence)
            if shared > common or (shared == common and best is not None and best.busy):
                best, common = (slot, shared) if shared else (None, 0)
        return best, common

    def _grow(self, slot: Slot, capacity: int, length: int) -> None:
        if slot.cache.capacity >= capacity:
            return
        # Half as much again, so that an episode copies its cache a few times and not every step;
        # but no more than the bound allows, down to what is needed now.
        roomy = slot.cache.capacity * 3 // 2 // _BLOCK * _BLOCK
        free = self._max_bytes - (self.nbytes - slot.cache.nbytes)
        fits = free // self._shape.bytes_per_token // _BLOCK * _BLOCK
        capacity = max(capacity, min(roomy, fits))
        self._make_room((capacity - slot.cache.capacity) * self._shape.bytes_per_token, slot)
        slot.cache.grow(capacity, length)

    def _make_room(self, nbytes: int, keep: Slot | None, new_slots: int = 0) -> None:
        while self._is_full(nbytes, new_slots):
            idle = [slot for slot in self._slots if not slot.busy and slot is not keep]
            if not idle:
                return
            self._slots.remove(min(idle, key=lambda slot: slot.used))

    def _is_full(self, nbytes: int, new_slots: int) -> bool:
        slots = len(self._slots) + new_slots
        return self.nbytes + nbytes > self._max_bytes or slots > self._max_slots


def _continues(slot: Slot, common: int, sequence: Sequence) -> bool:
    """Return whether a sequence goes on where the slot stands, so that the slot's tail is dead.

    It does when little text is cut off, or when pictures that are cut off come again later: the
    same episode after its oldest steps were dropped. Otherwise the tail may belong to an episode
    that is still running. A wrong guess costs time and never changes a result.
    """
    if common == 0:
        return False
    lost = {picture.key for picture in slot.pictures if picture.stop > common}
    if not lost:
        return len(slot.ids) - common <= _BLOCK
    return any(span.key in lost for span in sequence.pictures if span.start >= common)
