"""A click lands where the picture said, whatever its scale, whatever part of the screen it is."""

import random
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.desktop import (
    Click,
    DoubleClick,
    Drag,
    MiddleClick,
    MoveTo,
    RightClick,
    Scroll,
)
from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.actions.types import Point
from qvl_agent.envs.base import Image
from qvl_agent.envs.desktop import Box, Desktop, DesktopEnv, View
from qvl_agent.envs.screen import Settling

Target = Any
AT_ONCE = Settling(interval_s=0.002, cap_s=0.001, margin=0.0)


class Dense:
    """A desktop whose pictures have more pixels than its pointer has units."""

    def __init__(self, desktop: Desktop, scale: float, squeeze: float = 1.0) -> None:
        self._desktop = desktop
        self._scale = scale
        self._squeeze = squeeze

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desktop, name)

    def screenshot(self, box: Box) -> Image:
        image = self._desktop.screenshot(box)
        height, width = image.shape[:2]
        rows = np.arange(round(height * self._scale * self._squeeze)) / self._scale / self._squeeze
        columns = np.arange(round(width * self._scale)) / self._scale
        dense: Image = image[rows.astype(int)][:, columns.astype(int)]
        return dense

    def close(self) -> None:
        """The desktop is another world's."""


@pytest.mark.parametrize("number", [50, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_clicks_at_random_pixels_land_within_one_unit(
    env: DesktopEnv, target: Target, scale: float, number: int
) -> None:
    world = DesktopEnv(Dense(env.desktop, scale), task="click", settling=AT_ONCE)
    observation, info = world.reset()
    height, width = observation.image.shape[:2]
    assert (width, height) == (round(320 * scale), round(240 * scale))
    assert info["scale"] == (scale, scale)
    rng, worst = random.Random(7), 0.0
    for _ in range(number):
        x, y = rng.randrange(width), rng.randrange(height)
        world.step(Click(Point((x + 0.5) / width, (y + 0.5) / height)))
        ((button, at_x, at_y),) = target.clicks()
        assert button == 1
        worst = max(worst, abs(at_x - x / scale), abs(at_y - y / scale))
    assert worst <= 1.0
    world.close()


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_what_is_seen_is_what_is_hit(env: DesktopEnv, target: Target, scale: float) -> None:
    """From the picture back to the window: a dot is found by its colour, and clicked."""
    world = DesktopEnv(Dense(env.desktop, scale), task="hit it", settling=AT_ONCE)
    for at in [(0, 0), (319, 239), (319, 0), (17, 201), (233, 58)]:
        target.dot(*at)
        observation, _ = world.reset()
        height, width = observation.image.shape[:2]
        ys, xs = np.nonzero((observation.image == (255, 0, 0)).all(axis=2))
        assert len(xs) >= 1
        world.step(Click(Point((xs.mean() + 0.5) / width, (ys.mean() + 0.5) / height)))
        ((_, *hit),) = target.clicks()
        # Enlarged by a fraction, a dot may be as wide as its neighbour.
        off = 0 if scale in (1.0, 2.0) else 1
        assert np.abs(np.subtract(hit, at)).max() <= off
    world.close()


def test_the_ends_of_the_grid_are_the_last_pixels(env: DesktopEnv, target: Target) -> None:
    env.step(Click(Point(0.0, 0.0)))
    env.step(Click(Point(1.0, 1.0)))
    assert target.clicks() == [(1, 0, 0), (1, 319, 239)]


def test_points_of_a_region_are_points_in_it(env: DesktopEnv, target: Target) -> None:
    world = DesktopEnv(env.desktop, task="x", view="region:100,50,200x80", settling=AT_ONCE)
    assert world.reset()[0].image.shape == (80, 200, 3)
    world.step(Click(Point(0.5, 0.5)))
    world.step(Click(Point(1.0, 1.0)))
    assert target.clicks() == [(1, 200, 90), (1, 299, 129)]


def test_each_action_presses_what_it_says(env: DesktopEnv, target: Target) -> None:
    at = Point(0.25, 0.25)
    for action, buttons in (
        (DoubleClick(at), [1, 1]),
        (RightClick(at), [3]),
        (MiddleClick(at), [2]),
        (MoveTo(at), []),
        (Scroll(300, at), [4, 4, 4]),
        (Scroll(-120), [5]),
        (Scroll(1), [4]),
        (Scroll(0), []),
    ):
        env.step(action)
        assert target.clicks() == [(button, 80, 60) for button in buttons], action


def test_a_drag_goes_by_way_of_what_lies_between(env: DesktopEnv, target: Target) -> None:
    from Xlib import X

    for action in (Drag(Point(0.25, 0.25), Point(0.5, 0.75)), Drag(end=Point(0.25, 0.25))):
        env.step(action)
        press, *moves, release = target.events()
        ends = [(press.root_x, press.root_y), (release.root_x, release.root_y)]
        assert ends == ([(80, 60), (160, 180)] if action.start else [(160, 180), (80, 60)])
        assert (press.type, release.type) == (X.ButtonPress, X.ButtonRelease)
        assert len({(move.root_x, move.root_y) for move in moves}) >= 4
        assert target.pressed() == ([], 0)


def test_a_picture_of_another_shape_than_the_screen_is_an_error(env: DesktopEnv) -> None:
    world = DesktopEnv(Dense(env.desktop, 1.0, squeeze=0.9), task="x", settling=AT_ONCE)
    with pytest.raises(DeviceError, match="320x216 pixels: clicks would go astray"):
        world.reset()


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("region:0,0,321x240", "the region 0,0 321x240 lies off the screen, which is 0,0 320x240"),
        ("region:-1,0,10x10", "lies off the screen"),
        ("region:300,200,100x10", "lies off the screen"),
        ("monitor:7", "there is no monitor 7; there are 1"),
    ],
)
def test_a_view_off_the_screen_is_refused(env: DesktopEnv, view: str, told: str) -> None:
    world = DesktopEnv(env.desktop, task="x", view=view, settling=AT_ONCE)
    with pytest.raises(UsageError, match=told):
        world.reset()


@pytest.mark.parametrize(
    "text", ["", "region:1,2,3", "region:0,0,0x5", "window:", "monitor:x", "a"]
)
def test_a_view_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="a view is written as all, monitor:1, region"):
        View.of(text)


def test_a_region_may_be_written_with_commas_or_with_an_x() -> None:
    assert View.of("region:1,2,30,40") == View.of("region: 1, 2, 30x40")
