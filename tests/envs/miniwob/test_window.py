"""The real window: the same picture, and mouse and keyboard that arrive."""

import numpy as np
import pytest

from qvl_agent.envs.miniwob import MiniWoB
from qvl_agent.envs.miniwob.stage import Stage


@pytest.mark.parametrize("name", ["click-test-2", "enter-text"])
def test_it_shows_what_the_browser_shows_and_its_hands_do_the_task(
    window: Stage, name: str
) -> None:
    world = MiniWoB(name, stage=window)
    seen, _ = world.reset(seed=9)
    assert np.array_equal(seen.image, window.browser.picture(160, 210))
    for _ in range(6):
        *_, over, _, info = world.step(world.expert().action)
        assert "error" not in info
        if over:
            break
    assert world.outcome().success
