import pytest

from qvl_agent.envs.household.simulator.actions import Acted, act
from qvl_agent.envs.household.simulator.scene import Box, Fixture, Pose, Scene, Thing
from qvl_agent.envs.household.simulator.state import Home

APPLE = "Apple|+00.00|+00.95|+01.00"
TABLE = "DiningTable|+00.00|+00.00|+01.00"
FRIDGE = "Fridge|+00.80|+00.00|+01.00"
EGG = "Egg|+00.80|+01.00|+01.00"
OVEN = "Microwave|-00.80|+01.00|+01.00"


@pytest.fixture
def home() -> Home:
    def piece(
        key: str, low: tuple[float, float, float], high: tuple[float, float, float]
    ) -> Fixture:
        x, y, z = (float(v) for v in key.split("|")[1:4])
        return Fixture(key, (x, y, z), Box(low, high), (0, -1))

    fixtures = (
        piece(TABLE, (-0.4, 0.0, 0.7), (0.4, 0.9, 1.3)),
        piece(FRIDGE, (0.5, 0.0, 0.7), (1.1, 1.8, 1.3)),
        piece(OVEN, (-1.05, 1.0, 0.8), (-0.55, 1.3, 1.2)),
    )
    things = (
        Thing("Apple_1", (0.0, 0.95, 1.0)),
        Thing("Mug_1", (0.2, 0.9, 1.0)),
        Thing("Egg_1", (0.8, 1.0, 1.0)),
    )
    cells = tuple((0.25 * k, 0.0) for k in range(-3, 4))
    return Home(Scene("Room", fixtures, things, cells, Pose(0.0, 0.0, 0.0, 30.0)))


def _do(home: Home, action: str, object_id: str | None = None, **args: object) -> Acted:
    return act(home, {"action": action, **({"objectId": object_id} if object_id else {}), **args})


def test_things_lie_where_they_were_put(home: Home) -> None:
    assert home[TABLE].contents == ["Mug|+00.20|+00.90|+01.00", APPLE] or set(
        home[TABLE].contents
    ) == {"Mug|+00.20|+00.90|+01.00", APPLE}
    assert home[FRIDGE].contents == [EGG]


def test_a_held_thing_comes_along_and_goes_where_it_is_put(home: Home) -> None:
    assert _do(home, "PickupObject", APPLE).ok
    assert home.held == APPLE
    assert APPLE not in home[TABLE].contents
    assert _do(home, "PutObject", APPLE, receptacleObjectId=TABLE, forceAction=True).ok
    assert home.held is None
    assert APPLE in home[TABLE].contents


def test_5_names_the_receptacle_only(home: Home) -> None:
    _do(home, "PickupObject", APPLE)
    assert _do(home, "PutObject", TABLE).ok
    assert APPLE in home[TABLE].contents


@pytest.mark.parametrize(
    ("action", "key", "text"),
    [
        ("PickupObject", "Apple|9", "appears to be invalid"),
        ("PickupObject", TABLE, "CanPickup"),
        ("PickupObject", EGG, "is not visible"),
        ("PutObject", TABLE, "isn't holding anything"),
        ("OpenObject", TABLE, "not openable"),
        ("CloseObject", OVEN, "already closed"),
        ("ToggleObjectOn", TABLE, "not toggleable"),
        ("ToggleObjectOff", OVEN, "already off"),
        ("SliceObject", TABLE, "CanBeSliced"),
        ("BreakObject", TABLE, "Breakable"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    home: Home, action: str, key: str, text: str
) -> None:
    _turn_to(home, key)
    before = repr(home.items)
    acted = _do(home, action, key)
    assert not acted.ok
    assert text in acted.message
    assert repr(home.items) == before


def _turn_to(home: Home, key: str) -> None:
    x = float(key.split("|")[1]) if len(key.split("|")) > 2 else 0.0
    _do(home, "TeleportFull", x=round(x / 0.25) * 0.25, z=0.0, rotation=0, horizon=15)


def test_a_second_thing_does_not_fit_into_the_hand(home: Home) -> None:
    _do(home, "PickupObject", APPLE)
    acted = _do(home, "PickupObject", "Mug|+00.20|+00.90|+01.00")
    assert (acted.code, home.held) == ("InventoryFull", APPLE)


def test_a_closed_fridge_neither_takes_nor_gives(home: Home) -> None:
    _do(home, "PickupObject", APPLE)
    _turn_to(home, FRIDGE)
    assert _do(home, "PutObject", FRIDGE).code == "ReceptacleNotOpen"
    assert _do(home, "OpenObject", FRIDGE).ok
    assert _do(home, "PutObject", FRIDGE).ok
    assert _do(home, "PickupObject", EGG).ok
    assert _do(home, "CloseObject", FRIDGE).ok
    assert home[APPLE].temperature == "Cold"
    assert home[EGG].temperature == "RoomTemp"


def test_a_microwave_heats_closed_only(home: Home) -> None:
    _do(home, "PickupObject", APPLE)
    _turn_to(home, OVEN)
    assert _do(home, "OpenObject", OVEN).ok
    assert _do(home, "PutObject", OVEN).ok
    assert "must be closed" in _do(home, "ToggleObjectOn", OVEN).message
    assert _do(home, "CloseObject", OVEN).ok
    assert _do(home, "ToggleObjectOn", OVEN).ok
    assert home[APPLE].temperature == "Hot"
    assert "must be OFF" in _do(home, "OpenObject", OVEN).message


def test_pieces_lie_where_the_whole_lay(home: Home) -> None:
    assert _do(home, "SliceObject", APPLE).ok
    pieces = [k for k in home.items if k.startswith(f"{APPLE}|AppleSliced_")]
    assert len(pieces) == 8
    assert set(pieces) <= set(home[TABLE].contents)
    assert APPLE not in home[TABLE].contents
    assert home[APPLE].is_sliced


def test_the_far_and_the_unseen_are_not_visible(home: Home) -> None:
    _do(home, "RotateRight", degrees=180)
    assert _do(home, "PickupObject", APPLE).code == "ObjectNotVisible"


def test_walls_and_tilts_have_an_end(home: Home) -> None:
    assert "is blocking" in _do(home, "MoveAhead").message
    assert _do(home, "MoveRight").ok
    assert home.pose.x == pytest.approx(0.25)
    assert _do(home, "LookDown").ok
    assert _do(home, "LookDown").code == "LookDownCantExceedMin"


def test_a_full_mug_is_full(home: Home) -> None:
    mug = "Mug|+00.20|+00.90|+01.00"
    home.add(home.make("Pot|1|1|1", (0.0, 0.9, 0.9)))
    home.held = "Pot|1|1|1"
    home[home.held].box = Box((0, 0, 0), (0.4, 0.4, 0.4))
    assert "too large" in _do(home, "PutObject", mug).message


def test_unknown_and_incomplete_commands_are_told_apart(home: Home) -> None:
    assert _do(home, "Fly").code == "InvalidAction"
    assert _do(home, "PickupObject").code == "MissingArguments"
