import pytest

from qvl_agent.envs.household.simulator.scene import object_id


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.41, "+01.41"),
        (-1.0, "-01.00"),
        (0.0, "+00.00"),
        (-0.002, "00.00"),
        (0.845, "+00.85"),
        (-0.845, "-00.85"),
        (0.773862958, "+00.77"),
        (12.5, "+12.50"),
    ],
)
def test_ids_are_written_as_dotnet_writes_floats(value: float, written: str) -> None:
    assert object_id("Apple", (value, 0.0, 0.0)) == f"Apple|{written}|+00.00|+00.00"
