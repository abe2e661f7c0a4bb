"""What happened to a device and not because of the policy. Knows no device."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["DeviceEvent", "EventLog"]


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something that happened to the device and not because of the policy.

    Attributes:
        kind: Of a phone "reconnected", "retried", "interrupted", "woken", "turned" or "keyboard";
            of a desktop "clipboard"; of both "black" and "restless" (the screen did not come to
            rest).
        detail: For people.
    """

    kind: str
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return `{"kind": ..., "detail": ...}`."""
        return {"kind": self.kind, "detail": self.detail}


@dataclass(slots=True)
class EventLog:
    """Events since somebody asked."""

    events: list[DeviceEvent] = field(default_factory=list)

    def add(self, kind: str, detail: str = "") -> None:
        """Note an event."""
        self.events.append(DeviceEvent(kind, detail))

    def drain(self) -> tuple[DeviceEvent, ...]:
        """Return the events and forget them."""
        events, self.events = tuple(self.events), []
        return events
