"""Every course can teach all that its recipes ask for."""

import itertools
import random

import pytest

from qvl_agent.cli.curriculum import COURSES


@pytest.mark.parametrize("name", COURSES)
def test_every_source_of_a_course_s_recipes_gives_lessons(name: str) -> None:
    course = COURSES[name]
    sources = course.sources()
    for recipe in (course.first(1, 0, 1), course.later(1, 0, 1)):
        for phase in recipe.phases:
            assert sum(phase.mix.values()) == pytest.approx(1)
            for source in phase.mix:
                assert sources[source](random.Random(0)).prompt.pictures, source
            for source in phase.text_mix:
                assert not sources[source](random.Random(0)).prompt.pictures, source


def test_a_vocabulary_is_read_off_prompts_answers_pictures_and_numbers() -> None:
    said = set(itertools.islice(COURSES["cards"].texts(2, seed=0), 2000))
    assert "user\n" in said
    assert any("*FUNCTION*" in text for text in said)
    assert " 7, 07" in said
