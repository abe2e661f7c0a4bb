"""From a suite and the options all suites share to its records: one run of the harness.

`eval`'s verbs bring the suite; what is played, resumed and refused is the same for all of them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from qvl_agent.cli.options import ModelOption, PolicyOptions

if TYPE_CHECKING:
    from qvl_agent.agent.limits import Limits
    from qvl_agent.cli.policies import PolicyFor
    from qvl_agent.evals.harness import Incident, Player, Record
    from qvl_agent.evals.suite import Suite, Task
    from qvl_agent.model.policy import Policy

__all__ = [
    "Conducted",
    "Plan",
    "Wish",
    "conduct",
    "episodes_plan",
    "is_bound",
]

_RUN = "Run"
_POLICY = PolicyOptions()

Traces = Literal["failed", "all", "none"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says of any run.

    Attributes:
        model: As `qvl-agent list models` shows it.
        options: Of the policy; its seed is the run's.
        workers: Episodes side by side.
        repeats: How often each task is played.
        limit: Only so many tasks; None is all.
        attempts: Most tries at a task whose world breaks.
        temperature: Of the sampling.
        out: The run's folder; None keeps nothing.
        traces: Which traces stay there.
    """

    model: ModelOption = "nano"
    options: PolicyOptions = _POLICY
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            "--batch",
            min=1,
            help="Episodes played side by side.",
            rich_help_panel=_RUN,
        ),
    ] = 1
    repeats: Annotated[
        int, typer.Option(min=1, help="How often each task is played.", rich_help_panel=_RUN)
    ] = 1
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first tasks.", rich_help_panel=_RUN)
    ] = None
    attempts: Annotated[
        int,
        typer.Option(min=1, help="Tries at a task whose world breaks.", rich_help_panel=_RUN),
    ] = 3
    temperature: Annotated[
        float, typer.Option(min=0, help="Of the sampling; 0 is greedy.", rich_help_panel="Policy")
    ] = 0.0
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep results, incidents, traces and reports here; the same command again "
            "resumes.",
            rich_help_panel=_RUN,
        ),
    ] = None
    traces: Annotated[
        Traces,
        typer.Option(
            metavar="failed|all|none", help="Which traces stay in --out.", rich_help_panel=_RUN
        ),
    ] = "failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played by whom.

    Attributes:
        suite: Its name.
        config: What else decides the tasks.
        tasks: In order.
        seat: Makes a player.
        shared: The policy that all seats ask, if there is one.
        policy: What the policy says of itself.
        prompt: Digest of the first question's words.
        agent: Limits and the like, for the manifest.
    """

    suite: str
    config: Mapping[str, Any]
    tasks: "Sequence[Task]"
    seat: "Callable[[], Player]"
    shared: "Policy | None"
    policy: Mapping[str, Any]
    prompt: str
    agent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conducted:
    """What came of a run.

    Attributes:
        manifest: What was run.
        records: In the order of the tasks, repeat by repeat, whoever ended first.
        incidents: What broke, in this call of the program.
    """

    manifest: Mapping[str, Any]
    records: "tuple[Record, ...]"
    incidents: "tuple[Incident, ...]"


def is_bound(model: str) -> bool:
    """Return whether each world has a policy of its own, so that none can be shared."""
    return model in ("expert", "random", "none")


def episodes_plan(
    suite: "Suite",
    config: Mapping[str, Any],
    limits: "Limits",
    wish: Wish,
    *,
    hang_seconds: float | None = None,
    bound: "PolicyFor | None" = None,
) -> Plan:
    """Return the plan of a suite whose tasks are episodes of an agent.

    Args:
        suite: Which.
        config: What decides its tasks.
        limits: Of an episode.
        wish: The rest of the command line.
        hang_seconds: Worlds live in processes, and a call that takes longer is taken for hung;
            None plays in this process, for worlds that only compute.
        bound: Who plays in each world instead of the model; a suite's own baseline.

    Raises:
        UsageError: If the model is unknown.
    """
    from qvl_agent.actions.space import ActionSpace
    from qvl_agent.agent.events import Request
    from qvl_agent.agent.loop import Agent, WorldEnv
    from qvl_agent.evals.harness import EpisodePlayer, Trial, WorldProcess, prompt_digest

    tasks = suite.tasks()[: wish.limit]
    policies = _policies(wish) if bound is None else lambda repeat: bound
    traces = wish.out / "traces" if wish.out is not None and wish.traces != "none" else None

    def agent_for(world: WorldEnv, trial: Trial, traced: Path | None = traces) -> Agent:
        space = world.unwrapped.action_space
        assert isinstance(space, ActionSpace)
        return Agent(
            policies(trial.repeat)(world),
            space,
            limits=limits,
            trace=traced,
            temperature=wish.temperature,
            seed=wish.options.seed + trial.repeat,
        )

    def seat() -> EpisodePlayer:
        process = None if hang_seconds is None else WorldProcess(suite, seconds=hang_seconds)
        return EpisodePlayer(
            suite, agent_for, shared=shared, process=process, root=wish.out, keep=wish.traces
        )

    world = suite.make(tasks[0])
    try:
        agent = agent_for(world, Trial(tasks[0]), None)
        shared = None if bound is not None or is_bound(wish.model) else agent.policy
        dialogue = agent.episode(world, seed=tasks[0].seed, options=tasks[0].options)
        question = next(item for item in dialogue if isinstance(item, Request))
        dialogue.close()
    finally:
        world.close()
    return Plan(
        suite=suite.name,
        config=config,
        tasks=tasks,
        seat=seat,
        shared=shared,
        policy={"name": agent.policy.name, **agent.policy.describe()},
        prompt=prompt_digest(question.prompt),
        agent={
            "limits": limits,
            "profile": agent.policy.profile,
            "temperature": wish.temperature,
        },
    )


def conduct(plan: Plan, wish: Wish) -> Conducted:
    """Play what of a plan is not finished yet, with progress on stderr.

    Raises:
        UsageError: If the folder holds a run that differs.
        PolicyError: If the policy broke on some tasks; the same command tries them again.
    """
    from qvl_agent.actions.errors import PolicyError
    from qvl_agent.evals.harness import (
        Incident,
        MemoryStore,
        Pacer,
        Record,
        RunFolder,
        Trial,
        make_manifest,
        run_trials,
    )

    manifest = make_manifest(
        suite=plan.suite,
        config=plan.config,
        tasks=plan.tasks,
        repeats=wish.repeats,
        seed=wish.options.seed,
        model=wish.model,
        policy=plan.policy,
        prompt=plan.prompt,
        agent=plan.agent,
    )
    trials = [Trial(task, repeat) for repeat in range(wish.repeats) for task in plan.tasks]
    store = MemoryStore() if wish.out is None else RunFolder(wish.out, manifest)
    incidents: list[Incident] = []
    try:
        left = [trial for trial in trials if trial.key not in store.records]
        pacer = Pacer(len(left), wish.workers)
        seats = min(wish.workers, max(1, len(left)))
        with _Progress(plan.suite, len(trials), pacer) as progress:

            def watch(event: Trial | Record | Incident) -> None:
                pacer(event)
                if isinstance(event, Incident):
                    incidents.append(event)
                progress.show()

            players = [plan.seat() for _ in range(seats)] if left else []
            if players:
                run_trials(left, players, plan.shared, store, attempts=wish.attempts, watch=watch)
        records = tuple(store.records[t.key] for t in trials if t.key in store.records)
    finally:
        if isinstance(store, RunFolder):
            store.close()
    unanswered = [incident for incident in incidents if incident.by == "policy"]
    if unanswered:
        first = unanswered[0]
        raise PolicyError(
            f"{len(unanswered)} tasks are not measured, because the policy broke; the first, "
            f"{first.task}: {first.message}"
        )
    return Conducted(manifest, records, tuple(incidents))


def _policies(wish: Wish) -> "Callable[[int], PolicyFor]":
    """Return who plays each repeat: one model for all of them, or bound policies by their seed."""
    from qvl_agent.cli.policies import policy_for

    if not is_bound(wish.model):
        shared = policy_for(wish.model, wish.options)
        return lambda repeat: shared
    seed = wish.options.seed
    makers = [
        policy_for(wish.model, replace(wish.options, seed=seed + repeat))
        for repeat in range(wish.repeats)
    ]
    return makers.__getitem__


class _Progress:
    """A line on stderr: on a terminal it moves, elsewhere only the last one is printed."""

    def __init__(self, name: str, total: int, pacer: Any) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = Console(stderr=True)
        self._total = total
        self._name = name
        self._pacer = pacer
        self._already = total - pacer.left
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=total, completed=self._already, left="")

    def show(self) -> None:
        """Show how far the run is; any thread may call."""
        if self._console.is_terminal:
            broken = f", {self._pacer.incidents} incidents" if self._pacer.incidents else ""
            self._bar.update(
                self._task,
                completed=self._total - self._pacer.left,
                left=f"{self._pacer.estimate or ''}{broken}",
            )

    def __enter__(self) -> "_Progress":
        self._began = time.perf_counter()
        if self._already:
            self._console.print(f"{self._name}: {self._already} of {self._total} are there already")
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        played = self._total - self._already - self._pacer.left
        took = time.perf_counter() - self._began
        told = f"{self._name}: {played} {'episode' if played == 1 else 'episodes'} in {took:.1f} s"
        if self._pacer.incidents:
            told += f"; {self._pacer.incidents} incidents, in incidents.jsonl"
        self._console.print(told)
