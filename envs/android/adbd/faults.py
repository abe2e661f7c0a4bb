"""What can go wrong with a phone on a wire, to be injected on purpose. Knows no protocol."""

import threading
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

__all__ = ["Fault", "Faults"]

Fault: TypeAlias = Literal["drop", "truncate", "stall", "turn", "black", "offline"]
"""
drop: the connection is cut instead of carrying out the next command.
truncate: the next screenshot ends in the middle.
stall: the next command is answered late.
turn: before the next screenshot the phone is turned, and back after some more.
black: the next screenshot is black.
offline: the connection is cut and none is accepted for a while.
"""


@dataclass(slots=True)
class Faults:
    """Faults that wait to happen, in order.

    Attributes:
        stall_s: How late a stalled command is answered, in seconds.
        offline_s: How long no connection is accepted.
    """

    stall_s: float = 5.0
    offline_s: float = 1.0
    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def inject(self, *faults: Fault) -> None:
        """Let faults happen at the next occasions.

        Raises:
            ValueError: If one is unknown.
        """
        for fault in faults:
            if fault not in get_args(Fault):
                raise ValueError(f"a fault must be one of {get_args(Fault)}, got {fault!r}")
        with self._lock:
            self._waiting += faults

    def take(self, *kinds: Fault) -> Fault | None:
        """Return the next fault if it is of one of these kinds, and forget it."""
        with self._lock:
            if self._waiting and self._waiting[0] in kinds:
                return self._waiting.pop(0)
        return None

    @property
    def pending(self) -> int:
        """How many are still to happen."""
        return len(self._waiting)
