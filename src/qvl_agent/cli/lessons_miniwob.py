"""Lessons from MiniWoB++: experts' steps from files, because a browser is too slow to play live.

The files are made by `qvl-agent train record miniwob`. A page comes many times; it is moved by some
pixels each time, and may ask for any of its words, so that it is of no use to know it by heart.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from qvl_agent.actions.desktop import Click, desktop_space
from qvl_agent.actions.errors import DataError
from qvl_agent.actions.types import Action, Point
from qvl_agent.cli.prompting import Prompting
from qvl_agent.envs.base import Decision, Drawn, Image, Observation
from qvl_agent.envs.miniwob.recordings import Step, read
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["Recorded"]

_FURTHEST = 8
"""Pixels by which a page is moved at most, in each direction."""

_NAMED = 0.35
"""Share of the lessons in pointing at words of a page."""

_LISTED = 6
"""Words pointed at, at most."""


class Recorded:
    """The steps of some recorded tasks; each task comes as often as any other.

    Args:
        folder: Of the files, one a task.
        names: Of the tasks; None takes all that are there.

    Raises:
        DataError: If there is no file, or one cannot be read.
    """

    def __init__(self, folder: Path, names: Sequence[str] | None = None) -> None:
        files = (
            sorted(folder.glob("*.npz")) if names is None else [folder / f"{n}.npz" for n in names]
        )
        self._tasks: list[tuple[Step, ...]] = [steps for file in files if (steps := read(file))]
        if not self._tasks:
            raise DataError(
                f"{folder} holds no recorded tasks; make them: "
                f"qvl-agent train record miniwob --out {folder}"
            )
        self._space = desktop_space()
        self._prompting = Prompting(self._space)

    def __call__(self, rng: random.Random) -> Lesson:
        """Return the lesson of some recorded step, or one in pointing at what its page shows."""
        step = rng.choice(rng.choice(self._tasks))
        picture = step.image
        dx, dy = (rng.randint(-_FURTHEST, _FURTHEST) for _ in range(2))
        seen = Observation(_moved(picture, dx, dy))
        height, width = picture.shape[:2]
        drawn = [
            replace(d, x=d.x + dx, y=d.y + dy)
            for d in step.drawn
            if 0 <= d.x + d.w / 2 + dx < width and 0 <= d.y + d.h / 2 + dy < height
        ]
        places = {d.word: Point((d.x + d.w / 2) / width, (d.y + d.h / 2) / height) for d in drawn}
        if places and rng.random() < _NAMED:
            return self._pointing(rng, seen, drawn, places)
        wanted = step.decision(self._space)
        action = _shifted(wanted.action, dx / width, dy / height)
        return self._prompting.lesson(step.task, seen, Decision(wanted.thought, action), drawn)

    def _pointing(
        self,
        rng: random.Random,
        seen: Observation,
        drawn: Sequence[Drawn],
        places: dict[str, Point],
    ) -> Lesson:
        often = Counter(d.word for d in drawn)
        names = [word for word in places if often[word] == 1] or list(places)
        chosen = rng.sample(names, min(len(names), _LISTED))
        asked = [(f"Click {name}.", Click(places[name])) for name in chosen]
        return self._prompting.pointing(seen, asked, drawn)


def _moved(picture: Image, dx: int, dy: int) -> Image:
    """Return a picture moved right and down by some pixels; its edges fill what comes in."""
    by = _FURTHEST
    wider = np.pad(picture, ((by, by), (by, by), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    return wider[by - dy : by - dy + height, by - dx : by - dx + width]


def _shifted(action: Action, dx: float, dy: float) -> Action:
    """Return an action with its place moved, by shares of the width and the height."""
    point = getattr(action, "point", None)
    if point is None:
        return action
    x, y = (min(1.0, max(0.0, v)) for v in (point.x + dx, point.y + dy))
    return replace(action, point=Point(x, y))  # type: ignore[type-var]
