"""The training loop of nano. Knows lessons and parameters; knows no world.

Supervised imitation on the sum of the answer's cross-entropy and the read-out's, in bfloat16 with
float32 masters. Matrices are trained by Muon, embeddings, norms and biases by AdamW; warm-up, and a
cosine over the last phase's fixed number of steps, so that a recipe and a seed fix the run. Every
figure goes to a JSON-lines log.
"""

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.actions.errors import UsageError
from qvl_agent.model.nano.forward import Forward, Losses
from qvl_agent.model.nano.lessons import Collator, Lesson, Source
from qvl_agent.model.nano.muon import Muon
from qvl_agent.model.nano.speller import new_speller
from qvl_agent.model.nano.team import Team

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
        screen_mix: Share of each source of which the words on the picture are all that is learnt,
            by name: the cheapest way to learn to read.
        screen_batch: Lessons of theirs in a step.
        words: Whether words are asked for on those; otherwise only letters, where they are known.
    """

    steps: int
    mix: Mapping[str, float]
    text_mix: Mapping[str, float]
    batch: int = 16
    text_batch: int = 0
    screen_mix: Mapping[str, float] = field(default_factory=dict)
    screen_batch: int = 0
    words: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that fixes a run, beside the sources.

    Attributes:
        phases: One after the other. Learning rates fall in the last one.
        learning_rate: AdamW's peak.
        muon_rate: Muon's peak, with updates scaled to the root mean square of AdamW's.
        final_fraction: Learning rate at the end, as a share of the peak.
        warmup_steps: Of linear warm-up.
        weight_decay: On matrices other than the embedding.
        betas: Of AdamW.
        momentum: Of Muon.
        clip: Largest norm of the gradient.
        read_out: Weight of the losses of the read-out and of looking.
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

    def at(self, share: float) -> "Recipe":
        """Return the same at a share of the learning rates.

        Raises:
            UsageError: If the share is not positive.
        """
        if not share > 0:
            raise UsageError(f"expected a positive share of the learning rates, got {share:g}")
        return replace(
            self, learning_rate=share * self.learning_rate, muon_rate=share * self.muon_rate
        )

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
    speller: nn.Linear | None = None,
    report: Callable[[dict[str, Any]], None] = lambda record: None,
    every: int = 100,
    save: Callable[[int], None] = lambda step: None,
    save_every: int = 2000,
) -> None:
    """Train a model in place, together with the other processes of a `Team` if there are any.

    Args:
        model: Float32 parameters, on the CPU or a GPU.
        sources: Lessons by name; phases name them.
        collate: Makes batches.
        recipe: The schedule.
        log: JSON-lines file; one record every `every` steps is appended and flushed. Its figures
            are of the first process's lessons.
        speller: Trained with the model, in place; a new one if None.
        report: Called with each record, for a progress display. Like the log and `save` this is
            the first process's business.
        every: Steps between records.
        save: Called with the step from time to time and at the end.
        save_every: Steps between calls of `save`.

    Raises:
        FloatingPointError: If the loss is not finite.
    """
    torch.set_num_threads(recipe.threads)
    team = Team()
    rng = random.Random(recipe.seed if team.first else f"{recipe.seed} of process {team.rank}")
    speller = speller or new_speller(model, recipe.seed)
    forward = Forward(model, speller=speller)
    learnt = [*model.parameters(), *speller.parameters()]
    optimisers = _optimisers(model, speller, recipe)
    started, step, seen = time.monotonic(), 0, 0
    window = _Window()
    with log.open("a") as file:
        for phase in recipe.phases:
            pick = _Picker(phase, sources)
            for _ in range(phase.steps):
                for optimiser, peak in optimisers:
                    for group in optimiser.param_groups:
                        group["lr"] = peak * _schedule(step, recipe)
                for parameter in learnt:
                    parameter.grad = None
                for share, lessons in (*_by_size(pick.pictures(rng)), *_by_size(pick.texts(rng))):
                    losses = forward.losses(collate([lesson for _, lesson in lessons]))
                    loss = share * (losses.text + recipe.read_out * (losses.cells + losses.looks))
                    if not math.isfinite(loss.item()):
                        raise FloatingPointError(f"the loss became {loss.item()} at step {step}")
                    loss.backward()  # type: ignore[no-untyped-call]
                    window.note([name for name, _ in lessons], losses)
                for share, lessons in _by_size(pick.screens(rng)):
                    pictures, labels = collate.pictures([each for _, each in lessons])
                    loss, *right = forward.reading(pictures, labels, words=phase.words)
                    (share * recipe.read_out * loss).backward()  # type: ignore[no-untyped-call]
                    window.note_screens([name for name, _ in lessons], loss.item(), *right)
                team.average(learnt)
                nn.utils.clip_grad_norm_(learnt, recipe.clip)
                for optimiser, _ in optimisers:
                    optimiser.step()
                step += 1
                seen += (phase.batch + phase.text_batch + phase.screen_batch) * team.size
                if not team.first:
                    continue
                if step % every == 0 or step == recipe.steps:
                    record = {
                        "step": step,
                        "seen": seen,
                        "seconds": round(time.monotonic() - started, 1),
                        "schedule": round(_schedule(step - 1, recipe), 5),
                        **window.figures(),
                    }
                    file.write(json.dumps(record) + "\n")
                    file.flush()
                    report(record)
                    window = _Window()
                if step % save_every == 0 or step == recipe.steps:
                    save(step)


_Drawn = list[tuple[str, Lesson]]
"""Lessons with the names of their sources."""


class _Picker:
    """Draws the lessons of a phase's batches by its mixtures."""

    def __init__(self, phase: Phase, sources: Mapping[str, Source]) -> None:
        self._phase = phase
        self._sources = sources

    def pictures(self, rng: random.Random) -> _Drawn:
        return self._draw(self._phase.mix, self._phase.batch, rng)

    def texts(self, rng: random.Random) -> _Drawn:
        return self._draw(self._phase.text_mix, self._phase.text_batch, rng)

    def screens(self, rng: random.Random) -> _Drawn:
        return self._draw(self._phase.screen_mix, self._phase.screen_batch, rng)

    def _draw(self, mix: Mapping[str, float], count: int, rng: random.Random) -> _Drawn:
        names = rng.choices(list(mix), weights=list(mix.values()), k=count) if count else []
        return [(name, self._sources[name](rng)) for name in names]


_TOGETHER = 8
"""Lessons in one pass at most: what more of them would need no longer fits a processor's cache."""


def _by_size(lessons: _Drawn) -> list[tuple[float, _Drawn]]:
    """Return the lessons in groups, each with its share of them all.

    The pictures of a group have one size, and its answers are alike in length.
    """
    sizes: dict[object, _Drawn] = {}
    for name, lesson in lessons:
        size = tuple(picture.pixels.shape for picture in lesson.prompt.pictures)
        sizes.setdefault(size, []).append((name, lesson))
    groups = []
    for alike in sizes.values():
        alike.sort(key=lambda drawn: len(drawn[1].answer))
        groups += [alike[i : i + _TOGETHER] for i in range(0, len(alike), _TOGETHER)]
    return [(len(group) / len(lessons), group) for group in groups]


_READING = ("loss", "cells_right", "letters_right", "words_found")
"""What `Forward.reading` returns."""


class _Window:
    """The figures of the steps between two records."""

    def __init__(self) -> None:
        self._losses: list[tuple[int, float]] = []
        self._cells: list[tuple[int, float, float]] = []
        self._looks: list[tuple[int, float]] = []
        self._screens: dict[str, list[tuple[float, ...]]] = {}
        self._right: dict[str, list[bool]] = {}

    def note(self, names: Sequence[str], losses: Losses) -> None:
        """Take in a batch."""
        count = len(names)
        self._losses.append((count, losses.text.item()))
        if losses.cells.requires_grad:
            self._cells.append((count, losses.cells.item(), losses.cells_right))
        if losses.looks.requires_grad:
            self._looks.append((count, losses.looks.item()))
        for name, right in zip(names, losses.right, strict=True):
            self._right.setdefault(name, []).append(right)

    def note_screens(self, names: Sequence[str], loss: float, *right: float) -> None:
        """Take in a batch of which only the pictures were read, and its hit rates."""
        for name in names:
            self._screens.setdefault(name, []).append((loss, *right))

    def figures(self) -> dict[str, Any]:
        """Return the means, and the share of lessons right to the last token by source."""
        counts = [c for c, *_ in self._cells]
        return {
            "loss": _mean([c for c, _ in self._losses], [loss for _, loss in self._losses]),
            "cell_loss": _mean(counts, [loss for _, loss, _ in self._cells]),
            "look_loss": _mean([c for c, _ in self._looks], [loss for _, loss in self._looks]),
            "cells_right": _mean(counts, [right for *_, right in self._cells]),
            "screens": {
                name: {
                    figure: round(sum(values) / len(values), 5)
                    for figure, values in zip(_READING, zip(*noted, strict=True), strict=True)
                }
                for name, noted in sorted(self._screens.items())
            },
            "exact": {
                name: round(sum(rights) / len(rights), 5)
                for name, rights in sorted(self._right.items())
            },
        }


def _mean(counts: list[int], values: list[float]) -> float:
    total = sum(c * v for c, v in zip(counts, values, strict=True))
    return round(total / max(1, sum(counts)), 5)


def _optimisers(
    model: Qwen2VLForConditionalGeneration, speller: nn.Linear, recipe: Recipe
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
        [*(p for n, p in named if n not in hidden), *speller.parameters()],
        lr=recipe.learning_rate,
        betas=recipe.betas,
        weight_decay=0.0,
        fused=True,
    )
    return [(muon, recipe.muon_rate), (adamw, recipe.learning_rate)]


def _schedule(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rate: linear warm-up, then 1, a cosine over the last phase."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    last = recipe.phases[-1].steps
    done = max(0, step - (recipe.steps - last)) / last
    cosine = 0.5 * (1 + math.cos(math.pi * done))
    return warm * (recipe.final_fraction + (1 - recipe.final_fraction) * cosine)
