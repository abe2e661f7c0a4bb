"""AI2-THOR 2.1.0 as a body, through its own `ai2thor.controller.Controller`: ALFRED's simulator.

Only on it are figures ALFRED's. It talks to Unity, or to the bundled simulator, over HTTP. Its
Controller waits for answers without end, and refuses some actions itself; the first is mended
here, the second is the benchmark's and stays.
"""

import contextlib
import importlib
import queue
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np

from qvl_agent.actions.errors import DataError, DeviceError, MissingDependency, UsageError
from qvl_agent.envs.household.body import Command, Sight, Snapshot
from qvl_agent.envs.household.thor import sight_of

__all__ = ["Thor2Body", "thor_version"]

_INITIALIZE = {
    "action": "Initialize",
    "gridSize": 0.25,
    "cameraY": 0.75,
    "renderImage": True,
    "renderDepthImage": True,
    "renderClassImage": False,
    "renderObjectImage": True,
    "makeAgentsVisible": False,
}
"""Source: ALFRED env/thor_env.py @f91f4c0c (reset), less the class pictures."""


def thor_version() -> str:
    """Return the version of ai2thor that is installed.

    Raises:
        MissingDependency: If none is.
    """
    try:
        return str(importlib.import_module("ai2thor").__version__)
    except ImportError as exc:
        raise MissingDependency("ai2thor", extra="thor", purpose="drive AI2-THOR") from exc


class Thor2Body:
    """AI2-THOR 2.1.0 behind its Controller.

    Args:
        executable: Program to start in Unity's place, as `bundled_program()`; None for THOR's own
            build, which is downloaded at the first start and needs an X server.
        timeout_s: Longest wait for an answer.

    Raises:
        MissingDependency: If ai2thor is not installed.
        UsageError: If another version is.
        DeviceError: If the program does not start.
    """

    def __init__(self, executable: str | None = None, *, timeout_s: float = 60.0) -> None:
        version = thor_version()
        if not version.startswith("2."):
            raise UsageError(
                f"ai2thor {version} is installed, and this body drives 2.1.0: "
                "pip install ai2thor==2.1.0"
            )
        self.name = f"ai2thor {version}" if executable is None else "bundled simulator"
        self._closed = False
        self._controller = _watched_controller(executable, timeout_s)
        try:
            self._controller.start()
        except Exception as exc:  # ai2thor raises bare Exceptions, and asserts that X is there
            self.close()
            what = f"AI2-THOR {version}" if executable is None else "the bundled simulator"
            raise DeviceError(
                f"{what} does not start: {exc or type(exc).__name__}. THOR's Unity build is "
                "fetched once from s3-us-west-2.amazonaws.com/ai2-thor into ~/.ai2thor/releases, "
                "and needs an X server (DISPLAY); without it take the bundled simulator "
                "(--body bundled)"
            ) from exc

    def reset(self, floor_plan: str) -> Snapshot:
        """See `Body.reset`."""
        event = self._asked(lambda: self._controller.reset(floor_plan))
        for _ in range(2):  # as ALFRED's wrapper does, once itself and once in restore_scene
            event = self._asked(lambda: self._controller.step(dict(_INITIALIZE)))
        if not event.metadata["lastActionSuccess"]:
            raise DataError(event.metadata["errorMessage"])
        return _snapshot(event)

    def act(self, command: Command) -> Snapshot:
        """See `Body.act`."""
        return _snapshot(self._asked(lambda: self._controller.step(dict(command))))

    @property
    def pid(self) -> int | None:
        """Id of the simulator's process."""
        process: subprocess.Popen[bytes] | None = self._controller.process
        return process.pid if process is not None else None

    def close(self) -> None:
        """Stop the simulator, and leave no process and no socket behind."""
        if not self._closed:
            self._closed = True
            self._controller.end()

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except ValueError as exc:
            raise UsageError(f"THOR refuses it: {exc}") from exc
        except (OSError, RuntimeError) as exc:
            self.close()
            raise DeviceError(f"the simulator is gone ({exc}); start it again") from exc


class _WatchedQueue(queue.Queue[Any]):
    """A queue of answers that ends the waiting when nobody is left to answer."""

    def __init__(self, alive: Callable[[], str | None], timeout_s: float) -> None:
        super().__init__(maxsize=1)
        self._alive = alive
        self._timeout_s = timeout_s

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Return the next answer.

        Raises:
            BrokenPipeError: If the process ended.
            TimeoutError: If it takes too long.
        """
        waited = 0.0
        while True:
            try:
                return super().get(True, 0.25)
            except queue.Empty:
                waited += 0.25
                if dead := self._alive():
                    raise BrokenPipeError(dead) from None
                if waited >= self._timeout_s:
                    raise TimeoutError(f"no answer within {self._timeout_s:g} s") from None


def _watched_controller(executable: str | None, timeout_s: float) -> Any:
    """Return 2.1.0's Controller, made to keep an eye on its process and to end it cleanly."""
    controller_class: Any = importlib.import_module("ai2thor.controller").Controller

    class WatchedController(controller_class):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(quality="MediumCloseFitShadows")
            self.process: subprocess.Popen[bytes] | None = None
            self.request_queue = _WatchedQueue(self._dead, timeout_s)
            self.local_executable_path = executable

        def check_x_display(self, x_display: str) -> None:
            if executable is None:  # the bundled program opens no display
                super().check_x_display(x_display)

        def _start_unity_thread(
            self, env: dict[str, str], width: int, height: int, host: str, port: int, _: Any
        ) -> None:
            self.server.client_token = env["AI2THOR_CLIENT_TOKEN"] = "household"
            env |= {"AI2THOR_HOST": host, "AI2THOR_PORT": str(port)}
            env["AI2THOR_SERVER_SIDE_SCREENSHOT"] = "True"
            command = self.unity_command(width, height, headless=False)
            self.process = subprocess.Popen(command, env=env)

        def _dead(self) -> str | None:
            if self.process is None or self.process.poll() is None:
                return None
            return f"its exit code is {self.process.returncode}"

        def end(self) -> None:
            """End the process, the server and its socket."""
            if self.process is not None:
                self.process.kill()
                self.process.wait(timeout=10)
            if self.server is None:
                return
            with contextlib.suppress(queue.Full):
                self.response_queue.put_nowait({})  # lets go of a request that waits for it
            self.server.wsgi_server.shutdown()
            self.server_thread.join(timeout=10)
            self.server.wsgi_server.server_close()
            self.unlock_release()

    return WatchedController()


def _snapshot(event: Any) -> Snapshot:
    def look() -> Sight:
        depth = event.depth_frame
        metres = None if depth is None else (depth / 1000).astype(np.float32)
        colours = event.instance_segmentation_frame
        return sight_of(event.frame[..., :3], metres, colours, event.color_to_object_id)

    return Snapshot(event.metadata, look)
