"""What an expert does next toward a goal, from the state: ALFRED's plan skeletons.

It is asked anew after every skill and keeps no plan, so it goes on from whatever state it meets.
Knows metadata and what was treated; no body.
"""

from collections.abc import Mapping
from typing import Any

from qvl_agent.actions.household import (
    Clean,
    Cool,
    Done,
    GotoLocation,
    Heat,
    Pickup,
    PutDown,
    Slice,
    Toggle,
)
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Decision
from qvl_agent.envs.household.goals import Goal, Treated, progress
from qvl_agent.envs.household.naming import names_of

__all__ = ["decide"]

Thing = Mapping[str, Any]

_TREATMENTS: Mapping[str, tuple[str, type[Clean | Heat | Cool], str]] = {
    "pick_clean_then_place_in_recep": ("cleaned", Clean, "SinkBasin"),
    "pick_heat_then_place_in_recep": ("heated", Heat, "Microwave"),
    "pick_cool_then_place_in_recep": ("cooled", Cool, "Fridge"),
}
_PARKING = ("CounterTop", "DiningTable", "SideTable", "Desk", "Dresser", "SinkBasin", "Shelf")


def decide(
    goal: Goal,
    metadata: Mapping[str, Any],
    treated: Treated,
    out_of_reach: frozenset[str] = frozenset(),
) -> Decision:
    """Return the next skill toward a goal, with the thought that leads to it.

    Args:
        goal: What is asked for.
        metadata: THOR's metadata now.
        treated: What was cleaned, heated and cooled.
        out_of_reach: Ids of what could not be reached or used before; others are preferred.
    """
    return _Expert(goal, metadata, treated, out_of_reach).decide()


class _Expert:
    def __init__(
        self,
        goal: Goal,
        metadata: Mapping[str, Any],
        treated: Treated,
        out_of_reach: frozenset[str],
    ) -> None:
        self.goal, self.metadata, self.treated = goal, metadata, treated
        self.out_of_reach = out_of_reach
        self.names = names_of(metadata)
        self.things: dict[str, Thing] = {
            o["objectId"]: o for o in metadata["objects"] if not o["isSliced"]
        }
        inventory = metadata["inventoryObjects"]
        self.held: Thing | None = self.things[inventory[0]["objectId"]] if inventory else None

    def decide(self) -> Decision:
        """Return the next skill."""
        if progress(self.goal, self.metadata, self.treated).satisfied:
            return Decision("Everything that was asked for is done.", Done())
        targets = self._of(self.goal.target)
        if self.goal.object_sliced and not targets:
            return self._cut()
        match self.goal.task_type:
            case "look_at_obj_in_light":
                return self._look(targets)
            case "pick_two_obj_and_place":
                return self._two(targets)
            case "pick_and_place_with_movable_recep":
                return self._movable(targets)
            case _:
                return self._single(targets)

    def _cut(self) -> Decision:
        whole = self._nearest(self._of(self.goal.object_target))
        if self.held is None:
            knives = self._of("Knife") + self._of("ButterKnife")
            return self._fetch(self._nearest(knives), "To slice, a knife is needed")
        if "Knife" not in self.held["objectType"]:
            return self._park("The hand has to be free for a knife")
        if whole is None:
            return Decision(f"There is no {self.goal.object_target}.", Done())
        return self._near(whole) or self._act(Slice(self._name(whole)), "The knife is in hand")

    def _look(self, targets: list[Thing]) -> Decision:
        if self.held is None or self.held["objectId"] not in {t["objectId"] for t in targets}:
            return self._take(targets)
        lamp = self._nearest(self._of(self.goal.toggle_target))
        if lamp is None:
            return Decision(f"There is no {self.goal.toggle_target}.", Done())
        near = self._near(lamp)
        if near is not None:
            return near
        if lamp["isToggled"]:
            return self._act(GotoLocation(self._name(lamp)), "The lamp is on and has to be in view")
        return self._act(Toggle(self._name(lamp)), "The object is in hand and the lamp in view")

    def _single(self, targets: list[Thing]) -> Decision:
        if self.held is None or self.held["objectType"] != self.goal.target:
            return self._take(targets)
        treatment = _TREATMENTS.get(self.goal.task_type)
        if treatment is not None:
            done, skill, where = treatment
            if self.held["objectId"] not in getattr(self.treated, done):
                place = self._nearest(self._of(where))
                if place is None:
                    return Decision(f"There is no {where}.", Done())
                near = self._near(place)
                if near is None and skill is Clean:
                    near = self._near_faucet(place)
                return near or self._act(skill(self._name(self.held)), f"It has to be {done}")
        return self._put(self._receptacle())

    def _two(self, targets: list[Thing]) -> Decision:
        receptacle = self._receptacle()
        if receptacle is None:
            return Decision(f"There is no {self.goal.parent_target}.", Done())
        inside = set(receptacle["receptacleObjectIds"] or ())
        if self.held is not None and self.held["objectType"] == self.goal.target:
            return self._put(receptacle)
        return self._take([t for t in targets if t["objectId"] not in inside])

    def _movable(self, targets: list[Thing]) -> Decision:
        vessels = self._of(self.goal.mrecep_target)
        keys = {t["objectId"] for t in targets}
        full = [v for v in vessels if keys & set(v["receptacleObjectIds"] or ())]
        if full:
            vessel = full[0]
            if self.held is vessel:
                return self._put(self._receptacle())
            return self._take([vessel])
        if self.held is None or self.held["objectType"] != self.goal.target:
            return self._take(targets)
        return self._put(self._nearest(vessels))

    def _take(self, things: list[Thing]) -> Decision:
        if self.held is not None:
            return self._park("The hand has to be free")
        return self._fetch(self._nearest(things), "It is what the task asks for")

    def _fetch(self, thing: Thing | None, why: str) -> Decision:
        if thing is None:
            return Decision("What the task asks for is not here.", Done())
        return self._near(thing) or self._act(Pickup(self._name(thing)), why)

    def _park(self, why: str) -> Decision:
        places = [o for o in self.things.values() if o["objectType"] in _PARKING]
        # Not where the task's object belongs: a parked one would count.
        free = [o for o in places if self.goal.parent_target not in o["objectId"]] or places
        return self._put(self._nearest(free), why)

    def _put(self, receptacle: Thing | None, why: str = "It belongs there") -> Decision:
        if receptacle is None:
            return Decision("There is no place for it.", Done())
        return self._near(receptacle) or self._act(PutDown(self._name(receptacle)), why)

    def _receptacle(self) -> Thing | None:
        """Return the goal's receptacle; one that holds a target already before all others."""
        places = [o for o in self._of(self.goal.parent_target) if o["receptacle"]]
        keys = {t["objectId"] for t in self._of(self.goal.target)}
        begun = [p for p in places if keys & set(p["receptacleObjectIds"] or ())]
        if self.goal.task_type == "pick_two_obj_and_place" and begun:
            return begun[0]
        return self._nearest(places)

    def _near(self, thing: Thing) -> Decision | None:
        """Return the way to a thing that is not in view; None where it is."""
        outer = self._shut_in(thing) or thing
        if outer["visible"]:
            return None
        return self._act(GotoLocation(self._name(thing)), "It is not within reach from here")

    def _near_faucet(self, basin: Thing) -> Decision | None:
        taps = self._of("Faucet")
        if not taps or any(t["visible"] for t in taps):
            return None
        x, z = basin["position"]["x"], basin["position"]["z"]
        tap = min(taps, key=lambda t: abs(t["position"]["x"] - x) + abs(t["position"]["z"] - z))
        return self._near(tap)

    def _shut_in(self, thing: Thing) -> Thing | None:
        parents = thing["parentReceptacles"] or []
        while parents:
            parent = self.things[parents[0]]
            if parent["openable"] and not parent["isOpen"] and not parent["pickupable"]:
                return parent
            parents = parent["parentReceptacles"] or []
        return None

    def _of(self, name: str) -> list[Thing]:
        return [o for o in self.things.values() if o["objectType"] == name]

    def _nearest(self, things: list[Thing]) -> Thing | None:
        return min(
            things,
            key=lambda o: (o["objectId"] in self.out_of_reach, o["distance"], o["objectId"]),
            default=None,
        )

    def _name(self, thing: Thing) -> str:
        return self.names[thing["objectId"]]

    def _act(self, action: Action, why: str) -> Decision:
        name = getattr(action, "name", "")
        return Decision(f"{why}: {type(action).__name__} {name}.", action)
