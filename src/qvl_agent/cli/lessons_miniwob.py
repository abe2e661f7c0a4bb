"""Lessons from MiniWoB++: experts' steps from files, because a browser is too slow to play live.

The files are made by `qvl-agent train record miniwob`.
"""

import random
from collections.abc import Sequence
from pathlib import Path

from qvl_agent.actions.desktop import desktop_space
from qvl_agent.actions.errors import DataError
from qvl_agent.cli.prompting import Prompting
from qvl_agent.envs.base import Observation
from qvl_agent.envs.miniwob.recordings import Step, read
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["Recorded"]


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
        """Return the lesson of some recorded step."""
        step = rng.choice(rng.choice(self._tasks))
        return self._prompting.lesson(
            step.task, Observation(step.image), step.decision(self._space), step.drawn
        )
