"""What can be wrong with a picture of a screen. Knows no device."""

from qvl_agent.envs.base import Image

__all__ = ["is_black", "turned"]

_DARK = 10
"""Brightest value, of 255, in a picture that counts as black."""


def is_black(image: Image) -> bool:
    """Return whether a picture, uint8 (H, W, 3), is black all over.

    A screen that is off looks like this, and so does a window that may not be photographed.
    """
    if int(image[::7, ::7].max(initial=0)) > _DARK:  # cheap, and true of nearly every screen
        return False
    return bool(image.max(initial=0) <= _DARK)


def turned(before: Image, now: Image) -> bool:
    """Return whether the screen was turned between two pictures: portrait to landscape or back."""
    (h0, w0), (h1, w1) = before.shape[:2], now.shape[:2]
    return bool((h0 > w0) != (h1 > w1))
