"""A simulated phone: deterministic and seeded, drawn at any resolution."""

from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.factory import Make, make_phone
from qvl_agent.envs.android.phone.nodes import Node, hit, walk
from qvl_agent.envs.android.phone.phone import APPS, Phone
from qvl_agent.envs.android.phone.state import State

__all__ = ["APPS", "Make", "Node", "Phone", "State", "World", "hit", "make_phone", "walk"]
