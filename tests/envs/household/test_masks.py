from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.types import Point
from qvl_agent.envs.household.body import Sight
from qvl_agent.envs.household.masks import choose_object, mask_of_point

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def sight() -> Sight:
    """A table that fills the picture, an apple of 4x4 on it, and a mug in hand of 2x2."""
    segments = np.zeros((20, 20), dtype=np.int32)
    segments[4:8, 4:8] = 1
    segments[15:17, 15:17] = 2
    image = np.zeros((20, 20, 3), dtype=np.uint8)
    return Sight(image, None, segments, ("Table|1", "Apple|1", "Mug|1"))


@pytest.fixture
def metadata(thing: Make) -> dict[str, Any]:
    return {
        "objects": [
            thing("Table|1", "receptacle"),
            thing("Apple|1", "pickupable"),
            thing("Mug|1", "pickupable"),
        ],
        "inventoryObjects": [{"objectId": "Mug|1"}],
    }


def _instance(sight: Sight, index: int) -> NDArray[np.bool_]:
    assert sight.segments is not None
    return np.asarray(sight.segments == index)


def test_the_mask_of_an_object_means_it(sight: Sight, metadata: dict[str, Any]) -> None:
    assert choose_object(_instance(sight, 1), sight, metadata) == "Apple|1"


def test_one_pixel_means_what_it_lies_on(sight: Sight, metadata: dict[str, Any]) -> None:
    assert choose_object(mask_of_point(Point(0.25, 0.25), 20, 20), sight, metadata) == "Apple|1"
    assert choose_object(mask_of_point(Point(1.0, 1.0), 20, 20), sight, metadata) == "Table|1"


def test_a_loose_box_means_the_table_behind(sight: Sight, metadata: dict[str, Any]) -> None:
    box = np.zeros((20, 20), dtype=bool)
    box[:18, :18] = True
    assert choose_object(box, sight, metadata) == "Table|1"


def test_the_held_object_is_left_out(sight: Sight, metadata: dict[str, Any]) -> None:
    assert choose_object(_instance(sight, 2), sight, metadata) is None


def test_what_cannot_be_interacted_with_is_left_out(sight: Sight, metadata: dict[str, Any]) -> None:
    metadata["objects"][1]["pickupable"] = False
    assert choose_object(_instance(sight, 1), sight, metadata) is None


def test_an_empty_mask_means_nothing_and_a_wrong_size_is_told(
    sight: Sight, metadata: dict[str, Any]
) -> None:
    assert choose_object(np.zeros((20, 20), dtype=bool), sight, metadata) is None
    with pytest.raises(UsageError, match="must be \\(20, 20\\)"):
        choose_object(np.zeros((10, 10), dtype=bool), sight, metadata)
