"""Phones behind the real adb binary, in every state that adb has for them."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from qvl_agent.envs.android.adbd import AdbServer
from qvl_agent.envs.android.phone import Make, Phone, make_phone
from qvl_agent.evals.doctor.findings import Finding
from qvl_agent.evals.doctor.phone import check_phones

adbutils: Any = pytest.importorskip("adbutils", reason="the extra android is not installed")


@pytest.fixture(scope="module")
def adb() -> Iterator[Any]:
    """An adb server of its own, away from the user's."""
    import socket

    from adbutils._utils import adb_path

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [adb_path(), "-P", str(port)]
    subprocess.run([*command, "start-server"], check=True, capture_output=True, timeout=120)
    yield adbutils.AdbClient(port=port, socket_timeout=120)
    subprocess.run([*command, "kill-server"], capture_output=True, timeout=120, check=False)


@pytest.fixture
def phone() -> Phone:
    return make_phone(0, Make(disturbed=False, language="en"))[0]


def examined(adb: Any, server: AdbServer, serial: str | None = None) -> dict[str, Finding]:
    adb.connect(server.address, timeout=60)
    try:
        findings = check_phones(serial, adb)
        return {one.check.removeprefix(f"{server.address} "): one for one in findings}
    finally:
        adb.disconnect(server.address)


def test_a_phone_that_is_ready_passes_and_is_left_as_it_was(adb: Any, phone: Phone) -> None:
    before = phone.state
    with AdbServer(phone) as server:
        found = examined(adb, server)
    assert {name: one.level for name, one in found.items()} == {
        "adb": "pass",
        "screen": "pass",
        "picture": "pass",
        "keyboard": "pass",
    }
    assert "392 x 840" in found["picture"].detail
    assert phone.state == before


def test_without_adbkeyboard_only_ascii_can_be_typed(adb: Any, phone: Phone) -> None:
    with AdbServer(phone, adb_keyboard=False) as server:
        found = examined(adb, server)
    assert found["keyboard"].level == "warn"
    assert "adb install" in found["keyboard"].remedy


def test_a_screen_that_is_off_or_locked_is_told(adb: Any, phone: Phone) -> None:
    with AdbServer(phone) as server:
        phone.key("sleep")
        assert examined(adb, server)["screen"].level == "warn"
        phone.key("wake")
        locked = examined(adb, server)["screen"]
    assert (locked.level, locked.detail) == ("fail", "locked")


def test_an_unauthorised_phone_fails_with_what_to_do_on_its_screen(adb: Any, phone: Phone) -> None:
    with AdbServer(phone, unauthorised=True) as server:
        found = examined(adb, server)
        assert found[server.address].level == "fail"
        assert "allow USB debugging" in found[server.address].remedy


def test_without_a_phone_the_bundled_one_is_named(adb: Any) -> None:
    assert [(one.check, one.level) for one in check_phones(None, adb)] == [
        ("adb", "pass"),
        ("phone", "pass"),
    ]


def test_a_serial_that_does_not_exist_fails(adb: Any) -> None:
    assert list(check_phones("emulator-9999", adb))[-1].level == "fail"


def test_several_phones_are_a_choice_to_make(adb: Any, phone: Phone) -> None:
    with AdbServer(phone) as one, AdbServer(make_phone(1, Make())[0]) as other:
        serials = (one.address, other.address)
        for serial in serials:
            adb.connect(serial, timeout=60)
        found = list(check_phones(None, adb))
        for serial in serials:
            adb.disconnect(serial)
    assert all(serial in found[0].detail for serial in serials)
    assert (found[-1].check, found[-1].level) == ("choice", "warn")


def test_an_adb_that_does_not_answer_is_a_warning_and_the_bundled_phone_is_used() -> None:
    class Silent:
        def list(self) -> list[Any]:
            raise ConnectionRefusedError("connection refused")

    (found,) = check_phones(None, Silent())
    assert found.level == "warn"
    assert "bundled phone" in found.remedy
