from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.household import (
    CloseObject,
    OpenObject,
    Pickup,
    PickupObject,
    Region,
    household_space,
    region_of,
)
from qvl_agent.actions.types import Call, Point
from qvl_agent.envs.household.body import Sight
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.grounding import BoxSegmenter, OracleSegmenter, ground
from qvl_agent.envs.household.masks import encode_mask, mask_of_box

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def sight() -> Sight:
    """A table over the lower half, on it an apple of 4x4 with a stem of 1x2, and bare wall."""
    segments = np.full((20, 20), -1, dtype=np.int32)
    segments[10:] = 0
    segments[12:16, 4:8] = 1
    segments[10:12, 5] = 1
    return Sight(np.zeros((20, 20, 3), np.uint8), None, segments, ("Table|1", "Apple|1"))


@pytest.fixture
def metadata(thing: Make) -> dict[str, Any]:
    objects = [thing("Table|1", "receptacle"), thing("Apple|1", "pickupable")]
    return {"objects": objects, "inventoryObjects": []}


def test_the_oracle_outlines_what_is_at_a_spot_or_fits_a_box(sight: Sight) -> None:
    assert sight.segments is not None
    apple = sight.segments == 1
    spot = OracleSegmenter().mask(sight, Region(Point(0.3, 0.7)))
    box = OracleSegmenter().mask(sight, Region(Point(0.4, 0.8), Point(0.2, 0.5)))
    for mask in (spot, box):
        np.testing.assert_array_equal(mask, apple)
    whole = OracleSegmenter().mask(sight, Region(Point(0, 0.5), Point(1, 1)))
    np.testing.assert_array_equal(whole, sight.segments == 0)


def test_the_box_around_a_thin_thing_means_the_table_unless_somebody_knows_its_outline(
    thing: Make,
) -> None:
    segments = np.zeros((20, 20), dtype=np.int32)
    segments[range(4, 12), range(4, 12)] = 1
    sight = Sight(np.zeros((20, 20, 3), np.uint8), None, segments, ("Table|1", "Fork|1"))
    objects = [thing("Table|1", "receptacle"), thing("Fork|1", "pickupable")]
    metadata = {"objects": objects, "inventoryObjects": []}
    region = Region(Point(0.2, 0.2), Point(0.6, 0.6))
    assert ground(region, sight, metadata, BoxSegmenter()).target == "Table|1"
    assert ground(region, sight, metadata, OracleSegmenter()).target == "Fork|1"


def test_a_spot_on_the_wall_means_nothing(sight: Sight, metadata: dict[str, Any]) -> None:
    for segmenter in (OracleSegmenter(), BoxSegmenter()):
        assert ground(Region(Point(0.5, 0.1)), sight, metadata, segmenter).target is None


def test_a_body_without_instances_is_told() -> None:
    bare = Sight(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(UsageError, match="shows no instances"):
        OracleSegmenter().mask(bare, Region(Point(0.5, 0.5)))


def test_a_trace_holds_spot_mask_and_object(sight: Sight, metadata: dict[str, Any]) -> None:
    told = ground(Region(Point(0.3, 0.7)), sight, metadata, OracleSegmenter()).to_json()
    assert told["point"] == [0.3, 0.7]
    assert told["target"] == "Apple|1"
    assert told["mask"]["size"] == [20, 20]
    assert told["mask"]["runs"][:3] == [(205, 1), (225, 1), (244, 4)]


def test_a_box_has_at_least_a_pixel_and_ends_at_the_border() -> None:
    assert encode_mask(mask_of_box(Point(1, 1), Point(1, 1), 4, 4)) == ((15, 1),)
    assert mask_of_box(Point(1, 1), Point(0, 0), 4, 4).all()


def test_a_point_decides_which_of_two_things_of_one_name_is_meant() -> None:
    world = Household(segmenter=OracleSegmenter())
    meant = 0
    for seed in range(30):
        world.reset(seed=seed, options={"task_type": "pick_two_obj_and_place"})
        now = world.session.now
        sight = now.sight
        assert sight.segments is not None
        for index, key in enumerate(sight.ids):
            mask = sight.segments == index
            thing = now.objects[key]
            if mask.sum() < 30 or not (thing["pickupable"] and thing["visible"]):
                continue
            rows, columns = np.nonzero(mask)
            k = len(rows) // 2
            point = Point((columns[k] + 0.5) / 300, (rows[k] + 0.5) / 300)
            _, _, _, _, info = world.step(Pickup("Anything", point))
            assert (info["target"], world.session.now.held) == (key, key)
            meant += 1
            break
    assert meant >= 3


def test_a_corner_needs_a_point_and_plain_skills_take_neither() -> None:
    space = household_space(pointing=True)
    box = Call("Pickup", {"name": "Apple", "point": [1, 2], "corner": [3, 4]})
    assert region_of(space.to_action(box)) == Region(Point(0.001, 0.002), Point(0.003, 0.004))
    assert space.to_call(Pickup("Apple")) == Call("Pickup", {"name": "Apple"})
    assert not space.contains(Pickup("Apple", None, Point(0, 0)))
    assert not household_space().contains(Pickup("Apple", Point(0, 0)))
    assert [p.name for p in household_space().function("Pickup").parameters] == ["name"]


def test_a_spot_that_means_nothing_counts_as_a_step_and_a_failure() -> None:
    world = Household(mode="low")
    world.reset(seed=1)
    sight = world.session.now.sight
    assert sight.segments is not None
    rows, columns = (sight.segments == -1).nonzero()
    point = Point((columns[0] + 0.5) / 300, (rows[0] + 0.5) / 300)
    _, _, _, _, info = world.step(PickupObject(point))
    assert info["grounding"]["target"] is None
    assert world.outcome().metrics["low_level_steps"] == 1
    assert world.outcome().metrics["failures"] == 1


def test_low_level_actions_are_sent_as_the_wrapper_sends_them() -> None:
    world = Household(mode="low", names=False, segmenter=OracleSegmenter())
    sent: dict[str, dict[str, Any]] = {}
    for seed in range(40):
        observation, _ = world.reset(seed=seed)
        assert observation.text == ""
        now = world.session.now
        for index, key in enumerate(now.sight.ids):
            thing = now.objects[key]
            mask = np.asarray(now.sight.segments == index)
            if thing["openable"] and thing["visible"] and mask.sum() > 30:
                rows, columns = np.nonzero(mask)
                k = len(rows) // 2
                point = Point((columns[k] + 0.5) / 300, (rows[k] + 0.5) / 300)
                for action in (OpenObject(point), CloseObject(point)):
                    _, _, _, _, info = world.step(action)
                    for command in info["executed"]:
                        sent[command["action"]] = command
                break
        if len(sent) == 2:
            break
    assert sent["OpenObject"].keys() == {"action", "objectId", "moveMagnitude"}
    assert sent["CloseObject"].keys() == {"action", "objectId", "forceAction"}
