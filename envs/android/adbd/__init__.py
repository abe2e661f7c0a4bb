"""The bundled phone behind the real ADB protocol."""

from qvl_agent.envs.android.adbd.faults import Fault, Faults
from qvl_agent.envs.android.adbd.server import AdbServer

__all__ = ["AdbServer", "Fault", "Faults"]
