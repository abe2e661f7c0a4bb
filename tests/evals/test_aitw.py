import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.aitw import GestureAction, actions_match, mean_over_datasets

SHARED = Path(__file__).parents[2].resolve().parent / "shared" / "data"
NO_BOX = [[0, 0, 0, 0]]


def gesture(touch: tuple[float, float], lift: tuple[float, float] | None = None) -> GestureAction:
    return GestureAction(4, touch, lift or touch)


def test_every_recorded_vector_is_reproduced_in_both_orders() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared reference data is not here")
    vectors = json.loads((SHARED / "aitw_match_vectors.json").read_text())["vectors"]
    assert len(vectors) > 20
    for v in vectors:
        for a, b in ((v["a1"], v["a2"]), (v["a2"], v["a1"])):
            if v["expected"] == "raises ValueError":
                with pytest.raises(ValueError, match="boxes"):
                    actions_match(a, b, v["boxes"])
            else:
                assert actions_match(a, b, v["boxes"]) is v["expected"], v["note"]


def test_thresholds_are_compared_in_single_precision() -> None:
    # 0.54 - 0.50 is above 0.04 in float32 and below it in no decimal: a drag.
    drag = gesture((0.5, 0.5), (0.54, 0.5))
    assert not actions_match(drag, gesture((0.5, 0.5)), NO_BOX)
    assert actions_match(gesture((0.0, 0.0), (0.04, 0.0)), gesture((0.0, 0.0)), NO_BOX)
    assert actions_match(gesture((0.5, 0.5)), gesture((0.64, 0.5)), NO_BOX)


def test_drags_match_by_axis_whatever_the_direction() -> None:
    up, down = gesture((0.8, 0.5), (0.2, 0.5)), gesture((0.2, 0.5), (0.8, 0.5))
    right = gesture((0.5, 0.2), (0.5, 0.8))
    assert actions_match(up, down, NO_BOX)
    assert not actions_match(up, right, NO_BOX)


def test_a_box_at_the_edge_keeps_its_full_size_and_reaches_further_in() -> None:
    corner = [[0.0, 0.0, 0.1, 0.1]]  # 2.4 times as large: to 0.24
    assert actions_match(gesture((0.02, 0.02)), gesture((0.23, 0.23)), corner)
    assert not actions_match(gesture((0.02, 0.02)), gesture((0.25, 0.25)), corner)


def test_typed_text_is_never_compared_but_the_two_ends_differ() -> None:
    def plain(kind: int) -> GestureAction:
        return GestureAction(kind, (-1, -1), (-1, -1))

    assert actions_match(plain(3), plain(3), NO_BOX)
    assert not actions_match(plain(10), plain(11), NO_BOX)


def test_a_step_of_the_dataset_is_an_action_too() -> None:
    step = {
        "result_action_type": 4,
        "result_touch_yx": "[0.5, 0.5]",
        "result_lift_yx": "[0.5, 0.5]",
    }
    assert actions_match(step, gesture((0.5, 0.5)), NO_BOX)


@pytest.mark.parametrize("record", [{}, {"type": 4}, {"type": 4, "touch_yx": [1], "lift_yx": []}])
def test_a_malformed_action_is_a_data_error(record: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="touch_yx"):
        actions_match(record, gesture((0.5, 0.5)), NO_BOX)


def test_boxes_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n, 4\)"):
        actions_match(gesture((0, 0)), gesture((0, 0)), np.zeros((3, 5)))


def test_the_published_score_is_the_mean_over_datasets() -> None:
    assert mean_over_datasets({"general": [True] * 9 + [False], "single": [False]}) == 0.45
    with pytest.raises(ValueError, match="at least one"):
        mean_over_datasets({"general": []})
