"""Whether a policy does again what has just changed nothing. Knows no world and no screen.

A world with a screen says in `info["unchanged"]` that an action left the picture as it was; what
was tried since the picture last changed is kept here, for phones and desktops alike.
"""

from qvl_agent.actions.types import Action

__all__ = ["Repeats"]

_HINT_FROM = 2


class Repeats:
    """Counts the actions that were tried on the same screen before, and changed nothing then.

    Going to and fro between two actions without effect counts as well as one again and again.
    """

    def __init__(self) -> None:
        self._tried: set[str] = set()
        self._count = 0

    def note(self, action: Action, unchanged: bool) -> int:
        """Note an action, and whether it left the screen as it was; return the repeats so far."""
        if not unchanged:
            self._tried.clear()
            self._count = 0
            return 0
        said = repr(action)  # a user's tool may hold what cannot be hashed
        self._count += said in self._tried
        self._tried.add(said)
        return self._count

    @property
    def hint(self) -> str:
        """What the policy is told, "" as long as there is nothing to tell."""
        if self._count < _HINT_FROM:
            return ""
        return "The screen has not changed, and this was tried before. Try something else."
