"""MiniWoB++ in a real browser: the published pages, played with mouse and keyboard on pictures."""

from qvl_agent.envs.miniwob.env import MiniWoB, open_stage
from qvl_agent.envs.miniwob.tasks import FLIGHTS, TASKS, check_names

__all__ = ["FLIGHTS", "TASKS", "MiniWoB", "check_names", "open_stage"]
