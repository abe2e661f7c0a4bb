import gymnasium
import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.miniwob import TASKS, check_names
from qvl_agent.envs.miniwob.experts import EXPERTS
from qvl_agent.envs.miniwob.tasks import NANO


def test_the_tasks_are_those_that_the_package_registers() -> None:
    miniwob = pytest.importorskip("miniwob")
    gymnasium.register_envs(miniwob)
    registered = [spec for spec in gymnasium.registry if spec.startswith("miniwob/")]
    assert {f"miniwob/{name}-v1" for name in TASKS} == set(registered)
    assert len(TASKS) == len(set(TASKS)) == 128


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("click-tests", "did you mean 'click-test'"),
        ("clickbutton", "did you mean 'click-button'"),
        ("zzz", "called as in click-test"),
        ("", "no task ''"),
    ],
)
def test_an_unknown_task_names_the_nearest(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        check_names([name])


def test_all_is_every_task_and_none_comes_twice() -> None:
    assert check_names(["all", "click-test"]) == TASKS
    assert check_names(["enter-text", "miniwob/click-test-v1", "enter-text"]) == (
        "enter-text",
        "click-test",
    )


def test_at_least_40_tasks_have_an_expert_and_among_them_all_that_nano_learns() -> None:
    assert set(TASKS) >= set(EXPERTS) >= set(NANO)
    assert len(EXPERTS) >= 40
    assert len(NANO) >= 12
