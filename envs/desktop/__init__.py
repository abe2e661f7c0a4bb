"""A desktop as a world: a real screen, or a virtual one under Xvfb."""

from qvl_agent.envs.desktop.desktop import Box, Desktop, Refused
from qvl_agent.envs.desktop.env import DesktopEnv
from qvl_agent.envs.desktop.halt import HALT_FILE, Halted
from qvl_agent.envs.desktop.programs import Program
from qvl_agent.envs.desktop.real import RealDesktop
from qvl_agent.envs.desktop.view import View
from qvl_agent.envs.desktop.virtual import VirtualScreen

__all__ = [
    "HALT_FILE",
    "Box",
    "Desktop",
    "DesktopEnv",
    "Halted",
    "Program",
    "RealDesktop",
    "Refused",
    "View",
    "VirtualScreen",
]
