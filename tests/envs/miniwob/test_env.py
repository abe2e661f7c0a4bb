"""The world on the published pages, in a browser without a window."""

import numpy as np
import pytest

from qvl_agent.actions.desktop import (
    Click,
    Done,
    DoubleClick,
    Drag,
    Hotkey,
    MiddleClick,
    MoveTo,
    RightClick,
    Scroll,
    Type,
    Wait,
)
from qvl_agent.actions.errors import ResetNeeded, UsageError
from qvl_agent.actions.types import Action, Point
from qvl_agent.envs.miniwob import MiniWoB
from qvl_agent.envs.miniwob.stage import Stage
from qvl_agent.envs.miniwob.tasks import NANO
from qvl_agent.envs.testing import check_world


def play(world: MiniWoB, seed: int, steps: int = 30) -> bool:
    """Let the expert play an episode; return whether it won."""
    world.reset(seed=seed)
    for _ in range(steps):
        *_, over, _, info = world.step(world.expert().action)
        assert "error" not in info
        if over:
            break
    return world.outcome().success


def test_it_keeps_the_contract_of_a_world(stage: Stage) -> None:
    check_world(lambda: MiniWoB("click-test-2", stage=stage), seeds=(3,), max_steps=4)


@pytest.mark.parametrize("name", NANO[::3])  # the others, and far more: test_all_tasks
def test_experts_win_where_nano_learns(stage: Stage, name: str) -> None:
    assert play(MiniWoB(name, stage=stage), seed=11)


def test_a_seed_is_an_episode_whatever_was_played_before(stage: Stage) -> None:
    world = MiniWoB("enter-text", stage=stage)
    first, _ = world.reset(seed=5)
    task = world.task
    world.step(world.expert().action)
    world.step(Type("left over"))
    play(MiniWoB("click-dialog", stage=stage), seed=1)
    again, _ = world.reset(seed=5)
    assert (again, world.task) == (first, task)
    other, _ = world.reset(seed=6)
    assert (other, world.task) != (first, task)


def test_the_picture_is_the_packages_own_screenshot(stage: Stage) -> None:
    from miniwob.screenshot import get_screenshot

    world = MiniWoB("click-tab", stage=stage)
    seen, _ = world.reset(seed=2)
    width, height = stage.browser.ask("return [innerWidth, innerHeight]")
    published = get_screenshot(stage.browser.driver, width, height, 160, 210)
    assert np.array_equal(seen.image, np.asarray(published))


def test_a_wrong_click_costs_the_published_reward(stage: Stage) -> None:
    world = MiniWoB("click-test-2", stage=stage)
    world.reset(seed=3)
    wrong = next(word for word in world.scene() if word.word == "TWO")
    x, y = (wrong.x + wrong.w / 2) / 160, (wrong.y + wrong.h / 2) / 210
    _, reward, over, _, _ = world.step(Click(Point(x, y)))
    assert (reward, over) == (-1.0, True)
    assert not world.outcome().success
    with pytest.raises(ResetNeeded):
        world.step(Click(Point(x, y)))


def test_late_answers_count_and_the_published_reward_beside_says_that_they_were_late(
    stage: Stage,
) -> None:
    world = MiniWoB("click-test", stage=stage)
    world.reset(seed=3)
    # On a clock of 2.5 hours what the click takes does not matter; the published one has 10 s.
    assert stage.browser.ask("return qvlClock") == 10_000
    stage.browser.ask("qvlClock = 9e6; core.ept0 -= 3.6e6")
    world.step(world.expert().action)
    metrics = world.outcome().metrics
    assert metrics["raw_reward"] == 1.0
    assert metrics["timed_reward"] == pytest.approx(0.6, abs=0.05)
    world.reset(seed=3)
    stage.browser.ask("qvlClock = 10000; core.ept0 -= 11000")
    world.step(world.expert().action)
    assert world.outcome().metrics == {"raw_reward": 1.0, "timed_reward": -1.0}
    assert world.outcome().success


def test_saying_done_ends_an_episode_and_wins_nothing(stage: Stage) -> None:
    world = MiniWoB("enter-text", stage=stage)
    world.reset(seed=4)
    _, reward, over, _, _ = world.step(Done())
    assert (reward, over, world.outcome().success) == (0.0, True, False)


NOTED = """
window.noted = [];
for (const kind of ['click', 'dblclick', 'contextmenu', 'auxclick', 'wheel'])
  addEventListener(kind, e => noted.push([kind, e.button ?? 0, e.pageX, e.pageY]));
"""

MIDDLE = Point(80.5 / 160, 150.5 / 210)


def test_a_mouse_does_what_it_is_told_to_the_pixel(stage: Stage) -> None:
    world = MiniWoB("enter-text", stage=stage)
    world.reset(seed=4)
    stage.browser.ask(NOTED)
    told: tuple[tuple[Action, str, int], ...] = (
        (Click(MIDDLE), "click", 0),
        (DoubleClick(MIDDLE), "dblclick", 0),
        (RightClick(MIDDLE), "contextmenu", 2),
        (MiddleClick(MIDDLE), "auxclick", 1),
        (Scroll(-40, MIDDLE), "wheel", 0),
    )
    for action, kind, button in told:
        stage.browser.ask("noted.length = 0")
        world.step(action)
        assert [kind, button, 80, 150] in stage.browser.ask("return noted"), action


def test_a_drag_selects_text_and_keys_work_on_it(stage: Stage) -> None:
    world = MiniWoB("enter-text", stage=stage)
    world.reset(seed=4)

    def value() -> str:
        return str(stage.browser.ask("return document.querySelector('#tt').value"))

    *_, field = (word for word in world.scene() if word.word == "field")  # the task says it too
    at = Point((field.x + field.w / 2) / 160, (field.y + field.h / 2) / 210)
    world.step(Click(at))
    world.step(Type("Ünë 你好"))
    assert value() == "Ünë 你好"
    world.step(Hotkey(("ctrl", "a")))
    world.step(Hotkey(("backspace",)))
    assert value() == ""
    world.step(Type("abc"))
    world.step(Drag(at, Point(field.x / 160, at.y)))
    world.step(Type("x"))
    assert value() == "x"
    world.step(MoveTo(Point(0, 0)))
    world.step(Wait(0.1))
    assert value() == "x"


def test_the_largest_page_can_be_clicked_to_its_last_pixel(stage: Stage) -> None:
    world = MiniWoB("flight.AA", stage=stage)
    seen, _ = world.reset(seed=4)
    assert seen.image.shape == (667, 375, 3)
    stage.browser.ask(NOTED)
    world.step(MoveTo(Point(1, 1)))
    world.step(Click(Point(1, 1)))
    assert stage.alive()


def test_there_is_no_expert_for_every_task(stage: Stage) -> None:
    world = MiniWoB("tic-tac-toe", stage=stage)
    world.reset(seed=1)
    with pytest.raises(UsageError, match="has no expert"):
        world.expert()


def test_wrong_names_are_told_before_a_browser_starts() -> None:
    with pytest.raises(UsageError, match="no task"):
        MiniWoB("click-nothing")
    with pytest.raises(UsageError, match="browser or desktop"):
        MiniWoB(driver="phone")
