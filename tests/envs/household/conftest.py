from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.session import Session

Thing = dict[str, Any]


@pytest.fixture
def thing() -> Callable[..., Thing]:
    """Make an object of THOR's metadata by hand."""

    def make(object_id: str, *traits: str, **changes: Any) -> Thing:
        flags = ("pickupable", "receptacle", "openable", "toggleable", "sliceable", "dirtyable")
        return {
            "objectId": object_id,
            "objectType": object_id.split("|")[0],
            "position": {"x": 0.0, "y": 1.0, "z": 0.0},
            "visible": True,
            "distance": 1.0,
            "isToggled": False,
            "isSliced": False,
            "isOpen": False,
            "isDirty": False,
            "receptacleObjectIds": [] if "receptacle" in traits else None,
            "parentReceptacles": None,
            **{flag: flag in traits for flag in flags},
            **changes,
        }

    return make


@pytest.fixture
def kitchen() -> Session:
    """A made-up kitchen with everything in it."""
    session = Session(BundledBody())
    pose = session.body.reset("Kitchen7").metadata["agent"]
    session.restore(
        {
            "floor_plan": "Kitchen7",
            "init_action": {
                "action": "TeleportFull",
                **pose["position"],
                "rotation": pose["rotation"]["y"],
                "horizon": pose["cameraHorizon"],
            },
        }
    )
    return session
