"""Lets a policy read ahead while the world carries out an action. Knows no world and no model."""

import threading
from contextlib import suppress
from types import TracebackType

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.policy import Policy, ReadsAhead
from qvl_agent.model.prompt import Prompt

__all__ = ["ReadingAhead"]


class ReadingAhead:
    """Reads the beginnings of prompts in a thread; a context manager that waits for it at its end.

    Nobody has to wait before the policy is asked: it begins with what it reads already. What goes
    wrong here goes wrong again where the policy is asked, and is told there.

    Args:
        policy: Reads; None, or one that does not read ahead, makes this do nothing.
    """

    def __init__(self, policy: Policy | None) -> None:
        self._policy = policy if isinstance(policy, ReadsAhead) else None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "ReadingAhead":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._thread.join()

    def start(self, prompt: Prompt | None) -> None:
        """Begin to read; None is nothing."""
        if self._policy is None or prompt is None:
            return
        if self._thread is not None:
            self._thread.join()
        self._thread = threading.Thread(target=_read, args=(self._policy, prompt), daemon=True)
        self._thread.start()


def _read(policy: ReadsAhead, prompt: Prompt) -> None:
    with suppress(PolicyError):
        policy.prepare(prompt)
