"""`doctor android`: the phones that adb knows. They are asked, and never touched."""

from collections.abc import Iterator
from typing import Any

from qvl_agent.actions.errors import DeviceError, MissingDependency
from qvl_agent.envs.android.adb import AdbDevice, list_serials
from qvl_agent.evals.doctor.findings import Finding, Level

__all__ = ["check_phones"]

_ANOTHER = "allow it again or replug it, then: adb devices"
_REMEDIES = {
    "unauthorized": "unlock it and allow USB debugging on its screen",
    "authorizing": "unlock it and allow USB debugging on its screen",
    "offline": "replug it, or run: adb reconnect offline",
    "no permissions": "add a udev rule for it, or start adb's server as another user",
    "bootloader": "start it as usual: fastboot reboot",
    "recovery": "start it as usual: adb reboot",
}
_KEYBOARD = (
    "to type beyond ASCII install github.com/senzhk/ADBKeyBoard: adb install ADBKeyboard.apk"
)


def check_phones(serial: str | None = None, client: Any = None) -> Iterator[Finding]:
    """Yield what there is to say of adb and of each phone.

    Args:
        serial: Only this one; it must be there.
        client: An `adbutils.AdbClient`, for another adb server than the usual one.
    """
    try:
        listed = list_serials(client)
    except (MissingDependency, DeviceError) as exc:
        level: Level = "warn" if serial is None else "fail"
        yield Finding("adb", level, _line(exc), "until then the bundled phone is used")
        return
    names = ", ".join(f"{name} ({state})" for name, state in listed) or "no phone is attached"
    yield Finding("adb", "pass", f"it answers: {names}")
    chosen = [(name, state) for name, state in listed if serial in (None, name)]
    if serial is not None and not chosen:
        remedy = "see: adb devices; for one in the network: adb connect HOST:PORT"
        yield Finding(serial, "fail", "there is no such phone", remedy)
    elif not chosen:
        yield Finding("phone", "pass", "the bundled one is used: --env android needs no other")
    for name, state in chosen:
        if state != "device":
            yield Finding(name, "fail", state, _REMEDIES.get(state, _ANOTHER))
        else:
            yield from _phone(name, client)
    if serial is None and sum(state == "device" for _, state in listed) > 1:
        yield Finding("choice", "warn", "several phones are ready", "choose: --device SERIAL")


def _phone(name: str, client: Any) -> Iterator[Finding]:
    """Yield what a phone that is ready says of itself."""
    try:
        device = AdbDevice(name, client=client)
        power = device.power()
        image = device.screenshot()
        keyboard = device.has_adb_keyboard()
    except DeviceError as exc:
        yield Finding(name, "fail", _line(exc), "replug it, then: adb devices")
        return
    match power:
        case "awake":
            yield Finding(f"{name} screen", "pass", "on and unlocked")
        case "off":
            yield Finding(f"{name} screen", "warn", "off", "it is woken for a run; unlock it first")
        case "locked":
            yield Finding(f"{name} screen", "fail", "locked", "unlock it: no run does that")
    height, width = image.shape[:2]
    if power == "awake" and not image.any():
        remedy = "leave the app in front: it forbids screenshots"
        yield Finding(f"{name} picture", "warn", f"{width} x {height} pixels, all black", remedy)
    else:
        yield Finding(f"{name} picture", "pass", f"{width} x {height} pixels")
    if keyboard:
        yield Finding(f"{name} keyboard", "pass", "ADBKeyBoard is installed: any text can be typed")
    else:
        yield Finding(f"{name} keyboard", "warn", "no ADBKeyBoard: ASCII only", _KEYBOARD)


def _line(exc: Exception) -> str:
    return " ".join(str(exc).split())
