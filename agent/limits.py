"""How long an episode may last, and why it ended. Knows no loop, no world and no model."""

from dataclasses import dataclass
from typing import Literal

from qvl_agent.actions.errors import QvlAgentError

__all__ = ["EndReason", "GaveUp", "Limits"]

EndReason = Literal[
    "success",  # the world ended the episode, and its state says success
    "failure",  # the world ended the episode without success
    "step_limit",
    "time_limit",
    "token_limit",
    "no_progress",  # the same on the same screen again and again, `Limits.repeats` times
    "too_many_errors",  # unreadable calls, denied and failed actions, `Limits.errors` in a row
    "stopped_by_guard",
    "env_error",  # the world broke, not the policy
    "policy_error",  # the model broke, or its window cannot hold the newest observation
    "interrupted",  # Ctrl-C, or the caller stopped listening
    "closed",  # the caller of `Agent.step` was done
]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one episode; None is no bound.

    Attributes:
        steps: Most actions carried out.
        seconds: Wall time after which no further call of the policy is made.
        tokens: Most tokens generated, over all calls.
        errors: Errors in a row that end the episode: unreadable calls, denied and failed actions.
        repeats: Repeated actions without effect on one screen that end the episode; the policy is
            told earlier.

    Raises:
        ValueError: If a bound is not positive.
    """

    steps: int = 100
    seconds: float | None = None
    tokens: int | None = None
    errors: int = 3
    repeats: int | None = 6

    def __post_init__(self) -> None:
        for name in ("steps", "seconds", "tokens", "errors", "repeats"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"the limit on {name} must be positive, got {value!r}")


class GaveUp(QvlAgentError):
    """No action came of it: a limit was reached or the guard stopped the episode.

    Attributes:
        reason: Which of `EndReason`.
    """

    def __init__(self, reason: EndReason, message: str) -> None:
        super().__init__(message)
        self.reason: EndReason = reason
