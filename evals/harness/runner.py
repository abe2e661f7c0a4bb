"""Plays trials in several seats at once, on one policy, and writes each down as it ends.

    main thread      the policy: whatever seats ask at the same time is answered side by side
    a thread a seat  takes a trial, lets its player play it, takes the next, of which the player
                     learns at once, and writes the record down

A policy that answers sooner than a question is handed to another thread is asked by the seat.

A world lives in its seat's thread, or in a process behind it (`remote`), so worlds wait side by
side while the policy answers others. A try that the environment broke measured nothing: the trial
goes to the back of the queue, a bounded number of times. Knows players by their contract only.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from qvl_agent.actions.errors import EnvError, PolicyError, QvlAgentError
from qvl_agent.agent.events import Event, Request
from qvl_agent.agent.session import Dialogue, drive
from qvl_agent.evals.batch import Answer, answer_one, open_desk
from qvl_agent.evals.harness.records import Incident, Key, Record, Trial
from qvl_agent.model.policy import Continuous, Desk, Generation, Policy

__all__ = ["Player", "Store", "run_trials"]

_PATIENCE = 0.1
"""A batch waits for seats that are not asking yet, at most this share of what the last one took.

A policy that can begin with a prompt while it answers others waits for nobody."""
_QUICK_S = 0.001
"""A policy whose last answer took less is asked in the seat's own thread, if nobody else asks it.

To hand a question over and the answer back wakes two threads, which takes about as long."""
_ALL_BROKEN = 5
"""So many trials in a row that the policy breaks, and none played between: it is the policy."""
_FAREWELL_S = 10.0


_Turn: TypeAlias = tuple[Trial, int]
"""A trial, and which try at it this is."""


class Player(Protocol):
    """Sits in one seat and plays trials there, one after the other."""

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Play a trial: yield requests for the shared policy, return the record.

        Raises:
            EnvError: If the world broke, so that nothing was measured.
            PolicyError: If the policy broke.
        """
        ...

    def expect(self, trial: Trial) -> None:
        """Learn which trial will be played next, while the last one is written down.

        Raises nothing: what goes wrong with it is told by `play`.
        """
        ...

    def stop(self) -> None:
        """End whatever blocks the seat; called from another thread."""
        ...

    def close(self) -> None:
        """Let go of the seat's worlds."""
        ...


class Store(Protocol):
    """Where results go. Its methods may be called from any thread."""

    @property
    def records(self) -> Mapping[Key, Record]:
        """What is finished."""
        ...

    def append(self, record: Record) -> None:
        """Write down a finished trial."""
        ...

    def note(self, incident: Incident) -> None:
        """Write down an incident."""
        ...


@dataclass(slots=True)
class _Ask:
    """A seat's question, and where its answer goes."""

    request: Request
    reply: "queue.SimpleQueue[Generation | BaseException]"


@dataclass(frozen=True, slots=True)
class _Left:
    """A seat that is empty now: nothing was left to do, or something broke that nobody expected."""

    error: BaseException | None


def run_trials(
    trials: Iterable[Trial],
    players: Sequence[Player],
    policy: Policy | None,
    store: Store,
    *,
    attempts: int = 3,
    watch: Callable[[Record | Incident | Trial], object] = lambda _: None,
) -> None:
    """Play every trial that the store has no record of.

    What cannot be measured leaves incidents and no record, so running again tries it again.
    Ctrl-C ends all episodes in good order and is raised again.

    Args:
        trials: All of the run.
        players: One per seat; they are closed.
        policy: Answers the players' requests; None where each player has its own.
        store: Holds what is finished already, and takes the rest.
        attempts: Most tries at a trial whose world breaks.
        watch: Called, from any seat's thread, with each trial that begins and what it came to.

    Raises:
        PolicyError: If the policy breaks on one trial after the other.
        ValueError: If there is no player or `attempts` is not positive.
    """
    if not players or attempts < 1:
        raise ValueError("at least one player and one attempt are needed")
    _Run(trials, players, policy, store, attempts, watch).play()


class _Run:
    """The state that seats and main thread share while trials are played."""

    def __init__(
        self,
        trials: Iterable[Trial],
        players: Sequence[Player],
        policy: Policy | None,
        store: Store,
        attempts: int,
        watch: Callable[[Record | Incident | Trial], object],
    ) -> None:
        self._waiting = deque((trial, 1) for trial in trials if trial.key not in store.records)
        self._players = players
        self._policy = policy
        self._store = store
        self._attempts = attempts
        self._watch = watch
        self._inbox: queue.SimpleQueue[_Ask | _Left] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._broken_row = 0
        self._continuous = isinstance(policy, Continuous)
        self._patience = 0.0 if self._continuous else _PATIENCE
        self._last_round_s = 0.0
        self._quick = False
        self._asking = threading.Lock()

    def play(self) -> None:
        threads = [
            threading.Thread(target=self._sit, args=(player,), daemon=True)
            for player in self._players
        ]
        for thread in threads:
            thread.start()
        try:
            self._serve(len(threads))
        finally:
            self._stopping.set()
            self._inbox.put(_Left(None))  # a seat that asks from now on is answered by `_respond`
            while not self._inbox.empty():
                if isinstance(item := self._inbox.get(), _Ask):
                    item.reply.put(KeyboardInterrupt())
            for player in self._players:
                player.stop()
            deadline = time.monotonic() + _FAREWELL_S
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _serve(self, seated: int) -> None:
        """Answer the seats until all are empty."""
        asked: dict[int, _Ask] = {}
        with ExitStack() as stack:
            desk = None if self._policy is None else open_desk(self._policy)
            if desk is not None:
                stack.callback(desk.close)
            while seated:
                match self._next(len(asked), seated):
                    case _Ask() as ask:
                        assert desk is not None, "without a shared policy players answer themselves"
                        asked[desk.put(ask.request.prompt, ask.request.decoding)] = ask
                    case _Left(error):
                        seated -= 1
                        if error is not None:
                            raise error
                    case None:
                        assert desk is not None
                        self._work(desk, asked)

    def _work(self, desk: Desk, asked: dict[int, _Ask]) -> None:
        with self._asking:
            began = time.perf_counter()
            answers = desk.advance()
            self._took(time.perf_counter() - began)
        for number, answer in answers:
            asked.pop(number).reply.put(answer)

    def _took(self, seconds: float) -> None:
        """Take in how long the policy took for its last answers."""
        self._last_round_s = seconds
        # One that can begin with a prompt while it answers others is left to one thread.
        self._quick = seconds < _QUICK_S and not self._continuous

    def _next(self, asked: int, seated: int) -> _Ask | _Left | None:
        """Return what a seat says; None when it is time to work for those who asked."""
        try:
            if not asked:
                return self._inbox.get()
            if asked >= seated or not self._patience:
                return self._inbox.get_nowait()
            return self._inbox.get(timeout=max(1e-6, self._patience * self._last_round_s))
        except queue.Empty:
            return None

    def _sit(self, player: Player) -> None:
        """Play one trial after the other, until none is left."""
        error: BaseException | None = None
        try:
            turn = self._take()
            while turn is not None and not self._stopping.is_set():
                turn = self._try(player, *turn)
        except BaseException as exc:
            error = exc
        finally:
            try:
                player.close()
            except BaseException as exc:
                error = error or exc
            self._inbox.put(_Left(error))

    def _take(self) -> _Turn | None:
        """Return what a seat plays next; None when nothing is left for it."""
        try:
            return self._waiting.popleft()
        except IndexError:  # what another seat puts back it will also take again
            return None

    def _try(self, player: Player, trial: Trial, attempt: int) -> _Turn | None:
        """Play a trial, write down what it came to, and return what is played next."""
        self._watch(trial)
        try:
            record = drive(player.play(trial), self._respond)
        except EnvError as exc:
            last = attempt >= self._attempts
            self._note(trial, attempt, "environment", exc, given_up=last)
            if not last and not self._stopping.is_set():
                self._waiting.append((trial, attempt + 1))
        except PolicyError as exc:
            self._note(trial, attempt, "policy", exc, given_up=True)
            self._broken_row += 1
            if self._broken_row >= _ALL_BROKEN:
                raise PolicyError(
                    f"the policy broke on {self._broken_row} tasks in a row; the last, "
                    f"{trial.task.id}: {exc}"
                ) from exc
        else:
            turn = self._take()
            if turn is not None:
                player.expect(turn[0])
            self._store.append(record)
            self._broken_row = 0
            self._watch(record)
            return turn
        return self._take()  # only now: it may be the same one again

    def _note(
        self,
        trial: Trial,
        attempt: int,
        by: Literal["environment", "policy"],
        exc: QvlAgentError,
        *,
        given_up: bool,
    ) -> None:
        if self._stopping.is_set():
            return  # its world was taken away from it
        incident = Incident(
            trial.task.id, trial.repeat, attempt, by, type(exc).__name__, str(exc), given_up
        )
        self._store.note(incident)
        self._watch(incident)

    def _respond(self, item: Request | Event) -> Generation | None:
        if self._stopping.is_set():
            raise KeyboardInterrupt
        if not isinstance(item, Request):
            return None
        answer = self._asked_here(item) or self._asked_there(item)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _asked_here(self, request: Request) -> Answer | None:
        """Return the answer of a policy that is quick and at leisure; None of any other."""
        if self._policy is None or not self._quick or not self._asking.acquire(timeout=_QUICK_S):
            return None
        try:
            began = time.perf_counter()
            answer = answer_one(self._policy, request)
            self._took(time.perf_counter() - began)
        finally:
            self._asking.release()
        return answer

    def _asked_there(self, request: Request) -> Generation | BaseException:
        """Return the answer that the main thread gets."""
        reply: queue.SimpleQueue[Generation | BaseException] = queue.SimpleQueue()
        self._inbox.put(_Ask(request, reply))
        while True:
            try:
                return reply.get(timeout=1.0)
            except queue.Empty:  # asked while the main thread was leaving
                if self._stopping.is_set():
                    raise KeyboardInterrupt from None
