import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.mobile import Answer, Back, Home, LongPress, OpenApp, Swipe, Tap, Type, Wait
from qvl_agent.actions.types import Action, Point
from qvl_agent.evals.androidcontrol import Step, load, score_step

ACTIONS: list[dict[str, Any]] = [
    {"action_type": "open_app", "app_name": "Zoho Meeting"},
    {"action_type": "click", "x": 540, "y": 1200},
    {"action_type": "scroll", "direction": "down"},
    {"action_type": "input_text", "text": "weekly report"},
    {"action_type": "long_press", "x": 100, "y": 200},
    {"action_type": "navigate_back"},
    {"action_type": "wait"},
]
RIGHT: list[Action] = [
    OpenApp("zoho meeting"),
    Tap(Point(0.5, 0.5)),
    Swipe(start=Point(0.5, 0.8), end=Point(0.5, 0.2)),  # the finger goes up, the view down
    Type("Weekly report"),
    LongPress(Point(100 / 1080, 200 / 2400)),
    Back(),
    Wait(),
]


def record(**changes: Any) -> dict[str, Any]:
    count = len(ACTIONS)
    return {
        "episode_id": 27,
        "goal": "Open the Zoho Meet app.",
        "actions": [json.dumps(action) for action in ACTIONS],
        "step_instructions": [f"do {i}" for i in range(count)],
        "screenshot_widths": [1080] * (count + 1),
        "screenshot_heights": [2400] * (count + 1),
        "ui_positions": [[[1100, 500, 200, 400]] for _ in range(count)],
    } | changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "screenshots").mkdir()
    for i in range(len(ACTIONS)):
        Image.fromarray(np.zeros((24, 10, 3), np.uint8)).save(
            tmp_path / "screenshots" / f"27_{i}.png"
        )
    (tmp_path / "episodes.jsonl").write_text(json.dumps(record()) + "\n")
    return tmp_path


@pytest.fixture
def steps(folder: Path) -> tuple[Step, ...]:
    ((episode,), bad) = load(folder)
    assert bad == []
    return episode.steps


@pytest.mark.parametrize("rule", ["qwen", "os-atlas"])
def test_the_right_actions_are_exact_under_both_rules(steps: tuple[Step, ...], rule: str) -> None:
    for step, action in zip(steps, RIGHT, strict=True):
        assert score_step(step, action, rule=rule).exact_match, step.kind


def test_the_two_rules_differ_in_place_and_text(steps: tuple[Step, ...]) -> None:
    click, text = steps[1], steps[3]
    in_element = Tap(Point(0.8, 0.5))  # 0.3 away, inside an element near the reference
    near = Tap(Point(0.5, 0.6))  # 0.1 away, outside it
    shares = Type("the weekly report please")
    part = Type("week")
    verdicts = {
        (rule, name): score_step(step, action, rule=rule).exact_match
        for rule in ("qwen", "os-atlas")
        for name, step, action in (
            ("in element", click, in_element),
            ("near", click, near),
            ("shares words", text, shares),
            ("part", text, part),
        )
    }
    assert verdicts == {
        ("qwen", "in element"): True,
        ("qwen", "near"): False,
        ("qwen", "shares words"): True,
        ("qwen", "part"): True,
        ("os-atlas", "in element"): False,
        ("os-atlas", "near"): True,
        ("os-atlas", "shares words"): True,
        ("os-atlas", "part"): False,
    }


def test_a_scroll_down_is_a_finger_that_moves_up(steps: tuple[Step, ...]) -> None:
    assert score_step(steps[2], Swipe(direction="up")).exact_match
    assert not score_step(steps[2], Swipe(direction="down")).exact_match


def test_other_actions_are_type_misses_and_no_answer_a_format_miss(
    steps: tuple[Step, ...],
) -> None:
    assert score_step(steps[1], Home()).format_hit
    assert not score_step(steps[1], Home()).type_match
    assert not score_step(steps[1], LongPress(Point(0.5, 0.5))).type_match
    assert not score_step(steps[1], None).format_hit
    assert not score_step(steps[1], Answer("yes")).format_hit


def test_the_low_setting_tells_the_step_and_the_high_one_does_not(
    steps: tuple[Step, ...],
) -> None:
    assert steps[1].told("high") == "Open the Zoho Meet app."
    assert "do 1" in steps[1].told("low")


def test_an_unknown_rule_is_a_usage_error(steps: tuple[Step, ...]) -> None:
    with pytest.raises(UsageError, match="qwen, os-atlas"):
        score_step(steps[0], None, rule="best")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"actions": ["{"]}, "not a record"),
        ({"actions": [json.dumps({"action_type": "fly"})] * 7}, "action_type"),
        ({"actions": [json.dumps({"action_type": "click", "x": "1"})] * 7}, "click needs a x"),
        (
            {"actions": [json.dumps({"action_type": "scroll", "direction": "in"})] * 7},
            "scroll needs a direction",
        ),
        ({"step_instructions": []}, "do not belong together"),
        ({"screenshot_widths": [0] * 8}, "positive pixels"),
        ({"ui_positions": [[[1, 2]]] * 7}, "elements must be"),
        ({"episode_id": "../../etc"}, "digits"),
        ({"episode_id": 28}, "28_0.png"),
    ],
)
def test_a_malformed_episode_is_named_and_skipped_only_on_request(
    folder: Path, change: dict[str, Any], named: str
) -> None:
    lines = [json.dumps(record()), json.dumps(record(**change))]
    (folder / "episodes.jsonl").write_text("\n".join(lines))
    with pytest.raises(DataError, match="line 2") as caught:
        load(folder)
    assert named in str(caught.value)
    episodes, bad = load(folder, skip_bad=True)
    assert (len(episodes), len(bad)) == (1, 1)


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gs://gresearch/android_control"):
        load(tmp_path)
