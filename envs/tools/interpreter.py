"""A code interpreter: runs Python that a policy wrote, and survives it.

Each run is a process of its own with limits of time, memory, output, files and processes, in the
interpreter's own temporary folder. Files stay between runs, variables do not. What the code
prints, the value of its last line and the PNG pictures it writes come back. `sandbox` holds the
inside; how much it could take away is in `Result.layers` and told to the policy with the result.

POSIX only. On Linux everything holds; elsewhere the limits of one process do.
"""

import json
import os
import secrets
import selectors
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from PIL import Image as PillowImage

from qvl_agent.actions.errors import EnvError
from qvl_agent.envs.base import Image
from qvl_agent.envs.tools.processes import kill_descendants, usage

__all__ = ["Ending", "Interpreter", "Limits", "Result"]

Ending = Literal["ok", "error", "timeout", "memory", "output", "files", "processes"]

_TICK_S = 0.05
_FINISH_S = 5.0
_HERE = Path(__file__).parent
_MAX_PICTURES = 4
_MAX_PICTURE_BYTES = 20 << 20
_MAX_PICTURE_PIXELS = 4096 * 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use.

    Attributes:
        seconds: Wall time, and CPU time of each process.
        memory: Bytes, of each process's addresses and of all processes' resident memory.
        output: Bytes of text; what comes after is not read and the run is ended.
        files: Bytes of the folder.
        processes: Processes and threads at one time.
    """

    seconds: float = 20.0
    memory: int = 1 << 30
    output: int = 20_000
    files: int = 64 << 20
    processes: int = 32


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """How a run ended.

    Attributes:
        ending: "ok", "error" (an exception or an exit code), or the limit that ended it.
        text: What was printed and what went wrong, within the limit of output.
        pictures: uint8 (H, W, 3) each, of the PNG files written in this run, by name.
        seconds: Wall time.
        layers: What the sandbox could take away: "network", "processes", "files", "signals",
            "user".
    """

    ending: Ending
    text: str
    pictures: tuple[Image, ...]
    seconds: float
    layers: frozenset[str]


class Interpreter:
    """Runs Python code in a folder of its own; a context manager that removes the folder.

    Args:
        limits: What one run may use.
        namespaces: Whether to leave the host's network, process and file namespaces where the
            kernel permits. False is for systems where that gets in the way, and for tests.
        python: The Python that runs the code, and whose packages the code may import.

    Raises:
        EnvError: If the system is not POSIX.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        namespaces: bool = True,
        python: str = sys.executable,
    ) -> None:
        if os.name != "posix":
            raise EnvError("the code interpreter needs a POSIX system (Linux or macOS)")
        self.limits = limits or Limits()
        self._namespaces = namespaces
        self._python = python
        self._temporary = tempfile.TemporaryDirectory(
            prefix="qvl-code-", ignore_cleanup_errors=True
        )
        Path(self._temporary.name).chmod(0o711)  # another user gets through, and sees nothing
        self.folder = Path(self._temporary.name) / "work"
        self.folder.mkdir()
        # A user of its own, so that no process of anyone else counts or can be signalled.
        self._uid = 1_000_000 + secrets.randbelow(1_000_000_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder and everything in it; doing so twice does nothing."""
        self._temporary.cleanup()

    def run(self, code: str) -> Result:
        """Run code and return how it ended; whatever the code does, this returns.

        Raises:
            EnvError: If the sandbox itself could not be started.
        """
        self.folder.chmod(0o700)  # the code of an earlier run may have shut it
        before = self._pictures()
        _write(self.folder / "runner.py", (_HERE / "runner.py").read_text(encoding="utf-8"))
        _write(self.folder / "main.py", code)
        with tempfile.TemporaryDirectory(prefix="qvl-root-", ignore_cleanup_errors=True) as root:
            reader, writer = os.pipe()
            try:
                start = time.monotonic()
                process = self._start(writer, root)
                os.close(writer)
                writer = -1
                ending, output = self._watch(process, start)
                seconds = time.monotonic() - start
                told = _report(reader)
            finally:
                os.close(reader)
                if writer >= 0:
                    os.close(writer)
        if "refused" in told:
            raise EnvError(
                f"the code interpreter does not run code as root: {told['refused']}, and the "
                "kernel does not permit namespaces; start it as another user"
            )
        layers = frozenset(told.get("layers", []))
        status = told.get("status")
        if ending is None:
            ending = "ok" if status == 0 else "error"
        self.folder.chmod(0o700)
        pictures = tuple(self._read(path) for path in sorted(self._pictures() - before))
        if ending == "files":
            self._empty()
        return Result(
            ending=ending,
            text=self._told(ending, status, output),
            pictures=tuple(p for p in pictures if p is not None)[:_MAX_PICTURES],
            seconds=seconds,
            layers=layers,
        )

    def _empty(self) -> None:
        """Make the folder anew: what filled it would end every later run too."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)

    def _start(self, report: int, root: str) -> "subprocess.Popen[bytes]":
        limits = self.limits
        config = {
            "report": report,
            "folder": str(self.folder),
            "root": root,
            "uid": self._uid,
            "namespaces": self._namespaces,
            "argv": ["runner.py", "main.py"],
            "limits": {
                "RLIMIT_AS": limits.memory,
                "RLIMIT_CPU": int(limits.seconds) + 1,
                "RLIMIT_FSIZE": limits.files,
                "RLIMIT_NPROC": limits.processes,
                "RLIMIT_NOFILE": 256,
                "RLIMIT_CORE": 0,
            },
            # Nothing of the host's environment: it may hold keys and tokens.
            "environment": {
                "PATH": "/usr/bin:/bin",
                "HOME": ".",
                "LANG": "C.UTF-8",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        }
        command = [self._python, "-I", str(_HERE / "sandbox.py"), json.dumps(config)]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(report,),
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            )
        except OSError as exc:
            raise EnvError(f"the code interpreter could not start {command[0]}: {exc}") from exc

    def _watch(
        self, process: "subprocess.Popen[bytes]", start: float
    ) -> tuple[Ending | None, bytes]:
        """Read what is printed until the run ends or breaks a limit; leave nothing running."""
        output = bytearray()
        broken: Ending | None = None
        assert process.stdout is not None
        with process.stdout as pipe, selectors.DefaultSelector() as selector:
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)
            next_look = start
            try:
                while broken is None:
                    if selector.select(_TICK_S):
                        part = pipe.read1(65536) if hasattr(pipe, "read1") else pipe.read(65536)
                        if not part and process.poll() is not None:
                            break
                        output += part or b""
                        if len(output) > self.limits.output:
                            broken = "output"
                    elif process.poll() is not None:
                        break
                    now = time.monotonic()
                    if now - start > self.limits.seconds:
                        broken = "timeout"
                    elif now >= next_look and broken is None:
                        broken = self._exceeded(process.pid)
                        # Looking costs time in proportion to what there is to see.
                        next_look = time.monotonic() + max(_TICK_S, 10 * (time.monotonic() - now))
            finally:
                if process.poll() is None:
                    kill_descendants(process.pid)
                _finish(process)
        return broken, bytes(output[: self.limits.output])

    def _exceeded(self, root: int) -> Ending | None:
        """Return the limit that all processes together have broken, if any."""
        used = usage(root)
        if len(used.pids) > self.limits.processes + 3:  # the sandbox's own
            return "processes"
        if used.resident > self.limits.memory:
            return "memory"
        size = 0
        for count, (folder, _, names) in enumerate(os.walk(self.folder)):
            for name in names:
                try:
                    size += os.lstat(os.path.join(folder, name)).st_blocks * 512
                except OSError:
                    continue
            if size > self.limits.files or count > 1000:
                return "files"
        return None

    def _told(self, ending: Ending, status: int | None, output: bytes) -> str:
        """Return the text of a result: what was printed, then what ended it."""
        text = output.decode("utf-8", "replace")
        limits = self.limits
        match ending:
            case "timeout":
                note = f"stopped: it ran longer than {limits.seconds:g} seconds"
            case "memory":
                note = f"stopped: it used more than {limits.memory >> 20} MB of memory"
            case "output":
                note = f"stopped: it printed more than {limits.output} bytes"
            case "files":
                note = (
                    f"stopped: it wrote more than {limits.files >> 20} MB of files; "
                    "the folder was emptied"
                )
            case "processes":
                note = f"stopped: it started more than {limits.processes} processes"
            case "error" if status is None:
                note = "stopped: it ended without a word"
            case "error" if status is not None and status < 0:
                note = f"stopped by signal {-status}"
            case "error" if not text.strip():
                note = f"it ended with exit code {status}"
            case _:
                note = ""
        return "\n".join(part for part in (text.rstrip("\n"), note and f"({note})") if part)

    def _pictures(self) -> set[tuple[str, int, int]]:
        """Return (name, size, time of change) of the PNG files in the folder."""
        found = set()
        with os.scandir(self.folder) as entries:
            for entry in entries:
                # Not followed: a link or a pipe that the code made leads elsewhere, or nowhere.
                if entry.name.lower().endswith(".png") and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found.add((entry.name, status.st_size, status.st_mtime_ns))
        return found

    def _read(self, picture: tuple[str, int, int]) -> Image | None:
        """Return a picture's pixels, or None where it is none, or too large to be looked at."""
        name, size, _ = picture
        if not 0 < size <= _MAX_PICTURE_BYTES:
            return None
        try:
            descriptor = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                data = file.read(_MAX_PICTURE_BYTES)
        except OSError:
            return None
        if _claims(data) > _MAX_PICTURE_PIXELS:
            return None
        try:
            with PillowImage.open(BytesIO(data), formats=["PNG"]) as opened:
                if opened.width * opened.height > _MAX_PICTURE_PIXELS:
                    return None
                return np.asarray(opened.convert("RGB"))
        except Exception:  # hostile bytes: the decoder has more kinds of errors than it documents
            return None


def _claims(data: bytes) -> int:
    """Return how many pixels a PNG's header claims, 0 where there is none."""
    size = data[16:24]  # after the signature, and the length and name of the first chunk
    return int.from_bytes(size[:4]) * int.from_bytes(size[4:]) if len(size) == 8 else 0


def _finish(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the sandbox to reap what was killed; it has nothing else left to do."""
    try:
        process.wait(_FINISH_S)
    except subprocess.TimeoutExpired:
        kill_descendants(process.pid)
        process.kill()
        process.wait()


def _write(path: Path, text: str) -> None:
    """Write a file of the folder anew; what the code may have put in its place is removed."""
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")
    path.chmod(0o644)


def _report(descriptor: int) -> Mapping[str, Any]:
    """Return what the sandbox told of the run; empty where it was ended before it could."""
    os.set_blocking(descriptor, False)
    try:
        lines = os.read(descriptor, 4096).splitlines()
    except BlockingIOError:
        return {}
    told: dict[str, Any] = {}
    for line in lines:
        told |= json.loads(line)
    return told
