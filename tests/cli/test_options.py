"""`key=value` options."""

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.cli.options import pairs


def test_values_are_json_where_they_read_as_json() -> None:
    assert pairs(["start=0", 'cards=["S7","C5"]', "name=anna", "url=a=b", "empty="]) == {
        "start": 0,
        "cards": ["S7", "C5"],
        "name": "anna",
        "url": "a=b",
        "empty": "",
    }


def test_the_last_of_two_values_holds() -> None:
    assert pairs(["a=1", "a=2"]) == {"a": 2}


@pytest.mark.parametrize("option", ["start", "=1", ""])
def test_what_is_no_pair_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match="key=value"):
        pairs([option])
