"""From a normalised point to a pixel of the very picture that was shown."""

from math import floor

from qvl_agent.actions.types import Point

__all__ = ["to_pixels"]


def to_pixels(point: Point, width: int, height: int) -> tuple[int, int]:
    """Return the pixel (x, y) under a point; the right and bottom edge fall on the last pixel.

    Args:
        point: Normalised.
        width: Of the picture that the point was chosen on, in pixels.
        height: Of the same picture.
    """
    return min(width - 1, floor(point.x * width)), min(height - 1, floor(point.y * height))
