"""The coordinate grids that policies write points on. Knows nothing of screens' pixels.

| frame | grid | written by |
| --- | --- | --- |
| `FRAME_1000` | 0..1000 in both directions, whatever the aspect ratio | Qwen2-VL |
| `FRAME_999` | 0..999 | Qwen3-VL |
| `FRAME_UNIT` | 0..1 | some servers and scripts |
| `pixel_frame(width, height)` | pixels of the resized picture that the model saw | Qwen2.5-VL |

Source: Qwen2-VL paper 2.2.1 (0 to 1000); Qwen2.5-VL and Qwen3-VL cookbooks (mobile_use).
"""

from dataclasses import dataclass

from qvl_agent.actions.types import Point

__all__ = ["FRAME_999", "FRAME_1000", "FRAME_UNIT", "Frame", "pixel_frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A grid: x in 0..`width`, y in 0..`height`, both ends included.

    Attributes:
        name: How the frame is named in traces and options.
        width: The largest x.
        height: The largest y.
        integer: Whether points are written as whole numbers.
    """

    name: str
    width: float
    height: float
    integer: bool = True

    def holds(self, x: float, y: float) -> bool:
        """Return whether (x, y) lies on the grid."""
        return 0 <= x <= self.width and 0 <= y <= self.height

    def to_point(self, x: float, y: float) -> Point:
        """Return the normalised point of grid position (x, y).

        Raises:
            ValueError: If it lies outside the grid. It is never clamped: a point outside is the
                sign of a wrong frame.
        """
        if not self.holds(x, y):
            raise ValueError(
                f"({x:g}, {y:g}) lies outside the frame {self.name}: "
                f"x must be in 0..{self.width:g} and y in 0..{self.height:g}"
            )
        return Point(x / self.width, y / self.height)

    def to_grid(self, point: Point) -> tuple[float, float]:
        """Return the grid position of a normalised point, rounded when the grid is integer."""
        x, y = point.x * self.width, point.y * self.height
        return (round(x), round(y)) if self.integer else (x, y)


FRAME_1000 = Frame("0-1000", 1000, 1000)
FRAME_999 = Frame("0-999", 999, 999)
FRAME_UNIT = Frame("0-1", 1, 1, integer=False)


def pixel_frame(width: int, height: int) -> Frame:
    """Return the frame of a policy that writes pixels of its resized (height, width) picture."""
    return Frame(f"pixels-{width}x{height}", width, height)
