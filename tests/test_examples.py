"""Every example runs as it stands, in under 60 lines."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SAYS = {
    "embed_adb.py": ["find pizza: success", "reconnected"],
    "embed_step.py": ["drive {'cm': 20}", "stop {}", "reason='success'", "steps=4"],
    "play_cards.py": ["numberline: success", "ezpoints: success", "blackjack: ", "points24: "],
}


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == SAYS.keys()


@pytest.mark.parametrize("name", SAYS)
def test_an_example_runs_and_says_what_it_shows(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for said in SAYS[name]:
        assert said in done.stdout


@pytest.mark.parametrize("name", SAYS)
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / name).read_text().splitlines()) < 60


def test_playing_cards_leaves_a_page_per_game(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(EXAMPLES / "play_cards.py")],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    pages = {path.stem for path in (tmp_path / "runs").glob("*.html")}
    assert pages == {"numberline", "ezpoints", "blackjack", "points24"}
