"""AI2-THOR as a body, through the real `ai2thor.controller.Controller` (5.x).

Commands come in 2.1.0's form and are translated. The executable behind the Controller is Unity's
build, or the bundled simulator, which speaks the same protocol. A process that died is noticed by
looking at it, not by waiting for THOR's own timeout of 100 seconds.
"""

import contextlib
import os
import select
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qvl_agent.actions.errors import DataError, DeviceError, MissingDependency, UsageError
from qvl_agent.envs.household.body import Command, Sight, Snapshot

__all__ = ["ThorBody", "bundled_program", "sight_of", "to_thor5"]


_START_S = 300.0
"""Longest wait for a program to start: one that died is noticed long before."""


def bundled_program(data: Path | None = None) -> str:
    """Return the command line of the bundled simulator, for `local_executable_path`."""
    words = [sys.executable, "-m", "qvl_agent.envs.household.simulator"]
    return shlex.join(words + (["--data", str(data)] if data is not None else []))


class ThorBody:
    """AI2-THOR behind its Controller.

    Args:
        executable: Program to start in Unity's place, as `bundled_program()`; None for THOR's own
            build, which is downloaded at the first start (about 800 MB).
        width: Of the picture in pixels.
        height: Of the picture in pixels.
        headless: Whether THOR's own build renders off screen (CloudRendering: needs Vulkan, no X).
        timeout_s: Longest wait for an answer, once it has started.

    Raises:
        MissingDependency: If ai2thor is not installed.
        DeviceError: If the program does not start.
    """

    def __init__(
        self,
        executable: str | None = None,
        *,
        width: int = 300,
        height: int = 300,
        headless: bool = True,
        timeout_s: float = 60.0,
    ) -> None:
        try:
            import ai2thor
            from ai2thor.controller import Controller
            from ai2thor.fifo_server import FifoServer
        except ImportError as exc:
            raise MissingDependency("ai2thor", extra="thor", purpose="drive AI2-THOR") from exc
        self.name = f"ai2thor {ai2thor.__version__}" if executable is None else "bundled simulator"
        self._closed = False
        options: dict[str, Any] = {
            "width": width,
            "height": height,
            "gridSize": 0.25,
            "fieldOfView": 60,
            "visibilityDistance": 1.5,
            "renderDepthImage": True,
            "renderInstanceSegmentation": True,
            "makeAgentsVisible": False,
            "server_class": FifoServer,
            "server_timeout": timeout_s,
            "server_start_timeout": _START_S,
        }
        if executable is not None:
            # A display is never opened by the bundled program, but the Controller wants a name.
            options |= {"local_executable_path": executable, "x_display": ":0"}
        elif headless:
            from ai2thor.platform import CloudRendering

            options["platform"] = CloudRendering
        try:
            self._controller = _watched(Controller, FifoServer)(
                scene="FloorPlan1" if executable is None else "Kitchen0", **options
            )
        except Exception as exc:  # ai2thor raises bare Exceptions for a build that it lacks
            raise DeviceError(_unstarted(ai2thor.__version__, exc, executable)) from exc

    def reset(self, floor_plan: str) -> Snapshot:
        """See `Body.reset`."""
        try:
            event = self._controller.reset(floor_plan)
        except ValueError as exc:
            raise DataError(str(exc)) from exc
        except (OSError, RuntimeError) as exc:
            raise self._gone(exc) from exc
        return _snapshot(event)

    def act(self, command: Command) -> Snapshot:
        """See `Body.act`."""
        try:
            event = self._controller.step(to_thor5(command))
        except ValueError as exc:
            raise UsageError(f"THOR refuses {command['action']}: {exc}") from exc
        except (OSError, RuntimeError) as exc:
            raise self._gone(exc) from exc
        return _snapshot(event)

    @property
    def pid(self) -> int | None:
        """Id of the simulator's process."""
        process = self._controller.server.unity_proc
        return process.pid if process is not None else None

    def close(self) -> None:
        """Stop the simulator, and leave no process, pipe or folder behind."""
        if self._closed:
            return
        self._closed = True
        server = self._controller.server
        with contextlib.suppress(OSError):  # a pipe to a dead process cannot be flushed
            self._controller.stop()
        if server.unity_proc is not None:
            server.unity_proc.wait(timeout=10)
        server.tmp_dir.cleanup()

    def _gone(self, exc: BaseException) -> DeviceError:
        self.close()
        return DeviceError(f"the simulator is gone ({exc or type(exc).__name__}); start it again")


def _unstarted(version: str, exc: Exception, executable: str | None) -> str:
    """Return why a simulator does not start, and what to do."""
    if executable is not None:
        return f"the bundled simulator does not start: {exc or type(exc).__name__}"
    return (
        f"AI2-THOR {version} does not start: {exc or type(exc).__name__}. Its Unity build is "
        "fetched once from ai2-thor-public.s3.amazonaws.com into ~/.ai2thor/releases (about "
        "800 MB), and needs Vulkan (apt-get install libvulkan1) or an X server; "
        "without it take the bundled simulator (--body bundled)"
    )


def to_thor5(command: Command) -> dict[str, Any]:
    """Return a 2.1.0 command as 5.x takes it.

    Source: alfred-thor table of API changes; ai2thor 5.0.0 controller.py.
    """
    sent = dict(command)
    match command["action"]:
        case "PutObject" if "receptacleObjectId" in sent:
            sent["objectId"] = sent.pop("receptacleObjectId")
        case "OpenObject":
            sent["openness"] = float(sent.pop("moveMagnitude", 1.0))
        case "TeleportFull":
            sent.pop("rotateOnTeleport", None)
            turn = sent["rotation"]
            sent["rotation"] = turn if isinstance(turn, Mapping) else {"x": 0, "y": turn, "z": 0}
            sent.setdefault("standing", True)
    return sent


def _watched(controller_class: Any, server_class: Any) -> Any:
    """Return THOR's Controller, made to notice within a second that its process is gone.

    Upstream's server polls the pipe without a pause until its timeout is over, whether or not
    anyone is left to write into it, and opening the pipe waits for a process that may be dead.
    """

    class WatchedFifoServer(server_class):  # type: ignore[misc]
        server_pipe: Any

        def _recv_message(self, timeout: float | None) -> Any:
            if self.server_pipe is None:
                # Opened without waiting for the other end, which may already be dead.
                handle = os.open(self.server_pipe_path, os.O_RDONLY | os.O_NONBLOCK)
                self.server_pipe = os.fdopen(handle, "rb", buffering=0)
            return super()._recv_message(timeout)

        def _read_with_timeout(self, server_pipe: Any, message_size: int, timeout: Any) -> bytes:
            handle, parts, until = server_pipe.fileno(), [], time.monotonic() + (timeout or 1e9)
            while message_size:
                if not select.select([handle], [], [], 0.5)[0]:
                    process = self.unity_proc
                    if process is not None and process.poll() is not None:
                        raise BrokenPipeError(f"its exit code is {process.returncode}")
                    if time.monotonic() > until:
                        raise TimeoutError(f"no answer within {timeout} s")
                    continue
                part = os.read(handle, message_size)
                if not part:
                    raise BrokenPipeError("its pipe is closed")
                parts.append(part)
                message_size -= len(part)
            return b"".join(parts)

    class WatchedController(controller_class):  # type: ignore[misc]
        def _start_unity_thread(self, *args: Any, **kwargs: Any) -> Any:
            # The Controller only makes servers of exactly the classes that it knows.
            self.server.__class__ = WatchedFifoServer
            return super()._start_unity_thread(*args, **kwargs)

    return WatchedController


def _snapshot(event: Any) -> Snapshot:
    def look() -> Sight:
        depth = event.depth_frame
        metres = None if depth is None else np.array(depth, dtype=np.float32)
        colours = event.instance_segmentation_frame
        return sight_of(event.frame, metres, colours, event.color_to_object_id)

    return Snapshot(event.metadata, look)


def sight_of(
    frame: Any, depth: Any, colours: Any, names: Mapping[tuple[int, int, int], str]
) -> Sight:
    """Return what a Controller's event shows.

    Args:
        frame: uint8 (H, W, 3).
        depth: float32 (H, W), metres, or None.
        colours: uint8 (H, W, 3), the instance picture, or None.
        names: Object ids by their colours in it.
    """
    if colours is None:
        return Sight(frame.copy(), depth)
    packed = colours.astype(np.int64) @ np.array([1, 256, 65536])
    table = {int(np.dot(colour, (1, 256, 65536))): key for colour, key in names.items()}
    values, inverse = np.unique(packed, return_inverse=True)
    ids = tuple(table[v] for v in values.tolist() if v in table)
    number = {key: k for k, key in enumerate(ids)}
    lookup = np.array([number[table[v]] if v in table else -1 for v in values.tolist()])
    segments = lookup[inverse].reshape(packed.shape).astype(np.int32)
    return Sight(frame.copy(), depth, segments, ids)
