"""Phones: real ones over adb, and a simulated one that answers in process or over the wire."""

from qvl_agent.envs.android.adb import AdbDevice, Patience, list_serials
from qvl_agent.envs.android.adbd import AdbServer
from qvl_agent.envs.android.device import Device, DeviceEvent, NoSuchApp, TextRefused
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.envs.android.sim import SimulatedDevice

__all__ = [
    "AdbDevice",
    "AdbServer",
    "AndroidEnv",
    "Device",
    "DeviceEvent",
    "NoSuchApp",
    "Patience",
    "SimulatedDevice",
    "TextRefused",
    "list_serials",
]
