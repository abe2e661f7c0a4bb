"""`qvl-agent run --env desktop`: on a virtual screen, and what it says where it cannot."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., Any]
Script = Callable[..., str]

DONE = "Nothing to do.\n*FUNCTION*: Done\n*ARGS*: {}\n"
SLIP = '*FUNCTION*: Hotkey\n*ARGS*: {"keys": ["ctrll"]}\n'


@pytest.fixture(autouse=True)
def _no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "DISPLAY is not set; start from a desktop session, or use --virtual 1280x800"),
        (["--virtual", "big"], "the size of a screen is written as in 1280x800, got 'big'"),
        (["--start", "xterm"], "--start is for a virtual screen"),
        (["--virtual", "320x240", "--view", "roof"], "a view is written as all, monitor:1"),
        (["--virtual", "320x240", "--device", "sim"], "--device chooses a phone"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    cli: Cli, script: Script, arguments: list[str], told: str
) -> None:
    ran = cli("run", "--env", "desktop", "look", "--model", script(DONE), *arguments)
    assert ran.code in (2, 3)
    assert told in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_the_options_of_a_desktop_are_for_a_desktop(cli: Cli) -> None:
    ran = cli("run", "--env", "numberline", "--model", "expert", "--virtual", "320x240")
    assert ran.code == 2
    assert "--virtual, --start and --view are for --env desktop, not for numberline" in ran.err


def test_a_virtual_screen_is_driven_and_its_programs_are_started(cli: Cli, script: Script) -> None:
    missing = [name for name in ("Xvfb", "xterm") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    ran = cli(
        *("run", "--env", "desktop", "look", "--model", script(SLIP, DONE), "--virtual", "320x240"),
        *(
            "--start",
            "xterm -e sh",
            "--start",
            "no-such-program -x",
            "--view",
            "region:0,0,200x100",
        ),
    )
    assert ran.code == 1, "nobody looked whether it succeeded"
    assert "'no-such-program -x' is not installed" in ran.err
    assert "there is no key 'ctrll'; did you mean 'ctrl'?" in ran.out
    assert "checked 0" in ran.out
