"""Limits that make no sense are refused."""

import pytest

from qvl_agent.agent.realtime import Timing


@pytest.mark.parametrize("field", ["observation_s", "action_s", "dead_man_s", "heartbeat_s"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_has_to_be_a_positive_time(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        Timing(**{field: value})


def test_limits_under_which_no_action_could_be_fresh_are_refused() -> None:
    with pytest.raises(ValueError, match="below action_s"):
        Timing(observation_s=1.0, action_s=1.0)
