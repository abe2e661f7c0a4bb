"""A phone or emulator that adb reaches, through adbutils.

Every call has a time limit; screenshots are verified; a lost connection is made again with growing
pauses. What only looks is asked again; what acts (a tap, a text) is never sent twice when it is
unknown whether it arrived: the next screenshot shows, and the policy decides.
"""

import contextlib
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as PilImage

from qvl_agent.actions.errors import DeviceError, MissingDependency
from qvl_agent.actions.types import Point
from qvl_agent.envs.android.apps import package_of
from qvl_agent.envs.android.device import EventLog, Key, Power, TextRefused
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.android.text import is_plain, quoted, refusal, text_arguments
from qvl_agent.envs.base import Image
from qvl_agent.envs.screen import is_black
from qvl_agent.envs.screen.pointing import to_pixels

__all__ = ["ADB_KEYBOARD", "AdbDevice", "Patience", "list_serials"]

ADB_KEYBOARD = "com.android.adbkeyboard/.AdbIME"
"""The input method that types what is broadcast to it."""

_KEYCODES: dict[Key, int] = {
    "home": 3,
    "back": 4,
    "enter": 66,
    "delete": 67,
    "recents": 187,
    "wake": 224,
}
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_LAUNCHER = "android.intent.category.LAUNCHER"
_COMPONENT = re.compile(r"[\w.]+/[\w.$]+")
_HOLD_MS = 1000
_SWIPE_MS = 450
"""Slow enough to scroll; below 150 ms it would be a fling."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a phone.

    Attributes:
        call_s: For one command.
        slow_s: An answer that takes longer is told.
        pauses_s: Between tries to reach a lost phone again.
        shots: Tries to get a whole screenshot.
    """

    call_s: float = 10.0
    slow_s: float = 3.0
    pauses_s: tuple[float, ...] = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
    shots: int = 3


class _Lost(Exception):
    """The phone did not answer; `sent` says whether a command may have reached it."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


def _adbutils() -> Any:
    try:
        import adbutils
    except ImportError as exc:
        raise MissingDependency("adbutils", extra="android", purpose="drive a phone") from exc
    return adbutils


def list_serials(client: Any = None) -> list[tuple[str, str]]:
    """Return (serial, state) of all that adb knows: "device", "offline", "unauthorized".

    Raises:
        DeviceError: If adb does not answer.
        MissingDependency: If adbutils is not installed.
    """
    adbutils = _adbutils()
    client = client or adbutils.AdbClient(socket_timeout=10)
    try:
        return [(d.serial, d.state) for d in client.list()]
    except (OSError, adbutils.AdbError) as exc:
        raise DeviceError(
            f"adb does not answer ({exc}); is it installed? try: adb devices"
        ) from exc


class AdbDevice:
    """A phone behind adb.

    Args:
        serial: As `adb devices` shows it, or "host:port" to connect to; None for the only one.
        client: An `adbutils.AdbClient`, for another adb server than the usual one.
        phone: The bundled phone that answers behind this serial, so that tasks can be set and
            checked; None for any other.
        patience: How long to wait.

    Raises:
        DeviceError: If there is no such phone, or not exactly one, or it is not ready.
        MissingDependency: If adbutils is not installed.
    """

    def __init__(
        self,
        serial: str | None = None,
        *,
        client: Any = None,
        phone: Phone | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._adbutils = _adbutils()
        self._client = client or self._adbutils.AdbClient(socket_timeout=10)
        self.phone = phone
        self.log = EventLog()
        self._patience = patience or Patience()
        self._connected = False
        self.name = self._chosen(serial)
        self._size = (0, 0)

    # What it shows.

    def screenshot(self) -> Image:
        """Return the picture on the screen.

        One black picture may be a slip of the phone, so a second one is taken; a window that may
        not be photographed stays black.

        Raises:
            DeviceError: If no whole picture comes.
        """
        image = self._photographed()
        if is_black(image):
            image = self._photographed()
            if not is_black(image):
                self.log.add("retried", "a black screenshot")
        self._size = (image.shape[1], image.shape[0])
        return image

    def _photographed(self) -> Image:
        why = ""
        for shot in range(self._patience.shots):
            try:
                return _decoded(self._ask("exec:screencap -p"))
            except ValueError as exc:
                why = str(exc)
                self.log.add("retried", f"screenshot {shot + 1}: {why}")
        raise DeviceError(f"{self.name} gives no whole screenshot: {why}")

    def current_app(self) -> str:
        """Return the package of the app in front, "" where none is named."""
        found = re.search(r"mCurrentFocus=Window\{\S+ \S+ ([\w.]+)/", self._read("dumpsys window"))
        return found[1] if found else ""

    def power(self) -> Power:
        """Return whether the screen is on and unlocked."""
        if "mWakefulness=Awake" not in self._read("dumpsys power"):
            return "off"
        window = self._read("dumpsys window")
        shown = re.search(
            r"(?:mDreamingLockscreen|isKeyguardShowing|mShowingLockscreen|KeyguardShowing)=true",
            window,
        )
        return "locked" if shown else "awake"

    def rotation(self) -> int:
        """Return the quarter turns from the natural orientation."""
        found = re.search(r"orientation=(\d)", self._read("dumpsys display"))
        return int(found[1]) if found else 0

    def has_adb_keyboard(self) -> bool:
        """Return whether ADBKeyBoard is installed, so that text beyond ASCII can be typed."""
        return ADB_KEYBOARD in self._read("ime list -a -s")

    # What can be done.

    def tap(self, point: Point) -> None:
        """Tap."""
        x, y = self._pixels(point)
        self._act(f"input tap {x} {y}")

    def long_press(self, point: Point) -> None:
        """Hold for a second."""
        x, y = self._pixels(point)
        self._act(f"input swipe {x} {y} {x} {y} {_HOLD_MS}")

    def swipe(self, start: Point, end: Point) -> None:
        """Move a finger."""
        x0, y0 = self._pixels(start)
        x1, y1 = self._pixels(end)
        self._act(f"input swipe {x0} {y0} {x1} {y1} {_SWIPE_MS}")

    def key(self, key: Key) -> None:
        """Press a key."""
        self._act(f"input keyevent {_KEYCODES[key]}")

    def type(self, text: str) -> None:
        """Type text; what is beyond ASCII goes through ADBKeyBoard, and the keyboard is restored.

        Raises:
            TextRefused: If the phone cannot type it; says what to install.
        """
        why = refusal(text)
        if why:
            raise TextRefused(why)
        with self._adb_keyboard(text) if not is_plain(text) else contextlib.nullcontext():
            for arguments in text_arguments(text):
                if self._act(" ".join(arguments[1:])) is None:
                    return  # the rest would come after a gap

    def open_app(self, name: str) -> None:
        """Open an app.

        Raises:
            NoSuchApp: If there is none of this name.
            DeviceError: If it does not start.
        """
        listed = self._read("pm list packages")
        package = package_of(
            name, [k.removeprefix("package:").strip() for k in listed.splitlines()]
        )
        found = self._read(f"cmd package resolve-activity --brief -c {_LAUNCHER} {package}")
        activity = found.strip().splitlines()[-1] if found.strip() else ""
        if activity.startswith(f"{package}/") and _COMPONENT.fullmatch(activity):
            answer = self._act(f"am start -W -n {quoted(activity)}")  # fails with exit code 0
            failed = answer is not None and "Error:" in answer
        else:  # before Android 7; monkey needs no activity, but may undo the lock of the rotation
            answer = self._act(f"monkey -p {package} -c {_LAUNCHER} 1")
            failed = answer is not None and "No activities found" in answer
        if failed:
            raise DeviceError(f"{self.name}: {package} does not start")

    def wait(self, seconds: float) -> None:
        """Let time go by on the phone, by its own clock."""
        self._ask(f"shell,v2,raw:sleep {seconds:g}", seconds=seconds)

    def close(self) -> None:
        """Forget an address that was connected to on behalf of this object."""
        if self._connected:
            self._connected = False
            with contextlib.suppress(OSError, self._adbutils.AdbError):
                self._client.disconnect(self.name)

    # How a text beyond ASCII is typed.

    @contextlib.contextmanager
    def _adb_keyboard(self, text: str) -> Iterator[None]:
        """Make ADBKeyBoard the input method, and the old one again afterwards."""
        if not self.has_adb_keyboard():
            odd = next(c for c in text if not c.isascii())
            raise TextRefused(
                f"{self.name} cannot type {odd!r}: adb types ASCII only. Install ADBKeyBoard "
                "(github.com/senzhk/ADBKeyBoard: adb install ADBKeyboard.apk), or type ASCII"
            )
        old = self._read("settings get secure default_input_method").strip()
        if old == ADB_KEYBOARD:
            yield
            return
        self._read(f"ime enable {ADB_KEYBOARD}")
        try:
            self._read(f"ime set {ADB_KEYBOARD}")
            if self._read("settings get secure default_input_method").strip() != ADB_KEYBOARD:
                raise TextRefused(f"{self.name} does not let ADBKeyBoard become the input method")
            yield
        finally:
            if old and old != "null":
                self._read(f"ime set {quoted(old)}")

    # How it is reached.

    def _pixels(self, point: Point) -> tuple[int, int]:
        """Return the pixel under a point of the last picture."""
        if self._size == (0, 0):
            self.screenshot()
        return to_pixels(point, *self._size)

    def _read(self, command: str) -> str:
        """Return what a command that changes nothing prints; it is asked again if need be."""
        return self._ask(f"shell,v2,raw:{command}").decode("utf-8", "replace")

    def _act(self, command: str) -> str | None:
        """Carry out a command that changes something, at most once.

        Returns:
            What it prints; None where the phone was lost and nobody knows whether it arrived.

        Raises:
            DeviceError: If the phone cannot be reached, or says that it failed.
        """
        while True:
            try:
                out, code = self._call(f"shell,v2,raw:{command}", self._patience.call_s)
            except _Lost as lost:
                self._reach(str(lost))
                if lost.sent:
                    self.log.add(
                        "interrupted", f"it is unknown whether this arrived: {command[:60]}"
                    )
                    return None
                continue
            words = out.decode("utf-8", "replace")
            if code not in (0, None) and not command.startswith("monkey"):
                raise DeviceError(f"{self.name}: {command[:60]!r} failed: {words.strip()[:200]}")
            return words

    def _ask(self, service: str, *, seconds: float = 0.0) -> bytes:
        """Return what a service gives that can be asked again."""
        while True:
            try:
                return self._call(service, self._patience.call_s + seconds)[0]
            except _Lost as lost:
                self._reach(str(lost))

    def _call(self, service: str, limit_s: float) -> tuple[bytes, int | None]:
        """Open a service and return all it writes, with the exit code where it has one.

        Raises:
            _Lost: If the phone does not answer.
        """
        sent = False
        began = time.monotonic()
        try:
            with self._client.make_connection(timeout=limit_s) as wire:
                wire.send_command(f"host:transport:{self.name}")
                wire.check_okay()
                sent = True  # from here on nobody can say whether the phone took it
                wire.send_command(service)
                wire.check_okay()
                data = bytearray()
                while chunk := wire.conn.recv(1 << 16):
                    data += chunk
                    if time.monotonic() > began + limit_s:
                        raise TimeoutError(f"no end after {limit_s:g} s")
        except (OSError, EOFError, self._adbutils.AdbError) as exc:
            raise _Lost(f"{type(exc).__name__}: {exc}", sent=sent) from exc
        took = time.monotonic() - began
        if took > self._patience.slow_s + limit_s - self._patience.call_s:
            self.log.add("slow", f"{took:.1f} s: {service.partition(':')[2][:60]}")
        if not service.startswith("shell,v2"):
            return bytes(data), None
        return self._unpacked(bytes(data))

    def _unpacked(self, data: bytes) -> tuple[bytes, int]:
        """Return the output and exit code in packets of shell protocol 2."""
        out, at = b"", 0
        while at + 5 <= len(data):
            kind, length = data[at], int.from_bytes(data[at + 1 : at + 5], "little")
            piece = data[at + 5 : at + 5 + length]
            if kind == 3 and piece:
                return out, piece[0]
            out += piece
            at += 5 + length
        raise _Lost("the connection ended before the command did", sent=True)

    def _reach(self, why: str) -> None:
        """Reach the phone again.

        Raises:
            DeviceError: If it stays away; says how it is listed.
        """
        begin = time.monotonic()
        for pause in self._patience.pauses_s:
            time.sleep(pause)
            try:
                if self._state() != "device" and ":" in self.name:
                    self._client.disconnect(self.name)
                    self._client.connect(self.name, timeout=5.0)
                if self._state() == "device":
                    self._call("shell,v2,raw:true", self._patience.call_s)
                    took = time.monotonic() - begin
                    self.log.add("reconnected", f"after {took:.1f} s ({why[:120]})")
                    return
            except (_Lost, OSError, self._adbutils.AdbError):
                continue
        raise DeviceError(
            f"{self.name} was lost ({why}) and is {self._state() or 'gone'}; "
            "check the cable or the network, then: adb devices"
        )

    def _state(self) -> str:
        try:
            return dict(list_serials(self._client)).get(self.name, "")
        except DeviceError:
            return ""

    def _chosen(self, serial: str | None) -> str:
        """Return the serial of a phone that is ready.

        Raises:
            DeviceError: Naming the serials there are.
        """
        listed = dict(list_serials(self._client))
        if serial and serial not in listed and re.fullmatch(r"[\w.-]+:\d{1,5}", serial):
            with contextlib.suppress(OSError, self._adbutils.AdbError):
                self._client.connect(serial, timeout=5.0)
                self._connected = True
            listed = dict(list_serials(self._client))
        shown = ", ".join(f"{s} ({state})" for s, state in listed.items()) or "none"
        if serial is None:
            ready = [s for s, state in listed.items() if state == "device"]
            if len(ready) != 1:
                what = "several devices are" if ready else "no device is"
                raise DeviceError(
                    f"{what} ready; attached: {shown}; choose one with --device SERIAL"
                )
            return ready[0]
        state = listed.get(serial)
        match state:
            case "device":
                return serial
            case None:
                raise DeviceError(f"there is no device {serial!r}; attached: {shown}")
            case "unauthorized" | "authorizing":
                raise DeviceError(
                    f"{serial} is unauthorized: unlock it and allow USB debugging on its screen"
                )
            case "offline":
                raise DeviceError(f"{serial} is offline: replug it, or run: adb reconnect offline")
            case _:
                raise DeviceError(f"{serial} is {state}, not ready; attached: {shown}")


def _decoded(data: bytes) -> Image:
    """Return the picture in what screencap wrote; warnings before the PNG are skipped.

    Raises:
        ValueError: If it holds no whole PNG.
    """
    start = data.find(_PNG_HEAD)
    if start < 0:
        raise ValueError(f"no PNG in {len(data)} bytes")
    if _PNG_END not in data[-64:]:
        raise ValueError(f"the PNG ends in the middle, after {len(data) - start} bytes")
    try:
        with PilImage.open(io.BytesIO(data[start:])) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError) as exc:
        raise ValueError(f"the PNG cannot be read: {exc}") from exc
