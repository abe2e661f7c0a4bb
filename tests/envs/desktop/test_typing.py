"""Any text arrives as it was, and the clipboard is as before."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.desktop import Click, Hotkey, Type
from qvl_agent.actions.types import Point
from qvl_agent.envs.desktop import DesktopEnv, RealDesktop
from qvl_agent.envs.screen import Settling

AT_ONCE = Settling(interval_s=0.002, cap_s=0.001, margin=0.0)


class Terminal:
    """`cat` in an xterm: what is typed there stands in a file, line by line."""

    def __init__(self, world: DesktopEnv, file: Path) -> None:
        self._file = file
        self._program = world.launch(
            ["xterm", "-geometry", "80x20+0+0", "-e", "sh", "-c", f'cat > "{file}"']
        )
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert file.exists(), self._program.said()
        world.reset()
        world.step(Click(Point(0.3, 0.3)))

    def lines(self, number: int) -> list[str]:
        """Return the lines, once there are so many."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self._file.read_text(encoding="utf-8").split("\n")[:-1]
            if len(found) >= number:
                return found
            time.sleep(0.02)
        return found

    def close(self) -> None:
        self._program.stop()


class Clipboards:
    """The clipboards of a display, through xclip."""

    def __init__(self, world: DesktopEnv) -> None:
        assert world.screen is not None
        self._environment = world.screen.environment

    def put(self, name: str, content: bytes, target: str = "UTF8_STRING") -> None:
        subprocess.run(
            ["xclip", "-selection", name, "-t", target, "-i"],
            input=content,
            env=self._environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60  # xclip returns before it holds anything
        while self.get(name, target) != content:
            assert time.monotonic() < deadline, f"xclip does not hold {name}"
            time.sleep(0.01)

    def get(self, name: str, target: str = "UTF8_STRING") -> bytes | None:
        done = subprocess.run(
            ["xclip", "-selection", name, "-t", target, "-o"],
            env=self._environment,
            capture_output=True,
            timeout=60,
        )
        return done.stdout if done.returncode == 0 else None


@pytest.fixture
def terminal(env: DesktopEnv, needs: Callable[..., None], tmp_path: Path) -> Iterator[Terminal]:
    needs("xterm")
    program = Terminal(env, tmp_path / "typed.txt")
    yield program
    program.close()


@pytest.mark.parametrize("number", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_random_texts_arrive_unchanged_and_the_clipboard_is_as_before(
    env: DesktopEnv, terminal: Terminal, texts: Callable[[int], list[str]], number: int
) -> None:
    clipboards = Clipboards(env)
    clipboards.put("clipboard", "what I copied, é你".encode())
    expected = texts(number)
    assert sum(not text.isascii() for text in expected) > number / 2
    for text in expected:
        info = env.step(Type(text + "\n"))[4]
        assert "error" not in info, info
        assert [e for e in info["events"] if e["kind"] == "clipboard"] == []
    assert terminal.lines(number) == expected
    assert clipboards.get("clipboard") == "what I copied, é你".encode()
    assert clipboards.get("primary") is None, "where there was nothing, there is nothing"


def test_all_of_ascii_is_typed_and_not_pasted(
    env: DesktopEnv, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(env.desktop._clipboard, "paste", None)  # type: ignore[attr-defined]
    ascii_ = "".join(map(chr, range(0x20, 0x7F)))
    env.step(Type(ascii_ + "\n"))
    assert terminal.lines(1) == [ascii_]


def test_a_key_that_is_let_go_of_late_is_typed_once(env: DesktopEnv, terminal: Terminal) -> None:
    """As where the machine stands still in between: a server repeats held keys after 0.66 s."""
    env.desktop.key("x", True)
    time.sleep(1.5)
    env.desktop.key("x", False)
    env.step(Type("\n"))
    assert terminal.lines(1) == ["x"]


def test_with_caps_lock_on_a_text_still_arrives(env: DesktopEnv, terminal: Terminal) -> None:
    env.step(Hotkey(("capslock",)))
    try:
        env.step(Type("Ab1 é\n"))
        assert terminal.lines(1) == ["Ab1 é"]
    finally:
        env.step(Hotkey(("capslock",)))


def test_a_line_break_is_enter_and_a_tab_is_tab(env: DesktopEnv, terminal: Terminal) -> None:
    env.step(Type("a\tb\r\nç\r\n\nd\n"))
    assert terminal.lines(4) == ["a\tb", "ç", "", "d"]


@pytest.mark.parametrize(
    ("target", "content"),
    [("image/png", bytes(range(256)) * 40), ("text/uri-list", b"file:///tmp/a\r\n")],
)
def test_a_picture_or_a_file_in_the_clipboard_is_kept_too(
    env: DesktopEnv, terminal: Terminal, target: str, content: bytes
) -> None:
    clipboards = Clipboards(env)
    clipboards.put("clipboard", content, target)
    clipboards.put("primary", b"selected")
    env.step(Type("naïve\n"))
    assert terminal.lines(1) == ["naïve"]
    assert clipboards.get("clipboard", target) == content
    assert clipboards.get("primary") == b"selected"


def test_where_nothing_takes_a_text_the_policy_is_told(env: DesktopEnv) -> None:
    desktop = env.desktop
    assert isinstance(desktop, RealDesktop)
    clipboards = Clipboards(env)
    clipboards.put("clipboard", b"mine")
    env.reset()
    env.desktop._clipboard._patience_s = 0.2  # type: ignore[attr-defined]
    try:
        info = env.step(Type("é"))[4]
    finally:
        env.desktop._clipboard._patience_s = 3.0  # type: ignore[attr-defined]
    assert info["error"] == "nothing was typed: no text field has the focus"
    assert clipboards.get("clipboard") == b"mine"


def test_without_xclip_the_remedy_is_named_before_anything_is_lost(
    env: DesktopEnv, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from qvl_agent.actions.errors import DeviceError

    clipboards: Any = Clipboards(env)
    clipboards.put("clipboard", b"mine")
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        with pytest.raises(DeviceError, match="apt-get install xclip"):
            env.step(Type("é\n"))
    assert clipboards.get("clipboard") == b"mine"
    assert os.environ["PATH"] != str(tmp_path)
