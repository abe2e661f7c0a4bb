import re
from typing import Any

import pytest

from qvl_agent.actions.functions import ToolCall
from qvl_agent.actions.mobile import Home, Swipe, Tap, Type
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.page.drawing import caption, overlay
from qvl_agent.agent.record import action_record


def drawn(action: Action) -> str:
    made = overlay(action_record(action), 400, 800)
    return "" if made is None else str(made)


def numbers(pattern: str, svg: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, found)) for found in re.findall(pattern, svg)]


def rings(svg: str) -> list[tuple[float, ...]]:
    return numbers(r'<circle class="ring"[^>]* cx="([\d.]+)" cy="([\d.]+)"', svg)


def lines(svg: str) -> list[tuple[float, ...]]:
    pattern = r'<line class="ring"[^>]* x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"'
    return numbers(pattern, svg)


def tips(svg: str) -> list[tuple[float, ...]]:
    return numbers(r'<polygon class="dot" points="([\d.]+),([\d.]+) ', svg)


def test_a_tap_is_a_ring_around_its_point() -> None:
    svg = drawn(Tap(Point(0.25, 0.5)))
    assert 'viewBox="0 0 400 800"' in svg
    assert rings(svg) == [(100, 400)]
    assert lines(svg) == []


def test_a_swipe_by_points_is_an_arrow_from_one_to_the_other() -> None:
    svg = drawn(Swipe(start=Point(0.5, 0.75), end=Point(0.5, 0.25)))
    assert [line[:2] for line in lines(svg)] == [(200, 600)]
    assert tips(svg) == [(200, 200)]
    assert rings(svg) == []


@pytest.mark.parametrize(
    ("direction", "tip"),
    [("up", (200, 224)), ("down", (200, 576)), ("left", (112, 400)), ("right", (288, 400))],
)
def test_a_swipe_by_direction_is_an_arrow_through_the_middle(
    direction: Any, tip: tuple[float, float]
) -> None:
    assert tips(drawn(Swipe(direction=direction))) == [tip]


def test_a_users_tool_with_points_anywhere_is_drawn_too() -> None:
    call = ToolCall("mark", {"spots": [Point(0.5, 0.5), Point(1, 1)], "why": "look"})
    assert rings(drawn(call)) == [(200, 400), (400, 800)]


@pytest.mark.parametrize("action", [Home(), Type("up"), ToolCall("go", {"direction": "home"})])
def test_an_action_without_a_place_draws_nothing(action: Action) -> None:
    assert drawn(action) == ""


def test_a_swipe_of_no_length_is_still_drawn() -> None:
    assert tips(drawn(Swipe(start=Point(0.5, 0.5), end=Point(0.5, 0.5)))) == [(200, 400)]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Home(), "Home"),
        (Tap(Point(0.1, 0.1)), "Tap"),
        (Type("pizza"), "Type “pizza”"),
        (Type("p" * 99), f"Type “{'p' * 59}…”"),
        (ToolCall("buy", {"count": 3}), "buy 3"),
    ],
)
def test_a_caption_says_the_action_without_its_points(action: Action, words: str) -> None:
    assert caption(action_record(action)) == words


def test_a_mask_is_drawn_strip_by_strip_and_scaled_to_the_picture() -> None:
    mask = {"size": [10, 10], "runs": [[8, 4], [25, 1]]}
    svg = str(overlay(action_record(Tap(Point(0.5, 0.5))), 400, 800, mask=mask))
    assert 'd="M8 0h2v1h-2zM0 1h2v1h-2zM5 2h1v1h-1z"' in svg
    assert 'transform="scale(40 80)"' in svg


def test_two_corners_are_a_box_and_no_rings() -> None:
    points = {"point": {"x": 0.5, "y": 0.5}, "corner": {"x": 0.25, "y": 1}}
    record = {"type": "Pick", "arguments": points}
    svg = str(overlay(record, 400, 800))
    assert re.search(r'<rect class="ring"[^>]* x="100[^"]*" y="400[^"]*" width="100[^"]*"', svg)
    assert rings(svg) == []


@pytest.mark.parametrize(
    "mask",
    [None, 3, {}, {"size": [10], "runs": []}, {"size": [0, 0], "runs": [[0, 1]]}]
    + [{"size": [4, 4], "runs": [["<script>", 1]]}, {"size": [4, 4], "runs": [3]}],
)
def test_what_is_no_mask_is_not_drawn(mask: Any) -> None:
    svg = str(overlay(action_record(Tap(Point(0.5, 0.5))), 400, 800, mask=mask))
    assert "<path" not in svg
    assert "script" not in svg
