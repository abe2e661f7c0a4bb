"""Episodes of experts in files: what was seen, said and done at each step, to learn from.

One file a task, a NumPy archive without objects: `pictures`, the PNG files one after the other;
`ends`, where each ends; `steps`, UTF-8 JSON of the rest, in the same order. Knows no model.
"""

import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from PIL import Image as Pictures

from qvl_agent.actions.desktop import Click
from qvl_agent.actions.errors import DataError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Call, Point
from qvl_agent.envs.base import Decision, Drawn, Image
from qvl_agent.envs.miniwob.env import MiniWoB

__all__ = ["TRAINING_SEED", "Recorded", "Step", "play", "read", "write"]

TRAINING_SEED = 1_000_000
"""The first seed to learn from; those below 100,000 are for measuring."""

_ASTRAY = 0.08
"""Share of the steps at which something else is done than what was recorded: to find back from."""
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recorded episode.

    Attributes:
        png: The picture.
        seed: Of its episode.
        task: The instruction.
        thought: The expert's.
        call: The expert's action, on the grid of 1000.
        drawn: Word, x, y, width and height of what is written on the picture.
    """

    png: bytes
    seed: int
    task: str
    thought: str
    call: Call
    drawn: tuple[Drawn, ...]

    @property
    def image(self) -> Image:
        """The picture, uint8 (H, W, 3)."""
        with Pictures.open(io.BytesIO(self.png)) as picture:
            return np.asarray(picture.convert("RGB"))

    def decision(self, space: ActionSpace) -> Decision:
        """Return what the expert said and did."""
        return Decision(self.thought, space.to_action(self.call))

    def to_json(self) -> dict[str, Any]:
        """Return all but the picture."""
        return {
            "seed": self.seed,
            "task": self.task,
            "thought": self.thought,
            "call": self.call.to_json(),
            "drawn": [[d.word, *(round(v, 1) for v in (d.x, d.y, d.w, d.h))] for d in self.drawn],
        }

    @classmethod
    def from_json(cls, png: bytes, data: Mapping[str, Any]) -> Self:
        """Return the step of `to_json`.

        Raises:
            KeyError: If something is missing.
        """
        drawn = tuple(Drawn(str(word), *map(float, box)) for word, *box in data["drawn"])
        call = Call(data["call"]["function"], data["call"]["args"])
        return cls(png, data["seed"], data["task"], data["thought"], call, drawn)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An episode that an expert won.

    Attributes:
        steps: In order.
        won: Whether the page gave the full reward.
    """

    steps: tuple[Step, ...]
    won: bool


def play(world: MiniWoB, seed: int) -> Recorded:
    """Let a task's expert play the episode of a seed, now and then led astray."""
    rng = random.Random(seed)
    seen, _ = world.reset(seed=seed)
    steps: list[Step] = []
    for _ in range(_LONGEST):
        wanted = world.expert()
        call = world.action_space.to_call(wanted.action)
        steps.append(Step(_png(seen.image), seed, world.task, wanted.thought, call, world.scene()))
        action: Action = wanted.action
        if rng.random() < _ASTRAY:
            action = Click(Point(rng.random(), rng.random()))
        seen, _, over, _, _ = world.step(action)
        if over:
            break
    return Recorded(tuple(steps), world.outcome().success)


def write(path: Path, steps: Sequence[Step]) -> None:
    """Write steps to a file, in place of what it held."""
    ends = np.cumsum([len(step.png) for step in steps], dtype=np.int64)
    rest = json.dumps([step.to_json() for step in steps], ensure_ascii=False).encode()
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez_compressed(
            file,
            pictures=np.frombuffer(b"".join(step.png for step in steps), dtype=np.uint8),
            ends=ends,
            steps=np.frombuffer(rest, dtype=np.uint8),
        )
    part.replace(path)  # a reader never meets half a file


def read(path: Path) -> tuple[Step, ...]:
    """Return the steps in a file.

    Raises:
        DataError: If it cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            pictures, ends = archive["pictures"].tobytes(), archive["ends"].tolist()
            rest = json.loads(archive["steps"].tobytes())
        cut = _cut(pictures, ends)
        return tuple(Step.from_json(png, data) for png, data in zip(cut, rest, strict=True))
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as exc:
        raise DataError(f"{path} holds no recorded steps: {exc}") from exc


def _cut(pictures: bytes, ends: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for end in ends:
        yield pictures[start:end]
        start = end


def _png(image: Image) -> bytes:
    file = io.BytesIO()
    Pictures.fromarray(image).save(file, "png")
    return file.getvalue()
