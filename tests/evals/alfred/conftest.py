import json
import shutil
from pathlib import Path

import pytest

from qvl_agent.evals.alfred.data import Trajectory, find_trajectories, read_trajectory

SAMPLE = Path(__file__).parents[3].resolve().parent / "shared" / "data" / "alfred"


@pytest.fixture(scope="session")
def alfred_folder() -> Path:
    if not SAMPLE.is_dir():
        pytest.skip("the sample of ALFRED's dataset is not here")
    return SAMPLE


@pytest.fixture(scope="session")
def trajectories(alfred_folder: Path) -> list[Trajectory]:
    return [read_trajectory(path) for path in find_trajectories(alfred_folder)]


@pytest.fixture(scope="session")
def tested(alfred_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one trajectory as the test splits have it: no goal, no plan."""
    folder = tmp_path_factory.mktemp("alfred")
    shutil.copytree(alfred_folder / "layouts", folder / "layouts")
    source = next(find_trajectories(alfred_folder, "valid_unseen"))
    # The scene's furniture is told by a labelled trajectory of it.
    shutil.copytree(source.parent, folder / source.parent.relative_to(alfred_folder))
    raw = json.loads(source.read_text())
    kept = {key: raw[key] for key in ("scene", "task_id", "turk_annotations")}
    place = folder / "json_2.1.0" / "tests_unseen" / raw["task_id"]
    place.mkdir(parents=True)
    (place / "traj_data.json").write_text(json.dumps(kept))
    splits = {"tests_seen": [], "tests_unseen": [{"task": raw["task_id"], "repeat_idx": 0}]}
    (folder / "splits").mkdir()
    (folder / "splits" / "oct21.json").write_text(json.dumps(splits))
    return folder
