"""`qvl-agent train nano`: make the bundled policy again, from nothing."""

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

_READ = 2000
"""Lessons of each source that are read to learn the vocabulary."""


@app.command()
def nano(
    out: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = Path("runs/nano"),
    course: Annotated[str, typer.Option(help="What to teach: cards or phone.")] = "cards",
    start: Annotated[Path | None, typer.Option(help="Checkpoint to go on from.")] = None,
    grow: Annotated[
        bool, typer.Option("--grow", help="Go on in a new course, with its words and pictures.")
    ] = False,
    steps: Annotated[int, typer.Option(help="Optimiser steps.", min=1)] = 4000,
    seed: Annotated[int, typer.Option(help="Of weights and lessons.")] = 0,
    threads: Annotated[int, typer.Option(help="Of torch.", min=1)] = 2,
) -> None:
    """Train nano on what experts say and do, in freshly drawn games or on phones."""
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.cli.curriculum import COURSES
    from qvl_agent.cli.prompting import PROFILE
    from qvl_agent.model.chat import ChatFormat
    from qvl_agent.model.images import ImageSettings
    from qvl_agent.model.nano.architecture import Size, build, rebuild
    from qvl_agent.model.nano.checkpoint import load_checkpoint, save_checkpoint
    from qvl_agent.model.nano.lessons import Collator
    from qvl_agent.model.nano.tokens import train_vocabulary
    from qvl_agent.model.nano.train import train
    from qvl_agent.model.tokenizer import TextTokenizer

    if course not in COURSES:
        raise UsageError(f"there is no course {course!r}; there are {' and '.join(COURSES)}")
    taught = COURSES[course]
    console = Console(stderr=True)
    out.mkdir(parents=True, exist_ok=True)
    if start is None or grow:
        vocabulary = train_vocabulary(taught.texts(_READ, seed), taught.pieces, taught.whole)
        model = build(Size(), vocabulary, seed)
        if start is not None:
            rebuild(model, vocabulary, *load_checkpoint(start))
    else:
        model, vocabulary = load_checkpoint(start)
    recipe = (taught.first if start is None or grow else taught.later)(steps, seed, threads)
    settings = ImageSettings(min_pixels=56 * 56, max_pixels=taught.max_pixels)
    log = out / "log.jsonl"
    parameters = sum(p.numel() for p in model.parameters())
    (out / "recipe.json").write_text(
        json.dumps({"course": course, "start": start and start.name, **recipe.to_json()}, indent=1)
        + "\n"
    )
    console.print(f"nano: {parameters:,} parameters, {vocabulary.padded_size} tokens, log in {log}")
    started = time.monotonic()

    def report(record: dict[str, Any]) -> None:
        left = (time.monotonic() - started) * (steps / record["step"] - 1)
        console.print(
            f"step {record['step']:>6}/{steps}  {left / 60:.0f} min left  "
            f"loss {record['loss']:.4f}  cells {record['cells_right']:.3f}  "
            + "  ".join(f"{name} {share:.3f}" for name, share in record["exact"].items())
        )

    train(
        model,
        taught.sources(),
        Collator(vocabulary, ChatFormat(TextTokenizer(vocabulary.tokenizer), settings), seed=seed),
        recipe,
        log=log,
        report=report,
        save_every=500,
        save=lambda _: save_checkpoint(out, model, vocabulary, settings, PROFILE),
    )
    console.print(f"saved in {out} after {(time.monotonic() - started) / 60:.1f} minutes")
