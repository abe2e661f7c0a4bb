"""Vision-and-language navigation: walking through a building from panorama to panorama."""

from qvl_agent.envs.vln.annotations import DataFolder, Episode, load_episodes, load_objects
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.envs.vln.graph import NavGraph, load_graphs
from qvl_agent.envs.vln.pictures import open_pictures
from qvl_agent.envs.vln.skybox import Skybox
from qvl_agent.envs.vln.topdown import draw_route
from qvl_agent.envs.vln.views import Camera, candidates, navigable

__all__ = [
    "Camera",
    "DataFolder",
    "Episode",
    "NavGraph",
    "NavigationEnv",
    "Skybox",
    "candidates",
    "draw_route",
    "load_episodes",
    "load_graphs",
    "load_objects",
    "navigable",
    "open_pictures",
]
