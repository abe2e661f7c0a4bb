"""Plays AITZ episodes: each step is asked after the annotator's own history, then judged.

What was predicted is kept with its verdict under every rule, so figures need no dataset
afterwards. Knows policies by their contract.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import ParseError
from qvl_agent.actions.frames import Frame
from qvl_agent.agent.context import Context
from qvl_agent.agent.events import Choice, Request
from qvl_agent.agent.session import Dialogue
from qvl_agent.evals.aitz.data import Dataset, Episode, Step
from qvl_agent.evals.aitz.experts import expert_prediction
from qvl_agent.evals.aitz.metrics import StepResult
from qvl_agent.evals.aitz.notations import Prediction
from qvl_agent.evals.aitz.prompts import History, Question, aitz_space, questions
from qvl_agent.evals.aitz.protocols import DEFAULT_PROTOCOL, PROTOCOLS
from qvl_agent.evals.aitz.score import StepScore
from qvl_agent.evals.aitz.tracing import StepsTrace
from qvl_agent.evals.harness.episodes import KeepTraces, kept_trace
from qvl_agent.evals.harness.records import Failure, Record, Trial
from qvl_agent.evals.suite import Task
from qvl_agent.model.policy import Decoding, Generation, Policy

__all__ = ["AitzPlayer", "aitz_tasks", "decoding_of", "step_results"]

_GRID = Frame("0-1000", 1000, 1000, integer=False)
"""The grid on which predictions are kept, whatever the policy's own."""


def aitz_tasks(dataset: Dataset) -> list[Task]:
    """Return an episode a task."""
    return [Task(f"{e.subset}/{e.episode_id}", "aitz", 0) for e in dataset.episodes]


def decoding_of(policy: Policy, *, temperature: float = 0.0, seed: int = 0) -> Decoding:
    """Return how a policy is asked: as the agent's loop asks it."""
    dialect = get_dialect(policy.profile.dialect)
    return Decoding(
        max_tokens=policy.profile.max_tokens,
        stop_words=dialect.stop_words,
        stop_after=dialect.call_end,
        temperature=temperature,
        seed=seed,
    )


class AitzPlayer:
    """A seat in which episodes of the dataset are asked.

    Args:
        dataset: Where the episodes are.
        policy: Who answers; None is the expert, who answers under each rule as it wants it.
        shared: Whether the runner asks the policy, and not this seat.
        history: What of the past is shown.
        thoughts: Whether past calls come with the dataset's own thoughts.
        temperature: Of the sampling.
        seed: Of the sampling; each repeat has the next one.
        root: The run's folder, in which traces are kept; None writes none.
        keep: Which traces stay.
    """

    def __init__(
        self,
        dataset: Dataset,
        policy: Policy | None,
        *,
        shared: bool = True,
        history: History = "screenshots",
        thoughts: bool = False,
        temperature: float = 0.0,
        seed: int = 0,
        root: Path | None = None,
        keep: KeepTraces = "failed",
    ) -> None:
        self._episodes = {f"{e.subset}/{e.episode_id}": e for e in dataset.episodes}
        self._policy = policy
        self._shared = shared
        self._history: History = history
        self._thoughts = thoughts
        self._temperature = temperature
        self._seed = seed
        self._root = root
        self._keep: KeepTraces = keep

    def play(self, trial: Trial) -> Dialogue[Record]:
        """Ask every step of an episode and return its record.

        Raises:
            DataError: If a screenshot cannot be read.
            PolicyError: If the policy broke.
        """
        began = time.perf_counter()
        episode = self._episodes[trial.task.id]
        if self._policy is None:
            steps = [_expert_step(step) for step in episode.steps]
            return _record(trial, steps, 0, time.perf_counter() - began)
        with ExitStack() as stack:
            trace = self._trace(trial, self._policy)
            if trace is not None:
                stack.enter_context(trace)
            steps, tokens = yield from self._ask(trial, episode, self._policy, trace)
            record = _record(trial, steps, tokens, time.perf_counter() - began)
            if trace is None:
                return record
            trace.end(record)
        kept = kept_trace(trace.folder, self._root, self._keep, record.success)
        return replace(record, trace=kept)

    def _ask(
        self, trial: Trial, episode: Episode, policy: Policy, trace: StepsTrace | None
    ) -> Dialogue[tuple[list[dict[str, Any]], int]]:
        """Ask every step; return them judged, and the tokens of all answers."""
        steps: list[dict[str, Any]] = []
        tokens = 0
        seed = self._seed + trial.repeat
        decoding = decoding_of(policy, temperature=self._temperature, seed=seed)
        for question in self._questions(episode, policy):
            asked = time.perf_counter()
            if self._shared:
                generation = yield Request(question.prompt, decoding)
                assert generation is not None, "a request is answered with a generation"
            else:
                generation = policy.generate(question.prompt, decoding)
            took = time.perf_counter() - asked
            tokens += len(generation.tokens)
            read = _read(generation, question, policy)
            step = _step(question.step, dict.fromkeys(PROTOCOLS, _prediction(read)))
            steps.append(step | {"answer": generation.text})
            if trace is not None:
                trace.step(question, generation, took, read, step["scores"])
        return steps, tokens

    def _trace(self, trial: Trial, policy: Policy) -> StepsTrace | None:
        if self._root is None or self._keep == "none":
            return None
        manifest = {
            "policy": {"name": policy.name, **policy.describe()},
            "profile": policy.profile,
            "history": self._history,
            "thoughts": self._thoughts,
            "repeat": trial.repeat,
        }
        return StepsTrace(self._root / "traces", trial.task.id, manifest)

    def expect(self, trial: Trial) -> None:
        """Nothing: there is nothing to get ready."""

    def stop(self) -> None:
        """Nothing: no step blocks."""

    def close(self) -> None:
        """Nothing is held."""

    def first_question(self) -> Question | None:
        """Return what is asked first; None of the expert, who is not asked."""
        if self._policy is None:
            return None
        episode = next(iter(self._episodes.values()))
        return next(self._questions(episode, self._policy))

    def _questions(self, episode: Episode, policy: Policy) -> Iterator[Question]:
        profile = policy.profile
        dialect = get_dialect(profile.dialect)
        context = Context(profile, dialect, aitz_space(), policy, frame=profile.frame)
        return questions(episode, context, dialect, history=self._history, thoughts=self._thoughts)


def _read(generation: Generation, question: Question, policy: Policy) -> Choice | ParseError:
    """Return the first call of an answer, or why none can be read."""
    dialect, space = get_dialect(policy.profile.dialect), aitz_space()
    try:
        parsed = dialect.parse(generation.text, space, question.frame)
        call = parsed.calls[0]
        action = space.to_action(call, question.frame)
    except ParseError as exc:
        return exc
    return Choice(
        action, call, question.frame, parsed.thought, parsed.flags, generation, question.window
    )


def _prediction(read: Choice | ParseError) -> Prediction:
    """Return a call on the grid of predictions; None where there is none."""
    if isinstance(read, ParseError):
        return None
    call = aitz_space().to_call(read.action, _GRID)
    return {"function": call.function, "args": dict(call.args)}


def step_results(record: Record, protocol: str) -> list[StepResult]:
    """Return the judged steps of a record under a rule."""
    subset, _, episode = record.task.partition("/")
    return [
        StepResult(subset, episode, step["step_id"], StepScore(**step["scores"][protocol]))
        for step in record.data["steps"]
    ]


def _expert_step(step: Step) -> dict[str, Any]:
    return _step(step, {name: expert_prediction(step.gold, name) for name in PROTOCOLS})


def _step(step: Step, predictions: Mapping[str, Prediction]) -> dict[str, Any]:
    """Return a step's prediction, under the default rule's notation, and its verdicts."""
    size = step.image_size
    return {
        "step_id": step.step_id,
        "prediction": predictions[DEFAULT_PROTOCOL],
        "scores": {
            name: dict(scorer(step.gold, predictions[name], size))
            for name, scorer in PROTOCOLS.items()
        },
    }


def _record(trial: Trial, steps: list[dict[str, Any]], tokens: int, seconds: float) -> Record:
    scores = [step["scores"][DEFAULT_PROTOCOL] for step in steps]
    miss = next((score for score in scores if not score["exact_match"]), None)
    return Record(
        task=trial.task.id,
        repeat=trial.repeat,
        seed=trial.task.seed,
        success=miss is None,
        reason="success" if miss is None else "failure",
        failure=None if miss is None else _kind(miss),
        metrics={
            "type_match": sum(score["type_match"] for score in scores) / len(scores),
            "exact_match": sum(score["exact_match"] for score in scores) / len(scores),
        },
        steps=len(steps),
        turns=len(steps),
        tokens=tokens,
        seconds=round(seconds, 3),
        data={"steps": steps},
    )


def _kind(miss: Mapping[str, Any]) -> Failure:
    """Return of what kind the first miss of an episode is."""
    if miss["type_match"]:
        return "off target"
    return "stopped early" if miss["predicted_type"] == "stop" else "wrong call"
