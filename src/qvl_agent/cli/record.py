"""`qvl-agent train record`: experts' episodes from worlds that are too slow to be played live."""

import time
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["recording"]

recording = typer.Typer(help="Record experts' episodes to learn from.", no_args_is_help=True)

_ROUND = 40
"""Episodes of one task before the next task's turn, so that a start of it all is useful."""


@recording.callback()
def _record() -> None:
    """Keep `miniwob` a verb of its own while it is the only one."""


@recording.command()
def miniwob(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="One file a task goes here.")],
    episodes: Annotated[int, typer.Option(min=1, help="Of each task.")] = 400,
    tasks: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Which; by default nano's.")
    ] = None,
    start: Annotated[
        int | None, typer.Option(help="The first seed; the same seeds are the same episodes.")
    ] = None,
) -> None:
    """Record MiniWoB++ experts: pictures, words and where they are, thoughts and actions.

    The same command again goes on where it was stopped.
    """
    from rich.console import Console

    from qvl_agent.actions.errors import UsageError
    from qvl_agent.envs.miniwob import MiniWoB, check_names
    from qvl_agent.envs.miniwob.recordings import TRAINING_SEED, Step, play, read, write
    from qvl_agent.envs.miniwob.stage import BrowserStage
    from qvl_agent.envs.miniwob.tasks import NANO
    from qvl_agent.envs.screen import Settling

    names = check_names(tasks.split(",")) if tasks else NANO
    first = TRAINING_SEED if start is None else start
    if first < TRAINING_SEED:
        raise UsageError(f"seeds to learn from begin at {TRAINING_SEED}, got {first}")
    console = Console(stderr=True)
    out.mkdir(parents=True, exist_ok=True)
    files = {name: out / f"{name}.npz" for name in names}
    kept: dict[str, list[Step]] = {
        name: list(read(file)) if file.exists() else [] for name, file in files.items()
    }
    # Pages whose animations matter are not among those that are recorded: one look is enough.
    stage = BrowserStage(Settling(interval_s=1.0, cap_s=0.0))
    try:
        for begin in range(0, episodes, _ROUND):
            for name in names:
                seeds = range(first + begin, first + min(begin + _ROUND, episodes))
                done = {step.seed for step in kept[name]}
                left = [seed for seed in seeds if seed not in done]
                if not left:
                    continue
                world = MiniWoB(name, stage=stage)
                began, lost = time.monotonic(), 0
                for seed in left:
                    episode = play(world, seed)
                    lost += not episode.won
                    kept[name] += episode.steps
                write(files[name], kept[name])
                console.print(
                    f"{name}: {begin + len(seeds)}/{episodes} episodes, {len(kept[name])} steps, "
                    f"{(time.monotonic() - began) / len(left):.2f} s each, {lost} lost",
                    highlight=False,
                )
    finally:
        stage.close()
