"""Whether actions still change anything. Knows no device."""

from dataclasses import dataclass

from qvl_agent.envs.base import Image
from qvl_agent.envs.screen.settling import TOLERATED, same_picture

__all__ = ["Progress"]


@dataclass(slots=True)
class Progress:
    """Counts how many actions in a row left the screen as it was.

    Attributes:
        margin: Share of the height at the top that is not looked at.
        tolerated: Share of the rest that may differ all the same: a blinking cursor.
        unchanged: Actions in a row without effect on the picture.
    """

    margin: float = 0.036
    tolerated: float = TOLERATED
    unchanged: int = 0
    _last: Image | None = None

    def start(self, image: Image) -> None:
        """Begin with the first picture of an episode."""
        self._last, self.unchanged = image, 0

    def note(self, image: Image) -> int:
        """Note the picture after an action; return how many in a row changed nothing."""
        same = self._last is not None and same_picture(
            self._last, image, self.margin, self.tolerated
        )
        self.unchanged = self.unchanged + 1 if same else 0
        self._last = image
        return self.unchanged
