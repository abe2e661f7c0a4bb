import pytest

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
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.skills import Skill, SkillResult, Skills


def _do(skills: Skills, *wanted: Skill) -> SkillResult:
    for skill in wanted:
        result = skills.run(skill)
        assert result.ok, (skill, result.failure)
    return result


def _names(result: SkillResult) -> list[str]:
    return [str(command["action"]) for command in result.executed]


def test_heating_is_the_published_sequence(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Egg"), Pickup("Egg"), GotoLocation("Microwave"))
    assert _names(_do(skills, Heat("Egg"))) == [
        "OpenObject",
        "PutObject",
        "CloseObject",
        "ToggleObjectOn",
        "ToggleObjectOff",
        "OpenObject",
        "PickupObject",
        "CloseObject",
    ]
    assert kitchen.now.held in kitchen.treated.heated


def test_cooling_is_the_published_sequence(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Egg"), Pickup("Egg"), GotoLocation("Fridge"))
    assert _names(_do(skills, Cool("Egg"))) == [
        "OpenObject",
        "PutObject",
        "CloseObject",
        "OpenObject",
        "PickupObject",
        "CloseObject",
    ]
    assert kitchen.now.held in kitchen.treated.cooled


def test_cleaning_is_the_published_sequence(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Egg"), Pickup("Egg"), GotoLocation("Faucet"))
    assert _names(_do(skills, Clean("Egg"))) == [
        "PutObject",
        "ToggleObjectOn",
        "ToggleObjectOff",
        "PickupObject",
    ]
    assert kitchen.now.held in kitchen.treated.cleaned


def test_a_closed_receptacle_is_opened_and_closed(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Egg"), Pickup("Egg"), GotoLocation("Fridge"))
    put = _do(skills, PutDown("Fridge"))
    assert _names(put) == ["OpenObject", "PutObject", "CloseObject"]
    egg = put.executed[1]["objectId"]
    assert isinstance(egg, str)
    assert _names(_do(skills, Pickup(egg))) == ["OpenObject", "PickupObject", "CloseObject"]
    assert kitchen.now.held == egg


def test_an_open_laptop_in_a_closed_cabinet_is_folded_behind_the_open_door() -> None:
    world = Household(split="test")
    world.reset(seed=351)
    world.step(GotoLocation("Laptop_1"))
    _, _, _, _, info = world.step(Pickup("Laptop_1"))
    assert [command["action"] for command in info["executed"]] == [
        "OpenObject",
        "CloseObject",
        "PickupObject",
        "CloseObject",
    ]
    assert "failure" not in info


def test_slicing_needs_a_knife_and_makes_pieces(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Apple"))
    failed = skills.run(Slice("Apple"))
    assert failed.failure is not None
    assert (failed.failure.code, failed.executed) == ("NO_KNIFE", ())
    _do(skills, GotoLocation("Knife"), Pickup("Knife"), GotoLocation("Apple"), Slice("Apple"))
    assert "AppleSliced" in {o["objectType"] for o in kitchen.now.metadata["objects"]}


@pytest.mark.parametrize(
    ("skill", "code"),
    [
        (Pickup("Unicorn"), "NO_SUCH_OBJECT"),
        (Pickup("Apple_9"), "NO_SUCH_OBJECT"),
        (Pickup("Fridge"), "NOT_PICKUPABLE"),
        (PutDown("Fridge"), "HAND_EMPTY"),
        (Heat("Egg"), "HAND_EMPTY"),
    ],
)
def test_a_failure_is_typed(kitchen: Session, skill: Skill, code: str) -> None:
    result = Skills(kitchen).run(skill)
    assert result.failure is not None
    assert (result.ok, result.failure.code) == (False, code)


@pytest.mark.parametrize(
    ("skill", "code"),
    [
        (Open("GarbageCan"), "NOT_OPENABLE"),
        (Close("Fridge"), "ALREADY_CLOSED"),
        (Toggle("Fridge"), "NOT_TOGGLEABLE"),
    ],
)
def test_the_bodys_refusals_are_typed(
    kitchen: Session, skill: Open | Close | Toggle, code: str
) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation(skill.name))
    result = skills.run(skill)
    assert result.failure is not None
    assert (result.failure.code, len(result.executed)) == (code, 1)


def test_what_is_not_in_view_is_told_so(kitchen: Session) -> None:
    skills = Skills(kitchen)
    hidden = [
        o
        for o in kitchen.now.metadata["objects"]
        if o["pickupable"] and not o["visible"] and o["parentReceptacles"]
    ]
    assert hidden
    result = skills.run(Pickup(hidden[0]["objectId"]))
    assert result.failure is not None
    assert result.failure.code in ("OBJECT_NOT_VISIBLE", "OCCLUDED")
    assert (result.failure.step, len(result.executed)) == (0, 1)


def test_a_full_hand_and_the_wrong_appliance_are_told(kitchen: Session) -> None:
    skills = Skills(kitchen)
    _do(skills, GotoLocation("Fork"), Pickup("Fork"), GotoLocation("Microwave"))
    wrong = skills.run(Heat("Fork"))
    assert wrong.failure is not None
    assert wrong.failure.code == "WRONG_APPLIANCE"
    full = skills.run(Pickup("Egg"))
    assert full.failure is not None
    assert full.failure.code == "HAND_FULL"


@pytest.mark.parametrize("allowed", range(8))
def test_a_skill_can_be_called_off_between_any_two_steps(kitchen: Session, allowed: int) -> None:
    _do(Skills(kitchen), GotoLocation("Egg"), Pickup("Egg"), GotoLocation("Microwave"))
    before = kitchen.num_steps
    answers = iter([False] * allowed + [True])
    result = Skills(kitchen, cancelled=lambda: next(answers)).run(Heat("Egg"))
    assert result.failure is not None
    assert (result.failure.code, result.failure.step) == ("CANCELLED", allowed)
    assert kitchen.num_steps - before == allowed
