"""The training loop of nano. Knows lessons and parameters; knows no world.

Supervised imitation on the sum of the answer's cross-entropy and the read-out's, in bfloat16 with
float32 masters. Matrices are trained by Muon, embeddings, norms and biases by AdamW; warm-up, then
a cosine over a fixed number of steps, so that a recipe and a seed fix the run. Every figure goes to
a JSON-lines log.
"""

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.model.nano.forward import Forward
from qvl_agent.model.nano.lessons import Collator, Source
from qvl_agent.model.nano.muon import Muon

__all__ = ["Phase", "Recipe", "train"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training with one mixture of lessons.

    Attributes:
        steps: Optimiser steps.
        mix: Share of each source with pictures in the batch, by name.
        text_mix: Share of each text-only source, by name.
        batch: Lessons with a picture in a step.
        text_batch: Text-only lessons in a step.
    """

    steps: int
    mix: Mapping[str, float]
    text_mix: Mapping[str, float]
    batch: int = 16
    text_batch: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that fixes a run, beside the sources.

    Attributes:
        phases: One after the other, under one learning-rate schedule.
        learning_rate: AdamW's peak.
        muon_rate: Muon's peak, with updates scaled to the root mean square of AdamW's.
        final_fraction: Learning rate at the end, as a share of the peak.
        warmup_steps: Of linear warm-up.
        weight_decay: On matrices other than the embedding.
        betas: Of AdamW.
        momentum: Of Muon.
        clip: Largest norm of the gradient.
        read_out: Weight of the read-out loss.
        seed: Of lessons and initial weights.
        threads: Of torch.
    """

    phases: tuple[Phase, ...]
    learning_rate: float = 1e-3
    muon_rate: float = 3e-3
    final_fraction: float = 0.02
    warmup_steps: int = 50
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    momentum: float = 0.95
    clip: float = 1.0
    read_out: float = 0.5
    seed: int = 0
    threads: int = 2

    @property
    def steps(self) -> int:
        """Steps of all phases."""
        return sum(phase.steps for phase in self.phases)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON."""
        return asdict(self)


def train(
    model: Qwen2VLForConditionalGeneration,
    sources: Mapping[str, Source],
    collate: Collator,
    recipe: Recipe,
    *,
    log: Path,
    report: Callable[[dict[str, Any]], None] = lambda record: None,
    every: int = 100,
    save: Callable[[int], None] = lambda step: None,
    save_every: int = 2000,
) -> None:
    """Train a model in place.

    Args:
        model: Float32 parameters, on the CPU or a GPU.
        sources: Lessons by name; phases name them.
        collate: Makes batches.
        recipe: The schedule.
        log: JSON-lines file; one record every `every` steps is appended and flushed.
        report: Called with each record, for a progress display.
        every: Steps between records.
        save: Called with the step from time to time and at the end.
        save_every: Steps between calls of `save`.

    Raises:
        FloatingPointError: If the loss is not finite.
    """
    torch.set_num_threads(recipe.threads)
    rng = random.Random(recipe.seed)
    forward = Forward(model)
    optimisers = _optimisers(model, recipe)
    started, step, seen = time.monotonic(), 0, 0
    window: list[tuple[float, ...]] = []
    with log.open("a") as file:
        for phase in recipe.phases:
            pick = _Picker(phase, sources)
            for _ in range(phase.steps):
                for optimiser, peak in optimisers:
                    for group in optimiser.param_groups:
                        group["lr"] = peak * _schedule(step, recipe)
                total = torch.zeros(())
                figures = [math.nan] * 5
                if phase.batch:
                    losses = forward.losses(collate(pick.pictures(rng)))
                    total = total + losses.text + recipe.read_out * losses.cells
                    figures[:4] = (
                        losses.text.item(),
                        losses.exact,
                        losses.cells.item(),
                        losses.cells_right,
                    )
                if phase.text_batch:
                    losses = forward.losses(collate(pick.texts(rng)))
                    total = total + losses.text
                    figures[4] = losses.exact
                if not math.isfinite(total.item()):
                    raise FloatingPointError(f"the loss became {total.item()} at step {step}")
                model.zero_grad(set_to_none=True)
                total.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
                for optimiser, _ in optimisers:
                    optimiser.step()
                step += 1
                seen += phase.batch + phase.text_batch
                window.append(tuple(figures))
                if step % every == 0 or step == recipe.steps:
                    record = _record(step, seen, time.monotonic() - started, window, recipe)
                    file.write(json.dumps(record) + "\n")
                    file.flush()
                    report(record)
                    window.clear()
                if step % save_every == 0 or step == recipe.steps:
                    save(step)


class _Picker:
    """Draws the lessons of a phase's batches by its mixtures."""

    def __init__(self, phase: Phase, sources: Mapping[str, Source]) -> None:
        self._phase = phase
        self._sources = sources

    def pictures(self, rng: random.Random) -> list[Any]:
        return self._draw(self._phase.mix, self._phase.batch, rng)

    def texts(self, rng: random.Random) -> list[Any]:
        return self._draw(self._phase.text_mix, self._phase.text_batch, rng)

    def _draw(self, mix: Mapping[str, float], count: int, rng: random.Random) -> list[Any]:
        names = rng.choices(list(mix), weights=list(mix.values()), k=count)
        return [self._sources[name](rng) for name in names]


def _optimisers(
    model: Qwen2VLForConditionalGeneration, recipe: Recipe
) -> list[tuple[torch.optim.Optimizer, float]]:
    """Return the optimisers with their peak rates.

    At this size and these budgets Muon reads the pictures and finds the plans in about half the
    steps that AdamW takes (docs/nano.md has the curves).
    """
    named = list(model.named_parameters())
    hidden = {n for n, p in named if p.dim() == 2 and "embed_tokens" not in n}
    muon = Muon(
        [p for n, p in named if n in hidden],
        lr=recipe.muon_rate,
        weight_decay=recipe.weight_decay,
        momentum=recipe.momentum,
    )
    adamw = torch.optim.AdamW(
        [p for n, p in named if n not in hidden],
        lr=recipe.learning_rate,
        betas=recipe.betas,
        weight_decay=0.0,
        fused=True,
    )
    return [(muon, recipe.muon_rate), (adamw, recipe.learning_rate)]


def _schedule(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rate at a step: linear warm-up times a cosine."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
    return warm * (recipe.final_fraction + (1 - recipe.final_fraction) * cosine)


def _record(
    step: int, seen: int, seconds: float, window: list[tuple[float, ...]], recipe: Recipe
) -> dict[str, Any]:
    names = ("text_loss", "exact", "cell_loss", "cells_right", "text_only_exact")
    means: dict[str, float | None] = {}
    for name, values in zip(names, zip(*window, strict=True), strict=True):
        known = [v for v in values if not math.isnan(v)]
        means[name] = round(sum(known) / len(known), 5) if known else None
    return {
        "step": step,
        "seen": seen,
        "seconds": round(seconds, 1),
        "schedule": round(_schedule(step - 1, recipe), 5),
        **means,
    }
