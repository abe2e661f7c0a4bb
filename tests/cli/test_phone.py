"""`qvl-agent phone`: the picture it draws, and the address it serves."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from qvl_agent.actions import UsageError
from qvl_agent.cli.phone import phone
from qvl_agent.envs.android import NoSuchApp


def test_show_draws_an_app_at_a_size(tmp_path: Path) -> None:
    picture = tmp_path / "phone.png"
    done = CliRunner().invoke(
        phone, ["show", str(picture), "--seed", "3", "--size", "196x420", "--app", "Maps"]
    )
    assert done.exit_code == 0, done.output
    with Image.open(picture) as drawn:
        assert drawn.size == (196, 420)


@pytest.mark.parametrize("size", ["big", "420x196", "10x20", "392x"])
def test_a_size_that_is_none_is_a_users_mistake(tmp_path: Path, size: str) -> None:
    done = CliRunner().invoke(phone, ["show", str(tmp_path / "p.png"), "--size", size])
    assert isinstance(done.exception, UsageError)


def test_an_app_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(phone, ["show", str(tmp_path / "p.png"), "--app", "Map"])
    assert isinstance(done.exception, NoSuchApp)
    assert "Maps" in str(done.exception)


def test_serve_says_its_address_and_ends_quietly() -> None:
    serving = subprocess.Popen(
        [sys.executable, "-c", "from qvl_agent.cli.phone import phone; phone()", "serve"]
        + ["--port", "0", "--size", "196x420"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        line = serving.stdout.readline() + serving.stdout.readline()
        assert re.search(r"adb connect 127\.0\.0\.1:\d+", line), line
        serving.send_signal(signal.SIGINT)
        _, errors = serving.communicate(timeout=120)
        assert errors == ""
        assert serving.returncode == 0
    finally:
        serving.kill()
        serving.wait()
