import pytest

from qvl_agent.agent.limits import GaveUp, Limits


@pytest.mark.parametrize("name", ["steps", "seconds", "tokens", "errors"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_that_is_not_positive_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


def test_giving_up_carries_its_typed_reason() -> None:
    assert GaveUp("step_limit", "enough").reason == "step_limit"
