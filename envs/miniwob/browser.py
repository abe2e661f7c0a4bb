"""Chromium under chromedriver: found, checked, started once, and never left behind.

Knows no task. The page's own language is `ask`; what a page looks like is `picture`.
"""

import base64
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pictures

from qvl_agent.actions.errors import DeviceError, MissingDependency, UsageError
from qvl_agent.envs.base import Image
from qvl_agent.envs.desktop import keeper

__all__ = ["Browser", "Programs", "ScriptFailed", "find_programs", "told"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_DRIVERS = ("chromedriver", "chromium.chromedriver")
_INSTALL = "on Debian or Ubuntu: apt-get install chromium chromium-driver"
_ANSWER_S = 60.0
"""The longest that any single command may take; less than the harness gives a whole call."""


_NO_REASON = ("(Session info:", "; For documentation")
"""How lines begin in which a driver says something else than what is wrong."""


class ScriptFailed(DeviceError):
    """A script in the page failed, and the browser is well."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A browser and a driver of the same version.

    Attributes:
        browser: Path of Chromium.
        driver: Path of chromedriver.
        version: Of both, as "156.0.8078.79" the browser's.
    """

    browser: str
    driver: str
    version: str


def find_programs() -> Programs:
    """Return the machine's browser and driver.

    The environment variables of the `miniwob` package, `MINIWOB_CHROME_BINARY` and
    `MINIWOB_CHROMEDRIVER`, name others.

    Raises:
        UsageError: If one is missing or their versions differ; the message says what to install.
    """
    browser = _find("MINIWOB_CHROME_BINARY", _BROWSERS, "a browser (chromium)")
    driver = _find("MINIWOB_CHROMEDRIVER", _DRIVERS, "the browser's driver (chromedriver)")
    versions = _version(browser), _version(driver)
    if versions[0].split(".")[0] != versions[1].split(".")[0]:
        raise UsageError(
            f"{browser} is version {versions[0]} and {driver} is version {versions[1]}; both "
            f"have to be of the same major version: install chromedriver {versions[0]}; {_INSTALL}"
        )
    return Programs(browser, driver, versions[0])


def _find(variable: str, names: Sequence[str], what: str) -> str:
    named = os.environ.get(variable)
    for name in [named] if named else names:
        if path := shutil.which(name):
            return path
    missing = f"{variable} names {named!r}, which is no program" if named else f"{what} is missing"
    raise UsageError(f"{missing}; install it; {_INSTALL}")


def _version(program: str) -> str:
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_ANSWER_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as exc:
        raise UsageError(f"{program} --version does not answer: {exc}; {_INSTALL}") from exc
    if found := re.search(r"\d+(\.\d+)+", told):
        return found.group()
    raise UsageError(f"{program} --version says {told.strip()!r}, which is no version; {_INSTALL}")


@dataclass(slots=True)
class Browser:
    """A running browser with one window. `close` ends it with everything it started.

    Args:
        arguments: Of Chromium, beside those that it needs in any case.
        headless: Whether it shows no window.
        environment: Of its processes; None is this process's own.

    Attributes:
        driver: Selenium's.

    Raises:
        MissingDependency: If selenium is not installed.
        UsageError: See `find_programs`.
        DeviceError: If it does not start.
    """

    arguments: Sequence[str] = ()
    headless: bool = True
    environment: dict[str, str] | None = None
    driver: Any = field(init=False)
    _profile: "tempfile.TemporaryDirectory[str]" = field(init=False)

    def __post_init__(self) -> None:
        programs = find_programs()
        try:
            from selenium import webdriver
            from selenium.common.exceptions import WebDriverException
        except ImportError as exc:
            raise MissingDependency("selenium", extra="miniwob", purpose="drive a browser") from exc
        self._profile = tempfile.TemporaryDirectory(
            prefix="qvl-agent-browser-", ignore_cleanup_errors=True
        )
        options = webdriver.ChromeOptions()
        options.binary_location = programs.browser
        for argument in [*_NEEDED, *self.arguments, f"--user-data-dir={self._profile.name}"]:
            options.add_argument(argument)
        if self.headless:
            options.add_argument("--headless")
            options.add_argument("--window-size=800,900")  # the largest page fits in
        # No banner above the page says that it is being driven, and none asks for passwords.
        options.add_experimental_option("excludeSwitches", ["enable-automation"])
        options.add_experimental_option("prefs", {"credentials_enable_service": False})
        try:
            self.driver = webdriver.Chrome(
                service=_kept_service(programs.driver, self.environment), options=options
            )
            self.driver.set_script_timeout(_ANSWER_S)
            self.driver.set_page_load_timeout(_ANSWER_S)
        except WebDriverException as exc:
            self._profile.cleanup()
            raise DeviceError(f"{programs.browser} does not start: {_reason(exc)}") from exc

    def open(self, url: str) -> None:
        """Open a page, also when it is the one that is open: nothing of it is kept.

        Raises:
            DeviceError: If the browser is gone.
        """
        with told():
            self.driver.get(url)

    def ask(self, script: str, *arguments: Any) -> Any:
        """Return what a script in the page returns.

        Raises:
            ScriptFailed: If the script fails.
            DeviceError: If the browser is gone.
        """
        with told():
            return self.driver.execute_script(script, *arguments)

    def wait_for(self, script: str, seconds: float) -> bool:
        """Return whether a script in the page comes to return something true in time."""
        deadline = time.monotonic() + seconds
        while not self.ask(script):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def picture(self, width: int, height: int) -> Image:
        """Return the top left of the page, uint8 (height, width, 3).

        Raises:
            DeviceError: If the browser is gone.
        """
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        wanted = {"format": "png", "clip": clip, "optimizeForSpeed": True}
        with told():
            answer = self.driver.execute_cdp_cmd("Page.captureScreenshot", wanted)
        with Pictures.open(io.BytesIO(base64.b64decode(answer["data"]))) as picture:
            return np.asarray(picture.convert("RGB"))

    def point(self, x: int, y: int) -> None:
        """Move the pointer, without a button.

        Raises:
            DeviceError: If the browser is gone.
        """
        with told():
            move = {"type": "mouseMoved", "x": x, "y": y}
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", move)

    def alive(self) -> bool:
        """Return whether the browser answers."""
        with suppress(DeviceError):
            return bool(self.ask("return true"))
        return False

    def close(self) -> None:
        """End the browser; doing so again changes nothing."""
        with suppress(Exception):
            self.driver.quit()
        with suppress(Exception):
            self.driver.service.stop()
        self._profile.cleanup()


_NEEDED = (
    "--no-sandbox",  # root has no user namespace to build a sandbox in, and pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--force-device-scale-factor=1",
    # Grey text in a window as without one: a picture is the same either way.
    "--disable-lcd-text",
    "--force-color-profile=srgb",
)


def _kept_service(driver: str, environment: dict[str, str] | None) -> Any:
    """Return selenium's service of a driver that dies with this process, however that ends."""
    from selenium.webdriver.chrome.service import Service

    class Kept(Service):  # type: ignore[misc]
        def command_line_args(self) -> list[str]:
            return ["-I", "-S", str(Path(keeper.__file__)), driver, f"--port={self.port}"]

    # In a session of its own, the keeper outlives a signal to this process's group and tidies up.
    return Kept(
        executable_path=sys.executable, env=environment, popen_kw={"start_new_session": True}
    )


@contextmanager
def told() -> Iterator[None]:
    """Turn what selenium raises into a `DeviceError` of one line."""
    from selenium.common.exceptions import JavascriptException, WebDriverException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except JavascriptException as exc:
        raise ScriptFailed(_reason(exc)) from exc
    except (WebDriverException, HTTPError, OSError) as exc:
        raise DeviceError(f"the browser does not answer: {_reason(exc)}") from exc


def _reason(error: BaseException) -> str:
    """Return what a driver says is wrong in one line, without its versions, links and stack."""
    said = str(error).partition("Stacktrace:")[0].strip() or repr(error)
    lines = filter(None, map(str.strip, said.splitlines()))
    return "; ".join(line for line in lines if not line.startswith(_NO_REASON))
