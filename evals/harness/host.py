"""The process in which a world lives: carries out one command after the other until it is told off.

Nothing of it is needed to play in it: `remote` is the other end of its pipe. What comes through
the pipe is from the program's own parent, so it is pickled, as multiprocessing does.
"""

import os
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, NoReturn, Protocol, TypeAlias, cast

import gymnasium
import numpy as np

from qvl_agent.actions.errors import EnvError, ResetNeeded, UsageError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs.base import World
from qvl_agent.evals.harness.board import PAGE, Poster
from qvl_agent.evals.harness.shared import SharedBytes
from qvl_agent.evals.suite import Task

__all__ = ["Spaces", "WorldMaker", "host_worlds", "packed"]

_STDERR = 2

_Answer: TypeAlias = tuple[str, Any]
"""("done", what came of it), or an error's kind and words."""


class Spaces(NamedTuple):
    """What is told of a world when it is made; not again while the worlds that follow are alike.

    To write it down and read it again takes longer than all else that making a light world costs.
    """

    actions: Any
    observations: Any
    spec: Any

    def same_as(self, other: "Spaces | None") -> bool:
        """Return whether another says the same, down to the functions' builders."""
        if other is None or self != other:
            return False
        ours, theirs = self.actions, other.actions
        return isinstance(ours, ActionSpace) and (
            (ours.functions, ours.packed) == (theirs.functions, theirs.packed)
        )


class WorldMaker(Protocol):
    """Makes the world of a task; it travels to the process, so it has to be plain data.

    One that keeps something from one world to the next, as a simulator, also has a `close`.
    """

    def make(self, task: Task) -> WorldEnv:
        """Return a new world."""
        ...


def host_worlds(pipe: Connection, life: Connection, shared: SharedBytes, maker: WorldMaker) -> None:
    """Serve the worlds of `maker` as long as the parent lives.

    Args:
        pipe: Brings commands and takes answers.
        life: Nothing is ever sent through it; its end is the parent's.
        shared: For the pictures, see `board`.
        maker: Makes the worlds.
    """
    with suppress(PermissionError):
        os.setsid()  # whatever a world starts can be ended with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(_STDERR, 1)  # the parent's stdout may be one JSON document
    threading.Thread(target=_outlive, args=(life,), daemon=True).start()
    host = _Host(maker, shared)
    with suppress(EOFError, OSError):
        while True:
            name, arguments = pipe.recv()
            for answer in host.answers(name, arguments):
                pipe.send_bytes(packed(answer))
                if host.poster.write():
                    pipe.send_bytes(b"")  # whoever got the answer waits for the pictures
    _end()


def packed(message: tuple[Any, ...]) -> bytes:
    """Return a message as it goes through the pipe.

    `Connection.send` would look for reducers of pipes and locks first, which takes twice as long.
    """
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def _outlive(life: Connection) -> None:
    """End the process, hung or not, when the parent has gone."""
    with suppress(EOFError, OSError):
        life.recv()
    _end()


def _end() -> NoReturn:
    """End this process and everything it started."""
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


class _Host:
    """The world under way, and what can be asked of it.

    Attributes:
        poster: Has the pictures of the last answer, which are written once it is sent.
    """

    def __init__(self, maker: WorldMaker, shared: SharedBytes) -> None:
        self._maker = maker
        self._memory = np.frombuffer(shared.memory, np.uint8)
        self.poster = Poster(self._memory)
        self._ready: set[tuple[int, int]] = set()
        self._to_ready: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._world: WorldEnv | None = None
        self._told: Spaces | None = None

    def answers(self, name: str, arguments: tuple[Any, ...]) -> Iterator[_Answer]:
        """Yield the answer to a command; "begin" makes a task's world and resets it: two answers.

        The second is spared where the world cannot be made.
        """
        if name != "begin":
            yield self._answer(name, *arguments)
            return
        task, slot = arguments
        made = self._answer("make", task)
        yield made
        if made[0] == "done":
            yield self._answer("reset", slot, task.seed, dict(task.options) or None)

    def _answer(self, name: str, *arguments: Any) -> _Answer:
        try:
            return "done", getattr(self, f"_do_{name}")(*arguments)
        except EnvError as exc:
            return ("reset_needed" if isinstance(exc, ResetNeeded) else "broken"), str(exc)
        except UsageError as exc:
            return "usage", str(exc)
        except gymnasium.error.InvalidAction as exc:
            return "invalid_action", str(exc)
        except Exception:
            # A bug of the world must not take the run along; its traceback is the incident.
            return "crashed", traceback.format_exc(limit=-8)

    @property
    def _bare(self) -> World:
        assert self._world is not None, "make comes first"
        return cast(World, self._world.unwrapped)

    def _do_make(self, task: Task) -> Any:
        self._do_close()
        self._world = self._maker.make(task)
        world = self._bare
        told = Spaces(world.action_space, world.observation_space, world.spec)
        before, self._told = self._told, told
        return None if told.same_as(before) else told

    def _do_reset(
        self, slot: tuple[int, int], seed: int | None, options: dict[str, Any] | None
    ) -> Any:
        assert self._world is not None, "make comes first"
        before = self._bare.action_space
        observation, info = self._world.reset(seed=seed, options=options)
        # A world may have another space for each task; one that stays is not sent again.
        space = self._bare.action_space
        told = self._bare.task, None if space is before else space
        return self.poster.announce(*slot, observation), info, *told

    def _do_step(self, slot: tuple[int, int], action: Any) -> Any:
        assert self._world is not None, "make comes first"
        self._make_ready(slot)
        observation, reward, terminated, truncated, info = self._world.step(action)
        end = self._bare.outcome() if terminated or truncated else None
        seen = self.poster.announce(*slot, observation)
        return seen, reward, terminated, truncated, info, end

    def _make_ready(self, slot: tuple[int, int]) -> None:
        """Have a slot's pages there when the picture is: they are touched while the world waits.

        The system hands out a page when it is first touched, which for those of a screenshot takes
        longer than all else that its step costs.
        """
        if slot in self._ready:
            return
        if not self._ready:
            threading.Thread(target=self._touch, name="board", daemon=True).start()
        self._ready.add(slot)
        self._to_ready.put(slot)

    def _touch(self) -> None:
        while True:
            start, size = self._to_ready.get()
            self._memory[start : start + size : PAGE].any()  # read only: the picture may be there

    def _do_outcome(self) -> Any:
        return self._bare.outcome()

    def _do_expert(self) -> Any:
        return self._bare.expert()

    def _do_close(self) -> None:
        world, self._world = self._world, None
        if world is not None:
            world.close()

    def _do_finish(self) -> None:
        """Let go of everything: no further world is made here."""
        self._do_close()
        close = getattr(self._maker, "close", None)
        if close is not None:
            close()
