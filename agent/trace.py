"""A trace: the folder that holds everything that happened in one episode.

    manifest.json         versions, configuration, seeds, policy, frame, limits
    trace.jsonl           one line per event (see `schema`), on disk before the next step begins
    images/<sha256>.png   each picture once, on disk before the line that names it

A run may be killed at any byte: what was finished stays readable. Everything else (viewer, replay,
scores, training data) is made from a trace. Knows no world and no model, and loads neither.
"""

import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import jsonschema
from PIL import Image

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.agent.events import Acted, Ended, Event, Started, WorldFailed
from qvl_agent.agent.record import plain, record_of, sights_of
from qvl_agent.agent.schema import EVENT_SCHEMA, SCHEMA_VERSION
from qvl_agent.agent.versions import versions
from qvl_agent.model.prompt import Picture

__all__ = ["Trace", "TraceWriter", "new_trace_folder", "read_trace"]

_MANIFEST = "manifest.json"
_EVENTS = "trace.jsonl"
_IMAGES = "images"


def new_trace_folder(root: Path, name: str) -> Path:
    """Make a new folder below `root`, named after the time and `name`, and return it.

    Raises:
        UsageError: If it cannot be made, naming it.
    """
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    slug = "".join(c if c.isalnum() else "-" for c in name).strip("-").lower() or "episode"
    for number in itertools.count(1):
        folder = root / (f"{stamp}-{slug}" if number == 1 else f"{stamp}-{slug}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as exc:
            raise _unwritable(folder, exc) from exc
        return folder
    raise AssertionError("itertools.count ends nowhere")


class TraceWriter:
    """Writes one trace. To be closed; a context manager does it.

    Args:
        folder: Is made; must not hold a trace already.
        manifest: Whatever describes the run; versions and the time are added.

    Raises:
        UsageError: If the folder cannot be written, now or later, naming it.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self._images = folder / _IMAGES
        self._written: set[str] = set()
        self._began = time.perf_counter()
        self._size = 0
        try:
            self._images.mkdir(parents=True, exist_ok=True)
            # Exclusive, so that two runs cannot mix their lines in one trace.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file: int | None = os.open(folder / _EVENTS, flags, 0o644)
            with _placing(folder / _MANIFEST) as file:
                file.write(json.dumps(_full(manifest), indent=2, allow_nan=False).encode())
        except FileExistsError as exc:
            raise UsageError(f"{folder} already holds a trace; name another folder") from exc
        except OSError as exc:
            raise _unwritable(folder, exc) from exc

    def write(self, event: Event) -> None:
        """Append an event, its pictures first; a finished step is on disk when this returns.

        Raises:
            UsageError: If the folder can no longer be written.
            ValueError: If the trace is closed.
        """
        if self._file is None:
            raise ValueError(f"the trace in {self.folder} is closed")
        at = round(time.perf_counter() - self._began, 6)
        record = {"schema_version": SCHEMA_VERSION, "at": at, **record_of(event)}
        line = json.dumps(record, allow_nan=False, separators=(",", ":")) + "\n"
        try:
            for picture in sights_of(event):
                self._save(picture)
            self._append(self._file, line.encode("ascii"))
            # Every line survives the end of this process; these survive that of the machine.
            if isinstance(event, Started | Acted | WorldFailed | Ended):
                os.fsync(self._file)
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc

    def close(self) -> None:
        """Close the file; further calls do nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> "TraceWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, file: int, line: bytes) -> None:
        """Append a whole line or nothing.

        One write to the operating system: Ctrl-C comes before or after it, never within.
        """
        try:
            written = os.write(file, line)
            while written < len(line):
                written += os.write(file, line[written:])
        except OSError:
            with suppress(OSError):  # a full disk: take back the half line
                os.ftruncate(file, self._size)
            raise
        self._size += len(line)

    def _save(self, picture: Picture) -> None:
        if picture.key in self._written:
            return
        path = self._images / f"{picture.key}.png"
        if not path.exists():
            with _placing(path) as file:
                Image.fromarray(picture.pixels).save(file, "PNG", compress_level=1)
        self._written.add(picture.key)


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace that was read.

    Attributes:
        folder: Where it lies.
        manifest: As written; `{}` where the run was killed before that.
        events: The records, each valid by `EVENT_SCHEMA`.
        notes: What is missing or was left out, in words.
    """

    folder: Path
    manifest: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()

    def first(self, name: str) -> Mapping[str, Any] | None:
        """Return the first event of a name, as "started" or "ended"."""
        return next((event for event in self.events if event["event"] == name), None)

    @property
    def steps(self) -> tuple[Mapping[str, Any], ...]:
        """The "acted" events: one per finished step."""
        return tuple(event for event in self.events if event["event"] == "acted")

    def image(self, key: str) -> Path:
        """Return the file of a picture that an event names."""
        return self.folder / _IMAGES / f"{key}.png"


def read_trace(folder: Path) -> Trace:
    """Return the trace in a folder, of a run that ended or was killed anywhere.

    A line that was cut off is left out with a note; so are lines after one that is damaged.

    Raises:
        DataError: If the folder holds no trace, or one of a later schema version.
    """
    folder = Path(folder)
    try:
        content = (folder / _EVENTS).read_bytes()
    except OSError as exc:
        raise DataError(f"{folder} holds no trace: {_EVENTS}: {_why(exc)}") from exc
    notes: list[str] = []
    manifest: Mapping[str, Any] = {}
    try:
        loaded = json.loads((folder / _MANIFEST).read_bytes())
        manifest = loaded if isinstance(loaded, dict) else {}
    except (OSError, ValueError) as exc:
        notes.append(f"{_MANIFEST} cannot be read: {exc}")
    events: list[Mapping[str, Any]] = []
    *lines, rest = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        event = _event(line, f"{folder / _EVENTS}:{number}")
        if event is None:
            notes.append(f"line {number} of {_EVENTS} is damaged; it and what follows is left out")
            rest = b""
            break
        events.append(event)
    if rest:
        notes.append(f"the last line of {_EVENTS} was cut off and is left out")
    if not events or events[-1]["event"] != "ended":
        notes.append("the run was cut off: the trace does not say how it ended")
    return Trace(folder, manifest, tuple(events), tuple(notes))


def _event(line: bytes, where: str) -> Mapping[str, Any] | None:
    """Return the event of a line, or None when the line is damaged.

    Raises:
        DataError: If the line has another schema version.
    """
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if isinstance(event, dict) and event.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise DataError(
            f"{where}: schema version {event['schema_version']}, and this program reads "
            f"{SCHEMA_VERSION}; use the version of qvl-agent that manifest.json names"
        )
    name = event.get("event") if isinstance(event, dict) else None
    validator = _validators().get(name) if isinstance(name, str) else None
    return event if validator is not None and validator.is_valid(event) else None


@cache
def _validators() -> Mapping[str, jsonschema.Draft202012Validator]:
    """Return a validator per kind of event: eight times as fast as trying each on every line."""
    return {
        schema["properties"]["event"]["const"]: jsonschema.Draft202012Validator(schema)
        for schema in EVENT_SCHEMA["oneOf"]
    }


def _full(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with versions and time."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
    }
    return head | {key: plain(value) for key, value in manifest.items()}


@contextmanager
def _placing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears at `path` whole, or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _unwritable(folder: Path, exc: OSError) -> UsageError:
    return UsageError(f"the trace folder {folder} cannot be written: {_why(exc)}")


def _why(exc: OSError) -> str:
    return exc.strerror or str(exc)
