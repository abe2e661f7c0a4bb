import pytest
from PIL import ImageFont

from qvl_agent.envs.cards.lettering import font, letter_places, set_line


@pytest.mark.parametrize(
    ("text", "bold", "size", "width"),
    [  # as Raqm lays them out
        ("Target: 1", True, 36, 181.328125),
        ("Current: 4", True, 36, 206.765625),
        ("Player", True, 16, 56.71875),
        ("Formula: 10 * 2", False, 20, 154.828125),
        ("( ( 2 + 6 ) * 10 ) / 2 - 5 9 7 =", False, 16, 228.890625),
    ],
)
def test_lines_are_as_wide_as_the_published_ones(
    text: str, bold: bool, size: int, width: float
) -> None:
    assert letter_places(text, bold, size)[-1] == round(width)


def test_the_layout_does_not_depend_on_an_optional_engine() -> None:
    assert font(True, 16).layout_engine == ImageFont.Layout.BASIC


def test_a_line_is_cut_at_the_given_width() -> None:
    strip = set_line("Formula: " + "10 + " * 20, False, 16, (255, 255, 255), (0, 0, 0), 100)
    assert strip.width == 100
    assert set_line("", False, 16, (255, 255, 255), (0, 0, 0), 100).width >= 1


def test_the_fonts_hold_every_character_that_is_drawn() -> None:
    for bold in (False, True):
        missing = font(bold, 40).getmask("\u0378").getbbox()
        for letter in "0123456789+-*/()=AJQK\u2660\u2663\u2665\u2666abcdefghijklmnopqrstuvwxyz:":
            box = font(bold, 40).getmask(letter).getbbox()
            assert box is not None
            assert box != missing, letter
