"""A virtual screen per module, and a window on it that says what was done to it."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.envs.desktop import DesktopEnv, RealDesktop
from qvl_agent.envs.screen import Settling

AT_ONCE = Settling(interval_s=0.002, cap_s=0.001, margin=0.0)
"""One picture, no waiting."""


ALPHABETS = (
    "".join(map(chr, range(0x20, 0x7F))),
    "éüñßçøåÅŁžğıİ¿¡€£«»",
    "你好世界漢字飞机的是不了，。「」",
    "مرحبا بالعالم السلام عليكم",
    "🍕🎉😀👍🏽🇩🇪🧑‍🚀",
    "\"'`“”‘’„‚‹›\\/<>&;|$(){}[]",
    "Приветмирשלוםनमस्तेこんにちは한국어",
)


def random_texts(number: int) -> list[str]:
    """Return random texts of one to thirty characters, most from several alphabets."""
    rng = random.Random(11)
    made = []
    for _ in range(number):
        letters = "".join(rng.sample(ALPHABETS, rng.randint(1, 3)))
        made.append("".join(rng.choice(letters) for _ in range(rng.randint(1, 30))))
    return made


def required(*programs: str) -> None:
    """Skip the test where a program is missing."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def needs() -> Callable[..., None]:
    return required


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopEnv]:
    """Return a desktop of 320x240 whose steps do not wait."""
    required("Xvfb", "xclip")
    pytest.importorskip("tkinter", reason="pyautogui needs tkinter")
    world = DesktopEnv(
        virtual="320x240",
        task="try it",
        settling=AT_ONCE,
        halt_file=tmp_path_factory.mktemp("halt") / "halt",
    )
    yield world
    world.close()


class Target:
    """A window over the whole screen that keeps what happens to the pointer and the keys."""

    def __init__(self, desktop: RealDesktop) -> None:
        from Xlib import X

        assert desktop._x11 is not None
        from qvl_agent.envs.desktop.x11 import X11

        self._x11 = X11(desktop._x11.name, desktop._x11.authority)
        self._display = self._x11.display
        self._screen = self._display.screen()
        self.window = self._screen.root.create_window(
            *(0, 0, self._screen.width_in_pixels, self._screen.height_in_pixels, 0),
            self._screen.root_depth,
            background_pixel=0x808080,
            override_redirect=True,
            event_mask=X.ButtonPressMask
            | X.ButtonReleaseMask
            | X.KeyPressMask
            | X.KeyReleaseMask
            | X.ButtonMotionMask
            | X.ExposureMask,
        )
        self.window.map()
        self._display.sync()
        self.events(until=X.Expose)
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()

    def events(self, until: int | None = None) -> list[Any]:
        """Return what happened since the last call."""
        found: list[Any] = []
        deadline = time.monotonic() + 60
        while until is not None and time.monotonic() < deadline:
            found += self.events()
            if any(event.type == until for event in found):
                return found
            time.sleep(0.002)
        self._display.sync()
        while self._display.pending_events():
            found.append(self._display.next_event())
        return found

    def clicks(self) -> list[tuple[int, int, int]]:
        """Return button, x and y of each press since the last call."""
        from Xlib import X

        return [(e.detail, e.root_x, e.root_y) for e in self.events() if e.type == X.ButtonPress]

    def dot(self, x: int, y: int) -> None:
        """Paint one red dot, and nothing else."""
        self.window.clear_area()
        pen = self.window.create_gc(foreground=0xFF0000)
        self.window.fill_rectangle(pen, x, y, 1, 1)
        self._display.sync()

    def put_pointer(self, x: int, y: int) -> None:
        """Move the pointer as a person would: not through the desktop."""
        self._screen.root.warp_pointer(x, y)
        self._display.sync()

    def pressed(self) -> tuple[list[int], int]:
        """Return the codes of the keys that are down, and the mask of the buttons."""
        from Xlib import X

        down = [
            8 * i + bit
            for i, byte in enumerate(self._display.query_keymap())
            for bit in range(8)
            if byte >> bit & 1
        ]
        buttons = X.Button1Mask | X.Button2Mask | X.Button3Mask
        return down, self._screen.root.query_pointer().mask & buttons

    def close(self) -> None:
        self.window.destroy()
        self._display.sync()
        self._x11.close()


@pytest.fixture
def target(env: DesktopEnv) -> Iterator[Target]:
    """Return a window over the whole screen of `env`, which has begun an episode."""
    desktop = env.desktop
    assert isinstance(desktop, RealDesktop)
    desktop.move(160, 120)
    env.reset()
    window = Target(desktop)
    window.events()
    yield window
    window.close()


def gone(pids: list[int], seconds: float = 60.0) -> bool:
    """Return whether all of these processes end in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(_lives(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def below(pid: int) -> list[int]:
    """Return the processes that descend from one."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, front = [], [pid]
    while front:
        front = [child for parent in front for child in children.get(parent, [])]
        found += front
    return found


@pytest.fixture(scope="session")
def all_gone() -> Callable[[list[int]], bool]:
    return gone


@pytest.fixture(scope="session")
def descendants() -> Callable[[int], list[int]]:
    return below


@pytest.fixture(scope="session")
def texts() -> Callable[[int], list[str]]:
    return random_texts
