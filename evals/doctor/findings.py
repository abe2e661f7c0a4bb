"""What a check found: how bad it is, what was seen, and what to do about it. Knows no check."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Finding", "Level", "is_sound"]

Level = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        level: "warn" is for what works and is not as it should be.
        detail: What was seen.
        remedy: What to do; "" where nothing has to be done.
    """

    check: str
    level: Level
    detail: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)


def is_sound(findings: Iterable[Finding]) -> bool:
    """Return whether nothing failed."""
    return all(finding.level != "fail" for finding in findings)
