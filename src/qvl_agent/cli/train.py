"""`qvl-agent train nano`: train policies such as the bundled ones, from nothing."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from qvl_agent.cli.record import recording

__all__ = ["app"]

app = typer.Typer(help="Train a policy on the experts of the bundled worlds.", no_args_is_help=True)
app.add_typer(recording, name="record")

_COURSES = "cards, phone, miniwob or routes"

_READ = 2000
"""Lessons of each source that are read to learn the vocabulary."""


@app.command()
def nano(
    out: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = Path("runs/nano"),
    course: Annotated[str, typer.Option(help=f"What to teach: {_COURSES}.")] = "cards",
    start: Annotated[Path | None, typer.Option(help="Checkpoint to go on from.")] = None,
    grow: Annotated[
        bool, typer.Option("--grow", help="Go on in a new course, with its words and pictures.")
    ] = False,
    steps: Annotated[int, typer.Option(help="Optimiser steps.", min=1)] = 4000,
    rate: Annotated[float, typer.Option(help="Share of the course's learning rates.")] = 1.0,
    recorded: Annotated[
        Path, typer.Option(help="Folder of `train record miniwob`, for that course.")
    ] = Path("runs/miniwob-lessons"),
    seed: Annotated[int, typer.Option(help="Of weights and lessons.")] = 0,
    threads: Annotated[int, typer.Option(help="Of torch.", min=1)] = 2,
) -> None:
    """Train nano on what experts say and do, in freshly drawn games or on phones."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.cli.curriculum import COURSES
    from qvl_agent.cli.prompting import PROFILE
    from qvl_agent.model.chat import ChatFormat
    from qvl_agent.model.images import ImageSettings
    from qvl_agent.model.nano.architecture import build, rebuild
    from qvl_agent.model.nano.checkpoint import load_checkpoint, save_checkpoint
    from qvl_agent.model.nano.lessons import Collator
    from qvl_agent.model.nano.speller import load_speller, save_speller
    from qvl_agent.model.nano.team import Team
    from qvl_agent.model.nano.tokens import train_vocabulary
    from qvl_agent.model.nano.train import train
    from qvl_agent.model.tokenizer import TextTokenizer

    if course not in COURSES:
        raise UsageError(f"there is no course {course!r}; there are {_COURSES}")
    taught = COURSES[course]
    team = Team()
    sources = taught.sources(recorded, seed)
    console = Console(stderr=True, quiet=not team.first)
    out.mkdir(parents=True, exist_ok=True)
    if start is None or grow:
        vocabulary = train_vocabulary(
            taught.texts(sources, _READ, seed), taught.pieces, taught.whole, apart=taught.apart
        )
        model = build(taught.size, vocabulary, seed)
        if start is not None:
            rebuild(model, vocabulary, *load_checkpoint(start))
    else:
        model, vocabulary = load_checkpoint(start)
    speller = load_speller(None if grow else start, model, seed)
    recipe = (taught.first if start is None or grow else taught.later)(steps, seed, threads)
    recipe = recipe.at(rate)
    smallest, largest = taught.pixels
    settings = ImageSettings(smallest, largest, patch_size=model.config.vision_config.patch_size)
    log = out / "log.jsonl"
    parameters = sum(p.numel() for p in model.parameters())
    made = {"course": course, "start": start and start.name, "processes": team.size}
    if team.first:
        (out / "recipe.json").write_text(json.dumps(made | recipe.to_json(), indent=1) + "\n")
    console.print(f"nano: {parameters:,} parameters, {vocabulary.padded_size} tokens, log in {log}")
    started = time.monotonic()

    def report(record: dict[str, Any]) -> None:
        left = (time.monotonic() - started) * (steps / record["step"] - 1)
        console.print(
            f"step {record['step']:>6}/{steps}  {left / 60:.0f} min left  "
            f"loss {record['loss']:.4f}  cells {record['cells_right']:.3f}  "
            + "  ".join(f"{name} {share:.3f}" for name, share in record["exact"].items())
        )

    def save(_: int) -> None:
        save_checkpoint(out, model, vocabulary, settings, PROFILE)
        save_speller(out, speller)

    train(
        model,
        sources,
        Collator(vocabulary, ChatFormat(TextTokenizer(vocabulary.tokenizer), settings), seed=seed),
        recipe,
        log=log,
        speller=speller,
        report=report,
        save_every=100,
        save=save,
    )
    console.print(f"saved in {out} after {(time.monotonic() - started) / 60:.1f} minutes")
