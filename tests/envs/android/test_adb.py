import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions import DeviceError, Point, UsageError
from qvl_agent.envs.android import (
    AdbDevice,
    AdbServer,
    AndroidEnv,
    NoSuchApp,
    Patience,
    TextRefused,
)
from qvl_agent.envs.android.apps import package_of
from qvl_agent.envs.android.phone import Make, Phone, make_phone
from qvl_agent.envs.android.phone.nodes import Go, Route, walk

TOLD = {
    "drop": "reconnected",
    "truncate": "retried",
    "stall": "slow",
    "turn": "turned",
    "black": "retried",
    "offline": "reconnected",
}
"""What can be injected, and the event that tells of it."""

FAULTS = tuple(TOLD)
QUICK = Patience(slow_s=1.0, pauses_s=(0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2))


@pytest.fixture
def phone() -> Phone:
    return make_phone(0, Make(disturbed=False, language="en"))[0]


@pytest.fixture
def server(phone: Phone) -> Iterator[AdbServer]:
    with AdbServer(phone) as running:
        running.faults.stall_s = 1.2
        running.faults.offline_s = 0.4
        yield running


@pytest.fixture
def device(server: AdbServer, adb: Any) -> Iterator[AdbDevice]:
    yield AdbDevice(server.address, client=adb, phone=server.phone, patience=QUICK)
    adb.disconnect(server.address)


def into_search(phone: Phone) -> None:
    phone.close("maps")
    phone.open("maps")
    spot = next(seen for n, seen in walk(phone.tree()) if n.tap == Go(Route("search")))
    phone.tap(*spot.center)
    assert phone.state.focus == "maps/query"


def test_the_screenshot_is_the_screen_pixel_for_pixel(device: AdbDevice, phone: Phone) -> None:
    assert np.array_equal(device.screenshot(), phone.frame())


def test_the_phone_says_what_is_in_front_and_whether_it_is_awake(
    device: AdbDevice, phone: Phone
) -> None:
    phone.open("clock")
    assert device.current_app() == "org.qvl.clock"
    assert device.power() == "awake"
    phone.key("sleep")
    assert device.power() == "off"
    device.key("wake")
    assert device.power() == "locked"
    phone.turn(1)
    assert device.rotation() == 1


def test_apps_open_by_name(device: AdbDevice, phone: Phone) -> None:
    device.open_app("设置")
    assert phone.state.app == "settings"
    with pytest.raises(NoSuchApp, match="maps"):
        device.open_app("map")


@pytest.mark.parametrize("strings", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_random_unicode_is_typed_as_it_is_and_the_keyboard_comes_back(
    device: AdbDevice, phone: Phone, strings: int
) -> None:
    rng = random.Random(5)
    keyboard = phone.state.keyboard
    pieces = ["'", "%s", "%", "$(reboot)", "`id`", '"', "\\", " ", "é", "你好", "\U0001f355", "-n"]
    for _ in range(strings):
        text = "".join(rng.choice([*pieces, chr(rng.randrange(33, 0x20000))]) for _ in range(9))
        text = "".join(c for c in text if c.isprintable() or c == " ")
        into_search(phone)
        device.type(text)
        assert phone.state.text_of("maps/query") == text
        assert phone.state.keyboard == keyboard


def test_without_adbkeyboard_nothing_is_dropped_silently(adb: Any, phone: Phone) -> None:
    with AdbServer(phone, adb_keyboard=False) as server:
        device = AdbDevice(server.address, client=adb)
        into_search(phone)
        with pytest.raises(TextRefused, match="ADBKeyBoard"):
            device.type("café")
        assert phone.state.text_of("maps/query") == ""
        adb.disconnect(server.address)


def play(
    env: AndroidEnv, seed: int, faults: random.Random | None = None, **options: Any
) -> set[str]:
    """Let the expert play; return the kinds of events."""
    env.reset(seed=seed, options=options)
    kinds: set[str] = set()
    for step in range(70):
        if faults is not None and step in (1, 3):
            env.server.faults.inject(faults.choice(FAULTS))  # type: ignore[attr-defined]
        _, _, ended, _, info = env.step(env.expert().action)
        kinds |= {e["kind"] for e in info["events"]}
        if ended:
            break
    assert env.outcome().success, env.task
    return kinds


@pytest.mark.parametrize("episodes", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_experts_succeed_over_adb_and_every_screen_is_the_same_in_process(
    device: AdbDevice, episodes: int
) -> None:
    wired, local = AndroidEnv(device), AndroidEnv()
    for seed in range(episodes):
        first, _ = wired.reset(seed=seed)
        assert first == local.reset(seed=seed)[0]
        for _ in range(70):
            decision = wired.expert()
            assert decision == local.expert()
            seen, _, ended, _, _ = wired.step(decision.action)
            assert seen == local.step(decision.action)[0]
            if ended:
                break
        assert wired.outcome().success, wired.task


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_survived(device: AdbDevice, server: AdbServer, fault: str) -> None:
    env = AndroidEnv(device)
    env.reset(seed=2, options={"level": 1})
    kinds: set[str] = set()
    for step in range(70):
        if step == 1:
            server.faults.inject(fault)  # type: ignore[arg-type]
        _, _, ended, _, info = env.step(env.expert().action)
        kinds |= {e["kind"] for e in info["events"]}
        if ended:
            break
    assert env.outcome().success
    assert server.faults.pending == 0
    assert TOLD[fault] in kinds


@pytest.mark.slow
def test_level_one_succeeds_under_random_faults(device: AdbDevice, server: AdbServer) -> None:
    env = AndroidEnv(device)
    env.server = server  # type: ignore[attr-defined]
    for seed in range(40):
        play(env, seed, random.Random(seed), level=1)


def test_a_phone_that_stays_away_is_an_error_that_says_so(adb: Any, phone: Phone) -> None:
    server = AdbServer(phone).start()
    device = AdbDevice(server.address, client=adb, patience=Patience(pauses_s=(0.05, 0.1)))
    server.close()
    with pytest.raises(DeviceError, match=f"{server_name(device)} was lost"):
        device.screenshot()
    adb.disconnect(device.name)


def server_name(device: AdbDevice) -> str:
    return device.name.replace(".", r"\.")


def test_an_action_that_may_have_arrived_is_not_sent_twice(
    device: AdbDevice, server: AdbServer, phone: Phone
) -> None:
    phone.open("calculator")
    before = phone.state
    device.screenshot()
    server.faults.inject("drop")
    device.tap(Point(0.5, 0.9))
    assert phone.state == before
    assert "interrupted" in [e.kind for e in device.log.drain()]


def test_missing_unauthorised_and_several_devices_are_told_in_one_line(
    adb: Any, phone: Phone
) -> None:
    with AdbServer(phone) as one, AdbServer(phone) as other:
        adb.connect(one.address, timeout=60)
        adb.connect(other.address, timeout=60)
        with pytest.raises(DeviceError, match="several devices") as several:
            AdbDevice(client=adb)
        assert one.address in str(several.value)
        assert "\n" not in str(several.value)
        with pytest.raises(DeviceError, match=f"no device 'emulator-1'; attached: .*{one.address}"):
            AdbDevice("emulator-1", client=adb)
        for address in (one.address, other.address):
            adb.disconnect(address)
    with AdbServer(phone, unauthorised=True) as shy:
        with pytest.raises(DeviceError, match=f"{shy.address} is unauthorized"):
            AdbDevice(shy.address, client=adb)
        adb.disconnect(shy.address)


def test_a_port_in_use_is_a_users_mistake(server: AdbServer, phone: Phone) -> None:
    with pytest.raises(UsageError, match="in use"):
        AdbServer(phone, int(server.address.split(":")[1]))


def run(
    binary: list[str], server: AdbServer, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*binary, "-s", server.address, *arguments], capture_output=True, timeout=120, check=False
    )


def test_the_adb_binary_sees_a_phone(
    device: AdbDevice, server: AdbServer, adb_binary: list[str], tmp_path: Any
) -> None:
    size = run(adb_binary, server, "shell", "wm", "size")
    assert (size.stdout, size.returncode) == (b"Physical size: 392x840\n", 0)
    missing = run(adb_binary, server, "shell", "reboot; false")
    assert missing.returncode == 1
    assert b"not found" in missing.stderr
    assert run(adb_binary, server, "exec-out", "screencap", "-p").stdout.startswith(b"\x89PNG")
    sent, back = tmp_path / "a.bin", tmp_path / "b.bin"
    sent.write_bytes(bytes(range(256)) * 2000)
    assert run(adb_binary, server, "push", str(sent), "/sdcard/a.bin").returncode == 0
    assert run(adb_binary, server, "pull", "/sdcard/a.bin", str(back)).returncode == 0
    assert back.read_bytes() == sent.read_bytes()
    focus = run(adb_binary, server, "shell", "dumpsys window | grep mCurrentFocus")
    assert b"org.qvl.launcher" in focus.stdout


def test_the_dump_names_what_is_on_the_screen(
    device: AdbDevice, server: AdbServer, adb_binary: list[str], phone: Phone
) -> None:
    phone.open("settings")
    dumped = run(adb_binary, server, "exec-out", "uiautomator dump /dev/tty").stdout.decode()
    assert 'text="Display"' in dumped
    assert 'package="org.qvl.settings"' in dumped


def test_well_known_names_prefer_what_is_installed() -> None:
    installed = ["com.google.android.apps.maps", "org.example.notes", "com.android.vending"]
    assert package_of("Google Maps", installed) == "com.google.android.apps.maps"
    assert package_of("notes", installed) == "org.example.notes"
    with pytest.raises(NoSuchApp):
        package_of("google", installed)


def test_points_follow_the_size_of_the_last_screenshot(device: AdbDevice, phone: Phone) -> None:
    phone.open("settings")
    phone.turn(1)
    assert device.screenshot().shape == (392, 840, 3)
    row = next(seen for n, seen in walk(phone.tree()) if n.tap == Go(Route("display")))
    x, y = row.center
    device.tap(Point(x / 840, y / 392))
    assert phone.state.route.name == "display"
    phone.state = replace(phone.state, rotation=0)
