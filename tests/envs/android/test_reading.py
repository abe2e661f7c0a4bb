"""The words that training asks for stand where they are drawn."""

from dataclasses import replace

import numpy as np
import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.envs.android.phone.nodes import Back, Box, Node, hit, walk
from qvl_agent.envs.android.phone.paint import paint
from qvl_agent.envs.android.phone.reading import targets_on, words_on
from qvl_agent.envs.android.phone.system import TOGGLES


@pytest.mark.parametrize("align", ["start", "center", "end"])
def test_a_word_s_box_holds_its_ink_and_nothing_else(align: str) -> None:
    line = Node(Box(20, 30, 300, 60), text=("Books to read",), size=24, align=align)  # type: ignore[arg-type]
    root = Node(Box(0, 0, 392, 120), fill=(255, 255, 255), children=(line,))
    ink = np.asarray(paint(root, 392, 120).convert("L")) < 128
    found = words_on(root)
    assert [word for word, _ in found] == ["Books", "to", "read"]
    inked = np.zeros_like(ink)
    for _, (x, y, w, h) in found:
        part = np.s_[round(y) : round(y + h), round(x) - 3 : round(x + w) + 3]
        assert ink[part].any()
        inked[part] = True
    assert not (ink & ~inked).any()


def test_larger_words_come_after_smaller_ones_and_icons_first() -> None:
    root = Node(
        Box(0, 0, 392, 100),
        children=(
            Node(Box(0, 0, 200, 30), text=("Title",), size=20),
            Node(Box(0, 30, 200, 30), text=("small print",), size=12),
            Node(Box(300, 0, 40, 40), icon="gear", size=40),
        ),
    )
    assert [word for word, _ in words_on(root)] == ["gear", "small", "print", "Title"]


def test_an_app_s_icon_is_called_by_the_app_s_name() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"language": "en", "disturbed": False})
    boxes = [(drawn.w, drawn.h) for drawn in env.scene() if drawn.word == "Settings"]
    assert any(w == h > 28 for w, h in boxes)  # the icon, beside its label
    assert "gear" not in {drawn.word for drawn in env.scene()}


def test_a_switch_is_read_by_its_state_and_so_is_a_tile() -> None:
    env = AndroidEnv()
    env.reset(seed=0, options={"language": "en", "disturbed": False, "template": "open_app"})
    phone = env.device.phone
    assert phone is not None
    phone.state = replace(
        phone.state, settings=replace(phone.state.settings, wifi=True), shade=True
    )
    states = [drawn for drawn in env.scene() if drawn.word in ("on", "off")]
    tiles = len(TOGGLES)
    assert len(states) >= tiles
    [wifi] = [drawn for drawn in env.scene() if drawn.word == "wifi" and drawn.y > 60]
    [beside] = [s for s in states if abs(s.x - wifi.x) < 1 and abs(s.y - wifi.y) < 1]
    assert beside.word == "on"


def test_what_is_cut_off_is_not_read() -> None:
    inner = Node(Box(0, 90, 200, 30), text=("hidden",), size=20)
    root = Node(
        Box(0, 0, 392, 200), children=(Node(Box(0, 0, 392, 80), clip=True, children=(inner,)),)
    )
    assert words_on(root) == []


def test_what_a_card_lies_on_is_not_read_and_what_stands_on_it_is() -> None:
    below = Node(Box(20, 40, 200, 30), text=("below",), size=20)
    beside = Node(Box(20, 140, 200, 30), text=("beside",), size=20)
    label = Node(Box(30, 50, 100, 20), text=("label",), size=14)
    card = Node(Box(0, 30, 392, 60), fill=(255, 255, 255), children=(label,))
    root = Node(Box(0, 0, 392, 200), fill=(0, 0, 0), children=(below, beside, card))
    assert [word for word, _ in words_on(root)] == ["label", "beside"]


def test_the_scene_is_in_pixels_of_the_picture() -> None:
    small, large = AndroidEnv(), AndroidEnv(width=784, height=1680)
    for env in (small, large):
        env.reset(seed=5, options={"level": 1})
    for a, b in zip(small.scene(), large.scene(), strict=True):
        assert a.word == b.word
        assert (b.x, b.y) == pytest.approx((2 * a.x, 2 * a.y), abs=1e-6)


def test_an_unknown_phone_has_no_scene() -> None:
    env = AndroidEnv()
    env.device.phone = None
    with pytest.raises(UsageError, match="not known"):
        env.scene()


def test_every_target_is_met_where_it_is_said_to_be() -> None:
    env = AndroidEnv()
    for seed in range(6):
        env.reset(seed=seed, options={"level": 1})
        phone = env.device.phone
        assert phone is not None
        root = phone.tree()
        _, _, width, height = root.box
        for name, point in env.targets():
            node = next(n for n in hit(root, point.x * width, point.y * height) if n.tap)
            assert name in (node.name, *(each.text[0] for each, _ in walk(node) if each.text))


def test_a_covered_button_is_no_target() -> None:
    button = Node(Box(0, 0, 100, 50), text=("OK",), tap=Back())
    cover = Node(Box(0, 0, 392, 100), fill=(0, 0, 0), modal=True)
    root = Node(Box(0, 0, 392, 100), children=(button,))
    assert targets_on(root) == [("OK", 50, 25)]
    assert targets_on(replace(root, children=(button, cover))) == []
