import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.mobile import Back, Done, LongPress, OpenApp, Swipe, Tap, Type
from qvl_agent.actions.types import Action, Point
from qvl_agent.evals.aitz import PROTOCOLS, expert_prediction, load, score_step

GOLD_CLICK = {
    "result_action_type": 4,
    "result_action_text": "",
    "result_touch_yx": "[0.55, 0.6]",
    "result_lift_yx": "[0.55, 0.6]",
    "coat_action_desc": "click on the button",
    "ui_positions": "[[300, 135, 60, 54]]",
}
SIZE = (270, 600)


def gold(kind: int, description: str, **changes: Any) -> dict[str, Any]:
    none = {"result_touch_yx": "[-1.0, -1.0]", "result_lift_yx": "[-1.0, -1.0]"}
    step = GOLD_CLICK | {"result_action_type": kind, "coat_action_desc": description}
    return step | ({} if kind == 4 else none) | changes


def test_every_recorded_vector_of_the_published_programs_is_reproduced(shared_data: Path) -> None:
    data = json.loads((shared_data / "aitz_match_vectors.json").read_text())
    differing = []
    for v in data["step_vectors"]:
        expected = {"qwen25vl": v.get("expected")}
        if v["scorer"] == "coat":
            expected = {
                "coat": v["expected_with_click_fix"],
                "coat-as-released": v["expected_as_released"],
            }
        for protocol, wanted in expected.items():
            score = score_step(
                v["gt"], v["pred"], protocol=protocol, image_size=tuple(v["image_size"])
            )
            if "raises" in wanted:  # where the program crashes there is no match
                wanted = {"type_match": False, "exact_match": False}
            got = {name: score[name] for name in wanted}
            if got != wanted:
                differing.append((v["id"], protocol, got, wanted))
    assert len(data["step_vectors"]) > 50
    assert differing == []


def test_the_expert_is_exact_under_every_rule_on_the_example_episode(shared_data: Path) -> None:
    for protocol in PROTOCOLS:
        for step in load(shared_data / "aitz").steps:
            score = score_step(step, expert_prediction(step.gold, protocol), protocol=protocol)
            assert score.exact_match, (protocol, step.step_id)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "prediction",
    [
        None,
        {},
        {"ACTION": None, "ARGS": None},
        {"ACTION": "press home", "ARGS": {}},
        {"ACTION": "click", "ARGS": {"bbox": "[1, 2, 3, 4]"}},
        {"ACTION": "click", "ARGS": {"bbox": [1, 2]}},
        {"ACTION": "click", "ARGS": {"bbox": [None, 1, 2, 3]}},
        {"ACTION": "click", "ARGS": {"bbox": [math.nan, math.inf, 1, 2]}},
        {"ACTION": "click", "ARGS": {"bbox": [10**400, 0, 1, 2]}},
        {"ACTION": "click", "ARGS": [1, 2]},
        {"ACTION": "input", "ARGS": {"text": ["pizza"]}},
        {"type": "click", "point": "near the top"},
        {"type": "click", "point": [10**400, 10**400]},
        {"type": "click", "point": [math.nan, math.nan]},
        {"type": "scroll", "to": {"x": 1}},
        {"type": "press", "button": 4},
        {"type": 5},
        {"POINT": [1], "to": []},
        {"POINT": [900, 900], "duration": "long"},
        {"STATUS": ["finish"]},
        {"STATUS": "finish", "POINT": [600, 550]},
        {"action_predict": {"COA": []}},
        {"action_predict": "text"},
        {"function": "Click", "args": {"point": None}},
        {"function": "rm -rf", "args": {}},
    ],
    ids=lambda p: str(p)[:50],
)
def test_no_prediction_is_exact_or_breaks_the_scorer(protocol: str, prediction: Any) -> None:
    score = score_step(GOLD_CLICK, prediction, protocol=protocol, image_size=SIZE)
    assert not score.exact_match


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["type", "point", "to", "text", "button", "direction", "ACTION", "ARGS", "STATUS", "bbox"]
    + ["POINT", "PRESS", "TYPE", "duration", "function", "args", "action_predict", "COA", "txt"]
)
WORDS = st.sampled_from(["click", "scroll", "input", "press_back", "stop", "Swipe", "Click", "up"])


@given(st.recursive(VALUES | WORDS, lambda v: st.dictionaries(KEYS, v | VALUES | WORDS)))
def test_no_answer_of_a_model_breaks_a_scorer(prediction: Any) -> None:
    for protocol in PROTOCOLS:
        score_step(GOLD_CLICK, prediction, protocol=protocol, image_size=SIZE)


@pytest.mark.parametrize(
    ("touch", "point", "exact"),
    [
        ("[0.595, 0.69]", [485, 495], True),  # 0.23 away, in the element only once enlarged
        ("[0.605, 0.6]", [500, 500], True),  # the reference too is in it only once enlarged
        ("[0.595, 0.69]", [475, 495], False),  # outside even then
        ("[0.2, 0.2]", [345, 200], False),  # in no element, 0.145 away
        ("[0.2, 0.2]", [335, 200], True),  # 0.135 away
    ],
)
def test_elements_are_enlarged_by_a_fifth_under_the_point_rule(
    touch: str, point: list[int], exact: bool
) -> None:
    step = GOLD_CLICK | {"result_touch_yx": touch, "result_lift_yx": touch}
    score = score_step(step, {"type": "click", "point": point}, image_size=SIZE)
    assert score.exact_match is exact


@pytest.mark.parametrize(
    ("touch", "left", "right", "exact"),
    [
        ("[0.55, 0.6]", 166, 206, True),  # pixels; holds the reference only once enlarged
        ("[0.55, 0.6]", 168, 208, False),
        ("[0.55, 0.51]", 150, 189, True),  # beside the reference; 0.72 over its element
        ("[0.55, 0.51]", 170, 189, False),  # 0.35 over its element
    ],
)
def test_boxes_are_enlarged_by_a_fifth_and_need_half_an_overlap_under_the_box_rule(
    touch: str, left: int, right: int, exact: bool
) -> None:
    step = GOLD_CLICK | {"result_touch_yx": touch, "result_lift_yx": touch}
    bbox = [left / 0.27, 500, right / 0.27, 600]
    prediction = {"ACTION": "click_element", "ARGS": {"bbox": bbox}}
    score = score_step(step, prediction, protocol="coat", image_size=SIZE)
    assert score.exact_match is exact


def test_the_click_slip_is_the_only_difference_between_the_two_coat_rules() -> None:
    on_target = {"ACTION": "click_element", "ARGS": {"bbox": [560, 500, 640, 600]}}
    on_corner = {"ACTION": "click_element", "ARGS": {"bbox": [0, 0, 50, 50]}}
    exact = {
        (protocol, name): score_step(
            GOLD_CLICK, box, protocol=protocol, image_size=SIZE
        ).exact_match
        for protocol in ("coat", "coat-as-released")
        for name, box in (("target", on_target), ("corner", on_corner))
    }
    assert exact == {
        ("coat", "target"): True,
        ("coat", "corner"): False,
        ("coat-as-released", "target"): False,
        ("coat-as-released", "corner"): True,
    }


@pytest.mark.parametrize("protocol", ["qwen25vl", "coat"])
@pytest.mark.parametrize(
    ("step", "action"),
    [
        (GOLD_CLICK, Tap(Point(0.6, 0.55))),
        (GOLD_CLICK, LongPress(Point(0.6, 0.55))),
        (GOLD_CLICK, Swipe(start=Point(0.6, 0.55), end=Point(0.6, 0.57))),
        (
            gold(4, "scroll up", result_lift_yx="[0.1, 0.6]"),
            Swipe(start=Point(0.5, 0.9), end=Point(0.5, 0.2)),
        ),
        (gold(4, "scroll up", result_lift_yx="[0.1, 0.6]"), Swipe(direction="up")),
        (gold(3, 'input text "pizza"', result_action_text="pizza"), Type("pizza")),
        (gold(5, "press the back button"), Back()),
        (gold(10, "stop and set the query as completed"), Done()),
        (gold(11, "stop and set the query as impossible"), Done()),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, Action) else "",
)
def test_typed_actions_are_judged_under_rules_for_points_and_for_boxes(
    protocol: str, step: dict[str, Any], action: Action
) -> None:
    assert score_step(step, action, protocol=protocol, image_size=SIZE).exact_match


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_action_that_the_benchmark_does_not_have_is_a_format_miss(protocol: str) -> None:
    score = score_step(GOLD_CLICK, OpenApp("Clock"), protocol=protocol, image_size=SIZE)
    assert not score.format_hit


def test_a_point_outside_all_elements_stands_for_a_small_square_under_the_box_rule() -> None:
    step = GOLD_CLICK | {"ui_positions": "[]"}
    near = {"type": "click", "point": [640, 550]}
    far = {"type": "click", "point": [660, 550]}
    assert score_step(step, near, protocol="coat", image_size=SIZE).exact_match
    assert not score_step(step, far, protocol="coat", image_size=SIZE).exact_match


def test_all_stored_forms_of_one_click_get_the_same_score() -> None:
    forms: list[dict[str, Any]] = [
        {"type": "click", "point": [600, 550]},
        {"POINT": [600, 550]},
        {"function": "Click", "args": {"point": [600, 550]}},
        {"ACTION": {"POINT": [600, 550]}, "ARGS": {"duration": 200}, "STATUS": "continue"},
        {"action_predict": {"COA": {"txt": {"ACTION": {"POINT": [600, 550]}, "ARGS": {}}}}},
        {"ACTION": "click_element", "ARGS": {"bbox": [590, 540, 610, 560]}},
    ]
    scores = {score_step(GOLD_CLICK, form, image_size=SIZE) for form in forms}
    assert len(scores) == 1
    assert scores.pop().exact_match


def test_a_touch_longer_than_the_default_is_a_long_press_and_no_click() -> None:
    score = score_step(GOLD_CLICK, {"POINT": [600, 550], "duration": 1000}, image_size=SIZE)
    assert (score.format_hit, score.type_match) == (True, False)


def test_waiting_counts_as_stopping_under_the_point_rule_only() -> None:
    step = gold(10, "stop and set the query as completed")
    assert score_step(step, {"duration": 3000}, image_size=SIZE).exact_match
    assert not score_step(step, {"duration": 3000}, protocol="coat", image_size=SIZE).format_hit


def test_the_two_rules_part_on_a_near_diagonal_scroll() -> None:
    step = gold(4, "scroll up", result_touch_yx="[0.6, 0.6]", result_lift_yx="[0.33, 0.3]")
    up = {"type": "scroll", "point": [500, 500], "to": "up"}
    assert score_step(step, up, protocol="coat", image_size=SIZE).exact_match
    assert not score_step(step, up, protocol="qwen25vl", image_size=SIZE).exact_match


def test_an_unknown_protocol_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="qwen25vl, coat, coat-as-released"):
        score_step(GOLD_CLICK, None, protocol="best", image_size=SIZE)


def test_a_record_without_a_size_is_a_callers_bug() -> None:
    with pytest.raises(ValueError, match="image_size"):
        score_step(GOLD_CLICK, None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"result_touch_yx": "[0.5"}, "result_touch_yx"),
        ({"result_touch_yx": "[NaN, 0]"}, "result_touch_yx"),
        ({"ui_positions": "[[1, 2, 3]]"}, "ui_positions"),
        ({"ui_positions": "7"}, "ui_positions"),
        ({"result_action_type": 99}, "result_action_type"),
        ({"result_action_text": None}, "result_action_text"),
    ],
)
def test_a_malformed_reference_step_names_its_field(change: dict[str, Any], named: str) -> None:
    with pytest.raises(DataError, match=named):
        score_step(GOLD_CLICK | change, None, image_size=SIZE)
