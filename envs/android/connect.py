"""Chooses the device: the bundled phone in this process, or one that adb reaches."""

import logging
import socket

from qvl_agent.envs.android.device import Device
from qvl_agent.envs.android.phone.factory import Make, make_phone
from qvl_agent.envs.android.sim import SimulatedDevice

__all__ = ["connect"]

logger = logging.getLogger(__name__)

ADB_PORT = 5037
"""Where adb's own server listens."""


def connect(name: str, width: int, height: int) -> Device:
    """Return a device.

    Args:
        name: "sim", "auto", or a serial as `adb devices` shows it.
        width: Of the bundled phone's screen, in pixels.
        height: Of the bundled phone's screen, in pixels.

    Raises:
        DeviceError: If there is no such device; names those there are.
        MissingDependency: If adbutils is needed and not installed.
    """
    if name == "sim":
        return _simulated(width, height)
    if name != "auto":
        return _attached(name)
    if _adb_is_running():
        from qvl_agent.envs.android.adb import list_serials

        if list_serials():
            return _attached(None)
    logger.info("no phone is attached: using the simulated one (device=SERIAL chooses another)")
    return _simulated(width, height)


def _simulated(width: int, height: int) -> Device:
    phone, _ = make_phone(0, Make(disturbed=False, width=width, height=height))
    return SimulatedDevice(phone)


def _attached(serial: str | None) -> Device:
    from qvl_agent.envs.android.adb import AdbDevice

    return AdbDevice(serial)


def _adb_is_running() -> bool:
    """Return whether adb's server answers; it is not started just to ask."""
    try:
        with socket.create_connection(("127.0.0.1", ADB_PORT), timeout=0.2):
            return True
    except OSError:
        return False
