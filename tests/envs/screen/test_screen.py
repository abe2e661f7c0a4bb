import numpy as np
import pytest

from qvl_agent.actions import Point
from qvl_agent.envs.screen import (
    Progress,
    Settling,
    is_black,
    same_picture,
    settle,
    to_pixels,
    turned,
)


def picture(value: int = 120, height: int = 100, width: int = 50) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_two_equal_pictures_end_the_waiting() -> None:
    frames = iter([picture(1), picture(90), picture(200), picture(200), picture(5)])
    waits: list[float] = []
    settled = settle(lambda: next(frames), waits.append, Settling(interval_s=0.25))
    assert settled.still
    assert settled.looks == 4
    assert waits == [0.25, 0.25, 0.25]
    assert settled.image[0, 0, 0] == 200


def test_a_video_ends_at_the_cap() -> None:
    shade = iter(range(0, 250, 40))
    settled = settle(lambda: picture(next(shade)), lambda s: None, Settling(0.5, cap_s=2.0))
    assert not settled.still
    assert settled.waited_s == 2.0
    assert settled.looks == 5


def test_the_clock_of_the_status_bar_is_not_looked_at() -> None:
    one, other = picture(height=1000), picture(height=1000)
    other[:30] = 255
    assert same_picture(one, other, margin=0.036)
    assert not same_picture(one, other)


def test_a_cursor_is_tolerated_and_a_spinner_is_not() -> None:
    one = picture(height=840, width=392)
    cursor, spinner = one.copy(), one.copy()
    cursor[400:418, 100:102] = 0
    spinner[400:440, 100:140] = 0
    assert same_picture(one, cursor)
    assert not same_picture(one, spinner)


def test_pictures_of_different_size_are_different() -> None:
    assert not same_picture(picture(), picture(height=50, width=100))


@pytest.mark.parametrize(
    ("point", "pixel"), [((0, 0), (0, 0)), ((1, 1), (391, 839)), ((0.5, 0.5), (196, 420))]
)
def test_points_fall_on_pixels_of_the_picture(
    point: tuple[float, float], pixel: tuple[int, int]
) -> None:
    assert to_pixels(Point(*point), 392, 840) == pixel


def test_black_is_black_everywhere() -> None:
    assert is_black(picture(0))
    assert is_black(picture(8))
    nearly = picture(0)
    nearly[3, 3] = 255
    assert not is_black(nearly)


def test_turning_is_told_from_resizing() -> None:
    assert turned(picture(), picture(height=50, width=100))
    assert not turned(picture(), picture(height=200, width=100))


def test_actions_without_effect_are_counted() -> None:
    progress = Progress()
    progress.start(picture(1))
    assert [progress.note(picture(v)) for v in (1, 1, 200, 200)] == [1, 2, 0, 1]


@pytest.mark.parametrize("width", [50, 51, 64])
def test_equal_pictures_are_the_same_however_they_lie_in_memory(width: int) -> None:
    one = np.random.default_rng(3).integers(0, 256, (33, width, 3), dtype=np.uint8)
    for other in (one.copy(), np.asfortranarray(one), one[::-1].copy()[::-1]):
        assert same_picture(one, other)
    assert not same_picture(one, one[::-1])


def test_what_may_differ_can_be_narrowed() -> None:
    one = picture()
    other = one.copy()
    other[50, 20] = 255
    assert same_picture(one, other)
    assert not same_picture(one, other, tolerated=0.0)
