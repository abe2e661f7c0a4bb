"""Gets a thread out of a call that does not return: for worlds that live in the program's process.

An exception is raised inside the thread, so what runs is ended as soon as it is Python's turn
again. A call that blocks outside of Python is not reached: such worlds belong in a process
(`remote`). Knows no world.
"""

import ctypes
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from qvl_agent.actions.errors import DeviceError

__all__ = ["Watchdog"]

R = TypeVar("R")

_LOOKS = 8
"""How often it looks within the time that a call is given."""


class _Hung(BaseException):
    """Raised inside a call that hangs; no `except Exception` of a world swallows it."""


class Watchdog:
    """Watches the calls of one thread at a time. To be closed.

    Args:
        seconds: A call that takes longer is taken for hung.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._guard: threading.Thread | None = None
        self._caller: int | None = None
        self._began = 0.0
        self._bitten = False

    def call(self, what: str, function: Callable[[], R]) -> R:
        """Return what a function returns.

        Args:
            what: The call's name, for the error.
            function: Is called in this thread.

        Raises:
            DeviceError: If it took too long.
        """
        if self._guard is None:
            self._guard = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._guard.start()
        try:
            self._begin()
            try:
                return function()
            finally:
                self._end()
        except _Hung:
            self._end()  # it may have come before the first one was through
            raise DeviceError(
                f"the world did not answer {what} within {self._seconds:g} s; it was broken off"
            ) from None

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def _begin(self) -> None:
        with self._lock:
            self._bitten = False
            self._began = time.monotonic()
            self._caller = threading.get_ident()

    def _end(self) -> None:
        """Stop the clock, and take back an exception that is still on its way."""
        with self._lock:
            if self._bitten and self._caller is not None:
                _raise_in(self._caller, None)
            self._caller = None

    def _watch(self) -> None:
        while not self._closed.wait(self._seconds / _LOOKS):
            with self._lock:
                late = time.monotonic() - self._began > self._seconds
                if self._caller is not None and late and not self._bitten:
                    self._bitten = True
                    _raise_in(self._caller, _Hung)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an error in a thread, the next time that it runs Python; None takes it back."""
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)
