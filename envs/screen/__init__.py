"""What every world with a screen shares: settling, faults and events, pointing, standing still."""

from qvl_agent.envs.screen.events import DeviceEvent, EventLog
from qvl_agent.envs.screen.faults import is_black, turned
from qvl_agent.envs.screen.pointing import to_pixels
from qvl_agent.envs.screen.progress import Progress
from qvl_agent.envs.screen.settling import Settled, Settling, same_picture, settle

__all__ = [
    "DeviceEvent",
    "EventLog",
    "Progress",
    "Settled",
    "Settling",
    "is_black",
    "same_picture",
    "settle",
    "to_pixels",
    "turned",
]
