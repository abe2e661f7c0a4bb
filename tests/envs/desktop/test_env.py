import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from qvl_agent.actions.desktop import Answer, Click, Done, Drag, Hotkey, MoveTo, Type, Wait
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import DeviceError, MissingDependency, ResetNeeded, UsageError
from qvl_agent.actions.mobile import Tap
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.events import Chose, Event
from qvl_agent.agent.loop import Agent
from qvl_agent.envs import make
from qvl_agent.envs.desktop import DesktopEnv, Halted, RealDesktop
from qvl_agent.envs.desktop.real import find_display
from qvl_agent.model.policy import Profile
from qvl_agent.model.scripted import ScriptedPolicy

Target = Any
MIDDLE = Point(0.5, 0.5)


def test_before_reset_and_after_the_end_nothing_is_done(env: DesktopEnv, target: Target) -> None:
    fresh = DesktopEnv(env.desktop, task="x")
    for act in (lambda: fresh.step(Click(MIDDLE)), fresh.expert):
        with pytest.raises(ResetNeeded, match="call reset"):
            act()
    env.step(Done())
    with pytest.raises(ResetNeeded, match="has ended"):
        env.step(Click(MIDDLE))
    assert target.clicks() == []


def test_an_action_of_another_world_is_refused_and_nothing_is_done(
    env: DesktopEnv, target: Target
) -> None:
    with pytest.raises(gymnasium.error.InvalidAction, match="Tap"):
        env.step(Tap(MIDDLE))
    assert target.clicks() == []


@pytest.mark.parametrize("last", [Done(), Done("failure"), Answer("42")])
@pytest.mark.parametrize("done", [True, False])
def test_what_the_check_says_counts_and_not_what_the_policy_says(
    env: DesktopEnv, last: Action, done: bool
) -> None:
    world = DesktopEnv(env.desktop, task="x", check=lambda: done)
    world.reset()
    _, reward, terminated, truncated, _ = world.step(last)
    assert (reward, terminated, truncated) == (float(done), True, False)
    assert (world.outcome().success, world.outcome().metrics) == (done, {"checked": 1.0})


def test_without_a_check_nobody_looked(env: DesktopEnv) -> None:
    env.reset()
    assert (env.outcome().success, env.outcome().metrics) == (False, {"checked": 0.0})
    with pytest.raises(UsageError, match="no expert for 'try it' on virtual 320x240"):
        env.expert()


@pytest.mark.parametrize(
    ("options", "told"),
    [({}, "say what to do"), ({"task": " "}, "must be a text"), ({"x": 1}, "unknown option 'x'")],
)
def test_options_that_make_no_sense_are_refused(
    env: DesktopEnv, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        DesktopEnv(env.desktop).reset(options=options)


def test_an_observation_is_a_picture_of_its_own(env: DesktopEnv, target: Target) -> None:
    first, _ = env.reset()
    before = first.image.copy()
    target.dot(5, 5)
    second, *_ = env.step(MoveTo(MIDDLE))
    assert not np.shares_memory(first.image, second.image)
    assert (first.image == before).all()
    assert tuple(second.image[5, 5]) == (255, 0, 0), "red comes first"
    assert env.observation_space.contains(second)


def test_a_black_screen_is_told_in_words(env: DesktopEnv) -> None:
    observation, info = env.reset()
    assert observation.text.startswith("The screen is black")
    assert {"kind": "black", "detail": ""} in info["events"]


def test_unchanged_counts_what_has_no_effect_and_a_letter_is_one(
    env: DesktopEnv, target: Target
) -> None:
    env.reset()
    assert [env.step(MoveTo(MIDDLE))[4]["unchanged"] for _ in range(2)] == [1, 2]
    pen = target.window.create_gc(foreground=0)
    target.window.fill_rectangle(pen, 10, 10, 6, 9)
    target._display.sync()
    assert env.step(MoveTo(MIDDLE))[4]["unchanged"] == 0


# --- Keys and buttons ----------------------------------------------------------------------------


def test_a_hotkey_goes_down_in_its_order_and_up_in_the_other(
    env: DesktopEnv, target: Target
) -> None:
    from Xlib import X

    env.step(Hotkey(("ctrl", "shift", "a")))
    events = [e for e in target.events() if e.type in (X.KeyPress, X.KeyRelease)]
    codes = [(e.type == X.KeyPress, e.detail) for e in events]
    downs = [code for down, code in codes if down]
    assert codes == [*((True, c) for c in downs), *((False, c) for c in reversed(downs))]
    assert len(downs) == 3
    assert target.pressed() == ([], 0)


def test_a_key_that_the_keyboard_lacks_is_data_and_leaves_nothing_pressed(
    env: DesktopEnv, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyautogui

    monkeypatch.setitem(pyautogui.platformModule.keyboardMapping, "f9", 0)
    info = env.step(Hotkey(("ctrl", "f9")))[4]
    assert info["error"] == "this keyboard has no key 'f9'"
    assert target.pressed() == ([], 0)


def test_what_cannot_be_typed_is_data(env: DesktopEnv, target: Target) -> None:
    for text, code in (("a\x1bb", "U+001B"), ("\ud800", "U+D800"), ("\x85", "U+0085")):
        info = env.step(Type(text))[4]
        assert info["error"] == f"the character {code} cannot be typed"
    assert [e for e in target.events() if e.type == 2] == [], "not even what stands before it"


class Stop(BaseException):
    """Something that comes from nowhere in the middle of an action."""


@pytest.mark.parametrize("action", [Drag(Point(0.1, 0.1), MIDDLE), Hotkey(("ctrl", "alt", "x"))])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_whatever_happens_in_the_middle_nothing_stays_pressed(
    env: DesktopEnv,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    after: int,
) -> None:
    calls = 0

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any) -> None:
            nonlocal calls
            real(*args)
            calls += 1
            if calls == after:
                raise Stop

        return call

    for name in ("key", "button", "move"):
        monkeypatch.setattr(env.desktop, name, counted(getattr(env.desktop, name)))
    with pytest.raises(Stop):
        env.step(action)
    assert target.pressed() == ([], 0)


# --- Who can stop it -----------------------------------------------------------------------------


@pytest.fixture
def halt_file(env: DesktopEnv) -> Iterator[Path]:
    file = env._switch._file
    yield file
    file.unlink(missing_ok=True)


def test_a_halt_file_stops_it_before_anything_is_done(
    env: DesktopEnv, target: Target, halt_file: Path
) -> None:
    halt_file.touch()
    with pytest.raises(Halted, match=re.escape(f"{halt_file} exists; remove it")):
        env.step(Click(MIDDLE))
    assert target.clicks() == []
    with pytest.raises(Halted):
        env.reset()


def test_a_halt_file_stops_a_long_wait(env: DesktopEnv, target: Target, halt_file: Path) -> None:
    timer = threading.Timer(0.3, halt_file.touch)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Halted):
        env.step(Wait(60.0))
    assert time.monotonic() - began < 50
    timer.join()


@pytest.mark.parametrize("corner", [(0, 0), (319, 0), (0, 239), (319, 239)])
def test_a_person_stops_it_by_taking_the_pointer_to_a_corner(
    env: DesktopEnv, target: Target, corner: tuple[int, int]
) -> None:
    env.step(MoveTo(MIDDLE))
    target.put_pointer(*corner)
    with pytest.raises(Halted, match="corner"):
        env.step(Click(MIDDLE))
    assert target.clicks() == []


def test_the_agent_itself_may_click_in_a_corner(env: DesktopEnv, target: Target) -> None:
    for x, y in ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5)):
        env.step(Click(Point(x, y)))
    assert len(target.clicks()) == 3


def test_sigterm_ends_an_episode_as_interrupted_and_its_trace_is_closed(
    env: DesktopEnv, target: Target, tmp_path: Path
) -> None:
    space, star = env.action_space, get_dialect("star")
    script = [star.render(space.to_call(Wait(60.0)))]
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGTERM))

    def watch(event: Event) -> None:
        if isinstance(event, Chose):  # now the wait begins
            timer.start()

    agent = Agent(ScriptedPolicy(script, profile=Profile()), space, trace=tmp_path)
    episode = agent.run(env, watch=watch)
    timer.join()
    assert (episode.reason, episode.steps) == ("interrupted", 0)
    assert "SIGTERM" in episode.detail
    assert episode.trace is not None
    assert '"reason":"interrupted"' in (episode.trace / "trace.jsonl").read_text()


def test_somebody_elses_signal_handler_is_left_alone(env: DesktopEnv) -> None:
    def own(*_: object) -> None:
        """Nothing."""

    before = signal.signal(signal.SIGTERM, own)
    try:
        world = DesktopEnv(env.desktop, task="x")
        assert signal.getsignal(signal.SIGTERM) is own
        world._switch.ignore()
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


# --- No display, and one that goes away ----------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "DISPLAY is not set; start from a desktop session, or use --virtual"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Wayland.*Xorg"),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, "Wayland.*Xorg"),
    ],
)
def test_a_session_without_a_usable_display_says_what_to_do(
    environment: dict[str, str], told: str
) -> None:
    with pytest.raises(DeviceError, match=told):
        find_display(environment)


@pytest.mark.parametrize("package", ["Xlib", "pyautogui", "mss"])
def test_a_missing_package_is_named_with_what_installs_it(
    needs: Callable[..., None], monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    needs("Xvfb")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependency, match=re.escape("pip install 'qvl-agent[desktop]'")):
        DesktopEnv(virtual="320x240")


def test_a_display_that_is_not_there_is_named() -> None:
    pytest.importorskip("Xlib")
    with pytest.raises(DeviceError, match="display ':7531' cannot be used"):
        RealDesktop(":7531")


def test_a_display_that_goes_away_in_the_middle_is_a_device_error(
    needs: Callable[..., None],
) -> None:
    needs("Xvfb")
    world = make("desktop", virtual="320x240", task="x")
    assert isinstance(world, DesktopEnv)
    try:
        world.reset()
        assert world.screen is not None
        world.screen.stop()
        for action in (Click(MIDDLE), Type("é"), Hotkey(("enter",)), Done()):
            with pytest.raises(DeviceError, match="virtual 320x240 is gone"):
                world.step(action)
    finally:
        world.close()
        world.close()


def test_a_closed_desktop_is_not_touched(needs: Callable[..., None]) -> None:
    needs("Xvfb")
    world = DesktopEnv(virtual="320x240", task="x")
    world.reset()
    world.close()
    with pytest.raises(DeviceError, match="virtual 320x240 was closed"):
        world.step(Click(MIDDLE))


def test_programs_are_started_on_virtual_screens_only(env: DesktopEnv) -> None:
    with pytest.raises(UsageError, match="virtual"):
        DesktopEnv(env.desktop, start=[["xterm"]])
    with pytest.raises(UsageError, match="virtual"):
        DesktopEnv(env.desktop, task="x").launch(["xterm"])
    with pytest.raises(UsageError, match="either"):
        DesktopEnv(env.desktop, virtual="640x480")
