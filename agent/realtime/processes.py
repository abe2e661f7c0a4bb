"""A worker that thinks in a process of its own: no torch, no pause and no crash on the loop's side.

The loop's thread never touches the pipe: one thread writes, one reads, so that a process that is
stopped or swaps cannot hold the loop up.
"""

import multiprocessing
import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NoReturn

from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.agent.realtime.threads import Thinker, drained
from qvl_agent.agent.realtime.wire import (
    Frames,
    command_frames,
    message_frame,
    question_frames,
    read_command,
    read_message,
    read_question,
)
from qvl_agent.agent.realtime.worker import Beat, Failure, MakeAgent, Message, Question
from qvl_agent.envs.base import Outcome

__all__ = ["ProcessWorker"]

_BEAT_S = 0.1
_BYE_S = 3.0
_EVERYTHING = sys.maxsize


class ProcessWorker:
    """A `Worker` whose agent thinks in a child process.

    The process starts at once and loads the policy; it ends with this one, however that ends.

    Args:
        make: Makes the agent, in the child; importable by name there, as multiprocessing's spawn
            wants it. It should import what is heavy inside.
        space: The agent's action space: what comes back is validated against it.
    """

    def __init__(self, make: MakeAgent, space: ActionSpace) -> None:
        self._make = make
        self._space = space
        self._start()

    @property
    def pid(self) -> int | None:
        """The process that thinks."""
        return self._process.pid

    def begin(self, task: str) -> None:
        """Begin a task; a process that has told its end is replaced."""
        if self._gone:
            self._end_process()
            self._start()
        self._outbox.put(command_frames("begin", task=task))

    def ask(self, question: Question) -> None:
        """Ask what to do."""
        self._outbox.put(question_frames(question))

    def end(self, sequence: int, outcome: Outcome | None = None) -> None:
        """End the task and call questions off."""
        told = None if outcome is None else [outcome.success, dict(outcome.metrics)]
        self._outbox.put(command_frames("end", sequence=sequence, outcome=told))

    def receive(self) -> list[Message]:
        """Return all that has come since the last time."""
        messages = drained(self._inbox)
        self._gone |= any(isinstance(m, Failure) and m.gone for m in messages)
        return messages

    def close(self) -> None:
        """Tell the process to end; one that does not within three seconds is killed."""
        self._outbox.put(command_frames("close"))
        self._process.join(_BYE_S)
        self._end_process()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        process = context.Process(
            target=_host, args=(theirs, self._make, self._space), name="qvl-agent", daemon=True
        )
        process.start()
        theirs.close()
        self._process: BaseProcess = process
        self._pipe = pipe
        self._gone = False
        self._outbox: queue.SimpleQueue[Frames | None] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._threads = (
            threading.Thread(target=_speak, args=(pipe, self._outbox), daemon=True),
            threading.Thread(
                target=_listen, args=(pipe, self._inbox, self._space, process), daemon=True
            ),
        )
        for thread in self._threads:
            thread.start()

    def _end_process(self) -> None:
        """End what is left of the process, then the threads at its pipe, then the pipe."""
        self._process.kill()
        self._process.join()
        self._outbox.put(None)
        for thread in self._threads:
            thread.join()
        self._pipe.close()


def _speak(pipe: Connection, outbox: "queue.SimpleQueue[Frames | None]") -> None:
    """Write what is put into the queue until None comes or nobody reads any more."""
    with suppress(OSError):
        while (frames := outbox.get()) is not None:
            for frame in frames:
                pipe.send_bytes(frame)


def _listen(
    pipe: Connection,
    inbox: "queue.SimpleQueue[Message]",
    space: ActionSpace,
    process: BaseProcess,
) -> None:
    """Read messages until the process has ended, and tell that it has unless it did itself."""
    with suppress(EOFError, OSError):
        while True:
            message = read_message(pipe.recv_bytes(), space)
            inbox.put(message)
            if isinstance(message, Failure) and message.gone:
                return
    process.join(_BYE_S)
    problem = f"the policy's process ended (exit code {process.exitcode}); begin starts another"
    inbox.put(Failure(PolicyError(problem), gone=True))


def _host(pipe: Connection, make: MakeAgent, space: ActionSpace) -> NoReturn:
    """Be the child: think in a thread, and give a sign of life between commands."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    writing = threading.Lock()

    def post(message: Message) -> None:
        frame = message_frame(message, space)
        with writing, suppress(OSError):
            pipe.send_bytes(frame)

    thinker = Thinker(make, post)
    with suppress(EOFError, OSError):  # the parent has gone
        while True:
            post(Beat())
            if pipe.poll(_BEAT_S) and not _obey(pipe, thinker):
                break
    thinker.end(_EVERYTHING, None)
    thinker.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a policy that does not return must not keep the process


def _obey(pipe: Connection, thinker: Thinker) -> bool:
    """Carry out one command; return whether more may follow."""
    command = read_command(pipe.recv_bytes())
    match command["do"]:
        case "begin":
            thinker.begin(command["task"])
        case "ask":
            thinker.ask(read_question(command, pipe.recv_bytes))
        case "end":
            told = command["outcome"]
            thinker.end(command["sequence"], None if told is None else Outcome(told[0], told[1]))
        case "close":
            return False
    return True
