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
