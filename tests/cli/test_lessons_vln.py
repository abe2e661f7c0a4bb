import random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.frames import FRAME_1000
from qvl_agent.cli.lessons_vln import Legs, Routes, practice_wording
from qvl_agent.envs.vln import glance
from qvl_agent.envs.vln.buildings.building import Building
from qvl_agent.envs.vln.buildings.language import HELD_OUT, TRAINING
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.envs.vln.skybox import Skybox
from qvl_agent.evals.vln.suite import SHORT
from qvl_agent.model.nano.lessons import Lesson


@pytest.fixture(scope="module")
def routes() -> Routes:
    return Routes(buildings=1)


@pytest.fixture(scope="module")
def many(routes: Routes) -> list[Lesson]:
    rng = random.Random(1)
    return [routes(rng) for _ in range(40)]


def text_of(lesson: Any) -> str:
    return "".join(p.text for turn in lesson.prompt.turns for p in turn.parts if hasattr(p, "text"))


def test_a_lesson_is_a_function_of_the_random_state(routes: Routes) -> None:
    one, again = (routes(random.Random(5)) for _ in range(2))
    assert (one.answer, text_of(one), one.drawings) == (
        again.answer,
        text_of(again),
        again.drawings,
    )
    first, second = (lesson.prompt.pictures[0].pixels for lesson in (one, again))
    assert np.array_equal(first, second)
    assert text_of(routes(random.Random(6))) != text_of(one)


def test_a_lesson_shows_one_picture_of_64_tokens_and_says_little(many: list[Lesson]) -> None:
    for lesson in many:
        assert [p.pixels.shape for p in lesson.prompt.pictures] == [(224, 224, 3)]
        assert len(text_of(lesson)) < 300
        assert len(lesson.answer) < 120


def test_the_thought_names_the_next_thing_of_the_instruction_and_the_call_its_number(
    routes: Routes, many: list[Lesson]
) -> None:
    functions = set()
    for lesson in many:
        said, told = lesson.answer.split("\n")[0], text_of(lesson)
        space = routes.world.action_space
        [call] = get_dialect("star").parse(lesson.answer, space, FRAME_1000).calls
        functions.add(call.function)
        if call.function == "Stop":
            continue
        thing, number = said.removesuffix(".").split(": ")[1].split(", at ")
        assert thing in told
        assert call.args == {"candidate": int(number)}
        [drawing] = [d for d in lesson.drawings if d.word == number]
        [read] = lesson.read
        assert read.stretch.endswith(f" {number}")
        assert drawing.x < read.x < drawing.x + drawing.width
        assert drawing.y < read.y < drawing.y + drawing.height
    assert functions == {"GoTo", "Stop"}


def test_an_instruction_has_as_many_legs_as_are_walked_and_names_each_thing_in_its_place(
    routes: Routes, many: list[Lesson]
) -> None:
    for lesson in many:
        told = text_of(lesson).partition("GoTo, Stop")[2]
        task, _, state = told.rpartition("\n\n")
        named = sum(task.count(name) for name in routes.names if name in lesson.answer)
        done = int(state.removeprefix("Moves made: ").removesuffix("."))
        assert lesson.answer.startswith(f"Leg {done + 1}: ")
        assert named == (0 if "Stop" in lesson.answer else 1)


def test_the_numbers_are_drawn_where_the_drawings_say(routes: Routes) -> None:
    lesson = routes(random.Random(2))
    picture = lesson.prompt.pictures[0].pixels
    numbers = [d for d in lesson.drawings if d.word.isdecimal()]
    assert numbers
    for d in numbers:
        inside = picture[int(d.y) + 1 : int(d.y + d.height), int(d.x) + 1 : int(d.x + d.width)]
        assert (inside == glance.MARK).all(axis=-1).mean() > 0.3


def test_training_has_no_building_and_no_phrase_of_the_held_out_ones() -> None:
    env = NavigationEnv(**SHORT, held_out=True, buildings=1)
    train = NavigationEnv(**SHORT, buildings=1)
    scans = [e.reset(seed=0)[1]["scan"] for e in (env, train)]
    assert scans[0] != scans[1]
    held_out = {form for w in HELD_OUT for form in (*w.passing, w.stop)}
    joins = {w.join for w in HELD_OUT} - {w.join for w in TRAINING}
    rng = random.Random(0)
    for _ in range(400):
        wording = practice_wording(rng)
        assert not held_out & {*wording.passing, wording.stop}
        assert wording.join not in joins


def test_a_viewpoint_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = []
    panorama = Building.panorama

    def spy(self: Building, viewpoint: int, face: int) -> tuple[Skybox, NDArray[np.int16]]:
        rendered.append(viewpoint)
        return panorama(self, viewpoint, face)

    monkeypatch.setattr(Building, "panorama", spy)
    routes, rng = Routes(buildings=1), random.Random(3)
    for _ in range(40):
        routes(rng)
    assert rendered
    assert len(rendered) == len(set(rendered))


def test_what_words_tell_is_learnt_without_a_picture(routes: Routes) -> None:
    legs, rng = Legs(routes), random.Random(4)
    for lesson in (legs(rng) for _ in range(20)):
        assert not lesson.prompt.pictures
        assert not lesson.given
        assert lesson.answer.endswith(", at") or "Stop" in lesson.answer
