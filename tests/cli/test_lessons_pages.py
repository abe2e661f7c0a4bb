"""Pages are full of words that are where the lesson says, set as the phone sets them."""

import os
import random
import re
import subprocess
import sys

import numpy as np
import pytest

from qvl_agent.cli.lessons_pages import Pages, Spots
from qvl_agent.model.nano.lessons import Drawing, Lesson


@pytest.fixture(scope="module")
def pages() -> list[Lesson]:
    source, rng = Pages(cell=36, seen=(9, 19)), random.Random(0)
    return [source(rng) for _ in range(3)]


def _ink(page: np.ndarray, drawing: Drawing) -> float:
    """Return how much the pixels of a word differ from each other."""
    top, bottom = max(round(drawing.y), 0), round(drawing.y + drawing.height)
    left, right = max(round(drawing.x), 0), round(drawing.x + drawing.width)
    return float(page[top:bottom, left:right].std())


def test_a_page_has_the_size_at_which_a_screen_of_its_width_is_seen(pages: list[Lesson]) -> None:
    for page in pages:
        (picture,) = page.prompt.pictures
        assert picture.pixels.shape == (7 * 36, 9 * 36, 3)


def test_words_are_where_the_lesson_says(pages: list[Lesson]) -> None:
    for page in pages:
        pixels = page.prompt.pictures[0].pixels
        inside = [d for d in page.drawings if d.y > 0 and d.y + d.height < pixels.shape[0]]
        assert len(inside) > 10
        assert min(_ink(pixels, drawing) for drawing in inside) > 2


def test_each_letter_has_its_end(pages: list[Lesson]) -> None:
    drawings = [drawing for page in pages for drawing in page.drawings]
    assert all(len(drawing.ends) == len(drawing.word) for drawing in drawings)
    assert all(list(d.ends) == sorted(d.ends) and d.ends[-1] == pytest.approx(1) for d in drawings)
    wide = next(d for d in drawings if "m" in d.word and "i" in d.word)
    widths = np.diff([0.0, *wide.ends])
    assert widths[wide.word.index("m")] > widths[wide.word.index("i")]


def test_pages_show_words_in_two_scripts_and_numbers(pages: list[Lesson]) -> None:
    words = {drawing.word for page in pages for drawing in page.drawings}
    assert len(words) > 40
    assert any(word.isdecimal() for word in words)
    assert any("\u4e00" <= word[0] <= "\u9fff" for word in words)
    assert any(word[0].isupper() and word.isascii() for word in words)


def test_the_same_random_state_gives_the_same_page() -> None:
    first, second = (
        Pages(cell=36, seen=(9, 19))(random.Random(3)).prompt.pictures[0].pixels for _ in range(2)
    )
    assert np.array_equal(first, second)


@pytest.fixture(scope="module")
def spots() -> Lesson:
    return Spots(cell=36, seen=(9, 19))(random.Random(1))


def _asked(lesson: Lesson) -> list[tuple[str, float, float]]:
    """Return what is asked for, and the answer's place as shares of width and height."""
    found = re.findall(r'(.+)\.\n.*\n\*ARGS\*: {"point": \[(\d+), (\d+)\]}', lesson.answer)
    return [(name, int(x) / 1000, int(y) / 1000) for name, x, y in found]


def test_words_are_asked_for_on_a_page_as_large_as_a_screen(spots: Lesson) -> None:
    (picture,) = spots.prompt.pictures
    assert picture.pixels.shape == (19 * 36, 9 * 36, 3)
    asked = _asked(spots)
    assert len(asked) == len(spots.given) == 12
    assert all(
        given.startswith(f"{name}.") for (name, *_), given in zip(asked, spots.given, strict=True)
    )
    assert any(" " in name for name, *_ in asked)
    assert len({name for name, *_ in asked}) == 12


def test_the_first_word_of_what_is_asked_for_is_where_the_answer_points(spots: Lesson) -> None:
    height, width = spots.prompt.pictures[0].pixels.shape[:2]
    for name, x, y in _asked(spots):
        first, last = name.split(" ")[0], name.split(" ")[-1]
        rows = [
            (begin, end)
            for begin in spots.drawings
            for end in spots.drawings
            if (begin.word, end.word) == (first, last) and begin.y == end.y and begin.x <= end.x
        ]
        middles = [
            ((begin.x + begin.width / 2) / width, (begin.y + begin.height / 2) / height)
            for begin, _ in rows
        ]
        assert any(abs(x - right) < 0.006 and abs(y - down) < 0.006 for right, down in middles)
        [read] = [read for read in spots.read if read.stretch == f"{name}."]
        assert (read.x / width, read.y / height) == pytest.approx((x, y), abs=0.006)


_TOLD = """
import random, zlib
from qvl_agent.cli.lessons_pages import Pages
pages, rng = Pages(cell=36, seen=(9, 19)), random.Random(3)
print(zlib.crc32(b"".join(pages(rng).prompt.pictures[0].pixels.tobytes() for _ in range(4))))
"""


def test_another_process_draws_the_same_pages() -> None:
    """Sets of texts have another order in each process, which no lesson may depend on."""
    told = {
        subprocess.run(
            [sys.executable, "-c", _TOLD],
            env={**os.environ, "PYTHONHASHSEED": order},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for order in ("1", "2")
    }
    assert len(told) == 1
