"""Invented words have the shape of those they stand for, and phones to practise on use them."""

from random import Random

import pytest

from qvl_agent.envs.android.phone.content import HAN, PEOPLE, share
from qvl_agent.envs.android.phone.factory import Make, make_phone
from qvl_agent.envs.android.phone.invention import invent
from qvl_agent.envs.android.phone.typeface import text_mask


@pytest.mark.parametrize(
    "like",
    ["Mia Chen", "report.pdf", "Wifi at the cabin", "June & Jay", "Home-5G", "买菜", "笔记.txt"],
)
def test_an_invented_text_has_the_shape_of_its_model(like: str) -> None:
    made = {invent(Random(seed), like) for seed in range(20)}
    for text in made:
        assert len(text.split(" ")) == len(like.split(" "))
        assert [w[0].isupper() for w in text.split()] == [w[0].isupper() for w in like.split()]
        assert text.rpartition(".")[2] == like.rpartition(".")[2] or "." not in like
        assert text.isascii() == like.isascii()
    assert len(made) > 15 or like == "Home-5G"


def test_an_invented_text_is_made_of_the_characters_that_are_given() -> None:
    for seed in range(20):
        assert set(invent(Random(seed), "买菜笔记", "山水")) <= set("山水")
    people = [p.name for seed in range(8) for p in make_phone(seed, Make("practice"))[1].people]
    characters = {c for name in people for c in name if c >= "\u4e00"}
    assert characters
    assert characters <= set(HAN)


def test_an_invention_is_a_function_of_the_seed() -> None:
    assert invent(Random(4), "Mia Chen") == invent(Random(4), "Mia Chen")


def test_every_invented_chinese_character_can_be_drawn() -> None:
    box = bytes(text_mask("\U000e0000", 20, 400).image.tobytes())
    for seed in range(200):
        assert bytes(text_mask(invent(Random(seed), "买"), 20, 400).image.tobytes()) != box


def test_a_phone_to_practise_on_holds_names_that_no_other_phone_has() -> None:
    known = {name for pair in PEOPLE for name in pair}
    held_out = {name for pair in share(PEOPLE, "test") for name in pair}
    strange = people = 0
    for seed in range(20):
        _, world = make_phone(seed, Make("practice"))
        names = {person.name for person in world.people}
        assert not names & held_out
        strange += len(names - known)
        people += len(names)
    assert 0.5 < strange / people < 0.9


def test_other_phones_invent_nothing() -> None:
    for split in ("train", "test"):
        _, world = make_phone(3, Make(split))
        assert not world.invented
