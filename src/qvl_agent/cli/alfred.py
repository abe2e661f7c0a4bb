"""`qvl-agent eval alfred`: household tasks by ALFRED's rules, on its dataset or made up."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qvl_agent.cli.conduct import Wish, conduct
from qvl_agent.cli.options import JsonOption, spread
from qvl_agent.cli.telling import close, tell

if TYPE_CHECKING:
    from qvl_agent.cli.conduct import Conducted

__all__ = ["alfred"]

_ALFRED = Wish(workers=2)
_TASKS = "Tasks"
_WORLD = "World"


@spread
def alfred(
    wish: Wish = _ALFRED,
    data: Annotated[
        Path | None,
        typer.Option(
            help="ALFRED's dataset; without it tasks are made up.", rich_help_panel=_TASKS
        ),
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            help="train, valid_seen, valid_unseen, tests_seen, tests_unseen, or tests for both.",
            rich_help_panel=_TASKS,
        ),
    ] = "valid_unseen",
    skip_missing: Annotated[
        bool,
        typer.Option(
            "--skip-missing", help="A sample of the split will do.", rich_help_panel=_TASKS
        ),
    ] = False,
    episodes: Annotated[
        int, typer.Option(min=1, help="How many made-up tasks.", rich_help_panel=_TASKS)
    ] = 70,
    instructions: Annotated[
        str,
        typer.Option(
            metavar="goal|steps",
            help="Tell the goal alone, or the steps too.",
            rich_help_panel=_TASKS,
        ),
    ] = "goal",
    subgoals: Annotated[
        str | None,
        typer.Option(
            metavar="all|TYPE,...",
            help="Ask for single sub-goals, the expert having done what comes before.",
            rich_help_panel=_TASKS,
        ),
    ] = None,
    matching: Annotated[
        str,
        typer.Option(
            metavar="substring|type",
            help="How a goal's names find objects; published scores are by substring.",
            rich_help_panel=_TASKS,
        ),
    ] = "substring",
    body: Annotated[
        str,
        typer.Option(
            metavar="bundled|controller|thor",
            help="The bundled simulator, the same behind ai2thor's Controller, or AI2-THOR.",
            rich_help_panel=_WORLD,
        ),
    ] = "bundled",
    mode: Annotated[
        str,
        typer.Option(
            metavar="skills|low",
            help="The paper's skills, or ALFRED's twelve low-level actions.",
            rich_help_panel=_WORLD,
        ),
    ] = "skills",
    segmenter: Annotated[
        str | None,
        typer.Option(
            metavar="box|oracle|sam:SOURCE",
            help="Makes masks of what is pointed at; SOURCE is a folder or a hub id of SAM.",
            rich_help_panel=_WORLD,
        ),
    ] = None,
    names: Annotated[
        bool | None,
        typer.Option(
            "--names/--no-names",
            help="Name beside the picture what is in view; by default with skills only.",
            rich_help_panel=_WORLD,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Do household tasks as ALFRED counts them: SR, GC, and both weighted by path length.

    The model may also be replay, which sends the dataset's own plans, or none, which does nothing.
    """
    from qvl_agent.cli.alfred_plan import alfred_plan

    plan = alfred_plan(
        wish,
        data=data,
        split=split,
        skip_missing=skip_missing,
        episodes=episodes,
        instructions=instructions,
        subgoals=subgoals,
        matching=matching,
        body=body,
        mode=mode,
        segmenter=segmenter,
        names=names,
    )
    run = conduct(plan, wish)
    if wish.out is not None:
        _keep_leaderboard(run, wish.out)
    if as_json:
        tell(run, wish, as_json)
        return
    _show(run)
    close(run, wish.out)


def _show(run: "Conducted") -> None:
    """Print a line per task type, ALFRED's figures side by side, and what they are worth."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from qvl_agent.evals.report import RunSummary

    summary = RunSummary.of(run.manifest, run.records, [i.to_json() for i in run.incidents])
    console = Console(highlight=False)
    console.print(summary.title, markup=False)
    figures = {(f.group, f.name): f for f in summary.figures}
    names = list(dict.fromkeys(name for _, name in figures))
    if names:
        table = Table("", "n", *names, box=box.SIMPLE_HEAD)
        for column in table.columns[1:]:
            column.justify = "right"
        for group in dict.fromkeys(group for group, _ in figures):
            row = [figures[group, name] for name in names]
            table.add_row(group, str(row[0].n), *(f"{f.percent:.1f}" for f in row))
        console.print(table)
        first = figures["all", "SR"]
        if first.low is not None:
            console.print(f"SR: 95 % interval {first.low:.1f}-{first.high:.1f}")
    still = sum(r.metrics.get("low_level_steps") == 0 for r in run.records)
    if still:
        console.print(f"{still} episodes ended before any action; they are counted")
    told = "were named" if run.manifest["config"]["names_told"] else "were not named"
    console.print(f"In percent; things in view {told}; {run.manifest['config']['standing']}")


def _keep_leaderboard(run: "Conducted", out: Path) -> None:
    """Write what the leaderboard takes, where a test split was played."""
    from qvl_agent.evals.alfred import write_leaderboard

    tested = [r.data for r in run.records if r.data["split"].startswith("tests_")]
    if tested:
        path = out / "leaderboard.json"
        write_leaderboard(path, ((d["split"], d["trial"], d["actions"]) for d in tested))
        print(f"For the leaderboard: {path}", file=sys.stderr)
