import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.types import Point
from qvl_agent.agent.record import plain


@dataclass
class Card:
    rank: int
    at: Point


class Odd:
    def __repr__(self) -> str:
        return "odd" * 1000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (True, True),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        ({1: Point(0.5, 1)}, {"1": {"x": 0.5, "y": 1}}),
        (Card(7, Point(0, 0)), {"rank": 7, "at": {"x": 0, "y": 0}}),
        (np.arange(3), [0, 1, 2]),
        (np.zeros((40, 40), np.uint8), {"shape": [40, 40], "dtype": "uint8"}),
        (Odd(), ("odd" * 1000)[:1000]),
        ("\ud800", "\ud800"),
    ],
)
def test_whatever_a_world_reports_becomes_plain_json(value: Any, expected: Any) -> None:
    made = plain(value)
    assert made == expected
    assert type(made) is type(expected)
    json.dumps(made, allow_nan=False)


def test_what_holds_itself_ends_somewhere() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "..." in json.dumps(plain(loop))
