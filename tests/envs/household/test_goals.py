from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.household.goals import Goal, Progress, Treated, progress

Thing = dict[str, Any]
Make = Callable[..., Thing]

APPLE, OTHER, SLICE = "Apple|1", "Apple|2", "Apple|1|1|1|AppleSliced_1"


def _state(*objects: Thing, held: str | None = None) -> dict[str, Any]:
    inventory = [{"objectId": held, "objectType": "x"}] if held else []
    return {"objects": list(objects), "inventoryObjects": inventory}


def test_one_object_in_one_receptacle_is_a_simple_task(thing: Make) -> None:
    goal = Goal("pick_and_place_simple", "Apple", "Fridge")
    apple = thing(APPLE, "pickupable")
    empty = thing("Fridge|1", "receptacle")
    full = thing("Fridge|1", "receptacle", receptacleObjectIds=[APPLE])
    assert progress(goal, _state(apple, empty)) == Progress(0, 1)
    assert progress(goal, _state(apple, full)) == Progress(1, 1)


def test_contents_that_are_no_list_are_empty(thing: Make) -> None:
    goal = Goal("pick_and_place_simple", "Apple", "Fridge")
    fridge = thing("Fridge|1", "receptacle", receptacleObjectIds=None)
    assert progress(goal, _state(thing(APPLE, "pickupable"), fridge)) == Progress(0, 1)


def test_two_objects_have_to_be_in_the_same_receptacle(thing: Make) -> None:
    goal = Goal("pick_two_obj_and_place", "Apple", "Drawer")
    apples = [thing(APPLE, "pickupable"), thing(OTHER, "pickupable")]
    apart = [
        thing("Drawer|1", "receptacle", receptacleObjectIds=[APPLE]),
        thing("Drawer|2", "receptacle", receptacleObjectIds=[OTHER]),
    ]
    together = thing("Drawer|1", "receptacle", receptacleObjectIds=[APPLE, OTHER])
    assert progress(goal, _state(*apples, *apart)) == Progress(1, 2)
    assert progress(goal, _state(*apples, together)) == Progress(2, 2)


def test_a_lamp_counts_only_lit_and_in_view(thing: Make) -> None:
    goal = Goal("look_at_obj_in_light", "Apple", toggle_target="DeskLamp")
    apple = thing(APPLE, "pickupable")

    def met(held: str | None, **lamp: bool) -> Progress:
        return progress(goal, _state(apple, thing("DeskLamp|1", "toggleable", **lamp), held=held))

    assert met(APPLE, isToggled=True, visible=True) == Progress(2, 2)
    assert met(APPLE, isToggled=True, visible=False) == Progress(1, 2)
    assert met(APPLE, isToggled=False, visible=True) == Progress(1, 2)
    assert met(None, isToggled=True, visible=True) == Progress(1, 2)
    assert met("Mug|1", isToggled=True, visible=True) == Progress(1, 2)


@pytest.mark.parametrize(
    ("task", "field"),
    [
        ("pick_clean_then_place_in_recep", "cleaned"),
        ("pick_heat_then_place_in_recep", "heated"),
        ("pick_cool_then_place_in_recep", "cooled"),
    ],
)
def test_the_treated_object_has_to_be_the_placed_one(thing: Make, task: Any, field: str) -> None:
    goal = Goal(task, "Apple", "Fridge")
    apples = [thing(APPLE, "pickupable"), thing(OTHER, "pickupable")]
    state = _state(*apples, thing("Fridge|1", "receptacle", receptacleObjectIds=[APPLE]))
    assert progress(goal, state) == Progress(1, 3)
    assert progress(goal, state, Treated(**{field: frozenset({OTHER})})) == Progress(2, 3)
    assert progress(goal, state, Treated(**{field: frozenset({APPLE})})) == Progress(3, 3)


def test_slicing_after_heating_leaves_slices_unheated(thing: Make) -> None:
    goal = Goal("pick_heat_then_place_in_recep", "Apple", "Fridge", object_sliced=True)
    state = _state(
        thing(SLICE, "pickupable"), thing("Fridge|1", "receptacle", receptacleObjectIds=[SLICE])
    )
    assert progress(goal, state, Treated(heated=frozenset({APPLE}))) == Progress(2, 4)
    assert progress(goal, state, Treated(heated=frozenset({SLICE}))) == Progress(4, 4)


def test_a_movable_receptacle_has_three_conditions(thing: Make) -> None:
    goal = Goal("pick_and_place_with_movable_recep", "Apple", "Table", "Pan")
    apple = thing(APPLE, "pickupable")

    def met(in_pan: bool, on_table: bool, listed: bool) -> Progress:
        pan = thing(
            "Pan|1",
            "pickupable",
            "receptacle",
            receptacleObjectIds=[APPLE] * in_pan,
            parentReceptacles=["Table|1"] if listed else None,
        )
        table = thing("Table|1", "receptacle", receptacleObjectIds=["Pan|1"] * on_table)
        return progress(goal, _state(apple, pan, table))

    assert met(False, False, False) == Progress(0, 3)
    assert met(True, False, False) == Progress(1, 3)
    assert met(False, True, True) == Progress(1, 3)
    assert met(True, True, False) == Progress(2, 3)
    assert met(True, True, True) == Progress(3, 3)


@pytest.mark.parametrize(
    ("wanted", "found"), [("Pot", "Potato|1"), ("Pen", "Pencil|1"), ("Knife", "ButterKnife|1")]
)
def test_names_match_by_substring_as_published_and_by_type_on_request(
    thing: Make, wanted: str, found: str
) -> None:
    goal = Goal("pick_and_place_simple", wanted, "Drawer")
    state = _state(
        thing(found, "pickupable"), thing("Drawer|1", "receptacle", receptacleObjectIds=[found])
    )
    assert progress(goal, state) == Progress(1, 1)
    assert progress(goal, state, matching="type") == Progress(0, 1)


def test_slices_add_conditions(thing: Make) -> None:
    fridge = thing("Fridge|1", "receptacle")
    one = Goal("pick_and_place_simple", "Apple", "Fridge", object_sliced=True)
    two = Goal("pick_two_obj_and_place", "Apple", "Fridge", object_sliced=True)
    piece = thing(SLICE, "pickupable")
    assert progress(one, _state(thing(APPLE, "pickupable"), fridge)) == Progress(0, 2)
    assert progress(one, _state(piece, fridge)) == Progress(1, 2)
    assert progress(two, _state(piece, fridge)) == Progress(1, 4)


def test_an_unknown_type_or_a_missing_name_is_a_data_error() -> None:
    with pytest.raises(DataError, match="task_type must be one of"):
        Goal.of("dance", {})
    with pytest.raises(DataError, match="object_target"):
        Goal.of("pick_and_place_simple", {})
