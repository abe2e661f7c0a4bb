import numpy as np

from qvl_agent.envs.base import Drawn
from qvl_agent.envs.cards.canvas import GREEN, WHITE, CardAt, Item, Line, drawn, paint
from qvl_agent.envs.cards.faces import BACK


def test_a_picture_is_new_each_time() -> None:
    items: list[Item] = [CardAt("S7", 5, 25, 70, 98), Line("Dealer", (), 5, 5, 16)]
    first = paint(items)
    first[:] = 0
    second = paint(items)
    assert second.any()
    assert second.shape == (300, 300, 3)
    assert second.dtype == np.uint8
    assert second.flags.writeable


def test_what_lies_over_the_edge_is_cut_off() -> None:
    off = paint([CardAt("S7", 301, 150, 70, 98)])
    assert (off == np.array(GREEN)).all()
    low = paint([CardAt("S7", 5, 252, 70, 98)])
    assert (low[:252] == np.array(GREEN)).all()
    assert (low[253:, 10:70] != np.array(GREEN)).any()
    long = paint([Line("", ("10",) * 20, 10, 240, 16)])
    assert (long[245:256, 280:] != np.array(GREEN)).any()


def test_round_corners_show_the_background() -> None:
    picture = paint([CardAt("S7", 0, 0, 70, 98)], WHITE)
    assert tuple(picture[0, 0]) == WHITE
    assert tuple(paint([CardAt("S7", 0, 0, 70, 98)])[0, 0]) == GREEN


def test_a_words_box_holds_all_of_its_ink() -> None:
    line = Line("Formula: ", ("10", "*", "(", "2"), 10, 258, 20)
    picture = paint([line])
    boxes = drawn([line])
    assert [b.word for b in boxes] == ["10", "*", "(", "2"]
    inked = (picture != np.array(GREEN)).any(axis=-1)
    inked[:, : int(boxes[0].x)] = False  # the label
    for box in boxes:
        x, y = int(box.x), int(box.y)
        part = inked[y : y + int(box.h), x : x + int(box.w) + 1]
        assert part.any(), box
        part[:] = False
    assert inked.sum() < 4


def test_the_back_and_the_unseen_are_no_words() -> None:
    items: list[Item] = [
        CardAt(BACK, 5, 5, 70, 98),
        CardAt("S7", 301, 5, 70, 98),
        CardAt("HT", 5, 252, 70, 98),
    ]
    assert drawn(items) == [Drawn("T", 5, 252, 70, 48)]
