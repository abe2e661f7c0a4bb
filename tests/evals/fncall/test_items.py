import json
import time
from collections import Counter, defaultdict
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import ImageFont

from qvl_agent.actions.types import Call
from qvl_agent.evals.fncall import (
    CONDITIONS,
    LANGUAGES,
    SCENES,
    TOOLS,
    FnCallWorld,
    Item,
    item,
    items,
    score_call,
)
from qvl_agent.evals.fncall.canvas import _font
from qvl_agent.evals.fncall.vocabulary import Language


@pytest.fixture(scope="module")
def many() -> list[Item]:
    return list(items(10_000))


def test_ten_thousand_items_are_all_different(many: list[Item]) -> None:
    contents = {json.dumps([i.question, i.gold.to_json(), str(i.record)]) for i in many}
    assert len(contents) == 10_000
    assert len({i.id for i in many}) == 10_000
    # Not only their decoration: hardly any two ask for the same call.
    calls = Counter(json.dumps([i.language, i.gold.to_json()]) for i in many)
    assert len(calls) > 9_800


def test_an_item_is_the_same_every_time_and_another_seed_gives_another() -> None:
    first, again, other = item(5), item(5), item(5, seed=1)
    assert (first.question, first.gold, first.tools) == (again.question, again.gold, again.tools)
    assert np.array_equal(first.picture(), again.picture())
    assert first.gold != other.gold


def test_48_items_hold_every_combination_once() -> None:
    seen = {(i.scene, i.language, i.condition) for i in items(48)}
    assert len(seen) == 48 == len(SCENES) * len(LANGUAGES) * len(CONDITIONS)


def test_the_right_call_is_valid_and_its_tool_is_among_distractors(many: list[Item]) -> None:
    for it in many[:1000]:
        names = [tool["name"] for tool in it.tools]
        assert it.gold.function in names
        assert 4 <= len(set(names)) == len(names) <= 7
        FnCallWorld(it).action_space.validate(it.gold)
    places = Counter([t["name"] for t in i.tools].index(i.gold.function) for i in many)
    assert max(places.values()) < 0.35 * len(many)


def test_every_tool_is_a_valid_schema_and_most_are_wanted_by_some_question(
    many: list[Item],
) -> None:
    for tool in TOOLS.values():
        jsonschema.Draft202012Validator.check_schema(tool["parameters"])
    assert len({i.gold.function for i in many}) == 15


def test_the_expert_scores_100(many: list[Item]) -> None:
    for it in many[:24]:
        world = FnCallWorld(it)
        world.reset(seed=0)
        world.step(world.expert().action)
        assert world.outcome().success
        assert world.outcome().metrics == {"type_match": 1.0, "exact_match": 1.0}


def test_a_policy_without_eyes_scores_next_to_nothing_on_exact_match(many: list[Item]) -> None:
    # It knows every question's right function and the most frequent value of each argument, and
    # takes numbers from the question: more than a text-only policy can know.
    values: dict[tuple[str, str, str], Counter[Any]] = defaultdict(Counter)
    for it in many[5000:]:
        for name, value in it.gold.args.items():
            values[it.language, it.gold.function, name][value] += 1
    scores = []
    for it in many[:5000]:
        args = {}
        for name, value in it.gold.args.items():
            named = str(value) in it.question
            usual = values[it.language, it.gold.function, name].most_common(1)[0][0]
            args[name] = value if named else usual
        scores.append(score_call(it.gold, Call(it.gold.function, args)))
    assert all(score.type_match for score in scores)
    assert sum(score.exact_match for score in scores) < 0.005 * len(scores)


def test_no_printed_sign_is_missing_from_the_fonts(many: list[Item]) -> None:
    def signs(language: Language) -> set[str]:
        return set("".join(str(list(i.record.values())) for i in many if i.language == language))

    for language in LANGUAGES:
        for face in ("sans", "serif", "mono"):
            font: ImageFont.FreeTypeFont = _font(language, face, True, 24)
            missing = bytes(font.getmask("\uffff"))
            absent = {c for c in signs(language) if bytes(font.getmask(c)) == missing}
            assert not absent - {" "}, (language, face, absent)


def test_what_is_asked_for_can_be_read_off_the_record(many: list[Item]) -> None:
    for it in many[:500]:
        shown = f"{it.question} {it.record}"
        for value in it.gold.args.values():
            if isinstance(value, float):  # printed with two decimals, kept in cents
                shown += f" {value}"
            text = str(value).removesuffix("站")
            if it.gold.function in ("get_flight_status", "set_boarding_reminder"):
                text = text.removeprefix(it.record["airline"])
            if len(text) == 10 and text[4] == text[7] == "-":
                continue  # a date: the record holds it as a date
            assert text in shown, (it.id, value)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_pictures_are_rgb_and_readable_in_contrast(condition: str) -> None:
    for it in items(48):
        if it.condition != condition:
            continue
        picture = it.picture()
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        grey = picture.mean(axis=2)
        spread = np.percentile(grey, 99) - np.percentile(grey, 1)
        assert spread > 45, it.id  # paper against ink, in low light too
        assert (grey.mean() < 90) or condition != "low_light"


@pytest.mark.slow  # on a quiet machine
def test_a_picture_takes_less_than_a_sixth_of_a_second() -> None:
    start = time.process_time()
    for it in items(48):
        it.picture()
    assert (time.process_time() - start) / 48 < 0.16


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        item(-1)
