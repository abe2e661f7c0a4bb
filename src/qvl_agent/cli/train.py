"""`qvl-agent train nano`: make the bundled policy again, from nothing."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

__all__ = ["app"]

app = typer.Typer(help="Train a policy on the experts of the bundled worlds.", no_args_is_help=True)

_VOCABULARY = 448
"""Learnt pieces, bytes and special tokens; the call markers come on top."""


@app.callback()
def _train() -> None:
    """Keep `nano` a verb of its own while it is the only one."""


@app.command()
def nano(
    out: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = Path("runs/nano"),
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to go on from, at lower rates.")
    ] = None,
    steps: Annotated[int, typer.Option(help="Optimiser steps.", min=1)] = 4000,
    seed: Annotated[int, typer.Option(help="Of weights and lessons.")] = 0,
    threads: Annotated[int, typer.Option(help="Of torch.", min=1)] = 2,
) -> None:
    """Train nano from scratch on freshly drawn games, on the experts' words and calls."""
    from qvl_agent.cli import curriculum
    from qvl_agent.model.chat import ChatFormat
    from qvl_agent.model.images import ImageSettings
    from qvl_agent.model.nano.architecture import Size, build
    from qvl_agent.model.nano.checkpoint import load_checkpoint, save_checkpoint
    from qvl_agent.model.nano.lessons import Collator
    from qvl_agent.model.nano.tokens import train_vocabulary
    from qvl_agent.model.nano.train import train
    from qvl_agent.model.tokenizer import TextTokenizer

    console = Console(stderr=True)
    out.mkdir(parents=True, exist_ok=True)
    if start is None:
        texts = curriculum.texts(2000, seed)
        vocabulary = train_vocabulary(texts, _VOCABULARY, curriculum.WHOLE_TOKENS)
        model = build(Size(), vocabulary, seed)
        recipe = curriculum.recipe(steps, seed, threads)
    else:
        model, vocabulary = load_checkpoint(start)
        recipe = curriculum.sharpening(steps, seed, threads)
    settings = ImageSettings(min_pixels=56 * 56, max_pixels=curriculum.MAX_PIXELS)
    log = out / "log.jsonl"
    parameters = sum(p.numel() for p in model.parameters())
    (out / "recipe.json").write_text(
        json.dumps({"start": start and start.name, **recipe.to_json()}, indent=1) + "\n"
    )
    console.print(f"nano: {parameters:,} parameters, {vocabulary.padded_size} tokens, log in {log}")
    started = time.monotonic()

    def report(record: dict[str, Any]) -> None:
        left = (time.monotonic() - started) * (steps / record["step"] - 1)
        console.print(
            f"step {record['step']:>6}/{steps}  exact {record['exact']:.3f}  "
            f"plans {record['text_only_exact']:.3f}  cells {record['cells_right']:.3f}  "
            f"loss {record['text_loss']:.4f}  {left / 60:.0f} min left"
        )

    train(
        model,
        curriculum.sources(),
        Collator(vocabulary, ChatFormat(TextTokenizer(vocabulary.tokenizer), settings), seed=seed),
        recipe,
        log=log,
        report=report,
        save=lambda _: save_checkpoint(out, model, vocabulary, settings, curriculum.PROFILE),
    )
    console.print(f"saved in {out} after {(time.monotonic() - started) / 60:.1f} minutes")
