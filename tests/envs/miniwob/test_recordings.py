from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.desktop import Click, desktop_space
from qvl_agent.actions.errors import DataError
from qvl_agent.actions.types import Point
from qvl_agent.envs.miniwob import MiniWoB
from qvl_agent.envs.miniwob.recordings import TRAINING_SEED, play, read, write
from qvl_agent.envs.miniwob.stage import Stage
from qvl_agent.evals.miniwob import SEEDS


def test_what_is_learnt_from_is_never_measured() -> None:
    assert TRAINING_SEED > SEEDS


def test_an_episode_comes_back_from_a_file_as_it_was_played(stage: Stage, tmp_path: Path) -> None:
    world = MiniWoB("enter-text", stage=stage)
    episode = play(world, TRAINING_SEED)
    assert episode.won
    assert [step.call.function for step in episode.steps] == ["Click", "Type", "Click"]
    file = tmp_path / "enter-text.npz"
    write(file, episode.steps)
    steps = read(file)
    assert [step.to_json() for step in steps] == [step.to_json() for step in episode.steps]
    first, _ = world.reset(seed=TRAINING_SEED)
    assert np.array_equal(steps[0].image, first.image)
    wanted = steps[0].decision(desktop_space())
    assert (steps[0].task, wanted.thought) == (world.task, "Click the field.")
    assert isinstance(wanted.action, Click)
    field = steps[0].drawn[-1]
    assert field.word == "field"
    assert _holds(field.x, field.y, field.w, field.h, wanted.action.point)


def _holds(x: float, y: float, w: float, h: float, point: Point) -> bool:
    return x <= point.x * 160 <= x + w and y <= point.y * 210 <= y + h


@pytest.mark.parametrize("broken", [b"", b"hello", b"PK\x03\x04 cut"])
def test_a_broken_file_is_told_by_its_name(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "broken.npz"
    file.write_bytes(broken)
    with pytest.raises(DataError, match=r"broken\.npz holds no recorded steps"):
        read(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recorded steps"):
        read(tmp_path / "none.npz")
