"""`qvl-agent eval`: how good a policy is, with how sure that is and what others reached."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qvl_agent import __version__
from qvl_agent.cli.alfred import alfred
from qvl_agent.cli.conduct import Wish, conduct, episodes_plan
from qvl_agent.cli.miniwob import miniwob
from qvl_agent.cli.options import JsonOption, spread
from qvl_agent.cli.telling import close, tell
from qvl_agent.cli.vln import r2r, reverie

if TYPE_CHECKING:
    from rich.table import Table

    from qvl_agent.evals.cards import GameScore, Pictures

__all__ = ["suites"]

suites = typer.Typer(help="Measure a policy on a suite.", no_args_is_help=True)
suites.command()(alfred)
suites.command()(miniwob)
suites.command()(r2r)
suites.command()(reverie)


_CARDS = Wish(workers=32, traces="none")
_PHONE = Wish(workers=4)
_FNCALL = Wish(workers=8, limit=480)
_AITZ = Wish(workers=4)


@suites.command()
@spread
def cards(
    wish: Wish = _CARDS,
    episodes: Annotated[int, typer.Option(min=1, help="Of each game.")] = 200,
    games: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Which; by default all four.")
    ] = None,
    blank: Annotated[
        bool, typer.Option("--blank", help="Show an empty picture: does the policy look?")
    ] = False,
    shuffle: Annotated[
        bool, typer.Option("--shuffle", help="Show another deal's picture: does it look?")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Play the four card games and compare with the limits of play and published rates."""
    from rich.console import Console

    from qvl_agent.actions.errors import UsageError
    from qvl_agent.agent.limits import Limits
    from qvl_agent.evals.cards import GAMES, NOTE, CardsSuite, GameScore

    if blank and shuffle:
        raise UsageError("--blank and --shuffle exclude each other")
    pictures: Pictures = "blank" if blank else "shuffled" if shuffle else "true"
    chosen = [name.strip() for name in games.split(",")] if games else GAMES
    seed = wish.options.seed
    suite = CardsSuite(chosen, episodes=episodes, seed=seed, pictures=pictures)
    config = {"games": suite.games, "episodes": episodes, "pictures": pictures}
    run = conduct(episodes_plan(suite, config, Limits(), wish), wish)
    scores = [
        GameScore.of(game, [r for r in run.records if r.task.startswith(f"{game}/")], wish.workers)
        for game in suite.games
    ]
    document = {
        "suite": suite.name,
        "model": wish.model,
        "policy": run.manifest["policy"],
        "version": __version__,
        "seed": seed,
        "episodes_per_game": episodes,
        "repeats": wish.repeats,
        "pictures": pictures,
        "batch": wish.workers,
        "rule": "strict success: the return of the episode is above 0",
        "note": NOTE,
        "games": {score.game: score.to_json() for score in scores},
    }
    if as_json:
        print(json.dumps(document))
    else:
        console = Console(highlight=False)
        console.print(_table(scores, wish.model, seed, pictures))
        console.print(NOTE, soft_wrap=True)
    close(run, wish.out)


@suites.command()
@spread
def phone(
    wish: Wish = _PHONE,
    episodes: Annotated[int, typer.Option(min=1, help="Of each kind of task.")] = 4,
    levels: Annotated[
        str, typer.Option("--levels", "--level", metavar="N,...", help="Of 1, 2 and 3.")
    ] = "1,2,3",
    as_json: JsonOption = False,
) -> None:
    """Do tasks on the bundled phone, each in a process of its own, judged by the phone's state."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals.phone import PhoneSuite

    try:
        chosen = [int(level) for level in levels.split(",")]
    except ValueError as exc:
        raise UsageError(f"--levels takes some of 1,2,3, got {levels!r}") from exc
    suite = PhoneSuite(chosen, episodes=episodes, seed=wish.options.seed)
    config = {"levels": suite.levels, "episodes": episodes, "split": "test"}
    plan = episodes_plan(suite, config, suite.limits, wish, hang_seconds=120)
    tell(conduct(plan, wish), wish, as_json)


@suites.command()
@spread
def fncall(wish: Wish = _FNCALL, as_json: JsonOption = False) -> None:
    """Call functions with arguments that are printed in pictures: type match and exact match."""
    from qvl_agent.evals.fncall.suite import FnCallSuite

    assert wish.limit is not None  # it has a default here: the set has no end
    suite = FnCallSuite(wish.limit, seed=wish.options.seed)
    plan = episodes_plan(suite, {"items": wish.limit}, suite.limits, wish)
    tell(conduct(plan, wish), wish, as_json)


@suites.command()
@spread
def aitz(
    data: Annotated[Path, typer.Option(help="The AITZ dataset, or a folder of its episodes.")],
    wish: Wish = _AITZ,
    history: Annotated[
        str, typer.Option(metavar="screenshots|texts", help="What of the past is shown.")
    ] = "screenshots",
    thoughts: Annotated[
        bool, typer.Option("--thoughts", help="Show the dataset's own thoughts with past calls.")
    ] = False,
    split: Annotated[str, typer.Option(help="Which split of the dataset.")] = "test",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out malformed episodes, and say which.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask each step of the AITZ episodes after the annotator's history, and judge every rule."""
    from qvl_agent.cli.aitz_plan import aitz_plan

    plan = aitz_plan(data, wish, history=history, thoughts=thoughts, split=split, skip_bad=skip_bad)
    tell(conduct(plan, wish), wish, as_json)


def _table(scores: "Sequence[GameScore]", model: str, seed: int, pictures: "Pictures") -> "Table":
    """Return the rates of success beside the references."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from qvl_agent.evals.cards import REFERENCES

    shown = "" if pictures == "true" else f", pictures {pictures}"
    title = f"Card games: success in %, {escape(model)}, seed {seed}{shown}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, min_width=len(title))
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
