"""Memory that is lent to pictures, and taken back when nobody looks."""

import gc

import numpy as np

from qvl_agent.evals.harness.slabs import Slabs


def _grey(value: int, height: int = 30) -> np.ndarray:
    return np.full((height, 20, 3), value, np.uint8)


def _address(image: np.ndarray) -> int:
    return image.ctypes.data


def test_a_copy_is_the_picture_and_a_writable_array_of_its_own() -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 20, 3), np.uint8)
    copied = Slabs().copy(image)
    assert type(copied) is np.ndarray
    assert np.array_equal(copied, image)
    assert copied.flags.c_contiguous
    copied[:] = 0
    assert image.any()


def test_memory_that_nobody_looks_at_is_used_again() -> None:
    slabs = Slabs()
    image = slabs.copy(_grey(1))
    address = _address(image)
    del image
    assert _address(slabs.copy(_grey(2))) == address


def test_pictures_that_are_kept_stay_as_they_are() -> None:
    slabs = Slabs()
    kept = [slabs.copy(_grey(value)) for value in range(9)]
    assert [int(image[0, 0, 0]) for image in kept] == list(range(9))
    assert len({_address(image) for image in kept}) == 9


def test_a_view_holds_the_memory_as_long_as_it_lives() -> None:
    slabs = Slabs()
    image = slabs.copy(_grey(7))
    view = image[3:5][:, ::2].transpose(2, 0, 1)
    address = _address(image)
    del image
    gc.collect()
    others = [slabs.copy(_grey(9)) for _ in range(3)]
    assert address not in {_address(other) for other in others}
    assert (view == 7).all()
    del view
    assert _address(slabs.copy(_grey(8))) == address


def test_other_sizes_have_memory_of_their_own() -> None:
    slabs = Slabs()
    del (tall := [slabs.copy(_grey(1, 60))])[:]
    assert slabs.copy(_grey(2)).shape == (30, 20, 3)
    assert slabs.copy(_grey(3, 60)).shape == (60, 20, 3)
    assert tall == []
