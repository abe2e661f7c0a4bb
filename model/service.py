"""Lets many threads share one engine: whatever they ask at the same time is computed together.

One of those who wait drives the engine for all, until its own rows are complete; then another one
does. So there is no thread in the background, and a lone caller pays nothing for the others.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.engine import Engine
from qvl_agent.model.policy import Decoding, Generation
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.rows import Request, Row

__all__ = ["EngineDesk", "Service"]


class Service:
    """An engine that any thread may use.

    Args:
        engine: Used by nobody else.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._news = threading.Condition()
        self._driven = False

    def answer(self, requests: Sequence[Request]) -> list[Row]:
        """Return the complete rows of requests, in order; one that failed holds its error."""
        rows = [self.submit(request) for request in requests]

        def complete() -> bool:
            return all(row.complete for row in rows)

        try:
            with self._turn(unless=complete) as mine:
                while mine and not complete():
                    self._advance()
        finally:
            for row in rows:  # after Ctrl-C, whoever drives next must not work for nobody
                row.cancelled = not row.complete
        return rows

    def submit(self, request: Request) -> Row:
        """Return the row of a request, which the passes of any thread complete."""
        return self._engine.submit(request)

    def work(self, unless: Callable[[], bool]) -> None:
        """Run one pass, or wait while another thread runs them.

        Args:
            unless: Whether there is nothing to wait for.
        """
        with self._turn(unless) as mine:
            if mine:
                self._advance()

    def clear(self) -> None:
        """Drop all earlier work and give the memory back."""
        with self._turn(unless=lambda: False):
            self._engine.clear()

    def _advance(self) -> None:
        if self._engine.advance():
            with self._news:
                self._news.notify_all()

    @contextmanager
    def _turn(self, unless: Callable[[], bool]) -> Iterator[bool]:
        """Wait for the engine, and have it for oneself; yield False when `unless` came first."""
        with self._news:
            self._news.wait_for(lambda: unless() or not self._driven)
            mine = not unless()
            self._driven = self._driven or mine
        try:
            yield mine
        finally:
            if mine:
                with self._news:
                    self._driven = False
                    self._news.notify_all()


class EngineDesk:
    """Takes prompts at any time, and gives each answer back when it is complete.

    Args:
        service: Answers.
        ask: Makes the request of a prompt; raises a `PolicyError` if there can be none.
    """

    def __init__(self, service: Service, ask: Callable[[Prompt, Decoding], Request]) -> None:
        self._service = service
        self._ask = ask
        self._numbers = itertools.count()
        self._rows: dict[int, Row] = {}
        self._refused: list[tuple[int, PolicyError]] = []

    def put(self, prompt: Prompt, decoding: Decoding) -> int:
        """Take a prompt, and return its number."""
        number = next(self._numbers)
        try:
            self._rows[number] = self._service.submit(self._ask(prompt, decoding))
        except PolicyError as exc:
            self._refused.append((number, exc))
        return number

    def advance(self) -> list[tuple[int, Generation | PolicyError]]:
        """Work on all prompts for the time of one pass, and return what is answered."""
        answers: list[tuple[int, Generation | PolicyError]] = [*self._refused]
        self._refused.clear()
        if self._rows and not answers:
            self._service.work(unless=self._any_complete)
        for number in [number for number, row in self._rows.items() if row.complete]:
            try:
                answers.append((number, self._rows.pop(number).generation()))
            except PolicyError as exc:
                answers.append((number, exc))
        return answers

    def close(self) -> None:
        """Give up what is not answered."""
        for row in self._rows.values():
            row.cancelled = True
        self._rows.clear()

    def _any_complete(self) -> bool:
        return any(row.complete for row in self._rows.values())
