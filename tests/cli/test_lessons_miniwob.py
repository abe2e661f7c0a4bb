"""Recorded pages come moved, and what is asked for moves along."""

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.desktop import desktop_space
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.frames import FRAME_1000
from qvl_agent.actions.types import Call
from qvl_agent.cli.lessons_miniwob import Recorded
from qvl_agent.cli.prompting import PROFILE
from qvl_agent.envs.base import Drawn
from qvl_agent.envs.miniwob.recordings import Step, write

RED = (200, 0, 0)


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    page = Image.new("RGB", (160, 210), "white")
    page.paste(RED, (60, 100, 80, 110))
    png = io.BytesIO()
    page.save(png, "PNG")
    call = Call("Click", {"point": [438, 500]})
    drawn = (
        Drawn("Ok", 60, 100, 20, 10),
        Drawn("field", 20, 20, 9, 9),
        Drawn("field", 20, 40, 9, 9),
    )
    step = Step(png.getvalue(), 1, "Click Ok.", "Click Ok.", call, drawn)
    write(tmp_path / "click-test.npz", [step])
    return Recorded(tmp_path)


def test_every_lesson_points_at_the_middle_of_what_it_names(recorded: Recorded) -> None:
    space, dialect, rng = desktop_space(), get_dialect(PROFILE.dialect), random.Random(1)
    tasks, corners = set(), set()
    for lesson in (recorded(rng) for _ in range(40)):
        picture = lesson.prompt.pictures[0].pixels
        assert picture.shape == (210, 160, 3)
        rows, columns = np.nonzero((picture == RED).all(axis=-1))
        corners.add((rows.min(), columns.min()))
        said = lesson.answer.rpartition(dialect.before_result.rstrip())[0]
        (call,) = dialect.parse(said, space, FRAME_1000).calls
        x, y = call.args["point"]
        assert abs(x / 1000 * 160 - (columns.min() + 10)) < 1.7
        assert abs(y / 1000 * 210 - (rows.min() + 5)) < 1.7
        (ok,) = (d for d in lesson.drawings if d.word == "Ok")
        assert (ok.x, ok.y) == (columns.min(), rows.min())
        tasks.add(
            any(
                "Point at each:" in str(part) for turn in lesson.prompt.turns for part in turn.parts
            )
        )
    assert tasks == {True, False}
    assert len(corners) > 20
