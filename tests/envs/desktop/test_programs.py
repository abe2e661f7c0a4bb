"""No process outlives whoever wanted it: however that one ended, and whatever the program did."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.envs.desktop import Program, VirtualScreen
from qvl_agent.envs.desktop.virtual import parse_size

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="programs are kept on Linux only")

Descendants = Callable[[int], list[int]]
AllGone = Callable[[list[int]], bool]

PARENT = """
import sys, time
from qvl_agent.envs.desktop import DesktopEnv, Program, VirtualScreen
screen = VirtualScreen(320, 240)
# A child that leaves its parent and its session, as browsers' helpers do, and minds no SIGTERM.
program = Program(["sh", "-c", "trap '' TERM; setsid sleep 300 & sleep 300 & wait"])
print("ready", flush=True)
sys.stdin.readline()
how = sys.argv[1]
if how == "exception":
    raise RuntimeError("on purpose")
time.sleep(300)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    ("how", "number"),
    [
        ("kill -9", signal.SIGKILL),
        ("SIGTERM", signal.SIGTERM),
        ("Ctrl-C", signal.SIGINT),
        ("exception", None),
    ],
)
def test_nothing_survives_the_end_of_this_process(
    needs: Callable[..., None],
    descendants: Descendants,
    all_gone: AllGone,
    how: str,
    number: signal.Signals | None,
) -> None:
    needs("Xvfb")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        assert wait_for(lambda: len(descendants(parent.pid)) >= 6), "keepers, Xvfb, sh, two sleeps"
        started = descendants(parent.pid)
        if number is None:
            parent.stdin.write(b"\n")
            parent.stdin.flush()
        else:
            os.kill(parent.pid, number)
        parent.wait(60)
    assert all_gone(started)


def test_nothing_survives_a_keeper_that_is_killed(
    descendants: Descendants, all_gone: AllGone
) -> None:
    program = Program(["sleep", "300"])
    keeper = program._keeper.pid
    assert wait_for(lambda: len(descendants(keeper)) == 1)
    started = descendants(keeper)
    os.kill(keeper, signal.SIGKILL)
    assert all_gone(started)
    program.stop()


def test_stopping_ends_what_the_program_left_behind(
    descendants: Descendants, all_gone: AllGone
) -> None:
    program = Program(["sh", "-c", "setsid sleep 300 & exit 0"])
    assert wait_for(lambda: len(descendants(program._keeper.pid)) == 1)
    started = descendants(program._keeper.pid)
    assert program.running, "what it left behind still runs"
    program.stop()
    program.stop()
    assert all_gone(started)


def test_a_program_says_how_it_ended_and_what_it_said() -> None:
    program = Program(["sh", "-c", "echo out of luck >&2; exit 3"])
    assert program.wait(60)
    assert (program.status, program.said()) == (3, "out of luck")
    program.stop()
    missing = Program(["no-such-program"])
    assert missing.wait(60)
    assert (missing.status, missing.said()) == (127, "no-such-program: No such file or directory")
    missing.stop()


def test_two_screens_have_displays_of_their_own(needs: Callable[..., None]) -> None:
    needs("Xvfb")
    one, other = VirtualScreen(320, 240), VirtualScreen(64, 64)
    try:
        assert one.display != other.display
        assert one.running
        assert not one.managed()
        assert Path(one.authority).stat().st_mode & 0o077 == 0, "the key is this user's alone"
        other.stop()
        assert one.running
    finally:
        one.stop()
        other.stop()
    assert not one.running
    assert not Path(one.authority).exists()


def test_without_xvfb_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceError, match="apt-get install xvfb"):
        VirtualScreen(640, 480)


def test_a_server_that_does_not_start_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "Xvfb"
    broken.write_text("#!/bin/sh\necho no more displays >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(DeviceError, match="Xvfb did not start: no more displays"):
        VirtualScreen(640, 480)


@pytest.mark.parametrize("text", ["1280", "1280x", "axb", "0x0", "32x800", "99999x10", "-1x5", ""])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="screen"):
        parse_size(text)


def test_a_size_is_width_and_height() -> None:
    assert parse_size("1280x800") == (1280, 800)
