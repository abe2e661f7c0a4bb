"""Actions and calls are two forms of the same thing."""

from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Annotated

import pytest

from qvl_agent.actions import (
    FRAME_1000,
    Action,
    ActionSpace,
    Call,
    Function,
    ParseError,
    Point,
    ToolCall,
)
from qvl_agent.actions.cards import blackjack_space, formula_space, numberline_space
from qvl_agent.actions.mobile import Swipe, Tap, mobile_space, paper_space


@dataclass(frozen=True, slots=True)
class Keys(Action):
    """Press keys together."""

    keys: Annotated[tuple[str, ...], "The keys"]


POINTING_TOOL = {
    "name": "circle",
    "parameters": {
        "type": "object",
        "properties": {
            "at": {"format": "point"},
            "words": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["at", "words"],
    },
}
SPACES = [
    mobile_space(),
    paper_space(),
    numberline_space(),
    blackjack_space(),
    formula_space("ezpoints", ("1", "2", "+")),
    ActionSpace("keys", [Function.of(Keys)]),
    ActionSpace.of_tools("tools", [POINTING_TOOL]),
]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_space_contains_what_it_samples(space: ActionSpace) -> None:
    space.seed(3)
    assert all(space.contains(space.sample()) for _ in range(200))


def test_array_is_a_tuple_in_the_action_and_a_list_in_the_call() -> None:
    space = ActionSpace("keys", [Function.of(Keys)])
    call = Call("Keys", {"keys": ["ctrl", "c"]})
    assert space.to_action(call) == Keys(("ctrl", "c"))
    assert space.to_call(Keys(("ctrl", "c"))) == call


def test_point_of_a_tool_stands_on_the_grid() -> None:
    space = ActionSpace.of_tools("tools", [POINTING_TOOL])
    action = ToolCall("circle", {"at": Point(0.5, 0.25), "words": ["a"]})
    call = Call("circle", {"at": [500, 250], "words": ["a"]})
    assert (space.to_call(action, FRAME_1000), space.to_action(call, FRAME_1000)) == (call, action)


def test_alias_makes_the_same_action() -> None:
    space = mobile_space()
    assert space.to_action(Call("Click", {"point": [500, 250]})) == Tap(Point(0.5, 0.25))
    assert space.to_call(Tap(Point(0.5, 0.25))).function == "Tap"


def test_swipe_takes_one_form_only() -> None:
    space = mobile_space()
    assert space.to_action(Call("Swipe", {"direction": "up"})) == Swipe(direction="up")
    with pytest.raises(ParseError) as caught:
        space.to_action(Call("Swipe", {"direction": "up", "start": [1, 2], "end": [3, 4]}))
    assert caught.value.kind == "bad_args"


def test_a_function_without_parameters_takes_nothing_else() -> None:
    space = mobile_space()
    space.validate(Call("Home", {}))
    with pytest.raises(ParseError) as caught:
        space.validate(Call("Home", {"x": 1}))
    assert caught.value.kind == "bad_args"


def test_paper_space_is_the_part_of_the_mobile_one_that_the_paper_names() -> None:
    assert set(paper_space().names) == set(mobile_space().names) - {
        "LongPress",
        "OpenApp",
        "Answer",
    }


def test_a_space_crosses_over_to_another_process_after_it_was_used() -> None:
    space = mobile_space()
    space.to_action(Call("Tap", {"point": [1, 2]}))
    there = ForkingPickler.loads(ForkingPickler.dumps(space))
    assert there == space
    assert there.to_action(Call("Tap", {"point": [500, 250]})) == Tap(Point(0.5, 0.25))
