"""A world in a process of its own, which can hang, crash or leak without harm to the run.

`WorldProcess` holds one world after the other; a call that does not return in time ends the
process with everything it started, and the next world gets a new one. Knows no concrete world.
"""

import multiprocessing
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import gymnasium

from qvl_agent.actions.errors import DeviceError, EnvError, ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, Outcome, World
from qvl_agent.evals.harness.board import BOARD_BYTES, Board, Lease, Posted
from qvl_agent.evals.harness.host import Spaces, WorldMaker, host_worlds
from qvl_agent.evals.harness.shared import SharedBytes
from qvl_agent.evals.suite import Task

__all__ = ["RemoteWorld", "WorldProcess", "process_context"]

_BYE_S = 5.0


class WorldProcess:
    """Makes worlds in a child process, one at a time.

    Args:
        maker: Makes them there.
        seconds: A call that takes longer is taken for hung.

    Attributes:
        board: Where its pictures are.
    """

    def __init__(self, maker: WorldMaker, *, seconds: float = 120.0) -> None:
        self._maker = maker
        self._seconds = seconds
        self._shared = SharedBytes(BOARD_BYTES)
        self.board = Board(self._shared)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._answers: select.poll | None = None
        self._life: Connection | None = None
        self._spaces: Spaces | None = None

    def make(self, task: Task) -> "RemoteWorld":
        """Return a new world; the one before it is closed.

        Raises:
            EnvError: If it cannot be made.
        """
        self._spaces = self.call("make", task) or self._spaces
        assert self._spaces is not None, "a new process tells them"
        return RemoteWorld(self, self._spaces)

    def call(self, name: str, *arguments: Any) -> Any:
        """Return what a command comes to.

        Raises:
            EnvError: What the world raised; `DeviceError` if it hung, died, or has a bug.
            UsageError: What the world raised.
            gymnasium.error.InvalidAction: What the world raised.
        """
        pipe, answers = self._started()
        with self._alive(name):
            pipe.send((name, arguments))
            self._await(answers, f"answer {name}")
            kind, value = pipe.recv()
        match kind:
            case "done":
                return value
            case "reset_needed":
                raise ResetNeeded(value)
            case "usage":
                raise UsageError(value)
            case "invalid_action":
                raise gymnasium.error.InvalidAction(value)
            case "crashed":
                self.kill()  # nobody knows what state it is in
                raise DeviceError(f"the world has a bug:\n{value}")
            case _:
                raise EnvError(value)

    def see(self, posted: Posted | Observation, lease: Lease) -> Observation:
        """Return the observation of the last answer, once its pictures are there.

        Raises:
            DeviceError: If the process hung or died over them.
        """
        if isinstance(posted, Posted):
            assert self._pipe is not None, "the answer came through it"
            assert self._answers is not None, "it is there with the pipe"
            with self._alive("a picture"):
                self._await(self._answers, "finish a picture")
                self._pipe.recv_bytes()
        return self.board.take(posted, lease)

    def _await(self, answers: select.poll, what: str) -> None:
        """Wait for the process to say something; it is ended when it does not."""
        if not answers.poll(1000 * self._seconds):
            self.kill()
            raise DeviceError(
                f"the world did not {what} within {self._seconds:g} s; its process was ended"
            )

    @contextmanager
    def _alive(self, what: str) -> Iterator[None]:
        """Say what was going on when the process died."""
        try:
            yield
        except (EOFError, OSError) as exc:
            code = self.kill()
            raise DeviceError(
                f"the process of the world died during {what} (exit code {code})"
            ) from exc

    def kill(self) -> int | None:
        """End the process and whatever it started, at once; return its exit code."""
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return None
        _end_group(process)
        process.join(_BYE_S)
        for end in (self._pipe, self._life):
            if end is not None:
                end.close()
        self._pipe = self._life = self._answers = None
        return process.exitcode

    def interrupt(self) -> None:
        """End the process from another thread: the call under way gets an error."""
        process = self._process
        if process is not None:
            _end_group(process)

    def close(self) -> None:
        """Close the world and end the process."""
        if self._process is not None:
            with suppress(EnvError, UsageError):
                self.call("finish")
            self.kill()

    def _started(self) -> "tuple[Connection, select.poll]":
        if self._pipe is not None and self._process is not None and self._answers is not None:
            return self._pipe, self._answers
        ours, theirs = process_context().Pipe()
        theirs_life, life = process_context().Pipe(duplex=False)
        process = process_context().Process(
            target=host_worlds, args=(theirs, theirs_life, self._shared, self._maker), daemon=True
        )
        process.start()
        theirs.close()
        theirs_life.close()
        answers = select.poll()
        answers.register(ours, select.POLLIN)
        self._process, self._pipe, self._life, self._answers = process, ours, life, answers
        return ours, answers


def _end_group(process: BaseProcess) -> None:
    """End a process at once, with all that it started: `host_worlds` leads a group of its own."""
    if process.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(ValueError):
        process.kill()


def process_context() -> Any:
    """Return how processes begin: forked from a clean server, which loads the worlds' base once.

    Never from this process: its threads and the model's must not be copied.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["qvl_agent.evals.harness.host"])
        return context
    return multiprocessing.get_context("spawn")


class RemoteWorld(World):
    """The near end of a world in a `WorldProcess`; made by it."""

    def __init__(self, process: WorldProcess, spaces: Spaces) -> None:
        self._at = process
        self.action_space, self.observation_space, self.spec = spaces
        self._end: Outcome | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode over there."""
        self._end = None
        lease = self._at.board.lease()
        posted, info, self.task, space = self._at.call(
            "reset", (lease.start, lease.size), seed, options
        )
        if space is not None:
            self.action_space = space
        return self._at.see(posted, lease), info

    def step(self, action: Action) -> tuple[Observation, Any, bool, bool, dict[str, Any]]:
        """Carry out an action over there."""
        lease = self._at.board.lease()
        posted, reward, terminated, truncated, info, self._end = self._at.call(
            "step", (lease.start, lease.size), action
        )
        return self._at.see(posted, lease), reward, terminated, truncated, info

    def outcome(self) -> Outcome:
        """Return how the episode stands; at its end that has come with the last step."""
        outcome: Outcome = self._end or self._at.call("outcome")
        return outcome

    def expert(self) -> Decision:
        """Return what an optimal player does now."""
        decision: Decision = self._at.call("expert")
        return decision

    def close(self) -> None:
        """Nothing: the process closes it before it makes the next one, or ends."""
