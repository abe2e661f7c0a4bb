"""Keys that no field takes go to the app, as those of a keyboard do on Android."""

from dataclasses import replace

import pytest

from qvl_agent.envs.android.phone.factory import make_phone
from qvl_agent.envs.android.phone.nodes import Route
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.android.phone.state import State


@pytest.fixture
def phone() -> Phone:
    made, _ = make_phone(3)
    return made


def _show(phone: Phone, app: str, *stack: Route) -> State:
    phone.open(app)
    stacks = {**phone.state.stacks, app: stack} if stack else phone.state.stacks
    phone.state = replace(phone.state, dialog=None, loading_until=0, stacks=stacks)
    return phone.state


def test_a_keypad_takes_a_number_and_enter_calls_it(phone: Phone) -> None:
    _show(phone, "phone", Route("keypad"))
    phone.type("555-12 34a*")
    assert phone.state.data["phone"].typed == "5551234*"
    phone.key("delete")
    assert phone.state.data["phone"].typed == "5551234"
    phone.key("enter")
    assert phone.state.route == Route("call", "5551234")


def test_a_calculator_takes_an_expression_as_keyboards_write_it(phone: Phone) -> None:
    _show(phone, "calculator")
    phone.tap(0, 0)
    for _ in range(8):
        phone.key("delete")
    phone.type("12*3-6/2")
    assert phone.state.data["calculator"].typed == "12×3−6÷2"
    phone.type("\n")
    assert phone.state.data["calculator"].result == "33"


@pytest.mark.parametrize(
    "covered", [{"shade": True}, {"locked": True}, {"awake": False}, {"loading_until": 10**9}]
)
def test_what_is_covered_or_dark_takes_no_keys(phone: Phone, covered: dict[str, object]) -> None:
    state = _show(phone, "calculator")
    before = state.data["calculator"]
    phone.state = replace(state, **covered)  # type: ignore[arg-type]
    phone.type("7")
    assert phone.state.data["calculator"] == before


def test_other_screens_have_no_use_for_keys(phone: Phone) -> None:
    for app, stack in (("phone", (Route("recent"),)), ("mail", ()), ("launcher", ())):
        before = _show(phone, app, *stack)
        phone.type("123\n")
        phone.key("delete")
        assert phone.state == before
