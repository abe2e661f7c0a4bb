import gymnasium
import pytest

from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.household import Done, Pickup, PickupObject
from qvl_agent.actions.types import Point
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.tables import KINDS
from qvl_agent.envs.testing import check_world


def test_the_household_keeps_the_contract_of_a_world() -> None:
    check_world(Household, seeds=(0,), max_steps=20)


def test_the_expert_succeeds_and_doing_nothing_does_not() -> None:
    world = Household()
    successes = 0
    for seed in range(10):
        world.reset(seed=seed)
        assert not world.outcome().success
        ended = cut = False
        while not (ended or cut):
            _, reward, ended, cut, _ = world.step(world.expert().action)
        successes += reward == 1.0
    assert successes >= 9
    world.reset(seed=0)
    assert world.step(Done())[1] == 0.0


@pytest.mark.slow
def test_the_expert_does_95_of_100_of_500_tasks_and_chance_does_not_one() -> None:
    world = Household(split="test")
    expert = chance = 0
    for seed in range(500):
        world.reset(seed=seed)
        ended = cut = False
        while not (ended or cut):
            _, reward, ended, cut, _ = world.step(world.expert().action)
        expert += reward == 1.0
    world.action_space.seed(0)
    for seed in range(200):
        world.reset(seed=seed)
        ended = cut = False
        while not (ended or cut):
            _, reward, ended, cut, _ = world.step(world.action_space.sample())
        chance += reward == 1.0
    assert expert >= 475
    assert chance < 2


def test_ten_failures_cut_an_episode_off() -> None:
    world = Household()
    world.reset(seed=0)
    for k in range(10):
        _, _, ended, cut, info = world.step(Pickup("Unicorn"))
        assert info["failure"] == "NO_SUCH_OBJECT"
        assert info["error"] == "there is no Unicorn here"
        assert (ended, cut) == (False, k == 9)
    with pytest.raises(ResetNeeded):
        world.step(Done())


def test_the_limit_of_steps_holds_in_the_middle_of_a_skill() -> None:
    world = Household(max_steps=3)
    longest = 0
    for seed in range(6):
        world.reset(seed=seed)
        ended = cut = False
        while not (ended or cut):
            _, _, ended, cut, _ = world.step(world.expert().action)
        steps = world.outcome().metrics["low_level_steps"]
        assert steps == 3
        longest = max(longest, len(world.session.log))
    assert longest == 3


def test_without_a_goal_nothing_is_success_and_the_expert_knows_nothing_to_do() -> None:
    world = Household()
    start = world.session.body.reset("Kitchen7").metadata["agent"]["position"]
    pose = {"action": "TeleportFull", **start, "rotation": 90, "horizon": 30}
    scene = {"floor_plan": "Kitchen7", "init_action": pose}
    world.reset(options={"scene": scene, "instruction": "tidy up"})
    assert world.task == "tidy up"
    with pytest.raises(UsageError, match="comes without one"):
        world.expert()
    world.step(Done())
    assert not world.outcome().success
    assert "goal_conditions" not in world.outcome().metrics


def test_chance_draws_types_that_there_are() -> None:
    space = Household().action_space
    space.seed(0)
    names = {getattr(space.sample(), "name", "Fridge") for _ in range(300)}
    assert "Apple" in names
    assert names <= KINDS.keys()


def test_low_level_actions_take_a_point_on_the_picture() -> None:
    world = Household(mode="low")
    tried = 0
    for seed in range(12):
        observation, _ = world.reset(seed=seed)
        height, width = observation.image.shape[:2]
        now = world.session.now
        segments = now.sight.segments
        assert segments is not None
        for index, key in enumerate(now.sight.ids):
            rows, columns = (segments == index).nonzero()
            if now.objects[key]["pickupable"] and now.objects[key]["visible"] and len(rows) > 30:
                k = len(rows) // 2
                point = Point((columns[k] + 0.5) / width, (rows[k] + 0.5) / height)
                _, _, _, _, info = world.step(PickupObject(point))
                assert info["target"] == key
                assert world.session.now.held == key
                tried += 1
                break
    assert tried >= 2


def test_a_point_on_the_wall_means_no_object() -> None:
    world = Household(mode="low")
    world.reset(seed=1)
    sight = world.session.now.sight
    assert sight.segments is not None
    rows, columns = (sight.segments == -1).nonzero()
    point = Point((columns[0] + 0.5) / 300, (rows[0] + 0.5) / 300)
    _, _, _, _, info = world.step(PickupObject(point))
    assert "Couldn't locate target object" in info["error"]


def test_skills_are_no_low_level_actions() -> None:
    world = Household(mode="low")
    world.reset(seed=0)
    with pytest.raises(gymnasium.error.InvalidAction):
        world.step(Pickup("Apple"))
    with pytest.raises(UsageError, match="expert speaks of skills"):
        world.expert()


@pytest.mark.parametrize(
    "options", [{"sene": 1}, {"split": "dev"}, {"task_type": "dance"}, {"instruction": "go"}]
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Household().reset(seed=0, options=options)


def test_train_and_test_scenes_are_disjoint() -> None:
    world = Household()
    numbers: dict[str, set[int]] = {"train": set(), "test": set()}
    for split, found in numbers.items():
        for seed in range(12):
            world.reset(seed=seed, options={"split": split})
            name = world.session.now.metadata["sceneName"].removesuffix("_physics")
            found.add(int("".join(c for c in name if c.isdigit())))
    assert max(numbers["train"]) < 400 <= min(numbers["test"])
