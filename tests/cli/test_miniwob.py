"""`qvl-agent eval miniwob` and `train record miniwob`."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def browser() -> None:
    """Skip the test where there is no browser."""
    pytest.importorskip("miniwob")
    pytest.importorskip("selenium")
    if missing := [name for name in ("chromium", "chromedriver") if not shutil.which(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.mark.usefixtures("browser")
def test_an_expert_wins_and_the_same_command_again_plays_nothing(cli: Cli, tmp_path: Path) -> None:
    words: tuple[str, ...] = ("eval", "miniwob", "--tasks", "click-test,click-dialog")
    words += (
        "--model",
        "expert",
        "--episodes",
        "1",
        "--workers",
        "1",
        "--out",
        str(tmp_path / "run"),
    )
    ran = cli(*words)
    assert ran.code == 0
    assert "click-dialog" in ran.out
    assert "raw_reward: 1.000" in ran.out
    assert (tmp_path / "run" / "report.html").exists()
    again = cli(*words, "--json")
    assert "2 of 2 are there already" in again.err
    rates = {f["group"]: f["percent"] for f in again.document["figures"] if f["name"] == "success"}
    assert rates == {"all": 100.0, "click-test": 100.0, "click-dialog": 100.0}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--tasks", "click-tset"), "did you mean 'click-test'"),
        (("--driver", "mouse"), "there is no driver 'mouse'"),
        (("--tasks", "tic-tac-toe", "--model", "expert"), "none of these tasks has an expert"),
    ],
)
def test_wrong_words_are_told_in_one_line(cli: Cli, words: tuple[str, ...], told: str) -> None:
    ran = cli("eval", "miniwob", *words)
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_browser_it_says_what_to_install(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIWOB_CHROME_BINARY", "/nowhere/chromium")
    ran = cli("eval", "miniwob", "--tasks", "click-test", "--model", "expert")
    assert ran.code == 2
    assert "apt-get install chromium chromium-driver" in ran.err


@pytest.mark.usefixtures("browser")
def test_what_is_recorded_becomes_lessons(cli: Cli, tmp_path: Path) -> None:
    import random

    from qvl_agent.cli.lessons_miniwob import Recorded

    words = ("train", "record", "miniwob", "--out", str(tmp_path), "--tasks", "enter-text")
    ran = cli(*words, "--episodes", "2")
    assert ran.code == 0
    assert "2/2 episodes" in ran.err
    source = Recorded(tmp_path)
    lessons = [source(random.Random(n)) for n in range(40)]
    assert {lesson.answer.split(" ")[0] for lesson in lessons} == {"Click", "Type"}
    lesson = next(lesson for lesson in lessons if "Type" in lesson.answer)
    text = lesson.answer.split('"')[1]
    assert f'{{"text": "{text}"}}' in lesson.answer
    assert lesson.prompt.pictures[0].pixels.shape == (210, 160, 3)
    assert any(drawing.word == text for drawing in lesson.drawings)


@pytest.mark.usefixtures("browser")
def test_nano_clicks_what_it_is_told_to(cli: Cli) -> None:
    tasks = "click-test,click-test-2,click-tab,focus-text-2"
    words = ("--tasks", tasks, "--model", "nano", "--episodes", "4", "--json")
    ran = cli("eval", "miniwob", *words)
    (rate,) = (f for f in ran.document["figures"] if (f["name"], f["group"]) == ("success", "all"))
    assert rate["percent"] >= 75


def test_seeds_to_measure_on_are_not_recorded(cli: Cli, tmp_path: Path) -> None:
    ran = cli("train", "record", "miniwob", "--out", str(tmp_path), "--start", "7")
    assert ran.code == 2
    assert "begin at 1000000, got 7" in ran.err


def test_a_folder_without_recordings_says_how_to_make_them(tmp_path: Path) -> None:
    from qvl_agent.actions.errors import DataError
    from qvl_agent.cli.lessons_miniwob import Recorded

    with pytest.raises(DataError, match="qvl-agent train record miniwob"):
        Recorded(tmp_path)
