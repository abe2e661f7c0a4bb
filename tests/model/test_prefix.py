import gc
import weakref

import numpy as np
import pytest
import torch

from qvl_agent.model.chat import PictureSpan, Sequence
from qvl_agent.model.decoder import DecoderShape
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.prefix import Held, PrefixCache, Slot, common_prefix
from qvl_agent.model.prompt import Picture

SHAPE = DecoderShape(2, 1, 4, torch.float32, torch.device("cpu"))
SETTINGS = ImageSettings(3136, 50_000)
PAD = 99


def look(value: int) -> Picture:
    return Picture(np.full((56, 56, 3), value, np.uint8))


A, B, C = look(1), look(2), look(3)


def sequence(*parts: int | Picture, settings: ImageSettings = SETTINGS) -> Sequence:
    """Return a sequence of single tokens and pictures of 2 x 2 visual tokens."""
    ids: list[int] = []
    spans: list[PictureSpan] = []
    for part in parts:
        if isinstance(part, Picture):
            spans.append(PictureSpan(len(ids), 2, 2, 0, part.key, settings))
            ids += [PAD] * 4
        else:
            ids.append(part)
    return Sequence(np.array(ids), tuple(spans), 0)


def fill(cache: PrefixCache, what: Sequence, capacity: int | None = None) -> tuple[Slot, int]:
    slot, common = cache.acquire(what, capacity or len(what) + 10)
    slot.held = Held.of(what, len(what))
    cache.release(slot)
    return slot, common


def held(what: Sequence) -> Held:
    return Held.of(what, len(what))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (sequence(1, 2, 3), sequence(1, 2, 3, 4), 3),
        (sequence(1, 2, 3), sequence(1, 5, 3, 4), 1),
        (sequence(1, 2, 3, 4), sequence(1, 2, 3), 2),  # one token has to be computed
        (sequence(1, A, 2), sequence(1, A, 2, 3), 6),
        (sequence(1, A, 2), sequence(1, B, 2, 3), 1),  # same ids, another picture
        (sequence(1, A, 2, B), sequence(1, A, 2, C, 3), 6),
        (sequence(1, A, 2), sequence(1, 99, 99, 99, 99, 2, 3), 1),  # ids that only look like one
        (sequence(1, 99, 99, 99, 99, 2), sequence(1, A, 2, 3), 1),
        (sequence(1, A, 2), sequence(1, look(1), 2, 3), 6),  # equal pixels, another object
        (sequence(7), sequence(8, 9), 0),
    ],
)
def test_common_prefix(mine: Sequence, theirs: Sequence, expected: int) -> None:
    assert common_prefix(held(mine), theirs) == expected


def test_a_picture_cut_in_another_way_is_another_picture() -> None:
    other = sequence(1, A, 2, 3, settings=ImageSettings(3136, 60_000))
    assert common_prefix(held(sequence(1, A, 2)), other) == 1


def test_a_continued_sequence_takes_its_slot_over() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    first, _ = fill(cache, sequence(1, A, 2))
    second, common = fill(cache, sequence(1, A, 2, B, 3))
    assert second is first
    assert common == 6


def test_interleaved_episodes_each_keep_their_prefix() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    fill(cache, sequence(1, A, 2))
    _, shared = fill(cache, sequence(1, B, 2))
    _, first = fill(cache, sequence(1, A, 2, 3))
    _, second = fill(cache, sequence(1, B, 2, 3))
    assert (shared, first, second) == (1, 6, 6)
    assert len(cache) == 2


def test_a_fork_copies_the_shared_keys_and_values() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    first, _ = fill(cache, sequence(1, A, 2, B, 3))
    first.cache.keys[1][0, :, :11] = torch.arange(11.0)[None, :, None]
    second, common = fill(cache, sequence(1, A, 2, C, 3))
    assert second is not first
    assert torch.equal(second.cache.keys[1][0, :, :common], first.cache.keys[1][0, :, :common])


def test_dropping_the_oldest_steps_reuses_the_slot_of_the_episode() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    first, _ = fill(cache, sequence(1, A, 2, B, 3))
    second, common = fill(cache, sequence(1, B, 3, C, 4))
    assert second is first
    assert common == 1


def test_the_least_recently_used_slot_goes_first() -> None:
    capacity = 256
    cache = PrefixCache(SHAPE, 2 * capacity * SHAPE.bytes_per_token)
    fill(cache, sequence(1, A, 2))
    fill(cache, sequence(5, B, 2))
    fill(cache, sequence(1, A, 2, 3))  # the first is now the most recent
    fill(cache, sequence(6, C, 2))
    assert cache.nbytes <= 2 * capacity * SHAPE.bytes_per_token
    assert fill(cache, sequence(1, A, 2, 3, 4))[1] == 7
    assert fill(cache, sequence(5, B, 2, 3))[1] == 0


def test_bytes_stay_within_the_bound_while_slots_grow() -> None:
    bound = 1024 * SHAPE.bytes_per_token
    cache = PrefixCache(SHAPE, bound)
    for length in range(100, 1000, 50):
        for start in (1, 2, 3):
            fill(cache, sequence(*([start] * length)), length)
            assert cache.nbytes <= bound


def test_a_sequence_beyond_the_bound_is_still_served() -> None:
    cache = PrefixCache(SHAPE, 10)
    slot, _ = fill(cache, sequence(1, 2, 3))
    assert slot.cache.capacity >= 3
    assert fill(cache, sequence(9, 2, 3))[1] == 0
    assert len(cache) == 1


def test_a_busy_slot_is_copied_and_not_taken() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    first, _ = cache.acquire(sequence(1, A, 2), 20)
    first.held = held(sequence(1, A, 2))
    second, common = cache.acquire(sequence(1, A, 2, 3), 20)
    assert second is not first
    assert common == 6


def test_growing_keeps_what_is_cached() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    slot, _ = fill(cache, sequence(1, A, 2))
    slot.cache.values[0][0, :, :6] = 7.0
    grown, _ = fill(cache, sequence(1, A, 2, 3), capacity=5000)
    assert grown is slot
    assert grown.cache.capacity >= 5000
    assert bool((grown.cache.values[0][0, :, :6] == 7.0).all())


def test_slots_do_not_keep_pixels_alive() -> None:
    cache = PrefixCache(SHAPE, 1 << 20)
    picture = look(9)
    watched = weakref.ref(picture)
    fill(cache, sequence(1, picture, 2))
    del picture
    gc.collect()
    assert watched() is None


def test_the_number_of_slots_is_bounded() -> None:
    cache = PrefixCache(SHAPE, 1 << 30, max_slots=3)
    for start in range(10):
        fill(cache, sequence(start, start))
    assert len(cache) == 3
