"""The household's state as THOR's metadata, in 5.x's form with 2.1.0's names beside it.

Knows no actions and no pictures.
"""

from functools import lru_cache
from typing import Any

from qvl_agent.envs.household.simulator.actions import Acted
from qvl_agent.envs.household.simulator.scene import Box, Vec
from qvl_agent.envs.household.simulator.sight import Camera, distances, visible
from qvl_agent.envs.household.simulator.state import Home, Item
from qvl_agent.envs.household.tables import Kind

__all__ = ["agent_metadata"]


def agent_metadata(
    home: Home, camera: Camera, action: str, acted: Acted, *, width: int, height: int, reach: float
) -> dict[str, Any]:
    """Return the metadata of the one agent.

    Args:
        home: The state.
        camera: The agent's.
        action: Name of the last action.
        acted: What came of it.
        width: Of the picture in pixels.
        height: Of the picture in pixels.
        reach: THOR's visibilityDistance in metres.
    """
    away, seen = distances(home), visible(home, camera, reach)
    pose = home.pose
    held = home[home.held] if home.held is not None else None
    return {
        "screenWidth": width,
        "screenHeight": height,
        "sceneName": f"{home.scene.name}_physics",
        "agentId": 0,
        "lastAction": action,
        "lastActionSuccess": acted.ok,
        "errorCode": acted.code,
        "errorMessage": acted.message,
        "actionReturn": acted.result,
        "agent": {
            "name": "agent",
            "position": {"x": pose.x, "y": home.scene.agent_y, "z": pose.z},
            "rotation": {"x": 0.0, "y": pose.rotation, "z": 0.0},
            "cameraHorizon": pose.horizon,
            "isStanding": True,
            "inHighFrictionArea": False,
        },
        "cameraPosition": _point(tuple(camera.position.tolist())),
        "fov": home.fov,
        "objects": [
            {**told, "distance": away[key], "visible": key in seen}
            for key, told in home.remembered("objects", lambda: _objects(home)).items()
        ],
        "inventoryObjects": [{"objectId": held.id, "objectType": held.type}] if held else [],
        "heldObjectPose": {"position": _point(held.position)} if held else None,
        "isSceneAtRest": True,
        "collided": False,
        "collidedObjects": [],
        "currentTime": 0.0,
        "depthFormat": "Meters",
        "thirdPartyCameras": [],
    }


@lru_cache(maxsize=512)
def _constant(kind: Kind) -> dict[str, Any]:
    """Return what is the same for every object of a type."""
    can = kind.traits.__contains__
    return {
        "objectType": kind.name,
        "receptacle": can("receptacle"),
        "pickupable": can("pickupable"),
        "moveable": can("moveable"),
        "openable": can("openable"),
        "toggleable": can("toggleable"),
        "sliceable": can("sliceable"),
        "breakable": can("breakable"),
        "dirtyable": can("dirtyable"),
        "canFillWithLiquid": can("fillable"),
        "cookable": can("cookable"),
        "canBeUsedUp": can("usable"),
        "isHeatSource": kind.name in ("Microwave", "StoveBurner", "Toaster"),
        "isColdSource": kind.name == "Fridge",
        "isMoving": False,
    }


def _objects(home: Home) -> dict[str, dict[str, Any]]:
    """Return what the metadata says of each object, wherever the agent is."""
    return {key: _object(home, item) for key, item in home.items.items()}


def _object(home: Home, item: Item) -> dict[str, Any]:
    found = dict(_constant(item.kind))
    found["name"] = item.name
    found["objectId"] = item.id
    found["position"] = _point(item.position)
    found["rotation"] = {"x": 0.0, "y": item.rotation, "z": 0.0}
    found["receptacleObjectIds"] = list(item.contents) if found["receptacle"] else None
    found["parentReceptacles"] = [item.parent] if item.parent else None
    found["isPickedUp"] = item.id == home.held
    found["isOpen"] = item.is_open
    found["openness"] = float(item.is_open)
    found["isToggled"] = item.is_toggled
    found["isSliced"] = item.is_sliced
    found["isBroken"] = item.is_broken
    found["isDirty"] = item.is_dirty
    found["isFilledWithLiquid"] = item.liquid is not None
    found["fillLiquid"] = item.liquid
    found["isCooked"] = item.is_cooked
    found["isUsedUp"] = item.is_used_up
    found["temperature"] = found["ObjectTemperature"] = item.temperature
    found["axisAlignedBoundingBox"] = _bounds(item.box)
    return found


def _bounds(box: Box) -> dict[str, Any]:
    x, y, z = box.size
    return {"center": _point(box.centre), "size": {"x": x, "y": y, "z": z}}


def _point(point: Vec | tuple[float, ...]) -> dict[str, float]:
    return {"x": point[0], "y": point[1], "z": point[2]}
