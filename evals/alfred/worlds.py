"""How ALFRED's episodes are set up, and the worlds that follow from it. Knows no task.

A body is kept from one episode to the next: starting THOR takes longer than most episodes. One
that broke is replaced.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.agent.loop import WorldEnv
from qvl_agent.envs.household.bodies import BODIES, BodyName, make_body
from qvl_agent.envs.household.body import Body, Command, Snapshot
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.goals import Matching
from qvl_agent.envs.household.grounding import BoxSegmenter, OracleSegmenter, Segmenter
from qvl_agent.evals.alfred.subgoal_world import SubgoalWorld
from qvl_agent.evals.suite import Task

__all__ = ["MODES", "Mode", "Setting", "Worlds"]

Mode = Literal["skills", "low"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all episodes of a run.

    Attributes:
        body: One of `BODIES`.
        data: Folder of the dataset; None for made-up scenes only.
        mode: The paper's skills, or ALFRED's low-level actions.
        segmenter: Makes masks of what is pointed at: "box", "oracle", or "sam:SOURCE"; None is no
            pointing for skills, and "box" for low-level actions.
        names: Whether words beside the picture name what is in view.
        matching: How a goal's names find objects.

    Raises:
        UsageError: If there is no such body, mode or segmenter.
    """

    body: BodyName = "bundled"
    data: Path | None = None
    mode: Mode = "skills"
    segmenter: str | None = None
    names: bool = True
    matching: Matching = "substring"

    def __post_init__(self) -> None:
        for what, value, known in (
            ("body", self.body, BODIES),
            ("mode", self.mode, MODES),
            ("matching", self.matching, get_args(Matching)),
        ):
            if value not in known:
                raise UsageError(f"{what} must be one of {', '.join(known)}, got {value!r}")
        kind, _, source = (self.segmenter or "box").partition(":")
        if kind not in ("box", "oracle", "sam") or (kind == "sam") != bool(source):
            raise UsageError(
                f"segmenter must be box, oracle or sam:SOURCE, got {self.segmenter!r}; SOURCE is a "
                "folder with SAM's weights or a hub id, as sam:facebook/sam-vit-base"
            )

    @property
    def shares_a_model(self) -> bool:
        """Whether worlds have to live in one process, because they share SAM."""
        return (self.segmenter or "").startswith("sam:")


class Worlds:
    """Makes the worlds of a setting: in each thread one at a time, on one body.

    Each thread that had a world has to close. The segmenter is one for all of them.

    Args:
        setting: How episodes are set up.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._own = threading.local()
        self._loading = threading.Lock()
        self._segmenter: Segmenter | None = None

    def make(self, task: Task) -> WorldEnv:
        """Return a new world for a task.

        Raises:
            MissingDependency: If ai2thor is needed and not installed.
            DeviceError: If the body does not start.
        """
        setting = self.setting
        with self._loading:
            self._segmenter = self._segmenter or _segmenter(setting.segmenter)
        options: dict[str, Any] = {
            "mode": setting.mode,
            "segmenter": self._segmenter,
            "names": setting.names,
            "matching": setting.matching,
        }
        world = SubgoalWorld if "subgoal" in task.options else Household
        return world(self.body(), **options)

    def body(self) -> Body:
        """Return the body, a new one where the last one broke. Closing it changes nothing."""
        kept: _Kept | None = getattr(self._own, "body", None)
        if kept is None or kept.broken:
            kept = self._own.body = _Kept(make_body(self.setting.body, self.setting.data))
        return kept

    def close(self) -> None:
        """Let go of this thread's body."""
        kept: _Kept | None = getattr(self._own, "body", None)
        if kept is not None:
            self._own.body = None
            kept.body.close()

    def __reduce__(self) -> tuple[type["Worlds"], tuple[Setting]]:
        """Travel to another process without what lives in this one."""
        return Worlds, (self.setting,)


class _Kept:
    """A body that outlives the worlds it is lent to."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.name = body.name
        self.broken = False

    def reset(self, floor_plan: str) -> Snapshot:
        """See `Body.reset`."""
        return self._watched(lambda: self.body.reset(floor_plan))

    def act(self, command: Command) -> Snapshot:
        """See `Body.act`."""
        return self._watched(lambda: self.body.act(command))

    def close(self) -> None:
        """Nothing: it is kept for the next world."""

    def _watched(self, ask: Any) -> Snapshot:
        try:
            snapshot: Snapshot = ask()
        except DeviceError:
            self.broken = True
            raise
        return snapshot


def _segmenter(name: str | None) -> Segmenter | None:
    if name is None:
        return None
    kind, _, source = name.partition(":")
    if kind == "sam":
        from qvl_agent.model.segment import SamSegmenter

        return SamSegmenter.load(source)
    return OracleSegmenter() if kind == "oracle" else BoxSegmenter()
