from typing import Literal

import numpy as np
import pytest

from qvl_agent.actions.household import Region
from qvl_agent.envs.household.body import Sight
from qvl_agent.envs.household.grounding import BoxSegmenter, OracleSegmenter
from qvl_agent.evals.alfred.segmenting import measure, views


class _Everything:
    """A segmenter that takes the whole picture for the object."""

    name = "everything"

    def mask(self, sight: Sight, region: Region) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.ones(sight.image.shape[:2], dtype=bool)


@pytest.mark.parametrize("prompt", ["point", "box"])
def test_the_measure_tells_a_perfect_segmenter_from_a_useless_one(
    prompt: Literal["point", "box"],
) -> None:
    perfect = measure(OracleSegmenter(), count=30, prompt=prompt)
    assert (perfect.count, perfect.mean_iou, perfect.matched, perfect.right) == (30, 1.0, 1.0, 1.0)
    useless = measure(_Everything(), count=30, prompt=prompt)
    assert useless.matched == 0
    assert useless.right < 0.2


def test_a_box_is_no_outline() -> None:
    box = measure(BoxSegmenter(), count=30, prompt="box")
    assert 0.5 < box.mean_iou < 0.95


def test_views_are_the_same_for_a_seed_and_points_lie_inside() -> None:
    for a, b in zip(views(12, seed=3), views(12, seed=3), strict=True):
        assert a.key == b.key
        np.testing.assert_array_equal(a.mask, b.mask)
        spot = a.region("point").point
        assert a.mask[int(spot.y * 300), int(spot.x * 300)]
