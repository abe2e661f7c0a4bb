"""Every course can teach all that its recipes ask for."""

import io
import itertools
import random
from pathlib import Path

import pytest
from PIL import Image

from qvl_agent.actions.types import Call
from qvl_agent.cli.curriculum import COURSES
from qvl_agent.envs.miniwob.recordings import Step, write


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with one recorded step."""
    page = io.BytesIO()
    Image.new("RGB", (160, 210), "white").save(page, "PNG")
    call = Call("Click", {"point": [500, 500]})
    step = Step(page.getvalue(), 1, "Click the button.", "I click it.", call, ())
    write(tmp_path / "click-test.npz", [step])
    return tmp_path


@pytest.mark.parametrize("name", COURSES)
def test_every_source_of_a_course_s_recipes_gives_lessons(name: str, recorded: Path) -> None:
    course = COURSES[name]
    sources = course.sources(recorded, 0)
    seen, unseen = set(), set()
    for recipe in (course.first(1, 0, 1), course.later(1, 0, 1)):
        for phase in recipe.phases:
            for mix, count in (
                (phase.mix, phase.batch),
                (phase.text_mix, phase.text_batch),
                (phase.screen_mix, phase.screen_batch),
            ):
                assert sum(mix.values()) == pytest.approx(1 if count else 0)
            seen |= {*phase.mix, *phase.screen_mix}
            unseen |= set(phase.text_mix)
    for source in seen | unseen:
        lesson = sources[source](random.Random(0))
        assert bool(lesson.prompt.pictures) == (source in seen) != (source in unseen), source


def test_a_vocabulary_is_read_off_prompts_answers_and_pictures(recorded: Path) -> None:
    course = COURSES["cards"]
    said = set(itertools.islice(course.texts(course.sources(recorded, 0), 2, seed=0), 2000))
    assert "user\n" in said
    assert any("*FUNCTION*" in text for text in said)
    assert any(text in said for text in (" K", " 7", " J"))
