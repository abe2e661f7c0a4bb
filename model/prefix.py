"""Which earlier work can be used again: slots of keys and values, found by longest common prefix.

A slot holds the keys and values of one token sequence. A new sequence takes over the slot that it
continues, or starts a new one with a copy of what it shares. Tokens are compared by id, pictures by
content and by the way they are cut; positions follow from both. Slots are bounded by bytes, the
least recently used out first. Knows no model.

A sequence that may be answered approximately can also take over a slot that holds more than it has:
an episode's oldest steps, dropped since. Their keys and values are deleted, and the rest stays as
it is: at its old positions, and computed when the dropped steps were still seen ("deletion").
"""

from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from qvl_agent.model.attention import KeyValues
from qvl_agent.model.chat import PictureSpan, Sequence
from qvl_agent.model.decoder import DecoderShape
from qvl_agent.model.images import ImageSettings

__all__ = ["Held", "PrefixCache", "Slot", "common_prefix"]

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

    @property
    def positions(self) -> int:
        """M-RoPE positions that it takes."""
        return max(self.rows, self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Of which tokens a slot holds the keys and values.

    Attributes:
        ids: int64 (length,).
        pictures: Those among them.
    """

    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    pictures: tuple[HeldPicture, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, sequence: Sequence, length: int) -> "Held":
        """Return the first `length` tokens of a sequence."""
        spans = (span for span in sequence.pictures if span.start < length)
        return cls(sequence.ids[:length], tuple(_held(span) for span in spans))

    def then(self, ids: list[int]) -> "Held":
        """Return these tokens and some text."""
        return Held(np.concatenate([self.ids, np.array(ids, np.int64)]), self.pictures)

    def without(self, start: int, stop: int) -> "Held":
        """Return the tokens before `start` and those from `stop` on."""
        before = (picture for picture in self.pictures if picture.start < start)
        after = (
            HeldPicture(picture.start - stop + start, picture.rows, picture.columns, picture.key)
            for picture in self.pictures
            if picture.start >= stop
        )
        return Held(np.concatenate([self.ids[:start], self.ids[stop:]]), (*before, *after))

    def positions(self, start: int, stop: int) -> int:
        """Return how many M-RoPE positions the tokens from `start` to `stop` take."""
        inside = [picture for picture in self.pictures if start <= picture.start < stop]
        visual = sum(picture.stop - picture.start for picture in inside)
        return stop - start - visual + sum(picture.positions for picture in inside)


@dataclass(slots=True, eq=False)
class Slot:
    """Keys and values of one sequence.

    Attributes:
        cache: Holds them.
        held: Of which tokens.
        used: When it was used last, as a count of uses.
        busy: Whether an answer is being written into it.
        cut: Index at which tokens were deleted, if any were.
        shift: M-RoPE positions that were deleted there. 0 says that all in it is exact; otherwise
            what stands after `cut` is not, and has positions larger by this.
    """

    cache: KeyValues
    held: Held = field(default_factory=Held)
    used: int = 0
    busy: bool = False
    cut: int = 0
    shift: int = 0

    def delete(self, stop: int, *, start: int) -> None:
        """Drop tokens and let what follows move up, at its old positions."""
        self.shift += self.held.positions(start, stop)
        self.cut = start
        self.cache.delete(start, stop, len(self.held))
        self.held = self.held.without(start, stop)


def common_prefix(held: Held, sequence: Sequence) -> int:
    """Return how many tokens of a sequence are held, leaving at least one to compute.

    The prefix never ends inside a picture: pictures are equal as a whole or differ from the start.
    """
    length = min(len(held), len(sequence) - 1)
    differs = held.ids[:length] != sequence.ids[:length]
    common = int(differs.argmax()) if differs.any() else length
    for mine, theirs in zip_longest(held.pictures, map(_held, sequence.pictures)):
        first = min(picture.start for picture in (mine, theirs) if picture is not None)
        if first >= common:
            break
        if mine != theirs:
            return first
    return common


def dropped(held: Held, sequence: Sequence) -> int:
    """Return where those tokens end that an episode dropped after its head; 0 if it did not.

    It did if the sequence goes on with what followed them, but for the end of the last answer.
    """
    head, most = sequence.head, len(sequence) - 1
    found, kept = 0, common_prefix(held, sequence) - head
    if head >= most or kept < 0:
        return 0
    for stop in (np.flatnonzero(held.ids[head + 1 :] == sequence.ids[head]) + head + 1).tolist():
        length = min(len(held) - stop, most - head)
        if length <= kept:
            break
        if held.ids[stop + kept] != sequence.ids[head + kept]:
            continue  # no longer than what was found already
        same = common_prefix(held.without(head, stop), sequence) - head
        if same > kept:
            found, kept = stop, same
    return found if 2 * kept > len(held) - found else 0  # a few equal words are no sign


def _held(span: PictureSpan) -> HeldPicture:
    return HeldPicture(span.start, span.rows, span.columns, span.key)


class PrefixCache:
    """Slots, bounded by bytes and by number.

    Args:
        shape: Of the model.
        max_bytes: Of all slots together; one sequence is always served, whatever its size.
        max_slots: Most slots.
        window: Most tokens of a sequence and its answer, and the first position that is too large.
    """

    def __init__(
        self, shape: DecoderShape, max_bytes: int, max_slots: int = 64, window: int = 1 << 20
    ) -> None:
        self._shape = shape
        self._max_bytes = max_bytes
        self._max_slots = max_slots
        self._window = window
        self._slots: list[Slot] = []
        self._uses = 0

    @property
    def nbytes(self) -> int:
        """Bytes allocated."""
        return sum(slot.cache.nbytes for slot in self._slots)

    def __len__(self) -> int:
        return len(self._slots)

    def acquire(
        self, sequence: Sequence, capacity: int, *, deletion: bool = False
    ) -> tuple[Slot, int]:
        """Return a busy slot with room for `capacity` tokens, and how many tokens it holds already.

        Args:
            sequence: What will be computed in it.
            capacity: Its length and that of the answer.
            deletion: Whether steps that were dropped may be deleted, so that what follows them is
                not what a fresh computation makes of it.
        """
        if deletion:
            self._delete_dropped(sequence, capacity)
        best, common = self._longest(sequence, capacity, deletion)
        capacity = -(-capacity // _BLOCK) * _BLOCK
        if best is not None and not best.busy and _continues(best.held, common, sequence):
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
                    slot.cut, slot.shift = best.cut, best.shift
                self._slots.append(slot)
        slot.busy = True
        self._uses += 1
        slot.used = self._uses
        slot.held = Held.of(sequence, common)
        if common <= slot.cut:  # nothing is left of what follows the deleted tokens
            slot.cut = slot.shift = 0
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

    def _delete_dropped(self, sequence: Sequence, capacity: int) -> None:
        """Delete what an episode dropped from the slot that it goes on with."""
        for slot in self._slots:
            stop = 0 if slot.busy else dropped(slot.held, sequence)
            if not stop:
                continue
            shift = slot.shift + slot.held.positions(sequence.head, stop)
            if self._fits(sequence, capacity, shift):
                slot.delete(stop, start=sequence.head)
                return

    def _longest(
        self, sequence: Sequence, capacity: int, deletion: bool
    ) -> tuple[Slot | None, int]:
        best, common = None, 0
        for slot in self._slots:
            shared = common_prefix(slot.held, sequence)
            if slot.shift and not (deletion and self._fits(sequence, capacity, slot.shift)):
                shared = min(shared, slot.cut)
            if shared > common or (shared == common and best is not None and best.busy):
                best, common = (slot, shared) if shared else (None, 0)
        return best, common

    def _fits(self, sequence: Sequence, capacity: int, shift: int) -> bool:
        """Return whether all positions stay in the window if those that follow are shifted."""
        return sequence.next_position + shift + capacity - len(sequence) <= self._window

    def _grow(self, slot: Slot, capacity: int, length: int) -> None:
        if slot.cache.capacity >= capacity:
            return
        # Half as much again, so that an episode copies its cache a few times and not every step;
        # but no more than the bound allows, down to what is needed now.
        roomy = min(slot.cache.capacity * 3 // 2, self._window) // _BLOCK * _BLOCK
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


def _continues(held: Held, common: int, sequence: Sequence) -> bool:
    """Return whether a sequence goes on where the slot stands, so that the slot's tail is dead.

    It does when little text is cut off, or when pictures that are cut off come again later: the
    same episode after its oldest steps were dropped. Otherwise the tail may belong to an episode
    that is still running. A wrong guess costs time and never changes a result.
    """
    if common == 0:
        return False
    lost = {picture.key for picture in held.pictures if picture.stop > common}
    if not lost:
        return len(held) - common <= _BLOCK
    return any(span.key in lost for span in sequence.pictures if span.start >= common)
