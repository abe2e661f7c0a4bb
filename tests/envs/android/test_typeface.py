"""Letters, Chinese and emoji on the phone's screen."""

import numpy as np
import pytest

from qvl_agent.envs.android.phone.emoji import emoji_image, is_emoji, is_silent
from qvl_agent.envs.android.phone.nodes import Box, Node
from qvl_agent.envs.android.phone.paint import paint
from qvl_agent.envs.android.phone.typeface import text_mask, wrap


def _drawn(text: str, size: float = 24) -> np.ndarray:
    """Return black text on white, uint8 (48, 240, 3)."""
    leaf = Node(Box(0, 0, 240, 48), text=(text,), size=size)
    paper = Node(Box(0, 0, 240, 48), fill=(255, 255, 255), children=(leaf,))
    return np.asarray(paint(paper, 240, 48))


def _width(text: str) -> float:
    _, width = wrap(text, 10, 400, 1000, 1)
    return width


@pytest.mark.parametrize("char", ["🍕", "😀", "❤", "☀", "👍", "⏰"])
def test_an_emoji_is_drawn_in_colour_where_it_stands(char: str) -> None:
    picture = _drawn(f"ab{char}")
    saturation = picture.max(2).astype(int) - picture.min(2)
    coloured = np.flatnonzero((saturation > 60).any(0))
    assert coloured.size > 8
    assert text_mask("ab", 24, 400).width - 4 <= coloured[0]
    assert coloured[-1] <= text_mask(f"ab{char}", 24, 400).width


def test_plain_text_has_no_colour_and_what_nobody_can_draw_is_a_hollow_box() -> None:
    for text in ("ab 你好", "\U0001f1e8", "\ue000"):
        picture = _drawn(text)
        assert (picture.max(2) == picture.min(2)).all()
        assert picture.min() < 128


def test_joiners_and_tones_are_silent() -> None:
    assert _width("👍🏽") == _width("👍\ufe0f") == _width("👍")
    assert _width("👨\u200d👩") == 2 * _width("👨")
    assert not is_silent("👍")
    assert (_drawn("👍🏽") == _drawn("👍")).all()


def test_an_emoji_is_cut_off_at_the_edge_of_its_box() -> None:
    leaf = Node(Box(0, 0, 100, 48), text=("🍕🍕🍕",), size=24)
    window = Node(Box(0, 0, 40, 48), clip=True, children=(leaf,))
    paper = Node(Box(0, 0, 100, 48), fill=(255, 255, 255), children=(window,))
    picture = np.asarray(paint(paper, 100, 48))
    assert (picture[:, :40] < 255).any()
    assert (picture[:, 40:] == 255).all()


def test_every_listed_emoji_has_a_picture_of_its_own() -> None:
    listed = [chr(code) for code in range(0x2000, 0x1FB00) if is_emoji(chr(code))]
    assert len(listed) > 1300
    seen = {emoji_image(char, 24).tobytes() for char in listed}
    assert all(emoji_image(char, 24).getchannel("A").getbbox() for char in listed)
    assert len(seen) == len(listed)
