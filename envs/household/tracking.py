"""What was cleaned, heated and cooled in an episode, by ALFRED's rules and not by temperature.

Source: ALFRED env/thor_env.py @f91f4c0c (update_states, check_post_conditions).
"""

import math
from collections.abc import Mapping
from typing import Any

from qvl_agent.actions.errors import EnvError
from qvl_agent.envs.household.goals import Treated

__all__ = ["dirty_in_basin", "track"]


def track(treated: Treated, command: Mapping[str, Any], metadata: Mapping[str, Any]) -> Treated:
    """Return what is treated after a step.

    Sets never expire. As published, a receptacle that gives no list of contents empties its set.

    Args:
        treated: Before the step.
        command: The action that was sent, with `objectId`.
        metadata: THOR's metadata after it.

    Raises:
        EnvError: If a faucet runs and no SinkBasin is visible, as upstream does.
    """
    if not metadata["lastActionSuccess"]:
        return treated
    action, object_id = command.get("action"), str(command.get("objectId") or "")
    if action == "ToggleObjectOn" and "Faucet" in object_id:
        contents = _basin(object_id, metadata).get("receptacleObjectIds")
        return Treated(_grown(treated.cleaned, contents), treated.heated, treated.cooled)
    if action == "ToggleObjectOn" and "Microwave" in object_id:
        contents = _first("Microwave", metadata)
        return Treated(treated.cleaned, _grown(treated.heated, contents), treated.cooled)
    if action == "CloseObject" and "Fridge" in object_id:
        contents = _first("Fridge", metadata)
        return Treated(treated.cleaned, treated.heated, _grown(treated.cooled, contents))
    return treated


def dirty_in_basin(command: Mapping[str, Any], metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids that the wrapper cleans after a faucet was switched on: the basin's dirty."""
    object_id = str(command.get("objectId") or "")
    if (
        command.get("action") != "ToggleObjectOn"
        or "Faucet" not in object_id
        or not metadata["lastActionSuccess"]
    ):
        return ()
    contents = _basin(object_id, metadata).get("receptacleObjectIds") or ()
    by_id = {o["objectId"]: o for o in metadata["objects"]}
    return tuple(
        i for i in contents if i in by_id and by_id[i].get("dirtyable") and by_id[i].get("isDirty")
    )


def _grown(before: frozenset[str], contents: list[str] | None) -> frozenset[str]:
    return frozenset() if contents is None else before | frozenset(contents)


def _first(name: str, metadata: Mapping[str, Any]) -> list[str] | None:
    found = next((o for o in metadata["objects"] if name in o["objectId"]), None)
    return found.get("receptacleObjectIds") if found else None


def _basin(faucet_id: str, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the visible SinkBasin nearest to a faucet."""
    objects = metadata["objects"]
    faucet = next(o for o in objects if o["objectId"] == faucet_id)
    basins = [o for o in objects if "SinkBasin" in o["objectId"] and o["visible"]]
    if not basins:
        raise EnvError(f"{faucet_id} runs, and no SinkBasin is visible")
    here = _xyz(faucet)
    return min(basins, key=lambda o: math.dist(here, _xyz(o)))


def _xyz(thing: Mapping[str, Any]) -> tuple[float, float, float]:
    position = thing["position"]
    return position["x"], position["y"], position["z"]
