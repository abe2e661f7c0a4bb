import pytest

from qvl_agent.evals.aitz import score_step
from qvl_agent.evals.aitz.gold import Box
from qvl_agent.evals.aitz.marks import numbered

# Two lines of elements, the second element of the first line a little lower; (y, x, h, w).
FIRST: list[Box] = [(10, 20, 20, 30), (14, 80, 20, 30), (9, 150, 20, 30)]
SECOND: list[Box] = [(300, 10, 20, 40), (301, 90, 20, 40)]
SIZE = (270, 600)
GOLD = {
    "result_action_type": 4,
    "result_action_text": "",
    "result_touch_yx": "[0.035, 0.35]",
    "result_lift_yx": "[0.035, 0.35]",
    "coat_action_desc": "click on the second element",
    "ui_positions": [list(box) for box in SECOND + FIRST],
}


def stored(number: object, screen: str = "tag") -> dict[str, object]:
    call = {"ACTION": "click_element", "ARGS": {"idx": number}}
    return {"action_predict": {"COAT": {screen: call}}}


def test_elements_are_numbered_line_by_line_from_left_to_right() -> None:
    assert numbered([*reversed(SECOND), FIRST[2], FIRST[0], FIRST[1]]) == FIRST + SECOND
    assert numbered([]) == []


@pytest.mark.parametrize("protocol", ["coat", "qwen25vl"])
def test_a_number_means_its_element_under_both_rules(protocol: str) -> None:
    def exact(prediction: dict[str, object]) -> bool:
        return score_step(GOLD, prediction, protocol=protocol, image_size=SIZE).exact_match

    assert exact(stored(1))
    assert exact(stored("1"))
    assert not exact(stored(4))
    assert not exact(stored(1, screen="txt"))


@pytest.mark.parametrize("number", [0, -1, 99, None, "x", [1], float("inf"), 10**400])
def test_a_number_of_no_element_is_no_match(number: object) -> None:
    assert not score_step(GOLD, stored(number), protocol="coat", image_size=SIZE).exact_match
