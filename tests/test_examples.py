"""Every example runs as it stands, and is short."""

import ctypes.util
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SAYS = {
    "drive_desktop.py": ["write 'Grüße, 你好, 🍕' into greeting.txt: success"],
    "embed_adb.py": ["find pizza: success", "reconnected"],
    "embed_step.py": ["drive {'cm': 20}", "stop {}", "reason='success'", "steps=4"],
    "play_cards.py": ["numberline: success", "ezpoints: success", "blackjack: ", "points24: "],
    "robot_controller.py": [
        "hold      thinking",
        "stop      dead_man: no fresh action for 4.",
        "stale     its observation is",
        "rearmed",
        "fresh     Reach(point=",
        "stale actions executed: 0 ",
    ],
}
PARTS = {"robot_arm.py"}
"""What examples import."""
SERVED = {"phone_over_adb.py"}
"""What needs a phone; has a test of its own."""
LEAVES = {
    "play_cards.py": {"numberline.html", "ezpoints.html", "blackjack.html", "points24.html"},
}
"""The pages in runs/ that an example leaves."""
NEEDS = {"drive_desktop.py": ["Xvfb", "xterm", "xclip"]}
"""Programs of the system, without which an example is not tried."""
LINES = {"robot_controller.py": 130, "robot_arm.py": 120}
"""Most lines of what is a small program rather than a few lines."""


def _missing() -> str:
    """Return what the robot's simulator lacks here, and where to get it."""
    if importlib.util.find_spec("mujoco") is None:
        return "mujoco is not installed: pip install 'qvl-agent[robot]'"
    if sys.platform == "linux" and ctypes.util.find_library("EGL") is None:
        return "MuJoCo draws through EGL: apt-get install libegl1 libgl1-mesa-dri"
    return ""


simulates = pytest.mark.skipif(bool(_missing()), reason=_missing() or "everything is there")
RUNS = [pytest.param(name, marks=simulates) if "robot" in name else name for name in SAYS]


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == SAYS.keys() | PARTS | SERVED


@pytest.mark.parametrize("name", RUNS)
def test_an_example_runs_and_says_what_it_shows(name: str, tmp_path: Path) -> None:
    missing = [program for program in NEEDS.get(name, ()) if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for said in SAYS[name]:
        assert said in done.stdout
    if name in LEAVES:
        assert {page.name for page in (tmp_path / "runs").glob("*.html")} == LEAVES[name]


@pytest.mark.parametrize("name", [*SAYS, *PARTS, *SERVED])
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / name).read_text().splitlines()) <= LINES.get(name, 60)


@pytest.fixture
def served_phone() -> Iterator[str]:
    """The address of a `qvl-agent phone serve`, as a user starts it in another window."""
    command = [sys.executable, "-m", "qvl_agent", "phone", "serve", "--port", "0"]
    served = subprocess.Popen(
        [*command, "--seed", "3", "--size", "392x840"], stdout=subprocess.PIPE, text=True
    )
    with served:
        assert served.stdout is not None
        yield next(line for line in served.stdout if "adb connect" in line).split()[-1]
        served.terminate()


@pytest.fixture
def adb_port() -> Iterator[int]:
    """The port of an adb server of its own, away from the user's."""
    adb = pytest.importorskip("adbutils._utils", reason="the extra android is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [adb.adb_path(), "-P", str(port)]
    subprocess.run([*command, "start-server"], check=True, capture_output=True, timeout=120)
    yield port
    subprocess.run([*command, "kill-server"], capture_output=True, timeout=120)


def test_the_phone_example_runs_on_a_served_phone(
    served_phone: str, adb_port: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "phone_over_adb.py"), served_phone],
        cwd=tmp_path,
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(adb_port)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    assert "1: Maps. -> OpenApp(name='Maps')" in done.stdout
    assert "open the map: over after 3 steps" in done.stdout


@simulates
def test_the_robots_side_runs_without_torch(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "import robot_controller\n"
        "sys.argv[1:] = ['--seconds', '0.2']\n"
        "robot_controller.main()\n"
        "print('loaded:', *({'torch', 'transformers'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    assert "ticks at 20 Hz: 4" in done.stdout
    assert done.stdout.endswith("loaded:\n")
