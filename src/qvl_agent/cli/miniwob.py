"""`qvl-agent eval miniwob`: small tasks on web pages, in a real browser."""

from typing import TYPE_CHECKING, Annotated

import typer

from qvl_agent.cli.conduct import Wish, conduct, episodes_plan
from qvl_agent.cli.options import JsonOption, spread
from qvl_agent.cli.telling import close, tell

if TYPE_CHECKING:
    from qvl_agent.cli.conduct import Conducted

__all__ = ["miniwob"]

_MINIWOB = Wish(workers=2)
_TASKS = "Tasks"


@spread
def miniwob(
    wish: Wish = _MINIWOB,
    tasks: Annotated[
        str,
        typer.Option(
            metavar="NAME,...|nano|all",
            help="Which; nano stands for those that nano was taught.",
            rich_help_panel=_TASKS,
        ),
    ] = "nano",
    episodes: Annotated[
        int, typer.Option(min=1, max=100_000, help="Of each task.", rich_help_panel=_TASKS)
    ] = 3,
    driver: Annotated[
        str,
        typer.Option(
            metavar="browser|desktop",
            help="The published environment without a window, or a real window on a virtual "
            "screen with its mouse and keyboard.",
            rich_help_panel=_TASKS,
        ),
    ] = "browser",
    as_json: JsonOption = False,
) -> None:
    """Play MiniWoB++ pages with mouse and keyboard, judged by the pages' raw reward."""
    from rich.console import Console

    from qvl_agent.evals.miniwob import MiniWobSuite

    names, left_out = _chosen(tasks, wish.model)
    suite = MiniWobSuite(names, episodes=episodes, seed=wish.options.seed, driver=driver)
    config = {"tasks": suite.names, "episodes": episodes, "driver": driver}
    try:
        plan = episodes_plan(suite, config, suite.limits, wish, hang_seconds=120)
    finally:
        suite.close()  # from here on, browsers live beside the worlds
    run = conduct(plan, wish)
    if as_json:
        tell(run, wish, as_json)
        return
    _show(run)
    if left_out:
        Console(highlight=False).print(
            f"{len(left_out)} tasks have no expert and were left out: {', '.join(left_out)}",
            soft_wrap=True,
        )
    close(run, wish.out)


def _chosen(tasks: str, model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tasks to play, and those that were asked for and have no expert to play them."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.envs.miniwob import check_names
    from qvl_agent.envs.miniwob.experts import EXPERTS
    from qvl_agent.envs.miniwob.tasks import NANO

    names = NANO if tasks == "nano" else check_names(tasks.split(","))
    if model != "expert":
        return names, ()
    played = tuple(name for name in names if name in EXPERTS)
    if not played:
        raise UsageError(f"none of these tasks has an expert; those with one: {', '.join(EXPERTS)}")
    return played, tuple(name for name in names if name not in EXPERTS)


def _show(run: "Conducted") -> None:
    """Print a line per task, and the rewards of all of them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from qvl_agent.evals.report import RunSummary

    summary = RunSummary.of(run.manifest, run.records, [i.to_json() for i in run.incidents])
    console = Console(highlight=False)
    config = run.manifest["config"]
    console.print(f"{summary.title}, {config['driver']} driver", markup=False)
    rates = [figure for figure in summary.figures if figure.name == "success"]
    if not rates:
        return
    table = Table("", "n", "success %", "95 % interval", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for figure in [*rates[1:], rates[0]]:
        interval = "" if figure.low is None else f"{figure.low:.1f}-{figure.high:.1f}"
        table.add_row(figure.group, str(figure.n), f"{figure.percent:.1f}", interval)
    console.print(table)
    for figure in summary.figures:
        if figure.name != "success":
            console.print(f"{figure.name}: {figure.percent / 100:.3f} ({figure.rule})")
