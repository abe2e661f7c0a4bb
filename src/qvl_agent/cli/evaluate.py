"""`qvl-agent eval`: how good a policy is, with how sure that is and what others reached."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from qvl_agent import __version__
from qvl_agent.cli.options import (
    AttentionOption,
    DeviceOption,
    DtypeOption,
    JsonOption,
    MaxPixelsOption,
    MinPixelsOption,
    ModelOption,
    SeedOption,
)

if TYPE_CHECKING:
    from rich.table import Table

    from qvl_agent.cli.policies import PolicyFor
    from qvl_agent.evals.cards import CardsSuite, GameScore, Pictures
    from qvl_agent.model.policy import Policy

__all__ = ["suites"]

suites = typer.Typer(help="Measure a policy on a suite.", no_args_is_help=True)


@suites.callback()
def _eval() -> None:
    """Keep `cards` a verb of its own while it is the only one."""


@suites.command()
def cards(
    model: ModelOption = "nano",
    episodes: Annotated[int, typer.Option(min=1, help="Of each game.")] = 200,
    seed: SeedOption = 0,
    games: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Which; by default all four.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Episodes played side by side.")] = 32,
    blank: Annotated[
        bool, typer.Option("--blank", help="Show an empty picture: does the policy look?")
    ] = False,
    shuffle: Annotated[
        bool, typer.Option("--shuffle", help="Show another deal's picture: does it look?")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep results.jsonl, a line an episode, and report.json."),
    ] = None,
    as_json: JsonOption = False,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    attention: AttentionOption = None,
    min_pixels: MinPixelsOption = None,
    max_pixels: MaxPixelsOption = None,
) -> None:
    """Play the four card games and compare with the limits of play and published rates."""
    from rich.console import Console

    from qvl_agent.actions.errors import UsageError
    from qvl_agent.cli.policies import PolicyOptions, policy_for
    from qvl_agent.evals.cards import GAMES, NOTE, CardsSuite

    if blank and shuffle:
        raise UsageError("--blank and --shuffle exclude each other")
    pictures: Pictures = "blank" if blank else "shuffled" if shuffle else "true"
    chosen = [name.strip() for name in games.split(",")] if games else GAMES
    suite = CardsSuite(chosen, episodes=episodes, seed=seed, pictures=pictures)
    options = PolicyOptions(
        device=device,
        dtype=dtype,
        attention=attention,
        min_pixels=min_pixels,
        max_pixels=max_pixels,
        seed=seed,
    )
    with ExitStack() as stack:
        lines = None if out is None else stack.enter_context(_results_file(out))
        policy = policy_for(model, options)
        scores = [_play(suite, game, policy, batch, lines) for game in suite.games]
    document = {
        "suite": suite.name,
        "model": model,
        "policy": _described(policy(suite.make(suite.tasks()[0]))),
        "version": __version__,
        "seed": seed,
        "episodes_per_game": episodes,
        "pictures": pictures,
        "batch": batch,
        "rule": "strict success: the return of the episode is above 0",
        "note": NOTE,
        "games": {score.game: score.to_json() for score in scores},
    }
    if out is not None:
        (out / "report.json").write_text(json.dumps(document, indent=2) + "\n")
    if as_json:
        print(json.dumps(document))
        return
    console = Console(highlight=False)
    console.print(_table(scores, model, seed, pictures))
    console.print(NOTE, soft_wrap=True)


def _described(policy: "Policy") -> dict[str, Any]:
    """Return what the policy says of itself: weights, device, pixel limits."""
    describe: Callable[[], dict[str, Any]] = getattr(policy, "describe", dict)
    return {"name": policy.name, **describe()}


def _play(
    suite: "CardsSuite", game: str, policy: "PolicyFor", batch: int, lines: IO[str] | None
) -> "GameScore":
    """Play one game's episodes, with progress on stderr, and return the score."""
    from rich.console import Console
    from rich.progress import track

    from qvl_agent.actions.space import ActionSpace
    from qvl_agent.agent.loop import Agent, WorldEnv
    from qvl_agent.evals.cards import GameScore
    from qvl_agent.evals.suite import play

    def agent_for(world: WorldEnv) -> Agent:
        assert isinstance(world.action_space, ActionSpace)
        return Agent(policy(world), world.action_space)

    tasks = suite.tasks_of(game)
    console = Console(stderr=True)
    began = time.perf_counter()
    results = []
    for result in track(
        play(suite, tasks, agent_for, batch=batch),
        description=f"{game:<10}",
        total=len(tasks),
        console=console,
        disable=not console.is_terminal,
    ):
        results.append(result)
        if lines is not None:
            lines.write(json.dumps(result.to_json()) + "\n")
            lines.flush()
    score = GameScore.of(game, results, time.perf_counter() - began)
    if not console.is_terminal:
        console.print(f"{game}: {len(tasks)} episodes in {score.seconds:.1f} s")
    return score


def _results_file(folder: Path) -> IO[str]:
    """Return a new results file in a folder.

    Raises:
        UsageError: If there is one already, or none can be written.
    """
    from qvl_agent.actions.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "results.jsonl").open("x")
    except FileExistsError as exc:
        raise UsageError(f"{folder} already holds results; name another folder") from exc
    except OSError as exc:
        raise UsageError(f"{folder} cannot be written: {exc.strerror}") from exc


def _table(scores: "Sequence[GameScore]", model: str, seed: int, pictures: "Pictures") -> "Table":
    """Return the rates of success beside the references."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from qvl_agent.evals.cards import REFERENCES

    shown = "" if pictures == "true" else f", pictures {pictures}"
    title = f"Card games: success in %, {escape(model)}, seed {seed}{shown}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for score in scores:
        table.add_column(score.game, justify="right", no_wrap=True)
    for label, cells in _rows(scores):
        table.add_row(label, *cells)
    table.add_section()
    for row in REFERENCES:
        table.add_row(row.label, *(f"{row.percent[score.game]:g}" for score in scores))
    return table


def _rows(scores: "Sequence[GameScore]") -> "Iterator[tuple[str, list[str]]]":
    yield "success, strict", [f"{100 * s.success.value:.1f}" for s in scores]
    intervals = [s.success.interval for s in scores]
    yield "95 % interval", [f"{100 * i.low:.1f}-{100 * i.high:.1f}" for i in intervals]
    reached = [s.goal_reached for s in scores]
    if any(reached):
        yield "goal reached", [f"{100 * r.value:.1f}" if r else "" for r in reached]
    yield "episodes", [str(s.success.n) for s in scores]
    yield "steps", [str(s.steps) for s in scores]
    yield "unreadable answers", [str(s.errors) for s in scores]
    yield "seconds a step", [f"{s.seconds_per_step:.4f}" for s in scores]
