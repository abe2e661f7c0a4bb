"""Why a skill could not be carried out: a code, a sentence, and where it stopped."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Failure", "FailureCode", "failure_of"]

FailureCode = Literal[
    "NO_SUCH_OBJECT",  # the name fits nothing in the scene
    "OBJECT_NOT_VISIBLE",  # out of view, or farther than 1.5 m
    "OCCLUDED",  # inside something closed
    "UNREACHABLE",  # no way leads to a place from which it is in view
    "BLOCKED",  # something is in the way
    "HAND_FULL",
    "HAND_EMPTY",
    "NOT_PICKUPABLE",
    "NOT_RECEPTACLE",
    "RECEPTACLE_CLOSED",
    "NO_SPACE",
    "NOT_COMPATIBLE",
    "NOT_OPENABLE",
    "ALREADY_OPEN",
    "ALREADY_CLOSED",
    "NOT_TOGGLEABLE",
    "NOT_SLICEABLE",
    "NO_KNIFE",
    "WRONG_APPLIANCE",  # such a thing is not heated, cooled or cleaned there
    "CANCELLED",
    "REFUSED",  # the body said no and gave another reason
]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a skill stopped.

    Attributes:
        code: One of `FailureCode`.
        message: What is wrong and what to do.
        step: Low-level steps of the skill that had been done.
        action: The low-level action that failed; "" where none was tried.
    """

    code: FailureCode
    message: str
    step: int = 0
    action: str = ""


# Parts of THOR's texts, the first that fits; whole texts differ between builds.
_TEXTS: tuple[tuple[str, FailureCode], ...] = (
    (" is closed.", "OCCLUDED"),
    ("not visible", "OBJECT_NOT_VISIBLE"),
    ("not within reach", "OBJECT_NOT_VISIBLE"),
    ("not interactable", "OCCLUDED"),
    ("appears to be invalid", "NO_SUCH_OBJECT"),
    ("has something in it", "HAND_FULL"),
    ("CanPickup", "NOT_PICKUPABLE"),
    ("isn't holding anything", "HAND_EMPTY"),
    ("not in the Agent's hand", "HAND_EMPTY"),
    ("NOT a receptacle", "NOT_RECEPTACLE"),
    ("No valid Receptacle", "NOT_RECEPTACLE"),
    ("is CLOSED", "RECEPTACLE_CLOSED"),
    ("No valid positions", "NO_SPACE"),
    ("full right now", "NO_SPACE"),
    ("collision is blocking", "NO_SPACE"),
    ("valid Object Type to be placed", "NOT_COMPATIBLE"),
    ("cannot be placed in", "NOT_COMPATIBLE"),
    ("not openable", "NOT_OPENABLE"),
    ("already open", "ALREADY_OPEN"),
    ("already closed", "ALREADY_CLOSED"),
    ("not toggleable", "NOT_TOGGLEABLE"),
    ("CanBeSliced", "NOT_SLICEABLE"),
    ("holding a knife", "NO_KNIFE"),
    ("is blocking", "BLOCKED"),
)


def failure_of(text: str, *, step: int, action: str) -> Failure:
    """Return the failure that a text of THOR's means."""
    code: FailureCode = next((c for part, c in _TEXTS if part in text), "REFUSED")
    return Failure(code, text or f"{action} failed", step, action)
