"""The recorded episodes of the published card games, where this checkout has them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_RECORDED = Path(__file__).parents[4] / "shared" / "data" / "cards"


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], list[Any]]:
    def load(name: str) -> list[Any]:
        path = _RECORDED / name
        if not path.exists():
            pytest.skip(f"the recorded episodes are not here ({path})")
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in path.read_text().splitlines()]
        if path.is_dir():
            return sorted(path.iterdir())
        return [json.loads(path.read_text())]

    return load
