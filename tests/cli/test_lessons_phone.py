"""Lessons from the phone are the prompts of play, with the expert's words as answers."""

import re
from itertools import chain
from random import Random

import pytest

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.frames import FRAME_1000
from qvl_agent.actions.mobile import Tap
from qvl_agent.agent.context import Context
from qvl_agent.cli.lessons_phone import Intents, Phones, Screens, _copied, _read
from qvl_agent.cli.prompting import PROFILE, Prompting
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.model.nano import nano_path
from qvl_agent.model.nano.lessons import Lesson
from qvl_agent.model.prompt import Text
from qvl_agent.model.qwen2vl import Qwen2VLPolicy


@pytest.fixture(scope="module")
def seen() -> list[Lesson]:
    """Lessons with a picture."""
    phones, rng = Phones(), Random(6)
    return [phones(rng) for _ in range(120)]


@pytest.fixture(scope="module")
def told() -> list[Lesson]:
    """Lessons in which words say what is on the screen."""
    intents, rng = Intents(), Random(4)
    return [intents(rng) for _ in range(500)]


def test_a_lesson_is_a_function_of_the_random_state() -> None:
    first, second = Phones(), Phones()
    one, two = Random(3), Random(3)
    for _ in range(3):
        a, b = first(one), second(two)
        assert (a.prompt, a.answer, a.drawings) == (b.prompt, b.answer, b.drawings)


def test_every_answer_is_a_call_that_the_phone_takes(seen: list[Lesson]) -> None:
    space, dialect = AndroidEnv().action_space, get_dialect(PROFILE.dialect)
    for lesson in seen:
        said, stop, rest = lesson.answer.rpartition(dialect.before_result.rstrip())
        assert stop
        assert not rest
        calls = dialect.parse(said, space, FRAME_1000).calls
        assert len(calls) == max(1, len(lesson.given))
        for call in calls:
            assert space.contains(space.to_action(call))
            # Each coordinate is one word of nano's.
            for point in (value for value in call.args.values() if isinstance(value, list)):
                assert all(v % 10 == 0 and 0 <= v <= 990 for v in point)


def test_a_lesson_s_prompt_is_the_one_of_play() -> None:
    env = AndroidEnv()
    seen, _ = env.reset(seed=2, options={"level": 1})
    lesson = Prompting(env.action_space).lesson(env.task, seen, env.expert(), env.scene())
    policy = Qwen2VLPolicy.load(nano_path(), device="cpu")
    context = Context(policy.profile, get_dialect(PROFILE.dialect), env.action_space, policy)
    assert lesson.prompt == context.start(env.task, seen).prompt()
    words = [p.text for t in lesson.prompt.turns for p in t.parts if isinstance(p, Text)]
    assert any(env.task in text for text in words)


def test_some_lessons_ask_to_point_and_only_the_points_are_learnt(
    seen: list[Lesson],
) -> None:
    listings = [lesson for lesson in seen if lesson.given]
    assert 6 < len(listings) < 72
    for lesson in listings:
        assert 1 <= len(lesson.given) <= 10
        learnt = lesson.answer
        for given in lesson.given:
            before, found, learnt = learnt.partition(given)
            assert found
            assert re.fullmatch(r'( \{"point": \[\d+, \d+\]\}\n)?', before)


def test_what_is_tapped_or_read_was_looked_at_before(seen: list[Lesson]) -> None:
    space, dialect = AndroidEnv().action_space, get_dialect(PROFILE.dialect)
    tapped = named = done = turned = 0
    for lesson in seen:
        if lesson.given:
            continue
        thought = lesson.answer.partition("\n")[0]
        action = space.to_action(dialect.parse(lesson.answer, space, FRAME_1000).calls[0])
        height, width = lesson.prompt.pictures[0].pixels.shape[:2]
        taps = [read for read in lesson.read if read.stretch == ", so I tap"]
        assert bool(taps) == (", so I tap" in thought)
        names = [read for read in lesson.read if re.search(r', so .*"', read.stretch)]
        quotes = isinstance(action, Tap) and re.fullmatch(r'[^"]*, so [^"]*"[^"]*".*', thought)
        assert bool(names) == bool(quotes)
        for read in names:  # when its name is complete
            assert thought.startswith(read.stretch)
            assert thought[len(read.stretch) :].count('"') == 0
        for read in taps + names:
            assert isinstance(action, Tap)
            assert abs(read.x / width - action.point.x) < 0.02
            assert abs(read.y / height - action.point.y) < 0.02
        tapped += len(taps)
        named += len(names)
        for read in lesson.read:
            if read not in taps + names:  # the first letter of the last word of what is seen
                told = thought.partition(", so")[0]
                assert told.startswith(read.stretch)
                signs = re.match(r'I see "[^"]*$', read.stretch)  # of what was typed, one by one
                assert signs or " " not in told[len(read.stretch) :]
                done += "done" in thought
        turned += "I turn the page to find the icon of" in thought
    assert tapped > 10
    assert named > 10
    assert done > 2
    assert turned > 2


def test_what_is_done_already_can_be_told_from_the_words_that_say_what_is_seen(
    told: list[Lesson],
) -> None:
    """Else nobody could learn from lessons without a picture when to stop."""
    decided: dict[tuple[str, str], set[str]] = {}
    for lesson in told:
        task = [p.text for t in lesson.prompt.turns for p in t.parts if isinstance(p, Text)][-1]
        said = lesson.answer.removeprefix(lesson.given[0]).partition("\n")[0]
        decided.setdefault((task, lesson.given[0]), set()).add(said)
    done = ", so everything that was asked for is done."
    assert sum(done in said for said in decided.values()) > 15
    both = {key for key, said in decided.items() if done in said and len(said) > 1}
    assert not both


def test_names_in_lessons_without_a_picture_are_any_words_that_phones_show(
    told: list[Lesson],
) -> None:
    intents, rng = Intents(), Random(12)
    typed: set[str] = set()
    chinese = False
    for lesson in chain(told, (intents(rng) for _ in range(2000))):
        names = re.findall(r'I type "(.*)"', lesson.answer)
        typed |= set(names)
        chinese = chinese or any(re.search(r"[\u4e00-\u9fff]", name) for name in names)
        if chinese and len(typed) > 20:
            return
    raise AssertionError(f"Chinese: {chinese}; {typed}")


def test_screens_to_read_are_mostly_lists() -> None:
    screens, rng = Screens(), Random(2)
    lists = [("the list of" in screens(rng).answer) for _ in range(40)]
    assert sum(lists) > 5


def test_lessons_without_a_picture_ask_for_nothing_that_only_a_picture_tells(
    told: list[Lesson],
) -> None:
    for lesson in told:
        assert not lesson.prompt.pictures
        (given,) = lesson.given
        asked = lesson.answer.removeprefix(given)
        assert asked.startswith(", so ")
        assert "point" not in asked
        assert "scroll" not in asked
        assert "dialog" not in given
        task = [p.text for t in lesson.prompt.turns for p in t.parts if isinstance(p, Text)][-1]
        assert not re.search(r"[\u4e00-\u9fff]", asked) or re.search(r"[\u4e00-\u9fff]", task)


def test_what_a_decision_repeats_of_the_task_is_copied_from_there(told: list[Lesson]) -> None:
    kinds = set()
    for lesson in told[:300]:
        words = [p.text for t in lesson.prompt.turns for p in t.parts if isinstance(p, Text)]
        for copied in lesson.copied:
            stretch = lesson.answer[copied.start : copied.start + copied.length]
            assert words[-1][copied.source : copied.source + copied.length] == stretch
            assert copied.start >= len(lesson.given[0])
            kinds.add(stretch.isascii())
        typed = re.search(r'I type "(.*)"', lesson.answer)
        if typed and typed[1] in words[-1]:
            assert len(lesson.copied) == 2  # in the thought and in the call
    assert kinds == {True, False}


def test_numbers_are_copied_from_where_they_stand_each_of_them_once() -> None:
    task = "Work out 12 + 34"
    answer = 'I see the keys of Calculator, so I type "12+34".'
    found = [(c.start, c.length, c.source) for c in _copied(task, ["12 + 34"], answer)]
    assert found == [
        (answer.index(n), 2, task.index(n)) for n in ("12", "34")
    ]  # the signs between them are another keyboard's
    [whole] = _copied("Call 5554587", ["5554587"], 'I see the keypad, so I type "5554587".')
    assert (whole.length, whole.source) == (7, 5)


def test_of_what_was_typed_each_sign_is_looked_at() -> None:
    env = AndroidEnv()
    seen, _ = env.reset(seed=3, options={"template": "dial"})
    while not (wanted := env.expert()).thought.startswith('I see "'):
        seen, *_ = env.step(wanted.action)
    number = env.parameters["number"]
    reads = _read(wanted.thought, seen, wanted, env.scene())
    signs = [read for read in reads if '"' in read.stretch]
    assert [read.stretch[len('I see "') :] for read in signs] == [
        number[: n + 1] for n in range(len(number))
    ]
    [shown] = [drawn for drawn in env.scene() if drawn.word == number]
    assert shown.x < signs[0].x < signs[-1].x < shown.x + shown.w
    assert all(shown.y < read.y < shown.y + shown.h for read in signs)


def test_whether_something_is_on_is_looked_at_where_it_shows() -> None:
    env = AndroidEnv()
    for template in ("quick_tile", "toggle_setting", "switch_alarm"):
        seen, _ = env.reset(seed=8, options={"template": template})
        while not (found := re.match(r"I see .* (on|off), so", env.expert().thought)):
            seen, *_ = env.step(env.expert().action)
        [first, *_] = _read(env.expert().thought, seen, env.expert(), env.scene())
        assert any(
            drawn.word == found[1]
            and drawn.x <= first.x <= drawn.x + drawn.w
            and drawn.y <= first.y <= drawn.y + drawn.h
            for drawn in env.scene()
        )
