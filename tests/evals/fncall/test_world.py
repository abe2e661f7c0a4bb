import pytest

from qvl_agent.actions.errors import ResetNeeded
from qvl_agent.actions.functions import ToolCall
from qvl_agent.actions.mobile import Back
from qvl_agent.envs.testing import check_world
from qvl_agent.evals.fncall import FnCallWorld, item


def test_it_keeps_the_contract_of_a_world() -> None:
    check_world(lambda: FnCallWorld(item(3)), seeds=(0,))
    check_world(FnCallWorld, seeds=(1,), max_steps=4)


def test_without_a_fixed_item_the_seed_is_the_items_number() -> None:
    world = FnCallWorld()
    _, info = world.reset(seed=17)
    assert info["item"] == item(17).id
    assert world.task == item(17).question


def test_a_wrong_call_ends_the_episode_and_names_what_is_wrong() -> None:
    world = FnCallWorld(item(0))
    world.reset()
    args = dict(item(0).gold.args)
    name = next(iter(args))
    _, reward, terminated, _, info = world.step(
        ToolCall(item(0).gold.function, args | {name: "wrong"})
    )
    assert (reward, terminated, info) == (0.0, True, {"wrong": (name,)})
    assert world.outcome().metrics == {"type_match": 1.0, "exact_match": 0.0}
    with pytest.raises(ResetNeeded):
        world.expert()


def test_only_calls_of_tools_are_taken() -> None:
    world = FnCallWorld(item(0))
    world.reset()
    with pytest.raises(ValueError, match="not a call of a tool"):
        world.step(Back())
    assert not world.outcome().success
