"""The simulator as THOR's Unity program behaves: scenes are reset, actions answered.

Knows no wire; `wire` speaks it, and `bodies` uses the engine in this process.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.simulator.actions import Acted, act
from qvl_agent.envs.household.simulator.generated import GENERATED, generate_scene
from qvl_agent.envs.household.simulator.metadata import agent_metadata
from qvl_agent.envs.household.simulator.recorded import load_scene
from qvl_agent.envs.household.simulator.render import Frame, Renderer
from qvl_agent.envs.household.simulator.scene import Scene
from qvl_agent.envs.household.simulator.sight import Camera, camera_of
from qvl_agent.envs.household.simulator.state import Home

__all__ = ["Engine", "SceneSource", "scenes_of"]

SceneSource = Callable[[str], Scene]


def scenes_of(folder: Path | None) -> SceneSource:
    """Return where scenes come from.

    Args:
        folder: ALFRED's dataset, for scenes like "FloorPlan10"; None for made-up ones only, which
            are called "Kitchen7" and the like.
    """

    def find(name: str) -> Scene:
        name = name.removesuffix("_physics")
        if name.startswith(GENERATED):
            return generate_scene(name)
        if folder is None:
            raise DataError(
                f"scene {name!r} needs ALFRED's dataset; without it there are "
                f"{', '.join(f'{g}0, {g}1, ...' for g in GENERATED)}"
            )
        return load_scene(folder, name)

    return find


class Engine:
    """One running simulator.

    Args:
        scenes: Finds a scene by name, and raises `DataError` where there is none.
        width: Of the picture in pixels.
        height: Of the picture in pixels.
    """

    def __init__(self, scenes: SceneSource, *, width: int = 300, height: int = 300) -> None:
        self._scenes = scenes
        self.home: Home | None = None
        self.reach = 1.5
        self._action, self._acted = "", Acted()
        self._renderer = Renderer(width, height)
        self._why = "there is no scene yet; send Reset"
        self.images: frozenset[str] = frozenset()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self._renderer.width, self._renderer.height

    def do(self, command: Mapping[str, Any]) -> Acted:
        """Carry out one command; a refused one changes nothing."""
        self.__dict__.pop("frame", None)
        self._action = str(command.get("action", ""))
        self._acted = self._done(command)
        return self._acted

    def _done(self, command: Mapping[str, Any]) -> Acted:
        match self._action:
            case "Reset":
                try:
                    self.home = Home(self._scenes(str(command.get("sceneName"))))
                except (DataError, ValueError) as exc:
                    # The Controller reads no answer to Reset; what it sends next has to fail.
                    self.home, self._why = None, str(exc)
                    return Acted(False, "InvalidArgument", self._why)
                return Acted()
            case "Initialize":
                return self._initialize(command)
            case "ChangeResolution":
                self._renderer = Renderer(int(command["x"]), int(command["y"]))
                return Acted()
            case "GetScenesInBuild":
                return Acted(result=[])
        if self.home is None:
            return Acted(False, "InvalidArgument", self._why)
        return act(self.home, command)

    def _initialize(self, command: Mapping[str, Any]) -> Acted:
        if self.home is None:
            return Acted(False, "InvalidArgument", self._why)
        self.reach = float(command.get("visibilityDistance") or 1.5)
        self.home.fov = float(command.get("fieldOfView") or 60.0)
        wanted: dict[str, tuple[str, ...]] = {
            "ids": ("renderInstanceSegmentation", "renderObjectImage")
        }
        wanted["depth"] = ("renderDepthImage",)
        self.images = frozenset(k for k, v in wanted.items() if any(command.get(n) for n in v))
        return Acted(result={"cameraNearPlane": 0.1, "cameraFarPlane": 20.0})

    @cached_property
    def frame(self) -> Frame | None:
        """What the agent sees now; None before the first scene."""
        if self.home is None:
            return None
        return self._renderer.draw(self.home, self._camera(self.home))

    def metadata(self) -> dict[str, Any]:
        """Return THOR's metadata of the agent after the last command."""
        width, height = self.size
        if self.home is None:
            return {
                "screenWidth": width,
                "screenHeight": height,
                "sceneName": "",
                "lastAction": self._action,
                "lastActionSuccess": self._acted.ok,
                "errorCode": self._acted.code,
                "errorMessage": self._acted.message,
                "actionReturn": self._acted.result,
                "agent": None,
                "objects": [],
                "inventoryObjects": [],
                "thirdPartyCameras": [],
                "colors": [],
                "agentId": 0,
            }
        return agent_metadata(
            self.home,
            self._camera(self.home),
            self._action,
            self._acted,
            width=width,
            height=height,
            reach=self.reach,
        )

    def _camera(self, home: Home) -> Camera:
        width, height = self.size
        # Unity's fieldOfView is vertical; the pictures are square, where both are the same.
        return camera_of(home.pose, home.scene.agent_y, home.fov, height / width)
