"""A world in a process of its own, which can hang, crash or leak without harm to the run.

`WorldProcess` holds one world after the other; a call that does not return in time ends the
process with everything it started, and the next world gets a new one. Knows no concrete world.
"""

import multiprocessing
import os
import select
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import gymnasium

from qvl_agent.actions.errors import DeviceError, EnvError, ResetNeeded, UsageError
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision, Observation, Outcome, World
from qvl_agent.evals.harness.board import BOARD_BYTES, Board, Lease, Posted
from qvl_agent.evals.harness.host import Spaces, WorldMaker, host_worlds, packed
from qvl_agent.evals.harness.shared import SharedBytes
from qvl_agent.evals.suite import Task

__all__ = ["RemoteWorld", "WorldProcess", "process_context"]

_BYE_S = 5.0


class _Live(NamedTuple):
    """A process under way, and how it is talked to."""

    process: BaseProcess
    pipe: Connection
    answers: select.poll
    life: Connection


class _Ahead(NamedTuple):
    """What a process does unasked: it makes a task's world, and then begins its episode."""

    task: Task
    lease: Lease


class WorldProcess:
    """Makes worlds in a child process, one at a time.

    When a world is made its episode begins at once, as its task says, while the parent gets ready.

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
        self._live: _Live | None = None
        self._spaces: Spaces | None = None
        self._making: _Ahead | None = None
        self._beginning: _Ahead | None = None

    def expect(self, task: Task) -> None:
        """Begin to make the world that will be asked for next; `make` says so if that fails."""
        with suppress(EnvError):
            self._begin(task)

    def make(self, task: Task) -> "RemoteWorld":
        """Return a new world; the one before it is closed.

        Raises:
            EnvError: As `call`.
            UsageError: As `call`.
        """
        if self._making is None or self._making.task != task:
            self._begin(task)
        return RemoteWorld(self, self._made())

    def reset(
        self, seed: int | None, options: Mapping[str, Any] | None
    ) -> tuple[Posted | Observation, Lease, dict[str, Any], str, Any]:
        """Begin an episode, if this one has not begun already.

        Returns:
            What is seen and where its pictures are, to be given to `see`; the info, the task in
            words, and the action space where it is another one now.

        Raises:
            EnvError: As `call`.
            UsageError: As `call`.
        """
        begun = self._beginning
        if begun is not None and (seed, options or {}) == (begun.task.seed, begun.task.options):
            self._beginning, lease = None, begun.lease
        else:
            self._settle()
            lease = self.board.lease()
            self._send("reset", lease.slot, seed, options)
        posted, *told = self._receive("reset")
        return posted, lease, *told

    def _begin(self, task: Task) -> None:
        """Have a world made and its episode begun, without waiting for either."""
        self._settle()
        lease = self.board.lease()
        self._send("begin", task, lease.slot)
        self._making = _Ahead(task, lease)

    def _made(self) -> Spaces:
        """Return the spaces of the world that is being made."""
        making, self._making = self._making, None
        self._spaces = self._receive("make") or self._spaces
        self._beginning = making
        assert self._spaces is not None, "a new process tells them"
        return self._spaces

    def _settle(self) -> None:
        """Let pass what was done ahead and nobody came for."""
        with suppress(EnvError, UsageError, gymnasium.error.InvalidAction):
            if self._making is not None:
                self._made()
            begun, self._beginning = self._beginning, None
            if begun is not None:
                self.see(self._receive("reset")[0], begun.lease)

    def call(self, name: str, *arguments: Any) -> Any:
        """Return what a command comes to.

        Raises:
            EnvError: What the world raised; `DeviceError` if it hung, died, or has a bug.
            UsageError: What the world raised.
            gymnasium.error.InvalidAction: What the world raised.
        """
        self._settle()
        self._send(name, *arguments)
        return self._receive(name)

    def _send(self, name: str, *arguments: Any) -> None:
        live = self._live or self._start()
        try:
            live.pipe.send_bytes(packed((name, arguments)))
        except OSError as exc:
            raise self._dead(name) from exc

    def _receive(self, name: str) -> Any:
        """Return the next answer, or raise it."""
        live = self._await("answer", name)
        try:
            kind, value = live.pipe.recv()
        except (EOFError, OSError) as exc:
            raise self._dead(name) from exc
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
        if not isinstance(posted, Observation):
            live = self._await("finish", "a picture")
            try:
                live.pipe.recv_bytes()
            except (EOFError, OSError) as exc:
                raise self._dead("a picture") from exc
        return self.board.take(posted, lease)

    def _await(self, verb: str, what: str) -> _Live:
        """Return the process when it has something to say; it is ended when it does not."""
        live = self._live
        assert live is not None, "it was asked"
        if not live.answers.poll(1000 * self._seconds):
            self.kill()
            raise DeviceError(
                f"the world did not {verb} {what} within {self._seconds:g} s; its process was ended"
            )
        return live

    def _dead(self, what: str) -> DeviceError:
        """Return what to raise when the process has died."""
        return DeviceError(f"the process of the world died during {what} (exit code {self.kill()})")

    def kill(self) -> int | None:
        """End the process and whatever it started, at once; return its exit code."""
        live, self._live = self._live, None
        self._making = self._beginning = None
        if live is None:
            return None
        _end_group(live.process)
        live.process.join(_BYE_S)
        live.pipe.close()
        live.life.close()
        return live.process.exitcode

    def interrupt(self) -> None:
        """End the process from another thread: the call under way gets an error."""
        live = self._live
        if live is not None:
            _end_group(live.process)

    def close(self) -> None:
        """Close the world and end the process; nobody waits for a world that was only expected."""
        if self._live is not None and self._making is None and self._beginning is None:
            with suppress(EnvError, UsageError):
                self.call("finish")
        self.kill()

    def _start(self) -> _Live:
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
        self._live = _Live(process, ours, answers, life)
        return self._live


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
        posted, lease, info, self.task, space = self._at.reset(seed, options)
        if space is not None:
            self.action_space = space
        return self._at.see(posted, lease), info

    def step(self, action: Action) -> tuple[Observation, Any, bool, bool, dict[str, Any]]:
        """Carry out an action over there."""
        lease = self._at.board.lease()
        posted, reward, terminated, truncated, info, self._end = self._at.call(
            "step", lease.slot, action
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
