from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.actions.errors import EnvError
from qvl_agent.envs.household.goals import Treated
from qvl_agent.envs.household.tracking import dirty_in_basin, track

Make = Callable[..., dict[str, Any]]


def _after(*objects: dict[str, Any], ok: bool = True) -> dict[str, Any]:
    return {"objects": list(objects), "lastActionSuccess": ok}


def _at(x: float) -> dict[str, float]:
    return {"x": x, "y": 1.0, "z": 0.0}


def test_a_running_faucet_cleans_what_is_in_the_nearest_visible_basin(thing: Make) -> None:
    near = thing("Sink|a|SinkBasin", "receptacle", position=_at(1), receptacleObjectIds=["Mug|1"])
    far = thing("Sink|b|SinkBasin", "receptacle", position=_at(5), receptacleObjectIds=["Mug|2"])
    faucet = thing("Faucet|1", "toggleable")
    on = {"action": "ToggleObjectOn", "objectId": "Faucet|1"}
    assert track(Treated(), on, _after(far, near, faucet)).cleaned == {"Mug|1"}
    near["visible"] = False
    assert track(Treated(), on, _after(far, near, faucet)).cleaned == {"Mug|2"}
    far["visible"] = False
    with pytest.raises(EnvError, match="no SinkBasin is visible"):
        track(Treated(), on, _after(far, near, faucet))


def test_only_dirty_things_in_the_basin_are_cleaned(thing: Make) -> None:
    basin = thing("Sink|a|SinkBasin", "receptacle", receptacleObjectIds=["Mug|1", "Mug|2"])
    mugs = [thing("Mug|1", "dirtyable", isDirty=True), thing("Mug|2", "dirtyable")]
    on = {"action": "ToggleObjectOn", "objectId": "Faucet|1"}
    state = _after(basin, *mugs, thing("Faucet|1"))
    assert dirty_in_basin(on, state) == ("Mug|1",)
    assert dirty_in_basin({**on, "action": "ToggleObjectOff"}, state) == ()


def test_microwave_and_fridge_treat_when_switched_on_and_when_closed(thing: Make) -> None:
    oven = thing("Microwave|1", "receptacle", receptacleObjectIds=["Egg|1"])
    fridge = thing("Fridge|1", "receptacle", receptacleObjectIds=["Egg|2"])
    state = _after(oven, fridge)
    hot = track(Treated(), {"action": "ToggleObjectOn", "objectId": "Microwave|1"}, state)
    assert hot == Treated(heated=frozenset({"Egg|1"}))
    both = track(hot, {"action": "CloseObject", "objectId": "Fridge|1"}, state)
    assert both == Treated(heated=frozenset({"Egg|1"}), cooled=frozenset({"Egg|2"}))
    assert track(both, {"action": "OpenObject", "objectId": "Fridge|1"}, state) == both


def test_contents_of_none_empty_the_set_as_published(thing: Make) -> None:
    oven = thing("Microwave|1", receptacleObjectIds=None)
    before = Treated(heated=frozenset({"Egg|1"}))
    after = track(before, {"action": "ToggleObjectOn", "objectId": "Microwave|1"}, _after(oven))
    assert after.heated == frozenset()


def test_a_failed_step_treats_nothing(thing: Make) -> None:
    oven = thing("Microwave|1", "receptacle", receptacleObjectIds=["Egg|1"])
    on = {"action": "ToggleObjectOn", "objectId": "Microwave|1"}
    assert track(Treated(), on, _after(oven, ok=False)) == Treated()
