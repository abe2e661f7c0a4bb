from collections.abc import Callable

import pytest

from qvl_agent.evals.harness import Record

MakeRecord = Callable[..., Record]


@pytest.fixture
def record() -> MakeRecord:
    """Make the record of a task that succeeded or not."""

    def make(task: str, success: bool = True, repeat: int = 0, **changes: object) -> Record:
        values: dict[str, object] = {
            "task": task,
            "repeat": repeat,
            "seed": 0,
            "success": success,
            "reason": "success" if success else "failure",
            "failure": None if success else "off target",
        }
        return Record(**(values | changes))  # type: ignore[arg-type]

    return make
