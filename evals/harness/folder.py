"""A run on disk: its manifest, one line per finished trial, one line per incident.

    manifest.json     what was run; a run that differs in anything is refused
    results.jsonl     a `Record` a line, written before the trial counts as done
    incidents.jsonl   an `Incident` a line: tries that the world or the model broke
    traces/           of trials that failed

The process may be killed at any byte: what was finished stays, a line that was cut off is taken
back when the folder is next opened, and no trial can have two lines. A line is the system's as soon
as it is written, and outlives this process; a thread sees to it that it outlives the machine too,
so that no seat waits for the disk. Knows no suite.
"""

import fcntl
import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.evals.harness.manifest import differences
from qvl_agent.evals.harness.records import Incident, Key, Record

__all__ = ["RunFolder", "read_run"]

MANIFEST = "manifest.json"
RESULTS = "results.jsonl"
INCIDENTS = "incidents.jsonl"
TRACES = "traces"


class RunFolder:
    """A run's folder, open for writing by this process alone. To be closed.

    Args:
        path: Made where it is missing.
        manifest: What is run; plain JSON.

    Attributes:
        records: What is finished, by trial, earlier processes' included.

    Raises:
        UsageError: If another process writes there, if the folder holds a run that differs (all
            differences are named), or if it cannot be written.
        DataError: If what it holds is damaged elsewhere than at its end.
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path = path
        self._writing = threading.Lock()
        self._syncing: threading.Thread | None = None
        self._unsynced = threading.Event()
        self._closing = False
        self._lost: OSError | None = None
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as exc:
            raise _unwritable(path, exc) from exc
        try:
            self._claim(manifest)
            self.records = _records(path / RESULTS, _repaired(path / RESULTS))
            _repaired(path / INCIDENTS)
            self._results = _appending(path / RESULTS)
            self._incidents = _appending(path / INCIDENTS)
        except OSError as exc:
            os.close(self._lock)
            raise _unwritable(path, exc) from exc
        except BaseException:
            os.close(self._lock)
            raise

    def _claim(self, manifest: Mapping[str, Any]) -> None:
        """Make sure that this process alone continues this very run here."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a killed process lets go
        except BlockingIOError as exc:
            raise UsageError(f"{self.path} is being written by another process") from exc
        file = self.path / MANIFEST
        if not file.exists():
            if (self.path / RESULTS).exists():
                raise UsageError(
                    f"{self.path} holds results without a manifest; name another folder"
                )
            _place(file, json.dumps(manifest, indent=2, allow_nan=False).encode())
            return
        different = differences(_manifest(file), manifest)
        if different:
            raise UsageError(
                f"{self.path} already holds a run that differs: {'; '.join(different)}. "
                "Repeat its command to resume it, or name another folder"
            )

    def append(self, record: Record) -> None:
        """Write down a finished trial; no end of this process takes it back. Any thread may call.

        Raises:
            ValueError: If the trial has a record already.
            UsageError: If the disk does not take it, or did not keep an earlier one.
        """
        with self._writing:
            if record.key in self.records:
                raise ValueError(f"{record.key} has a record already")
            self._write(self._results, record.to_json())
            self.records[record.key] = record

    def note(self, incident: Incident) -> None:
        """Write down an incident. Any thread may call.

        Raises:
            UsageError: As `append`.
        """
        with self._writing:
            self._write(self._incidents, incident.to_json())

    def sync(self) -> None:
        """Wait until all that was written is on the disk.

        Raises:
            UsageError: If the disk did not keep it.
        """
        try:
            for handle in (self._results, self._incidents):
                os.fsync(handle)
        except OSError as exc:
            self._lost = self._lost or exc
        if self._lost is not None:
            raise _unwritable(self.path, self._lost) from self._lost

    def close(self) -> None:
        """Close the files, when all is on the disk, and let others write.

        Raises:
            UsageError: If the disk did not keep it.
        """
        if self._syncing is not None:
            self._closing = True
            self._unsynced.set()
            self._syncing.join()
        try:
            self.sync()
        finally:
            for handle in (self._results, self._incidents, self._lock):
                os.close(handle)

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, handle: int, values: Mapping[str, Any]) -> None:
        if self._lost is not None:
            raise _unwritable(self.path, self._lost) from self._lost
        line = (json.dumps(values, allow_nan=False) + "\n").encode("ascii")
        size = os.fstat(handle).st_size
        try:
            written = os.write(handle, line)
            while written < len(line):
                written += os.write(handle, line[written:])
        except OSError as exc:
            with suppress(OSError):  # a full disk: take back the half line
                os.ftruncate(handle, size)
            raise _unwritable(self.path, exc) from exc
        if self._syncing is None:
            self._syncing = threading.Thread(target=self._keep_synced, name="sync", daemon=True)
            self._syncing.start()
        self._unsynced.set()

    def _keep_synced(self) -> None:
        """Bring to the disk what was written, as often as the disk is through with the last."""
        while not self._closing:
            self._unsynced.wait()
            self._unsynced.clear()
            try:
                self.sync()
            except UsageError:
                return  # whoever writes next is told


def read_run(path: Path) -> tuple[dict[str, Any], list[Record], list[dict[str, Any]]]:
    """Return the manifest, records and incidents of a run, also of one under way or killed.

    Raises:
        DataError: If there is no run in the folder, or it is damaged elsewhere than at its end.
    """
    file = path / MANIFEST
    if not file.is_file():
        raise DataError(f"{path} holds no run: {MANIFEST} is missing; see qvl-agent eval --out")
    records = _records(path / RESULTS, _whole_lines(path / RESULTS))
    incidents = [
        _parsed(line, path / INCIDENTS, number)
        for number, line in enumerate(_whole_lines(path / INCIDENTS), 1)
    ]
    return _manifest(file), list(records.values()), incidents


def _records(path: Path, lines: list[bytes]) -> dict[Key, Record]:
    found: dict[Key, Record] = {}
    for number, line in enumerate(lines, 1):
        try:
            record = Record.from_json(_parsed(line, path, number))
        except DataError as exc:
            raise DataError(f"{path}:{number}: {exc}") from exc
        if record.key in found:
            raise DataError(f"{path}:{number}: a second result of {record.key}")
        found[record.key] = record
    return found


def _parsed(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as exc:
        raise DataError(f"{path}:{number} is damaged: {exc}") from exc
    if not isinstance(values, dict):
        raise DataError(f"{path}:{number} is no object")
    return values


def _manifest(file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(file.read_bytes())
    except (OSError, ValueError) as exc:
        raise DataError(f"{file} cannot be read: {exc}") from exc
    if not isinstance(manifest, dict):
        raise DataError(f"{file} is no object")
    return manifest


def _whole_lines(path: Path) -> list[bytes]:
    """Return the lines of a file that end in a line feed; none where there is no file."""
    with suppress(FileNotFoundError):
        return path.read_bytes().split(b"\n")[:-1]
    return []


def _repaired(path: Path) -> list[bytes]:
    """Return the whole lines of a file and cut off what a kill left of the one after them."""
    lines = _whole_lines(path)
    whole = sum(len(line) + 1 for line in lines)
    if path.exists() and path.stat().st_size > whole:
        os.truncate(path, whole)
    return lines


def _appending(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def _place(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    partial = path.with_name(f".{path.name}.tmp")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _unwritable(path: Path, exc: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {exc.strerror or exc}")
