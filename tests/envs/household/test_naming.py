from collections.abc import Callable
from typing import Any

import pytest

from qvl_agent.envs.household.failures import Failure
from qvl_agent.envs.household.naming import names_of, resolve

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def metadata(thing: Make) -> dict[str, Any]:
    """Two apples, the farther one in view; an egg in hand and one on the table; a sliced loaf."""
    return {
        "objects": [
            thing("Apple|near", "pickupable", distance=0.5, visible=False),
            thing("Apple|seen", "pickupable", distance=1.2),
            thing("Egg|near", "pickupable", distance=0.2),
            thing("Egg|held", "pickupable", distance=0.4),
            thing("Bread|1", "sliceable", isSliced=True),
            thing("Fridge|1", "receptacle"),
        ],
        "inventoryObjects": [{"objectId": "Egg|held"}],
    }


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Apple", "Apple|seen"),
        ("apple", "Apple|seen"),
        ("Apple_1", "Apple|near"),
        ("apple 2", "Apple|seen"),
        ("Egg", "Egg|held"),
        ("Egg_1", "Egg|near"),
        ("Apple|near", "Apple|near"),
        ("Fridge", "Fridge|1"),
    ],
)
def test_of_two_things_of_one_name_the_held_the_seen_or_the_numbered_is_meant(
    metadata: dict[str, Any], name: str, meant: str
) -> None:
    found = resolve(name, metadata)
    assert not isinstance(found, Failure)
    assert found["objectId"] == meant


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Apple_3", "there are 2 of Apple"),
        ("Apple_0", "there are 2 of Apple"),
        ("Unicorn", "there is no Unicorn here"),
        ("Bread", "name BreadSliced"),
    ],
)
def test_what_means_nothing_is_told(metadata: dict[str, Any], name: str, told: str) -> None:
    found = resolve(name, metadata)
    assert isinstance(found, Failure)
    assert found.code == "NO_SUCH_OBJECT"
    assert told in found.message


def test_numbers_are_given_only_where_they_are_needed(metadata: dict[str, Any]) -> None:
    names = names_of(metadata)
    assert (names["Apple|seen"], names["Egg|near"], names["Fridge|1"]) == (
        "Apple_2",
        "Egg_1",
        "Fridge",
    )
