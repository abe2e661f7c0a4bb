"""One browser for all tests of a module, on whatever page they want."""

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from qvl_agent.envs.miniwob import open_stage
from qvl_agent.envs.miniwob.stage import Stage


def required(*programs: str) -> None:
    """Skip the test where a package or a program is missing."""
    pytest.importorskip("miniwob")
    pytest.importorskip("selenium")
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def needs() -> Callable[..., None]:
    return required


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    required("chromium", "chromedriver")
    made = open_stage("browser")
    yield made
    made.close()


@pytest.fixture(scope="package")
def window() -> Iterator[Stage]:
    required("chromium", "chromedriver", "Xvfb", "xclip")
    for package in ("mss", "pyautogui"):  # importing the second one needs a display
        if find_spec(package) is None:
            pytest.skip(f"not installed: {package}")
    made = open_stage("desktop")
    yield made
    made.close()
