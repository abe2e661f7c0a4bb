"""Carries out high-level actions as THOR's low-level ones, in the sequences of ALFRED's plans.

| skill | low-level actions |
| --- | --- |
| GotoLocation | turns and moves by the shortest way, then tilts |
| Pickup | Pickup; in something closed: Open, Pickup, Close |
| PutDown | Put; into something closed: Open, Put, Close |
| Clean | Put in the basin, ToggleOn the faucet, ToggleOff, Pickup |
| Heat | Open microwave, Put, Close, ToggleOn, ToggleOff, Open, Pickup, Close |
| Cool | Open fridge, Put, Close, Open, Pickup, Close |
| Slice | Slice; in something closed: Open, Slice, Close |

A skill stops at the first thing that goes wrong and says what and where; it can be called off
between any two low-level actions. Knows a session and no goal.

Source: ALFRED gen/agents and the plans of all 7,080 labelled trajectories.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, assert_never

from qvl_agent.actions.household import (
    Clean,
    Close,
    Cool,
    GotoLocation,
    Heat,
    Open,
    Pickup,
    PutDown,
    Slice,
    Toggle,
)
from qvl_agent.envs.household.body import Command
from qvl_agent.envs.household.failures import Failure, FailureCode, failure_of
from qvl_agent.envs.household.naming import resolve
from qvl_agent.envs.household.navigation import CELL, Spot, path
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.tables import COOLABLE, HEATABLE
from qvl_agent.envs.household.viewpoints import viewpoints

__all__ = ["Skill", "SkillResult", "Skills"]

Skill = GotoLocation | Pickup | PutDown | Open | Close | Clean | Heat | Cool | Slice | Toggle

_TRIES = 6
"""Places that are tried before an object counts as out of reach."""


@dataclass(frozen=True, slots=True)
class SkillResult:
    """What came of a skill.

    Attributes:
        ok: Whether all of it was done.
        executed: The low-level commands that were sent, the failed one included.
        failure: Why it stopped; None when all is well.
    """

    ok: bool
    executed: tuple[Command, ...]
    failure: Failure | None = None


class _Stop(Exception):
    """A skill cannot go on."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Skills:
    """Carries out skills in a session.

    Args:
        session: With a restored scene.
        cancelled: Asked before every low-level action; True calls the skill off.
    """

    def __init__(self, session: Session, *, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.session = session
        self._cancelled = cancelled
        self._sent: list[Command] = []
        self._cells: frozenset[tuple[int, int]] | None = None

    def begin(self) -> None:
        """Forget the scene; call it when another one was restored."""
        self._cells = None

    def run(self, skill: Skill) -> SkillResult:
        """Carry out one skill.

        Raises:
            DeviceError: If the body is gone.
        """
        self._sent = []
        try:
            self._run(skill)
        except _Stop as stop:
            return SkillResult(False, tuple(self._sent), stop.failure)
        return SkillResult(True, tuple(self._sent))

    def _run(self, skill: Skill) -> None:
        match skill:
            case GotoLocation(name):
                self._goto(self._find(name))
            case Pickup(name):
                self._pick_up(self._find(name))
            case PutDown(name):
                self._put_down(self._find(name))
            case Open(name):
                self._do("OpenObject", self._find(name), moveMagnitude=1.0)
            case Close(name):
                self._do("CloseObject", self._find(name))
            case Clean(name):
                self._clean(self._in_hand(name))
            case Heat(name):
                self._heat(self._in_hand(name))
            case Cool(name):
                self._cool(self._in_hand(name))
            case Slice(name):
                self._slice(self._find(name))
            case Toggle(name):
                thing = self._find(name)
                on = not thing["isToggled"]
                self._do("ToggleObjectOn" if on else "ToggleObjectOff", thing)
            case never:
                assert_never(never)

    def _goto(self, thing: Mapping[str, Any]) -> None:
        if thing["objectId"] == self.session.now.held:
            return
        target = self._outermost(thing)
        cells = self._reachable()
        # Of a thing in a closed fridge, a place from which it is in view once the door is open.
        spots = list(viewpoints(thing, cells)) or list(viewpoints(target, cells))
        for _ in range(_TRIES):
            found = path(Spot.of(self.session.now.metadata["agent"]), spots, cells)
            if found is None:
                break
            moves, spot = found
            for move in moves:
                self._move(move)
            if self.session.now.objects[target["objectId"]]["visible"]:
                return
            spots = [s for s in spots if (s.x, s.z, s.turn) != (spot.x, spot.z, spot.turn)]
        self._stop("UNREACHABLE", f"no way leads to where {thing['objectType']} is in view")

    def _move(self, action: str) -> None:
        command: dict[str, Any] = {"action": action, "forceAction": True}
        if action == "MoveAhead":
            command["moveMagnitude"] = CELL
        self._send(command)

    def _pick_up(self, thing: Mapping[str, Any]) -> None:
        held = self.session.now.held
        if held is not None:
            self._stop("HAND_FULL", f"already holding {held.split('|')[0]}; put it down first")
        if not thing["pickupable"]:
            self._stop("NOT_PICKUPABLE", f"{thing['objectType']} cannot be picked up")
        # As in ALFRED's plans: a laptop is carried closed.
        folded = ("CloseObject",) if thing["objectType"] == "Laptop" and thing["isOpen"] else ()
        self._through_door(thing, *folded, "PickupObject")

    def _slice(self, thing: Mapping[str, Any]) -> None:
        if "Knife" not in (self.session.now.held or ""):
            self._stop("NO_KNIFE", "slicing needs a Knife or ButterKnife in hand")
        if not thing["sliceable"]:
            self._stop("NOT_SLICEABLE", f"{thing['objectType']} cannot be sliced")
        self._through_door(thing, "SliceObject")

    def _through_door(self, thing: Mapping[str, Any], *actions: str) -> None:
        """Do things to a thing; what it is shut in is opened before and closed after."""
        door = self._shut_in(thing)
        if door is not None:
            self._do("OpenObject", door, moveMagnitude=1.0)
        for action in actions:
            self._do(action, thing)
        if door is not None:
            self._do("CloseObject", door)

    def _put_down(self, receptacle: Mapping[str, Any]) -> None:
        if self.session.now.held is None:
            self._stop("HAND_EMPTY", "there is nothing in hand")
        if not receptacle["receptacle"]:
            self._stop("NOT_RECEPTACLE", f"nothing can be put on {receptacle['objectType']}")
        shut = receptacle["objectType"] in _DOORS and not receptacle["isOpen"]
        door = receptacle if shut else self._shut_in(receptacle)
        if door is not None:
            self._do("OpenObject", door, moveMagnitude=1.0)
        self._put(receptacle)
        if door is not None:
            self._do("CloseObject", door)

    def _clean(self, held: str) -> None:
        basin = self._appliance("SinkBasin")
        taps = [
            o
            for o in self.session.now.metadata["objects"]
            if o["objectType"] == "Faucet" and o["visible"]
        ]
        if not taps:
            self._stop("OBJECT_NOT_VISIBLE", "no Faucet is in view; go to the SinkBasin first")
        tap = min(taps, key=lambda o: _apart(o, basin))
        self._put(basin)
        self._do("ToggleObjectOn", tap)
        self._do("ToggleObjectOff", tap)
        self._do("PickupObject", self.session.now.objects[held])

    def _heat(self, held: str) -> None:
        oven = self._appliance("Microwave")
        self._fits(held, HEATABLE, "heated in a Microwave")
        self._enclose(oven)
        self._do("ToggleObjectOn", oven)
        self._do("ToggleObjectOff", oven)
        self._take_back(oven, held)

    def _cool(self, held: str) -> None:
        fridge = self._appliance("Fridge")
        self._fits(held, COOLABLE, "cooled in a Fridge")
        self._enclose(fridge)
        self._take_back(fridge, held)

    def _enclose(self, appliance: Mapping[str, Any]) -> None:
        if not appliance["isOpen"]:
            self._do("OpenObject", appliance, moveMagnitude=1.0)
        self._put(appliance)
        self._do("CloseObject", appliance)

    def _take_back(self, appliance: Mapping[str, Any], held: str) -> None:
        self._do("OpenObject", appliance, moveMagnitude=1.0)
        self._do("PickupObject", self.session.now.objects[held])
        self._do("CloseObject", appliance)

    def _put(self, receptacle: Mapping[str, Any]) -> None:
        self._send(
            {
                "action": "PutObject",
                "objectId": self.session.now.held,
                "receptacleObjectId": receptacle["objectId"],
                "forceAction": True,
                "placeStationary": True,
            }
        )

    def _do(self, action: str, thing: Mapping[str, Any], **args: Any) -> None:
        self._send({"action": action, "objectId": thing["objectId"], **args})

    def _send(self, command: Command) -> None:
        step = len(self._sent)
        if self._cancelled():
            raise _Stop(Failure("CANCELLED", "called off", step, str(command["action"])))
        self._sent.append(command)
        result = self.session.low(command)
        if not result.ok:
            raise _Stop(failure_of(result.message, step=step, action=str(command["action"])))

    def _find(self, name: str) -> Mapping[str, Any]:
        found = resolve(name, self.session.now.metadata)
        if isinstance(found, Failure):
            raise _Stop(found)
        return found

    def _in_hand(self, name: str) -> str:
        """Return the id of what is in hand, which has to be what the name says."""
        held = self.session.now.held
        if held is None:
            self._stop("HAND_EMPTY", f"pick up the {name} first")
        found = self._find(name)
        if found["objectId"] != held:
            self._stop("HAND_FULL", f"{held.split('|')[0]} is in hand, and not {name}")
        return held

    def _appliance(self, name: str) -> Mapping[str, Any]:
        found = self._find(name)
        if not found["visible"]:
            self._stop("OBJECT_NOT_VISIBLE", f"no {name} is in view; go to it first")
        return found

    def _fits(self, held: str, types: frozenset[str], what: str) -> None:
        kind = self.session.now.objects[held]["objectType"]
        if kind not in types:
            self._stop("WRONG_APPLIANCE", f"{kind} is not {what}")

    def _shut_in(self, thing: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the closed furniture that a thing is in."""
        objects = self.session.now.objects
        parents = thing.get("parentReceptacles") or []
        while parents:
            parent = objects[parents[0]]
            if parent["objectType"] in _DOORS and not parent["isOpen"]:
                return parent
            parents = parent.get("parentReceptacles") or []
        return None

    def _outermost(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what can be seen of a thing from outside: itself, or what it is shut in."""
        return self._shut_in(thing) or thing

    def _reachable(self) -> frozenset[tuple[int, int]]:
        if self._cells is None:
            snapshot = self.session.body.act({"action": "GetReachablePositions"})
            points = snapshot.metadata["actionReturn"]
            self._cells = frozenset((round(p["x"] / CELL), round(p["z"] / CELL)) for p in points)
        return self._cells

    def _stop(self, code: FailureCode, message: str) -> NoReturn:
        raise _Stop(Failure(code, message, len(self._sent)))


_DOORS = frozenset({"Cabinet", "Drawer", "Fridge", "Microwave", "Safe"})
"""Furniture that ALFRED's plans open and close. Source: ALFRED gen/constants.py."""


def _apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    p, q = a["position"], b["position"]
    return math.dist((p["x"], p["y"], p["z"]), (q["x"], q["y"], q["z"]))
