"""What carries out low-level actions: a simulator in this process, THOR, or a robot.

A body takes THOR's actions by name and gives THOR's metadata. `Session` and the skills know no
other way to act. Commands are written as ALFRED's dataset writes them (2.1.0's arguments).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.base import Image

__all__ = ["Body", "Command", "Sight", "Snapshot"]

Command: TypeAlias = Mapping[str, Any]
"""A low-level action: `{"action": "PickupObject", "objectId": "Apple|..."}`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the camera shows.

    Attributes:
        image: uint8 (H, W, 3).
        depth: float32 (H, W), metres; None where the body has none.
        segments: int32 (H, W), index into `ids`, -1 for none; None where the body has none.
        ids: Object ids.
    """

    image: Image
    depth: NDArray[np.float32] | None = None
    segments: NDArray[np.int32] | None = None
    ids: tuple[str, ...] = ()


class Snapshot:
    """What a body reports after an action.

    Args:
        metadata: THOR's metadata of the agent.
        look: Returns what the camera shows; called at most once, when it is asked for.
    """

    def __init__(self, metadata: Mapping[str, Any], look: Callable[[], Sight]) -> None:
        self.metadata = metadata
        self._look = look

    @cached_property
    def sight(self) -> Sight:
        """What the camera shows."""
        return self._look()

    @property
    def ok(self) -> bool:
        """Whether the last action succeeded."""
        return bool(self.metadata["lastActionSuccess"])

    @property
    def objects(self) -> dict[str, Mapping[str, Any]]:
        """The objects by id."""
        return {o["objectId"]: o for o in self.metadata["objects"]}

    @property
    def held(self) -> str | None:
        """Id of what is in the hand."""
        inventory = self.metadata["inventoryObjects"]
        return inventory[0]["objectId"] if inventory else None


class Body(Protocol):
    """Carries out low-level actions in one scene at a time.

    Attributes:
        name: As in a report.
    """

    name: str

    def reset(self, floor_plan: str) -> Snapshot:
        """Go to a scene, as "FloorPlan10".

        Raises:
            DataError: If there is no such scene.
            DeviceError: If the body is gone.
        """
        ...

    def act(self, command: Command) -> Snapshot:
        """Carry out one action; a refused one is told by the metadata.

        Raises:
            DeviceError: If the body is gone.
        """
        ...

    def close(self) -> None:
        """Let go of the body; doing so again changes nothing."""
        ...
