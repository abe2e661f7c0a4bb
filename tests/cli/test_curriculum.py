"""Every course can teach all that its recipes ask for."""

import io
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from qvl_agent.actions.types import Call
from qvl_agent.cli.curriculum import COURSES
from qvl_agent.envs.miniwob.recordings import Step, write
from qvl_agent.model.nano import nano_path
from qvl_agent.model.nano.lessons import Lesson, Source

Cli = Callable[..., Any]


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


def test_words_that_are_nobody_s_are_no_part_of_a_vocabulary() -> None:
    course, cards = COURSES["phone"], COURSES["cards"].sources(Path(), 0)
    drawn: list[str] = []

    def source(name: str) -> Source:
        def draw(rng: random.Random) -> Lesson:
            drawn.append(name)
            return cards["numberline"](rng)

        return draw

    mix = course.later(1, 0, 1).phases[-1].mix
    assert list(course.texts({name: source(name) for name in mix}, 1, seed=0))
    assert set(drawn) == mix.keys() - {"phone-spots"} != mix.keys()


def test_a_run_leaves_all_that_the_next_one_goes_on_from(cli: Cli, tmp_path: Path) -> None:
    out, run = tmp_path / "next", ("train", "nano", "--steps", 1, "--rate", 0.5)
    threads = ("--threads", torch.get_num_threads())
    ran = cli(*run, "--start", nano_path("cards"), "--out", out, *threads)
    assert ran.code == 0, ran.err
    recipe = json.loads((out / "recipe.json").read_text())
    assert recipe["muon_rate"] == COURSES["cards"].later(1, 0, 1).muon_rate / 2
    assert (out / "model.safetensors").is_file()
    letters = load_file(out / "letters.safetensors")
    save_file(
        {name: value[:5].clone() for name, value in letters.items()}, out / "letters.safetensors"
    )
    ran = cli(*run, "--start", out, "--out", tmp_path / "last", *threads)
    assert ran.code != 0
    assert "letters.safetensors" in ran.err
