import json
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.evals.alfred.data import (
    Trajectory,
    decode_mask,
    encode_mask,
    episodes,
    find_trajectories,
    read_trajectory,
)


def test_every_trajectory_of_the_sample_is_read(trajectories: list[Trajectory]) -> None:
    assert len(trajectories) == 28
    planned = [t for t in trajectories if t.has_plan]
    assert len(planned) == 27
    assert {t.goal.task_type for t in planned if t.goal} == {
        "look_at_obj_in_light",
        "pick_and_place_simple",
        "pick_and_place_with_movable_recep",
        "pick_clean_then_place_in_recep",
        "pick_cool_then_place_in_recep",
        "pick_heat_then_place_in_recep",
        "pick_two_obj_and_place",
    }
    assert all(t.annotations and all(a.goal for a in t.annotations) for t in trajectories)


def test_the_test_split_has_neither_goal_nor_plan(trajectories: list[Trajectory]) -> None:
    (tested,) = (t for t in trajectories if not t.has_plan)
    assert tested.goal is None
    assert not tested.high


def test_the_end_mark_is_no_sub_goal(trajectories: list[Trajectory]) -> None:
    assert all(step.action != "NoOp" for t in trajectories for step in t.high)


def test_runs_of_masks_survive_decoding(trajectories: list[Trajectory]) -> None:
    masked = [s for t in trajectories for s in t.low if s.mask]
    assert len(masked) > 150
    for step in masked:
        mask = decode_mask(step.mask)
        assert mask.sum() == sum(length for _, length in step.mask)
        assert encode_mask(mask) == tuple((a, b) for a, b in _merged(step.mask)), (
            "runs that touch are one run"
        )
        rows, columns = np.nonzero(mask)
        assert step.box is not None
        left, top, right, bottom = step.box
        assert left <= columns.min()
        assert columns.max() <= right
        assert top - 1 <= rows.min()
        assert rows.max() <= bottom


def _merged(runs: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, length in runs:
        if merged and sum(merged[-1]) == start:
            merged[-1] = (merged[-1][0], merged[-1][1] + length)
        else:
            merged.append((start, length))
    return merged


def test_a_run_outside_the_picture_is_refused() -> None:
    with pytest.raises(DataError, match="leaves a picture"):
        decode_mask(((89_999, 2),))


def test_episodes_come_in_the_published_order(alfred_folder: Path) -> None:
    found = list(episodes(alfred_folder, "valid_unseen", missing_ok=True))
    assert len({e.trajectory.task_id for e in found}) == 26
    assert all(e.annotation.goal for e in found)
    with pytest.raises(DataError, match="is missing: this is no whole valid_unseen"):
        list(episodes(alfred_folder, "valid_unseen"))


def test_an_unknown_split_and_a_folder_without_data_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="split must be one of"):
        list(find_trajectories(tmp_path, "test"))
    with pytest.raises(DataError, match="holds no ALFRED dataset"):
        list(find_trajectories(tmp_path))


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", json.dumps({"task_id": "x", "task_type": "dance"})]
)
def test_a_broken_file_is_a_data_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "traj_data.json").write_text(content)
    with pytest.raises(DataError, match=r"traj_data\.json"):
        read_trajectory(tmp_path / "traj_data.json")
