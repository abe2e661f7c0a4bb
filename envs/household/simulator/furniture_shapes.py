"""What furniture and appliances look like. Knows no scene: every shape fills a unit cell."""

from collections.abc import Callable, Mapping

from qvl_agent.envs.household.simulator.palette import (
    BLACK,
    COLOURS,
    DARK_WOOD,
    GREEN,
    STEEL,
    WHITE,
    WOOD,
)
from qvl_agent.envs.household.simulator.solids import Colour, Mesh, block, joined, lathe, tube

__all__ = ["FURNITURE"]

_FULL = (-0.5, 0.5)


def _chair(on: bool, is_open: bool, filled: bool) -> Mesh:
    legs = [
        block((x, x + 0.1), (0, 0.5), (z, z + 0.1), DARK_WOOD)
        for x in (-0.5, 0.4)
        for z in (-0.5, 0.4)
    ]
    return joined(
        *legs,
        block(_FULL, (0.5, 0.56), _FULL, WOOD),
        block(_FULL, (0.56, 1.0), (-0.5, -0.42), DARK_WOOD),
    )


def _table(colour: Colour) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        darker = tuple(int(c * 0.75) for c in colour)
        leg: Colour = (darker[0], darker[1], darker[2])
        legs = [
            block((x, x + 0.08), (0, 0.92), (z, z + 0.08), leg)
            for x in (-0.48, 0.4)
            for z in (-0.48, 0.4)
        ]
        return joined(*legs, block(_FULL, (0.92, 1.0), _FULL, colour))

    return make


def _sofa(colour: Colour) -> Callable[[bool, bool, bool], Mesh]:
    """Seat at full height of the cell; back and arms rise above it."""

    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        darker = tuple(int(c * 0.8) for c in colour)
        arm: Colour = (darker[0], darker[1], darker[2])
        return joined(
            block(_FULL, (0, 0.7), _FULL, arm),
            block(_FULL, (0.7, 1.7), (-0.5, -0.34), arm),
            block((-0.4, -0.01), (0.7, 1.0), (-0.34, 0.5), colour),
            block((0.01, 0.4), (0.7, 1.0), (-0.34, 0.5), colour),
            block((-0.5, -0.4), (0.7, 1.3), (-0.34, 0.5), arm),
            block((0.4, 0.5), (0.7, 1.3), (-0.34, 0.5), arm),
        )

    return make


def _bed(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 0.45), _FULL, DARK_WOOD),
        block((-0.48, 0.48), (0.45, 1.0), (-0.48, 0.5), COLOURS["Bed"]),
        block((-0.48, 0.48), (1.0, 1.01), (-0.48, -0.2), WHITE),
        block(_FULL, (0.45, 1.6), (-0.52, -0.48), DARK_WOOD),
    )


def _lamp(floor: bool) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        shade: Colour = (255, 244, 170) if on else (150, 142, 120)
        thin = 0.03 if floor else 0.08
        bottom = 0.8 if floor else 0.55
        return joined(
            lathe([(0.3, 0), (0.3, 0.03)], BLACK),
            tube(thin, 0.03, bottom, BLACK, sides=6),
            lathe([(0.5, bottom), (0.3, 1.0)], shade, sides=12, top=shade),
        )

    return make


def _counter(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.47, 0.47), (0.0, 0.1), (-0.5, 0.42), (90, 80, 70)),
        block((-0.49, 0.49), (0.1, 0.95), (-0.5, 0.47), (222, 204, 176)),
        block(_FULL, (0.95, 1.0), _FULL, COLOURS["CounterTop"]),
    )


def _faucet(on: bool, is_open: bool, filled: bool) -> Mesh:
    parts = [
        block((-0.15, 0.15), (0, 0.9), (-0.5, -0.25), STEEL),
        block((-0.12, 0.12), (0.78, 0.92), (-0.25, 0.45), STEEL),
        block((0.2, 0.5), (0.3, 0.42), (-0.5, -0.2), (200, 60, 50)),
    ]
    if on:
        parts.append(block((-0.06, 0.06), (-0.4, 0.78), (0.33, 0.43), (130, 190, 240)))
    return joined(*parts)


def _microwave(on: bool, is_open: bool, filled: bool) -> Mesh:
    glass: Colour = (250, 214, 110) if on else (24, 26, 30)
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.46), COLOURS["Microwave"]),
        block((-0.46, 0.22), (0.08, 0.92), (0.46, 0.5), (120, 122, 128), front=glass),
        block((0.26, 0.46), (0.6, 0.85), (0.46, 0.5), STEEL, front=(80, 230, 120)),
        block((0.26, 0.46), (0.1, 0.5), (0.46, 0.5), STEEL),
    )


def _fridge(on: bool, is_open: bool, filled: bool) -> Mesh:
    door = COLOURS["Fridge"]
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.44), (170, 176, 182)),
        block((-0.49, 0.49), (0.02, 0.62), (0.44, 0.5), door),
        block((-0.49, 0.49), (0.64, 0.98), (0.44, 0.5), door),
        block((0.36, 0.42), (0.3, 0.58), (0.5, 0.56), BLACK),
        block((0.36, 0.42), (0.68, 0.86), (0.5, 0.56), BLACK),
    )


def _safe(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.45), COLOURS["Safe"]),
        block((-0.42, 0.42), (0.08, 0.92), (0.45, 0.5), (126, 132, 142)),
        block((-0.1, 0.1), (0.4, 0.6), (0.5, 0.58), (220, 190, 80)),
    )


def _door(on: bool, is_open: bool, filled: bool) -> Mesh:
    """A front with a handle: of a cabinet or a drawer."""
    face = COLOURS["Cabinet"]
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.5), face),
        block((-0.42, 0.42), (0.08, 0.92), (0.5, 0.6), (226, 198, 156)),
        block((-0.12, 0.12), (0.74, 0.84), (0.6, 1.6), STEEL),
    )


def _toilet(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.35, 0.35), (0, 0.9), (-0.2, 0.4), WHITE),
        block((-0.45, 0.45), (0.9, 1.0), (-0.25, 0.5), (250, 250, 250)),
        block(_FULL, (0.6, 1.75), (-0.5, -0.25), WHITE),
        block((-0.08, 0.08), (1.75, 1.8), (-0.42, -0.32), STEEL),
    )


def _burner(on: bool, is_open: bool, filled: bool) -> Mesh:
    glow: Colour = (230, 70, 30) if on else (70, 70, 74)
    return joined(
        lathe([(0.5, 0), (0.5, 0.6)], BLACK, sides=12), lathe([(0.35, 0.6), (0.35, 1)], glow)
    )


def _plant(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        lathe([(0.3, 0), (0.4, 0.35)], (170, 90, 60), top=(80, 56, 40)),
        lathe([(0.05, 0.35), (0.5, 0.65), (0.3, 0.95), (0.05, 1.0)], GREEN),
    )


def _coffee_machine(on: bool, is_open: bool, filled: bool) -> Mesh:
    light: Colour = (240, 70, 50) if on else (90, 90, 94)
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.0), BLACK),
        block(_FULL, (0.7, 1.0), (0.0, 0.5), (60, 60, 66)),
        block(_FULL, (0, 0.08), (0.0, 0.5), STEEL),
        block((-0.1, 0.1), (0.8, 0.9), (0.5, 0.55), light),
    )


def _toaster(on: bool, is_open: bool, filled: bool) -> Mesh:
    slot: Colour = (230, 90, 40) if on else BLACK
    return joined(
        block(_FULL, (0, 0.95), _FULL, STEEL),
        block((-0.38, 0.38), (0.95, 1), (-0.25, -0.1), slot),
        block((-0.38, 0.38), (0.95, 1), (0.1, 0.25), slot),
    )


def _can(on: bool, is_open: bool, filled: bool) -> Mesh:
    return lathe([(0.38, 0), (0.5, 1)], COLOURS["GarbageCan"], sides=12, top=(30, 34, 32))


def _television(on: bool, is_open: bool, filled: bool) -> Mesh:
    picture: Colour = (90, 150, 220) if on else (26, 28, 34)
    return block(_FULL, (0, 1), _FULL, BLACK, front=picture)


FURNITURE: Mapping[str, Callable[[bool, bool, bool], Mesh]] = {
    "ArmChair": _sofa(COLOURS["ArmChair"]),
    "Bed": _bed,
    "Cabinet": _door,
    "Chair": _chair,
    "CoffeeMachine": _coffee_machine,
    "CoffeeTable": _table(COLOURS["CoffeeTable"]),
    "CounterTop": _counter,
    "Desk": _table(COLOURS["Desk"]),
    "DeskLamp": _lamp(False),
    "DiningTable": _table(COLOURS["DiningTable"]),
    "Drawer": _door,
    "Faucet": _faucet,
    "FloorLamp": _lamp(True),
    "Fridge": _fridge,
    "GarbageCan": _can,
    "HousePlant": _plant,
    "Microwave": _microwave,
    "Safe": _safe,
    "SideTable": _table(COLOURS["SideTable"]),
    "Sofa": _sofa(COLOURS["Sofa"]),
    "StoveBurner": _burner,
    "Television": _television,
    "Toaster": _toaster,
    "Toilet": _toilet,
}
"""By THOR's objectType: a mesh for (switched on, open, filled)."""
