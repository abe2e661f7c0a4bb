import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).parents[3].resolve().parent / "shared" / "data"

Record = dict[str, Any]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared reference data is not here")
    return SHARED


@pytest.fixture
def step_record() -> Callable[..., Record]:
    """Make a click on the only element of a 270 x 600 screen, in the dataset's own form."""

    def make(subset: str, episode: str, index: int, length: int, **changes: Any) -> Record:
        name = f"{subset.upper()}-{episode}"
        return {
            "episode_id": episode,
            "episode_length": length,
            "step_id": index,
            "instruction": "open the clock",
            "ui_positions": "[[300, 135, 60, 54]]",
            "ui_text": '["OK"]',
            "ui_types": '["TEXT"]',
            "result_action_type": 4,
            "result_action_text": "",
            "result_touch_yx": "[0.55, 0.6]",
            "result_lift_yx": "[0.55, 0.6]",
            "image_path": f"{subset}/{name}/{name}_{index}.png",
            "image_full_path": "somewhere/else.png",
            "coat_screen_desc": "a screen",
            "coat_action_think": "the button is there",
            "coat_action_desc": "click on the button",
            "coat_action_result": "it opens",
        } | changes

    return make


@pytest.fixture
def write_episode() -> Callable[[Path, str, str, list[Record]], Path]:
    """Write an episode's JSON and screenshots under FOLDER/SUBSET/."""

    def write(folder: Path, subset: str, episode: str, steps: list[Record]) -> Path:
        name = f"{subset.upper()}-{episode}"
        path = folder / subset / name
        path.mkdir(parents=True)
        (path / f"{name}.json").write_text(json.dumps(steps))
        screen = Image.fromarray(np.zeros((600, 270, 3), np.uint8))
        for step in steps:
            screen.save(path / f"{name}_{step['step_id']}.png")
        return path

    return write
