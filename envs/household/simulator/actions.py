"""THOR's actions on the bundled household, with its error codes and texts.

Both dialects are understood: 2.1.0's (`PutObject` names the held object and the receptacle) and
5.x's (`objectId` is the receptacle). Knows no pictures and no wire.

Source: allenai/ai2thor PhysicsRemoteFPSAgentController.cs (messages and codes), ai2thor 5.0.0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from qvl_agent.envs.household.simulator.placing import place
from qvl_agent.envs.household.simulator.refusal import Refused
from qvl_agent.envs.household.simulator.scene import CELL, Pose, Thing, cell_of
from qvl_agent.envs.household.simulator.sight import Camera, camera_of, visible
from qvl_agent.envs.household.simulator.state import NUM_SLICES, Home, Item

__all__ = ["Acted", "act"]

Command: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an action.

    Attributes:
        ok: THOR's lastActionSuccess.
        code: Its errorCode, "" when all is well.
        message: Its errorMessage.
        result: Its actionReturn.
    """

    ok: bool = True
    code: str = ""
    message: str = ""
    result: Any = None


def act(home: Home, command: Command) -> Acted:
    """Carry out one action; a refused one changes nothing."""
    action = _ACTIONS.get(str(command.get("action")))
    if action is None:
        return Acted(False, "InvalidAction", f"Invalid action: {command.get('action')}")
    try:
        result = action(home, command)
    except Refused as refusal:
        return Acted(False, refusal.code, str(refusal))
    except (KeyError, TypeError, ValueError) as exc:
        return Acted(False, "MissingArguments", f"{command.get('action')}: {exc!r}")
    home.carry()
    if action not in _ASKING and (home.held is not None or action not in _LEAVING_ALL):
        home.version += 1
    return Acted(result=result)


def _move(angle: int) -> Callable[[Home, Command], None]:
    def move(home: Home, command: Command) -> None:
        length = float(command.get("moveMagnitude") or CELL)
        steps = max(1, round(length / CELL))
        turn = math.radians(home.pose.rotation + angle)
        dx, dz = math.sin(turn) * length, math.cos(turn) * length
        for k in range(1, steps + 1):
            x, z = home.pose.x + dx * k / steps, home.pose.z + dz * k / steps
            if cell_of(x, z) not in home.cells:
                raise Refused("", f"{_in_the_way(home, dx, dz)} is blocking Agent 0 from moving")
        home.pose = replace(home.pose, x=home.pose.x + dx, z=home.pose.z + dz)

    return move


def _in_the_way(home: Home, dx: float, dz: float) -> str:
    x, z = home.pose.x + dx, home.pose.z + dz
    near = [i for i in home.items.values() if i.fixture and i.box.above(x, z, 0.3)]
    return min(near, key=lambda i: i.box.low[1]).name if near else "StandardIslandHeight"


def _turn(sign: int) -> Callable[[Home, Command], None]:
    def turn(home: Home, command: Command) -> None:
        degrees = float(command.get("degrees") or 90)
        home.pose = replace(home.pose, rotation=(home.pose.rotation + sign * degrees) % 360)

    return turn


def _look(sign: int) -> Callable[[Home, Command], None]:
    def look(home: Home, command: Command) -> None:
        horizon = home.pose.horizon + sign * float(command.get("degrees") or 30)
        if horizon > 60.5:
            raise Refused("LookDownCantExceedMin", "can't LookDown below the min down angle")
        if horizon < -30.5:
            raise Refused("LookUpCantExceedMax", "can't LookUp beyond the max up angle")
        home.pose = replace(home.pose, horizon=horizon)

    return look


def _teleport(home: Home, command: Command) -> None:
    position = command.get("position") or command
    x, z = float(position["x"]), float(position["z"])
    if not command.get("forceAction") and cell_of(x, z) not in home.cells:
        raise Refused("", "Target position is not on the reachable grid of the scene")
    rotation = command.get("rotation", home.pose.rotation)
    turn = float(rotation["y"] if isinstance(rotation, Mapping) else rotation)
    horizon = float(command.get("horizon", home.pose.horizon))
    home.pose = Pose(x, z, turn % 360, horizon)


def _pick_up(home: Home, command: Command) -> None:
    item = _target(home, command)
    if home.held == item.id:
        raise Refused("InventoryFull", "Agent hand has something in it already!")
    if not item.kind.pickupable:
        raise Refused(
            "ObjectNotPickupable", f"{item.id} must have the property CanPickup to be picked up."
        )
    if home.held is not None:
        raise Refused("InventoryFull", "Agent hand has something in it already!")
    home.take_out(item)
    if item.type == "Laptop":
        item.is_open = False
    home.held = item.id


def _put(home: Home, command: Command) -> None:
    named = command.get("receptacleObjectId")
    if home.held is None:
        raise Refused(
            "ObjectNotInInventory", "Can't place an object if Agent isn't holding anything"
        )
    if named is not None and command.get("objectId") not in (None, home.held):
        raise Refused("ObjectNotInInventory", f"{command['objectId']} is not in the Agent's hand")
    # The receptacle has to be in view even where forceAction overrules what goes where.
    receptacle = _target(home, {"objectId": named or command["objectId"]})
    place(home, home[home.held], receptacle, force=bool(command.get("forceAction")))
    home.held = None


def _open(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("openable"):
        raise Refused("", f"{item.id} is not openable.")
    if item.is_open:
        raise Refused("", f"object already open: {item.id}")
    if item.is_toggled and item.type == "Microwave":
        raise Refused("", "Target must be OFF to open!")
    item.is_open = True


def _close(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("openable"):
        raise Refused("", f"{item.id} is not openable.")
    if not item.is_open:
        raise Refused("", f"object already closed: {item.id}")
    item.is_open = False
    if item.type == "Fridge":
        for thing in home.inside(item):
            thing.temperature = "Cold"


def _toggle(on: bool) -> Callable[[Home, Command], None]:
    def toggle(home: Home, command: Command) -> None:
        item = _target(home, command)
        if not item.kind.can("toggleable"):
            raise Refused("", f"{item.id} is not toggleable.")
        if item.is_toggled == on:
            word = "on" if on else "off"
            raise Refused("", f"can't toggle object {word} if it's already {word}!")
        if on and item.type == "Microwave" and item.is_open:
            raise Refused("", "Target must be closed to Toggle On!")
        item.is_toggled = on
        if on:
            _run(home, item)

    return toggle


def _run(home: Home, item: Item) -> None:
    """What an appliance does to what is in it, or under it, once it is on."""
    if item.type in ("Microwave", "StoveBurner", "Toaster"):
        for thing in home.inside(item):
            thing.temperature = "Hot"
            thing.is_cooked |= thing.kind.can("cookable")
    elif item.type == "CoffeeMachine":
        for thing in home.inside(item):
            if thing.kind.can("fillable"):
                thing.liquid, thing.temperature = "coffee", "Hot"
    elif item.type == "Faucet":
        basins = [i for i in home.items.values() if i.type in ("SinkBasin", "BathtubBasin")]
        if basins:
            basin = min(basins, key=lambda b: math.dist(b.position, item.position))
            for thing in home.inside(basin):
                thing.is_dirty = False
                if thing.kind.can("fillable"):
                    thing.liquid = "water"


def _slice(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("sliceable"):
        raise Refused("", f"{item.id} does not have the CanBeSliced property!")
    if item.is_sliced or home.held == item.id:
        raise Refused("", f"{item.id} can't be sliced: it is in pieces, or in the Agent's hand")
    receptacle = home[item.parent] if item.parent else None
    x, _, z = item.box.centre
    foot, (width, _, depth) = item.box.low[1], item.box.size
    home.take_out(item)
    item.is_sliced = item.gone = True
    count = NUM_SLICES.get(item.type, 0)
    names = [f"{item.type}Sliced_{k}" for k in range(1, count + 1)] or [f"{item.type}Cracked_0"]
    for k, name in enumerate(names):
        along = (k + 0.5) / len(names) - 0.5
        dx, dz = (along * width * 1.6, 0.0) if width >= depth else (0.0, along * depth * 1.6)
        spot = (x + dx, foot, z + dz)
        piece = home.make(f"{item.id}|{name}", spot, item.rotation)
        piece.is_dirty = item.is_dirty
        home.add(piece)
        if receptacle is not None:
            home.put_in(piece, receptacle)


def _break(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("breakable"):
        raise Refused("", f"{item.id} does not have the Breakable property!")
    if item.is_broken:
        raise Refused("", f"{item.id} is already broken!")
    item.is_broken = True


def _clean(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("dirtyable"):
        raise Refused("", f"{item.id} does not have the Dirtyable property!")
    if not item.is_dirty:
        raise Refused("", f"{item.id} is already Clean!")
    item.is_dirty = False


def _dirty(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("dirtyable"):
        raise Refused("", f"{item.id} does not have the Dirtyable property!")
    item.is_dirty = True


def _fill(home: Home, command: Command) -> None:
    item = _target(home, command)
    if not item.kind.can("fillable"):
        raise Refused("", f"{item.id} does not have the CanBeFilled property!")
    item.liquid = str(command.get("fillLiquid") or "water")


def _empty(home: Home, command: Command) -> None:
    item = _target(home, command)
    if item.liquid is None:
        raise Refused("", f"{item.id} is already empty!")
    item.liquid = None


def _drop(home: Home, command: Command) -> None:
    if home.held is None:
        raise Refused("", "can't drop an object if Agent isn't holding anything")
    turn = math.radians(home.pose.rotation)
    item = home[home.held]
    home.held = None
    home.move(item, (home.pose.x + 0.4 * math.sin(turn), 0.0, home.pose.z + 0.4 * math.cos(turn)))
    item.is_broken |= item.kind.can("breakable")


def _set_poses(home: Home, command: Command) -> None:
    home.place(
        Thing(
            p["objectName"],
            (p["position"]["x"], p["position"]["y"], p["position"]["z"]),
            p["rotation"]["y"],
        )
        for p in command["objectPoses"]
    )


def _set_toggles(home: Home, command: Command) -> None:
    for wanted in command["objectToggles"]:
        for item in home.items.values():
            if item.type == wanted["objectType"] and item.kind.can("toggleable"):
                item.is_toggled = bool(wanted["isOn"])


def _set_all(home: Home, command: Command) -> None:
    change, force = command["StateChange"], bool(command.get("forceAction"))
    for item in home.items.values():
        if change == "CanBeDirty" and item.kind.can("dirtyable"):
            item.is_dirty = force
        elif change == "CanBeFilled" and item.kind.can("fillable"):
            item.liquid = "water" if force else None
        elif change == "CanToggleOnOff" and item.kind.can("toggleable"):
            item.is_toggled = force
        elif change == "CanOpen" and item.kind.can("openable"):
            item.is_open = force


def _reachable(home: Home, command: Command) -> list[dict[str, float]]:
    y = home.scene.agent_y
    return [{"x": x, "y": y, "z": z} for x, z in home.scene.reachable]


def _target(home: Home, command: Command) -> Item:
    """Return the object that a command names, if it is visible or the action is forced."""
    key = command["objectId"]
    item = home.items.get(key)
    if item is None or item.gone:
        raise Refused("", f"Object ID {key!r} appears to be invalid.")
    if command.get("forceAction"):
        return item
    closed = home.closed_around(item)
    if closed is not None:
        raise Refused("ObjectNotVisible", f"{key} is not visible: {closed.id} is closed.")
    if key not in visible(home, _eye(home), among=(item,)):
        raise Refused("ObjectNotVisible", f"{key} is not visible.")
    return item


def _eye(home: Home) -> Camera:
    return camera_of(home.pose, home.scene.agent_y, home.fov)


def _nothing(home: Home, command: Command) -> None:
    return None


_ACTIONS: Mapping[str, Callable[[Home, Command], Any]] = {
    "Pass": _nothing,
    "Done": _nothing,
    "MoveAhead": _move(0),
    "MoveRight": _move(90),
    "MoveBack": _move(180),
    "MoveLeft": _move(270),
    "RotateRight": _turn(1),
    "RotateLeft": _turn(-1),
    "LookDown": _look(1),
    "LookUp": _look(-1),
    "Teleport": _teleport,
    "TeleportFull": _teleport,
    "PickupObject": _pick_up,
    "PutObject": _put,
    "OpenObject": _open,
    "CloseObject": _close,
    "ToggleObjectOn": _toggle(True),
    "ToggleObjectOff": _toggle(False),
    "SliceObject": _slice,
    "BreakObject": _break,
    "CleanObject": _clean,
    "DirtyObject": _dirty,
    "FillObjectWithLiquid": _fill,
    "EmptyLiquidFromObject": _empty,
    "DropHandObject": _drop,
    "SetObjectPoses": _set_poses,
    "SetObjectToggles": _set_toggles,
    "SetStateOfAllObjects": _set_all,
    "GetReachablePositions": _reachable,
}
"""Every action by THOR's name; `Reset`, `Initialize` and the like are the simulator's own."""

_LEAVING_ALL = frozenset(
    _ACTIONS[name]
    for name in ("Pass", "MoveAhead", "MoveRight", "MoveBack", "MoveLeft", "RotateRight")
    + ("RotateLeft", "LookDown", "LookUp", "Teleport", "TeleportFull", "GetReachablePositions")
)
"""What moves nothing but the agent."""

_ASKING = frozenset({_nothing, _reachable})
"""What moves nothing at all."""
