"""A run that is kept nowhere: the store of a quick look."""

from qvl_agent.evals.harness.records import Incident, Key, Record

__all__ = ["MemoryStore"]


class MemoryStore:
    """Holds records and incidents as long as the program runs.

    Attributes:
        records: What is finished, by trial.
        incidents: What broke.
    """

    def __init__(self) -> None:
        self.records: dict[Key, Record] = {}
        self.incidents: list[Incident] = []

    def append(self, record: Record) -> None:
        """Keep a finished trial."""
        self.records[record.key] = record

    def note(self, incident: Incident) -> None:
        """Keep an incident."""
        self.incidents.append(incident)
