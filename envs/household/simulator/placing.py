"""Where a held thing goes in a receptacle, and when it does not go. Knows no wire.

Room is counted by footprints: a receptacle is full when what lies in it, standing on its smallest
face, covers its floor. THOR tries spawn points with colliders; the outcome is the same for what
an ALFRED plan does, and a full drawer is full in both.
"""

import math

import numpy as np

from qvl_agent.envs.household.simulator.refusal import Refused
from qvl_agent.envs.household.simulator.scene import Vec
from qvl_agent.envs.household.simulator.sight import PULL, camera_of, in_view
from qvl_agent.envs.household.simulator.state import Home, Item

__all__ = ["place"]

_ONLY = {
    "CoffeeMachine": {"Cup", "Mug"},
    "HandTowelHolder": {"HandTowel"},
    "PaintingHanger": {"Painting"},
    "StoveBurner": {"Kettle", "Pan", "Pot"},
    "Toaster": {"BreadSliced"},
    "ToiletPaperHanger": {"ToiletPaper", "ToiletPaperRoll"},
    "TowelHolder": {"Towel"},
}
"""Receptacles that take a few types only, unless an action is forced. Source: ALFRED's tables."""

_STEP = 0.06

_LAYER = 0.15
"""Metres of height that one layer of things takes in a bin, a box or a cupboard."""

_SHELVES = (0.25, 0.46, 0.61, 0.76)
"""Of a fridge, as shares of its height. Source: where ALFRED's scenes have things in fridges."""


def place(home: Home, item: Item, receptacle: Item, *, force: bool) -> None:
    """Put a held item into a receptacle.

    Args:
        home: Changed.
        item: In the agent's hand.
        receptacle: In view.
        force: Whether THOR's table of what goes where is left out, as ALFRED does.

    Raises:
        Refused: If it is no receptacle, shut, full, or does not take such things.
    """
    if not receptacle.kind.can("receptacle"):
        raise Refused("", f"{receptacle.id}: This target object is NOT a receptacle!")
    if receptacle is item or receptacle in home.inside(item):
        raise Refused("", f"{item.id} can't be put into itself")
    if receptacle.shut:
        raise Refused(
            "ReceptacleNotOpen",
            "Target openable Receptacle is CLOSED, can't place if target is not open!",
        )
    only = _ONLY.get(receptacle.type)
    if only is not None and item.type not in only and not force:
        raise Refused(
            "ObjectNotAllowedInReceptacle",
            f"{item.type} is not a valid Object Type to be placed in {receptacle.type}",
        )
    if _footprint(item) > receptacle.box.size[0] * receptacle.box.size[2] + 1e-6:
        raise Refused("", f"No valid positions to place object found: {item.type} is too large")
    taken = sum(_footprint(home[key]) for key in receptacle.contents)
    if taken + _footprint(item) > _room(receptacle):
        raise Refused("ReceptacleFull", f"{receptacle.id} is full right now")
    home.move(item, _spot(home, item, receptacle))
    home.put_in(item, receptacle)


def _footprint(item: Item) -> float:
    """Return the area in square metres of the smallest face that it can stand on."""
    a, b, _ = sorted(item.box.size)
    return a * b


def _room(receptacle: Item) -> float:
    """Return the area in square metres on which things can stand, in layers where it is deep."""
    width, height, depth = receptacle.box.size
    layers = max(1.0, height / _LAYER) if receptacle.kind.hollow else 1.0
    return width * depth * layers


def _spot(home: Home, item: Item, receptacle: Item) -> Vec:
    """Return a free place in the agent's view, the nearest; the emptiest where none is free."""
    box = receptacle.box
    others = [home[key].box for key in receptacle.contents]
    width, height, depth = item.box.size
    here = (home.pose.x, home.pose.z)

    def crowding(spot: Vec) -> float:
        x, y, z = spot
        return sum(
            max(0.0, (o.size[0] + width) / 2 - abs(x - o.centre[0]))
            * max(0.0, (o.size[2] + depth) / 2 - abs(z - o.centre[2]))
            for o in others
            if o.low[1] < y + height and y < o.high[1]
        )

    spots: list[Vec] = [
        (x, y, z)
        for y in _levels(receptacle)
        for x in _steps(box.low[0], box.high[0], width)
        for z in _steps(box.low[2], box.high[2], depth)
    ]
    middles = np.array(spots) + (0.0, height / 2, 0.0)
    if receptacle.type == "Drawer":  # judged as it stands open
        middles += (receptacle.facing[0] * PULL, 0.0, receptacle.facing[1] * PULL)
    seen = in_view(middles, camera_of(home.pose, home.scene.agent_y, home.fov), margin=0.9)
    return min(
        zip(seen.tolist(), spots, strict=True),
        key=lambda s: (
            not s[0],
            round(crowding(s[1]), 4),
            math.dist((s[1][0], s[1][2]), here),
            s[1],
        ),
    )[1]


def _levels(receptacle: Item) -> tuple[float, ...]:
    """Return the heights at which things can stand: a fridge has shelves."""
    if receptacle.type != "Fridge":
        return (receptacle.floor,)
    low, high = receptacle.box.low[1], receptacle.box.high[1]
    return tuple(low + share * (high - low) for share in _SHELVES)


def _steps(low: float, high: float, width: float) -> list[float]:
    """Return middles at which something of a width stays within low..high; one if it sticks out."""
    first, last = low + width / 2 + 0.02, high - width / 2 - 0.02
    if last <= first:
        return [(low + high) / 2]
    count = int((last - first) / _STEP) + 1
    return [first + (last - first) * k / max(1, count - 1) for k in range(count)]
