"""Where it is done: one folder per world, each a gymnasium environment."""

from qvl_agent.envs.base import Decision, Observation, ObservationSpace, Outcome, View, World
from qvl_agent.envs.registry import WorldEntry, list_worlds, make, register_all

__all__ = [
    "Decision",
    "Observation",
    "ObservationSpace",
    "Outcome",
    "View",
    "World",
    "WorldEntry",
    "list_worlds",
    "make",
    "register_all",
]

register_all()
