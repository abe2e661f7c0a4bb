"""Pictures in shared memory: the parent sees what was posted, and keeps it as long as it looks."""

import gc

import numpy as np
import pytest

from qvl_agent.envs.base import Observation, View
from qvl_agent.evals.harness.board import Board, Poster
from qvl_agent.evals.harness.shared import SharedBytes

ROOM = 16 * 4096
"""Slots for 15 observations of up to 4096 bytes, and one to pass through."""


class Exchange:
    """Both ends of a board in one process."""

    def __init__(self, room: int = ROOM) -> None:
        shared = SharedBytes(room)
        self.board = Board(shared)
        self._far = Poster(np.frombuffer(shared.memory, np.uint8))
        self.inline = 0

    def pass_over(self, observation: Observation) -> Observation:
        lease = self.board.lease()
        posted = self._far.announce(*lease.slot, observation)
        assert self._far.write() == (posted is not observation)
        self.inline += posted is observation
        return self.board.take(posted, lease)


def grey(value: int, height: int = 30, views: int = 0) -> Observation:
    def image(of: int) -> np.ndarray:
        return np.full((height, 20, 3), of, np.uint8)

    labels = (f"view {i}" for i in range(views))
    shown = tuple(View(image(value + 1 + i), label) for i, label in enumerate(labels))
    return Observation(image(value), f"grey {value}", shown)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def test_what_arrives_is_what_was_posted(exchange: Exchange) -> None:
    rng = np.random.default_rng(0)
    for views in (0, 1, 0, 1):
        seen = grey(10, 15, views)
        seen.image[:] = rng.integers(0, 256, seen.image.shape)
        assert exchange.pass_over(seen) == seen
    for turned in (grey(3).image.transpose(1, 0, 2), grey(4).image[::-1, :, ::-1]):
        assert exchange.pass_over(Observation(turned)) == Observation(turned)


def test_what_is_announced_is_there_once_it_is_written() -> None:
    memory = np.zeros(4096, np.uint8)
    poster = Poster(memory)
    assert not poster.write()
    poster.announce(1024, 3072, grey(7))
    assert not memory.any()
    assert poster.write()
    assert not poster.write()
    size = grey(7).image.size
    assert (memory[1024 : 1024 + size] == 7).all()
    assert memory.sum(dtype=int) == 7 * size


def test_only_the_first_one_goes_through_the_pipe(exchange: Exchange) -> None:
    for value in range(40):
        assert exchange.pass_over(grey(value)) == grey(value)
    assert exchange.inline == 1


@pytest.mark.parametrize("kept", [3, 15, 16, 40])
def test_what_is_kept_stays_as_it_is_however_long_the_history(
    exchange: Exchange, kept: int
) -> None:
    exchange.pass_over(grey(0))
    seen = [exchange.pass_over(grey(value, views=1)) for value in range(kept)]
    assert seen == [grey(value, views=1) for value in range(kept)]


def test_a_slot_is_used_again_when_no_view_of_it_is_left(exchange: Exchange) -> None:
    exchange.pass_over(grey(0))
    image = exchange.pass_over(grey(7)).image
    view = image[3:5][:, ::2].transpose(2, 0, 1)
    address = image.ctypes.data
    del image
    gc.collect()
    others = [exchange.pass_over(grey(9)) for _ in range(30)]
    assert address not in {other.image.ctypes.data for other in others}
    assert (view == 7).all()
    del view
    assert exchange.pass_over(grey(8)).image.ctypes.data == address


def test_slots_grow_with_the_observations_once_nobody_looks_at_the_old_ones(
    exchange: Exchange,
) -> None:
    exchange.pass_over(grey(0))
    kept = exchange.pass_over(grey(1))
    assert [exchange.pass_over(grey(2, 90)) for _ in range(2)] == [grey(2, 90)] * 2
    assert exchange.inline == 3
    assert kept == grey(1)
    del kept
    assert exchange.pass_over(grey(3, 90)) == grey(3, 90)
    assert exchange.inline == 3


def test_what_fits_no_board_and_what_is_no_picture_come_as_they_are() -> None:
    small = Exchange(4096)
    for _ in range(2):
        assert small.pass_over(grey(1, 90)) == grey(1, 90)
    broken = Observation(np.zeros((2, 2, 3)))  # type: ignore[arg-type]
    assert small.pass_over(broken) is broken


def test_pictures_may_be_written_to_and_are_arrays_like_any_other(exchange: Exchange) -> None:
    exchange.pass_over(grey(0))
    image = exchange.pass_over(grey(1)).image
    assert type(image) is np.ndarray
    assert image.flags.c_contiguous
    image[:] = 9
    assert (image == 9).all()
