"""When a screen has come to rest: two pictures in a row that are the same, or a cap.

Knows no device: it is given a way to take a picture and a way to wait.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qvl_agent.envs.base import Image

__all__ = ["TOLERATED", "Settled", "Settling", "same_picture", "settle"]

_NOTICEABLE = 24
"""Difference of a channel, of 255, that counts as a change."""

TOLERATED = 0.0004
"""Share of pixels that may change between two pictures at rest: a cursor, a running second."""


@dataclass(frozen=True, slots=True)
class Settling:
    """How long to look.

    Attributes:
        interval_s: Between two pictures, in seconds.
        cap_s: Most seconds of waiting altogether; a video never settles.
        margin: Share of the height at the top that is not looked at: the clock of a status bar.
    """

    interval_s: float = 0.3
    cap_s: float = 5.0
    margin: float = 0.036


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """A screen at rest, or as it was at the cap.

    Attributes:
        image: uint8 (H, W, 3), RGB; the last picture taken.
        still: Whether it came to rest.
        waited_s: Seconds that were asked to be waited.
        looks: How many pictures were taken.
    """

    image: Image
    still: bool
    waited_s: float
    looks: int


def settle(
    capture: Callable[[], Image], wait: Callable[[float], None], how: Settling | None = None
) -> Settled:
    """Take pictures until two in a row are the same.

    Args:
        capture: Takes a picture, uint8 (H, W, 3).
        wait: Waits so many seconds of the device's time.
        how: How long.
    """
    how = how or Settling()
    last = capture()
    waited, looks = 0.0, 1
    while waited + how.interval_s <= how.cap_s + 1e-9:
        wait(how.interval_s)
        waited += how.interval_s
        image = capture()
        looks += 1
        if same_picture(last, image, how.margin):
            return Settled(image, True, waited, looks)
        last = image
    return Settled(last, False, waited, looks)


def same_picture(
    one: Image, other: Image, margin: float = 0.0, tolerated: float = TOLERATED
) -> bool:
    """Return whether two pictures show the same, but for a few pixels.

    Args:
        one: uint8 (H, W, 3).
        other: uint8 (H, W, 3).
        margin: Share of the height at the top that is not looked at.
        tolerated: Share of the rest that may differ.
    """
    if one is other:
        return True
    if one.shape != other.shape:
        return False
    if _identical(one, other):
        return True
    top = round(one.shape[0] * margin)
    a, b = one[top:], other[top:]
    few = tolerated * a.shape[0] * a.shape[1]
    # One pixel in nine tells nearly all different pictures apart: if even of those more changed
    # than may change of all, the rest need not be looked at.
    return bool(_changed(a[::3, ::3], b[::3, ::3]) <= few and _changed(a, b) <= few)


def _identical(one: Image, other: Image) -> bool:
    """Return whether two pictures of one shape are equal; a tenth of the price of counting."""
    if one.size % 8 or not (one.flags.c_contiguous and other.flags.c_contiguous):
        return False
    words, others = one.reshape(-1).view(np.uint64), other.reshape(-1).view(np.uint64)
    return np.array_equal(words, others)


def _changed(a: Image, b: Image) -> int:
    """Return how many pixels differ noticeably."""
    far = np.maximum(a, b) - np.minimum(a, b) > _NOTICEABLE
    return int(np.count_nonzero(far[..., 0] | far[..., 1] | far[..., 2]))
