"""What each type of object looks like. Knows no scene: every shape fills a unit cell.

Colours and outlines are chosen so that types can be told apart at 300x300.
"""

from collections.abc import Mapping
from functools import lru_cache

from qvl_agent.envs.household.simulator.furniture_shapes import FURNITURE
from qvl_agent.envs.household.simulator.palette import colour_of
from qvl_agent.envs.household.simulator.solids import Colour, Mesh, block, joined, lathe
from qvl_agent.envs.household.simulator.thing_shapes import THINGS

__all__ = ["shape_of"]

_FULL = (-0.5, 0.5)

_FLESH: Mapping[str, Colour] = {
    "AppleSliced": (246, 232, 190),
    "BreadSliced": (232, 200, 140),
    "LettuceSliced": (170, 216, 120),
    "PotatoSliced": (240, 222, 160),
    "TomatoSliced": (240, 110, 80),
}


@lru_cache(maxsize=512)
def shape_of(
    object_type: str, on: bool = False, is_open: bool = False, filled: bool = False
) -> Mesh:
    """Return the mesh of a type in a state.

    Args:
        object_type: THOR's objectType.
        on: Whether it is switched on.
        is_open: Whether it is open.
        filled: Whether there is a liquid in it.
    """
    make = FURNITURE.get(object_type) or THINGS.get(object_type)
    if make is not None:
        return make(on, is_open, filled)
    if object_type.endswith("Sliced"):
        return _slice(object_type)
    return block(_FULL, (0, 1), _FULL, colour_of(object_type))


def _slice(object_type: str) -> Mesh:
    rind = colour_of(object_type.removesuffix("Sliced"))
    flesh = _FLESH.get(object_type, (230, 220, 190))
    if object_type == "BreadSliced":
        return joined(
            block(_FULL, (0, 0.9), _FULL, rind),
            block((-0.42, 0.42), (0.9, 1), (-0.42, 0.42), flesh),
        )
    return lathe([(0.5, 0), (0.5, 1)], rind, top=flesh)
