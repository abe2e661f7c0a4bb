"""`key=value` options, and groups of options that a verb takes as one parameter."""

from dataclasses import asdict, dataclass
from typing import Annotated

import pytest
import typer

from qvl_agent.actions.errors import UsageError
from qvl_agent.cli.errors import run_app
from qvl_agent.cli.options import LoadingOptions, PolicyOptions, pairs, spread


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


@dataclass(frozen=True)
class Frying:
    """A group."""

    minutes: Annotated[int, typer.Option(min=1)] = 3
    fat: str = "butter"


@dataclass(frozen=True)
class Cooking:
    """A group with a group in it."""

    guests: int = 1
    frying: Frying = Frying()


SUNDAY = Cooking(guests=4, frying=Frying(fat="oil"))


def _cooked(*words: str) -> tuple[int, list[tuple[str, Cooking]]]:
    """Return the exit code of a command line, and what its verb was called with."""
    served: list[tuple[str, Cooking]] = []
    app = typer.Typer()

    @app.command()
    @spread
    def cook(dish: Annotated[str, typer.Argument()], how: Cooking = SUNDAY) -> None:
        served.append((dish, how))

    return run_app(app, words), served


def test_each_field_of_a_group_is_an_option_and_the_default_is_the_groups() -> None:
    assert _cooked("eggs") == (0, [("eggs", SUNDAY)])
    given = ("eggs", "--minutes", "5", "--guests", "2", "--fat", "lard")
    assert _cooked(*given) == (0, [("eggs", Cooking(2, Frying(5, "lard")))])


def test_an_option_of_a_group_keeps_its_bounds() -> None:
    assert _cooked("eggs", "--minutes", "0") == (2, [])


def test_only_what_was_asked_for_reaches_the_loading_of_a_model() -> None:
    assert LoadingOptions().loading() == {}
    options = PolicyOptions(torch_device="cpu", max_pixels=12544, dialect="hermes", seed=3)
    assert options.loading() == {"device": "cpu", "max_pixels": 12544}
    assert LoadingOptions(**asdict(LoadingOptions(dtype="float16"))).loading() == {
        "dtype": "float16"
    }
