"""The scorecard's rows that need no GPU, in the order in which they are run: the gate first."""

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qvl_agent.evals.bench.scorecard import Row, Ticks

if TYPE_CHECKING:
    from qvl_agent.evals.bench.subjects import Subject

__all__ = ["ENGINE_ROWS", "run_engine"]

ENGINE_ROWS = ("S3", "S4", "S5", "S6", "S7", "S10", "M1", "S8", "S1", "S2")
"""The rows: exactness, then the quick ones, then the long episodes."""


def run_engine(
    rows: Sequence[str] = ENGINE_ROWS, tokenizer_file: Path | None = None
) -> Iterator[Row]:
    """Run rows of the scorecard and yield each as it is done. All of them take some 15 minutes.

    Args:
        rows: Which, of `ENGINE_ROWS`.
        tokenizer_file: A Qwen checkpoint's `tokenizer.json`; S7 counts its tokens, and is left out
            without one.
    """
    before = Ticks.now()
    with tempfile.TemporaryDirectory() as folder:
        for row in _run(rows, Path(folder), tokenizer_file):
            now = Ticks.now()
            yield dataclasses.replace(
                row, details={**row.details, "stolen": now.stolen_since(before)}
            )
            before = now


def _run(rows: Sequence[str], folder: Path, tokenizer_file: Path | None) -> Iterator[Row]:
    from qvl_agent.evals.bench import episodes, host, memory, passes, serving, subjects

    mini: Subject | None = None
    for row in ENGINE_ROWS:
        if row not in rows:
            continue
        if row == "S4":
            yield host.preprocessing()
            continue
        if row == "S7":
            if tokenizer_file is not None:
                yield passes.recorded_trajectory(tokenizer_file)
            continue
        if row == "S6":
            yield host.decode_overhead(subjects.thin(folder / "thin"))
            continue
        if row == "M1":
            yield memory.long_episode(folder / "long")
            continue
        mini = mini or subjects.mini(folder / "mini")
        scenario = {
            "S1": episodes.short_steps,
            "S2": episodes.long_steps,
            "S3": episodes.exactness,
            "S5": host.assembly,
            "S8": serving.eviction,
            "S10": serving.batching,
        }[row]
        yield scenario(mini)
