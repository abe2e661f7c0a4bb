"""Generated buildings: plans, furniture, panoramas, instructions, data sets of the real layout."""

from qvl_agent.envs.vln.buildings.boxes import seen_objects
from qvl_agent.envs.vln.buildings.building import Building, Thing, generate_building
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset

__all__ = [
    "Building",
    "DatasetConfig",
    "Thing",
    "generate_building",
    "seen_objects",
    "write_dataset",
]
