"""Finding the programs, and leaving none behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qvl_agent.actions.errors import DeviceError, UsageError
from qvl_agent.envs.miniwob.browser import Browser, ScriptFailed, find_programs, told
from qvl_agent.envs.miniwob.stage import Stage


def program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] || exit 1\necho '{says}'\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a browser and a driver that only tell their versions."""
    monkeypatch.setenv("MINIWOB_CHROME_BINARY", program(tmp_path / "c", "Chromium 156.0.8078.79"))
    monkeypatch.setenv("MINIWOB_CHROMEDRIVER", program(tmp_path / "d", "ChromeDriver 156.0.1 (a)"))
    return tmp_path


def test_the_programs_that_the_packages_variables_name_are_taken(programs: Path) -> None:
    found = find_programs()
    assert (found.browser, found.version) == (str(programs / "c"), "156.0.8078.79")


def test_different_versions_say_which_to_install(programs: Path) -> None:
    program(programs / "d", "ChromeDriver 155.0.7000.1 (b)")
    with pytest.raises(UsageError, match=r"install chromedriver 156\.0\.8078\.79"):
        find_programs()


@pytest.mark.parametrize("variable", ["MINIWOB_CHROME_BINARY", "MINIWOB_CHROMEDRIVER"])
def test_a_missing_program_says_what_to_install(
    programs: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(UsageError, match="missing.*apt-get install chromium chromium-driver"):
        find_programs()
    monkeypatch.setenv(variable, "/nowhere")
    with pytest.raises(UsageError, match=f"{variable} names '/nowhere', which is no program"):
        find_programs()


def test_a_program_without_a_version_is_told(programs: Path) -> None:
    program(programs / "c", "hello")
    with pytest.raises(UsageError, match="says 'hello', which is no version"):
        find_programs()


def test_a_browser_that_does_not_start_is_an_error_of_one_line(programs: Path) -> None:
    pytest.importorskip("selenium")
    with pytest.raises(DeviceError, match="does not start"):
        Browser()


def test_what_a_driver_says_is_told_in_one_line() -> None:
    selenium = pytest.importorskip("selenium.common.exceptions")
    from urllib3.exceptions import ProtocolError

    said = (
        "session not created\nfrom timeout: Timed out receiving message: 60.000\n"
        "  (Session info: chrome=156.0)\n; For documentation visit https://www.selenium.dev"
    )
    with pytest.raises(DeviceError) as caught, told():
        raise selenium.WebDriverException(said, stacktrace=["#0 0x55"])
    assert str(caught.value) == (
        "the browser does not answer: Message: session not created; "
        "from timeout: Timed out receiving message: 60.000"
    )
    with pytest.raises(DeviceError, match="does not answer: Message: None"), told():
        raise selenium.WebDriverException()
    with pytest.raises(DeviceError, match="Connection aborted"), told():
        raise ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))


def test_a_script_that_fails_leaves_the_browser_well(stage: Stage) -> None:
    with pytest.raises(ScriptFailed, match="nonsense"):
        stage.browser.ask("return nonsense.at.all")
    assert stage.browser.ask("return 1 + arguments[0]", 2) == 3


def _browsers(profile: str) -> list[str]:
    """Return the command lines of processes that use a profile."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if profile in line:
            found.append(line)
    return found


@pytest.mark.parametrize("end", ["close", "kill", "driver killed"])
def test_nothing_of_it_survives(needs: Callable[..., None], end: str) -> None:
    needs("chromium", "chromedriver")
    script = """
        import sys
        from qvl_agent.envs.miniwob.browser import Browser

        browser = Browser()
        print(browser._profile.name, browser.driver.service.process.pid, flush=True)
        sys.stdin.readline()
        browser.close()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        profile, keeper = process.stdout.readline().split()
        assert _browsers(profile)
        match end:
            case "close":
                process.stdin.write("\n")
                process.stdin.flush()
            case "kill":
                process.kill()
            case "driver killed":
                # The first child; the others are helpers of the browser that it inherited.
                driver, *_ = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
                os.kill(int(driver), signal.SIGKILL)
                process.kill()
        process.wait(120)
    deadline = time.monotonic() + 60
    while (left := _browsers(profile)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
