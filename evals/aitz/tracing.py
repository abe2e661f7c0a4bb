"""A teacher-forced episode as a trace: what was shown, answered and right at each step.

What a step leads to is the annotator's next screenshot, whatever was answered; the annotator's own
call and the verdict of every rule stand in the step's `info`, and a wrong one is its `error`.
Knows no policy.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qvl_agent.actions.errors import ParseError
from qvl_agent.agent.context import Sight
from qvl_agent.agent.events import (
    Acted,
    Choice,
    Chose,
    Ended,
    Episode,
    Generated,
    ParseFailed,
    Started,
    StepSeconds,
)
from qvl_agent.agent.trace import TraceWriter, new_trace_folder
from qvl_agent.envs.base import Outcome
from qvl_agent.evals.aitz.prompts import Question, aitz_space, gold_action
from qvl_agent.evals.aitz.protocols import DEFAULT_PROTOCOL
from qvl_agent.evals.harness.records import Record
from qvl_agent.model.policy import Generation

__all__ = ["StepsTrace"]


class StepsTrace:
    """Writes the trace of one episode. To be closed; a context manager does it.

    Args:
        root: Where it becomes a folder.
        name: Of the episode.
        manifest: How it was asked.
    """

    def __init__(self, root: Path, name: str, manifest: Mapping[str, Any]) -> None:
        manifest = {"env": "aitz", **manifest}
        self._writer = TraceWriter(new_trace_folder(root, f"aitz-{name}"), manifest)
        self._task = ""
        self._sight: Sight | None = None
        self._pending: dict[str, Any] | None = None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._writer.folder

    def step(
        self,
        question: Question,
        generation: Generation,
        seconds: float,
        read: Choice | ParseError,
        scores: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Write down a question and its answer.

        Args:
            question: What was asked.
            generation: The answer.
            seconds: Wall time from question to answer.
            read: What was read in the answer.
            scores: Every rule's verdict.
        """
        if self._pending is None:
            self._task = question.step.instruction
            self._writer.write(Started(self._task, question.frame, question.sight))
        else:
            self._act(question.sight, last=False)
        self._sight = question.sight
        number = question.number
        self._writer.write(Generated(number, number, generation, seconds, question.window))
        if isinstance(read, Choice):
            self._writer.write(Chose(number, number, read))
        else:
            self._writer.write(
                ParseFailed(number, number, read.kind, f"Error: {read}", read.span, read.flags)
            )
        action = gold_action(question.step.gold)
        call = aitz_space().to_call(action, question.frame)
        done = f"{call.function} {json.dumps(dict(call.args), ensure_ascii=False)}"
        right = scores[DEFAULT_PROTOCOL]["exact_match"]
        forced = Choice(action, call, question.frame, "", (), generation, question.window)
        self._pending = {
            "step": number,
            "turn": number,
            "choice": read if isinstance(read, Choice) else forced,
            "reward": float(right),
            "truncated": False,
            "info": {"annotator": {"function": call.function, "args": dict(call.args)}}
            | {"scores": scores},
            "error": "" if right else f"wrong by {DEFAULT_PROTOCOL}: the annotator did {done}",
            "seconds": StepSeconds(seconds, 0.0, 0.0),
        }

    def end(self, record: Record) -> None:
        """Write down how the episode ended."""
        assert self._sight is not None, "an episode has steps"
        self._act(self._sight, last=True)
        self._writer.write(
            Ended(
                Episode(
                    task=self._task,
                    reason="success" if record.success else "failure",
                    detail="" if record.success else f"not every step is right: {record.failure}",
                    outcome=Outcome(record.success, record.metrics),
                    steps=record.steps,
                    turns=record.turns,
                    reward=record.reward,
                    tokens=record.tokens,
                    seconds=record.seconds,
                    trace=self.folder,
                )
            )
        )

    def _act(self, seen: Sight, *, last: bool) -> None:
        assert self._pending is not None
        self._writer.write(Acted(**self._pending, sight=seen, terminated=last))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
