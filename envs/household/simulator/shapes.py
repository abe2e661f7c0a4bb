"""What each type of object looks like. Knows no scene: every shape fills a unit cell.

Colours and outlines are chosen so that types can be told apart at 300x300.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from qvl_agent.envs.household.simulator.solids import Colour, Mesh, block, joined, lathe, tube

__all__ = ["colour_of", "shape_of"]

_WOOD: Colour = (164, 116, 72)
_DARK_WOOD: Colour = (120, 80, 50)
_WHITE: Colour = (236, 236, 232)
_STEEL: Colour = (176, 182, 188)
_BLACK: Colour = (44, 44, 48)
_STONE: Colour = (198, 190, 178)
_GREEN: Colour = (74, 140, 60)

_FULL = (-0.5, 0.5)
_BALL = ((0.18, 0.0), (0.4, 0.15), (0.5, 0.5), (0.4, 0.82), (0.15, 1.0))
_BOTTLE = ((0.5, 0.0), (0.5, 0.55), (0.2, 0.72), (0.2, 1.0))


def colour_of(object_type: str) -> Colour:
    """Return the main colour of a type; of an unknown one, a fixed one made of its name."""
    known = _COLOURS.get(object_type)
    if known is not None:
        return known
    mixed = sum(ord(c) * (k + 3) for k, c in enumerate(object_type))
    return 90 + mixed % 120, 90 + mixed // 7 % 120, 90 + mixed // 53 % 120


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
    make = _SHAPES.get(object_type)
    if make is not None:
        return make(on, is_open, filled)
    if object_type.endswith("Sliced"):
        return _slice(object_type)
    return block(_FULL, (0, 1), _FULL, colour_of(object_type))


_COLOURS: Mapping[str, Colour] = {
    "AlarmClock": (60, 60, 70),
    "Apple": (196, 34, 40),
    "ArmChair": (112, 128, 150),
    "BaseballBat": (190, 140, 80),
    "BasketBall": (220, 120, 40),
    "Bathtub": _WHITE,
    "Bed": (92, 118, 170),
    "Book": (60, 90, 150),
    "Bowl": (120, 160, 200),
    "Box": (190, 150, 96),
    "Bread": (186, 124, 60),
    "Cabinet": (208, 176, 132),
    "Candle": (240, 226, 180),
    "CD": (190, 200, 230),
    "CellPhone": (30, 30, 36),
    "Chair": _DARK_WOOD,
    "Cloth": (210, 120, 150),
    "CoffeeTable": _WOOD,
    "CounterTop": _STONE,
    "CreditCard": (40, 110, 180),
    "Cup": (150, 200, 190),
    "Desk": (150, 104, 66),
    "DiningTable": _WOOD,
    "DishSponge": (240, 200, 60),
    "Drawer": (220, 190, 148),
    "Dresser": (134, 92, 60),
    "Egg": (240, 224, 200),
    "Fridge": (206, 212, 218),
    "GarbageCan": (84, 96, 90),
    "Glassbottle": (110, 170, 120),
    "HandTowel": (120, 180, 190),
    "HousePlant": _GREEN,
    "Kettle": (150, 60, 50),
    "KeyChain": (212, 176, 60),
    "Laptop": (90, 94, 100),
    "Lettuce": (110, 180, 70),
    "Microwave": (70, 72, 78),
    "Mug": (232, 232, 240),
    "Newspaper": (224, 224, 214),
    "Pan": (54, 56, 60),
    "PaperTowelRoll": _WHITE,
    "Pen": (30, 50, 140),
    "Pencil": (236, 190, 50),
    "PepperShaker": (60, 50, 46),
    "Pillow": (214, 206, 226),
    "Plate": (226, 232, 240),
    "Pot": (140, 146, 152),
    "Potato": (188, 152, 96),
    "RemoteControl": (50, 50, 54),
    "Safe": (92, 98, 108),
    "SaltShaker": (240, 240, 240),
    "Shelf": (174, 128, 84),
    "SideTable": (156, 112, 72),
    "SinkBasin": (150, 156, 162),
    "SoapBar": (232, 170, 190),
    "SoapBottle": (240, 140, 90),
    "Sofa": (140, 96, 84),
    "SprayBottle": (80, 150, 220),
    "Statue": (170, 150, 130),
    "TissueBox": (150, 180, 220),
    "Toilet": _WHITE,
    "ToiletPaper": _WHITE,
    "Tomato": (226, 66, 34),
    "TVStand": _DARK_WOOD,
    "Vase": (150, 90, 150),
    "Watch": (150, 130, 60),
    "WineBottle": (60, 90, 50),
}

_FLESH: Mapping[str, Colour] = {
    "AppleSliced": (246, 232, 190),
    "BreadSliced": (232, 200, 140),
    "LettuceSliced": (170, 216, 120),
    "PotatoSliced": (240, 222, 160),
    "TomatoSliced": (240, 110, 80),
}


def _slice(object_type: str) -> Mesh:
    rind = colour_of(object_type.removesuffix("Sliced"))
    flesh = _FLESH.get(object_type, (230, 220, 190))
    if object_type == "BreadSliced":
        return joined(
            block(_FULL, (0, 0.9), _FULL, rind),
            block((-0.42, 0.42), (0.9, 1), (-0.42, 0.42), flesh),
        )
    return lathe([(0.5, 0), (0.5, 1)], rind, top=flesh)


def _apple(on: bool, is_open: bool, filled: bool) -> Mesh:
    red = _COLOURS["Apple"]
    body = lathe([(0.25, 0), (0.46, 0.25), (0.5, 0.55), (0.38, 0.85), (0.08, 0.8)], red)
    return joined(body, tube(0.04, 0.8, 1.0, (90, 60, 30), sides=4), _leaf(0.95))


def _leaf(y: float) -> Mesh:
    return block((0.0, 0.22), (y - 0.06, y), (-0.06, 0.06), _GREEN)


def _tomato(on: bool, is_open: bool, filled: bool) -> Mesh:
    profile = [(0.3, 0), (0.5, 0.3), (0.5, 0.62), (0.3, 0.9), (0.1, 0.9)]
    star = joined(
        block((-0.3, 0.3), (0.9, 0.96), (-0.06, 0.06), _GREEN),
        block((-0.06, 0.06), (0.9, 0.97), (-0.3, 0.3), _GREEN),
    )
    return joined(lathe(profile, _COLOURS["Tomato"]), star)


def _ball(colour: Colour) -> Callable[[bool, bool, bool], Mesh]:
    return lambda on, is_open, filled: lathe(_BALL, colour)


def _lettuce(on: bool, is_open: bool, filled: bool) -> Mesh:
    inner = lathe([(0.1, 0.5), (0.34, 0.75), (0.3, 0.95), (0.1, 1.0)], (160, 214, 110))
    outer = [(0.15, 0), (0.45, 0.2), (0.5, 0.55), (0.4, 0.85), (0.3, 0.8)]
    return joined(lathe(outer, _COLOURS["Lettuce"]), inner)


def _bread(on: bool, is_open: bool, filled: bool) -> Mesh:
    crust = _COLOURS["Bread"]
    light = (214, 160, 92)
    return joined(
        block(_FULL, (0, 0.7), _FULL, crust),
        block((-0.4, 0.4), (0.7, 1.0), (-0.47, 0.47), light),
        *(block((-0.36, 0.36), (1.0, 1.03), (c - 0.03, c + 0.03), crust) for c in (-0.25, 0, 0.25)),
    )


def _mug(colour: Colour, handle: bool = True) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        inside = (90, 56, 34) if filled else (120, 124, 132)
        radius = 0.4 if handle else 0.5
        profile = [(radius * (1 if handle else 0.7), 0), (radius, 1.0)]
        parts = [lathe(profile, colour, top=inside)]
        if handle:
            grip: Colour = (70, 110, 190)
            parts += [
                block((0.38, 0.5), (0.7, 0.82), (-0.07, 0.07), grip),
                block((0.44, 0.52), (0.25, 0.82), (-0.07, 0.07), grip),
                block((0.38, 0.5), (0.2, 0.3), (-0.07, 0.07), grip),
                lathe([(0.41, 0.4), (0.41, 0.58)], grip),
            ]
        return joined(*parts)

    return make


def _bowl(on: bool, is_open: bool, filled: bool) -> Mesh:
    hollow = tuple(int(0.62 * c) for c in _COLOURS["Bowl"])
    profile = [(0.22, 0), (0.42, 0.5), (0.5, 1.0)]
    return lathe(profile, _COLOURS["Bowl"], top=(hollow[0], hollow[1], hollow[2]), sides=12)


def _plate(on: bool, is_open: bool, filled: bool) -> Mesh:
    rim = lathe([(0.3, 0), (0.5, 0.8)], _COLOURS["Plate"], sides=14)
    return joined(rim, lathe([(0.32, 0.8), (0.32, 0.9)], (170, 184, 210), sides=14))


def _pan(on: bool, is_open: bool, filled: bool) -> Mesh:
    dark = _COLOURS["Pan"]
    return joined(
        lathe([(0.4, 0), (0.46, 0.8)], dark, sides=12, top=(86, 88, 94)),
        block((0.4, 1.1), (0.5, 0.8), (-0.06, 0.06), (30, 30, 32)),
    )


def _pot(on: bool, is_open: bool, filled: bool) -> Mesh:
    steel = _COLOURS["Pot"]
    inside = (90, 130, 180) if filled else (84, 88, 94)
    return joined(
        lathe([(0.42, 0), (0.42, 1)], steel, sides=12, top=inside),
        block((-0.56, -0.4), (0.7, 0.8), (-0.12, 0.12), _BLACK),
        block((0.4, 0.56), (0.7, 0.8), (-0.12, 0.12), _BLACK),
    )


def _cutlery(head: tuple[float, float], grip: Colour) -> Callable[[bool, bool, bool], Mesh]:
    """A handle along z and a head of a width and length."""

    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        width, split = head
        return joined(
            block((-0.3, 0.3), (0, 1), (-0.5, split), grip),
            block((-width, width), (0, 0.8), (split, 0.5), _STEEL),
        )

    return make


def _fork(on: bool, is_open: bool, filled: bool) -> Mesh:
    tines = [block((c - 0.1, c + 0.1), (0, 0.8), (0.2, 0.5), _STEEL) for c in (-0.4, 0.0, 0.4)]
    return joined(
        block((-0.2, 0.2), (0, 1), (-0.5, 0.05), _STEEL),
        block((-0.5, 0.5), (0, 0.8), (0.05, 0.2), _STEEL),
        *tines,
    )


def _bottle(colour: Colour, cap: Colour) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        return joined(lathe(_BOTTLE, colour), tube(0.24, 0.9, 1.0, cap, sides=8))

    return make


def _shaker(colour: Colour) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        return joined(
            lathe([(0.5, 0), (0.4, 0.75)], colour, sides=8),
            lathe([(0.42, 0.75), (0.3, 1.0)], _STEEL, sides=8),
        )

    return make


def _laptop(on: bool, is_open: bool, filled: bool) -> Mesh:
    base = block(_FULL, (0, 0.1), (-0.5, 0.5), (150, 154, 160))
    if not is_open:
        return joined(base, block(_FULL, (0.1, 0.16), _FULL, _COLOURS["Laptop"]))
    lit: Colour = (120, 190, 240) if on else (30, 34, 40)
    keys = block((-0.42, 0.42), (0.1, 0.13), (-0.1, 0.35), _BLACK)
    return joined(base, keys, block(_FULL, (0.1, 1.0), (-0.5, -0.44), (90, 94, 100), front=lit))


def _pillow(on: bool, is_open: bool, filled: bool) -> Mesh:
    cloth = _COLOURS["Pillow"]
    return joined(
        block(_FULL, (0.3, 0.7), _FULL, cloth),
        block((-0.4, 0.4), (0.7, 1.0), (-0.4, 0.4), (230, 224, 238)),
        block((-0.4, 0.4), (0.0, 0.3), (-0.4, 0.4), cloth),
    )


def _book(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.46, 0.5), (0.1, 0.85), (-0.46, 0.46), (240, 236, 220)),
        block(_FULL, (0.85, 1.0), _FULL, _COLOURS["Book"]),
        block((-0.3, 0.3), (1.0, 1.02), (-0.3, -0.1), (230, 200, 90)),
    )


def _flat(colour: Colour, mark: Colour) -> Callable[[bool, bool, bool], Mesh]:
    """A thin thing with something on its upper side: a phone, a card, a remote control."""

    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        lit: Colour = (140, 210, 250) if on else mark
        return joined(
            block(_FULL, (0, 0.9), _FULL, colour), block((-0.4, 0.4), (0.9, 1), (-0.3, 0.4), lit)
        )

    return make


def _keys(on: bool, is_open: bool, filled: bool) -> Mesh:
    gold = _COLOURS["KeyChain"]
    return joined(
        lathe([(0.3, 0), (0.3, 1)], _STEEL, centre=(0, 0.25), sides=8, top=_BLACK),
        block((-0.35, -0.1), (0, 1), (-0.5, 0.1), gold),
        block((0.1, 0.35), (0, 1), (-0.4, 0.1), gold),
    )


def _clock(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.4), _COLOURS["AlarmClock"]),
        block((-0.4, 0.4), (0.2, 0.85), (0.4, 0.5), (240, 240, 240), front=(130, 240, 150)),
    )


def _vase(on: bool, is_open: bool, filled: bool) -> Mesh:
    profile = [(0.25, 0), (0.5, 0.35), (0.3, 0.75), (0.4, 1.0)]
    return lathe(profile, _COLOURS["Vase"], top=_BLACK)


def _statue(on: bool, is_open: bool, filled: bool) -> Mesh:
    stone = _COLOURS["Statue"]
    profile = [(0.2, 0.2), (0.32, 0.55), (0.1, 0.75), (0.22, 0.88), (0.05, 1)]
    return joined(block((-0.4, 0.4), (0, 0.2), (-0.4, 0.4), stone), lathe(profile, stone))


def _roll(on: bool, is_open: bool, filled: bool) -> Mesh:
    return lathe([(0.5, 0), (0.5, 1)], _WHITE, top=(200, 190, 170))


def _chair(on: bool, is_open: bool, filled: bool) -> Mesh:
    legs = [
        block((x, x + 0.1), (0, 0.5), (z, z + 0.1), _DARK_WOOD)
        for x in (-0.5, 0.4)
        for z in (-0.5, 0.4)
    ]
    return joined(
        *legs,
        block(_FULL, (0.5, 0.56), _FULL, _WOOD),
        block(_FULL, (0.56, 1.0), (-0.5, -0.42), _DARK_WOOD),
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
        block(_FULL, (0, 0.45), _FULL, _DARK_WOOD),
        block((-0.48, 0.48), (0.45, 1.0), (-0.48, 0.5), _COLOURS["Bed"]),
        block((-0.48, 0.48), (1.0, 1.01), (-0.48, -0.2), _WHITE),
        block(_FULL, (0.45, 1.6), (-0.52, -0.48), _DARK_WOOD),
    )


def _lamp(floor: bool) -> Callable[[bool, bool, bool], Mesh]:
    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        shade: Colour = (255, 244, 170) if on else (150, 142, 120)
        thin = 0.03 if floor else 0.08
        bottom = 0.8 if floor else 0.55
        return joined(
            lathe([(0.3, 0), (0.3, 0.03)], _BLACK),
            tube(thin, 0.03, bottom, _BLACK, sides=6),
            lathe([(0.5, bottom), (0.3, 1.0)], shade, sides=12, top=shade),
        )

    return make


def _counter(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.47, 0.47), (0.0, 0.1), (-0.5, 0.42), (90, 80, 70)),
        block((-0.49, 0.49), (0.1, 0.95), (-0.5, 0.47), (222, 204, 176)),
        block(_FULL, (0.95, 1.0), _FULL, _COLOURS["CounterTop"]),
    )


def _faucet(on: bool, is_open: bool, filled: bool) -> Mesh:
    parts = [
        block((-0.15, 0.15), (0, 0.9), (-0.5, -0.25), _STEEL),
        block((-0.12, 0.12), (0.78, 0.92), (-0.25, 0.45), _STEEL),
        block((0.2, 0.5), (0.3, 0.42), (-0.5, -0.2), (200, 60, 50)),
    ]
    if on:
        parts.append(block((-0.06, 0.06), (-0.4, 0.78), (0.33, 0.43), (130, 190, 240)))
    return joined(*parts)


def _microwave(on: bool, is_open: bool, filled: bool) -> Mesh:
    glass: Colour = (250, 214, 110) if on else (24, 26, 30)
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.46), _COLOURS["Microwave"]),
        block((-0.46, 0.22), (0.08, 0.92), (0.46, 0.5), (120, 122, 128), front=glass),
        block((0.26, 0.46), (0.6, 0.85), (0.46, 0.5), _STEEL, front=(80, 230, 120)),
        block((0.26, 0.46), (0.1, 0.5), (0.46, 0.5), _STEEL),
    )


def _fridge(on: bool, is_open: bool, filled: bool) -> Mesh:
    door = _COLOURS["Fridge"]
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.44), (170, 176, 182)),
        block((-0.49, 0.49), (0.02, 0.62), (0.44, 0.5), door),
        block((-0.49, 0.49), (0.64, 0.98), (0.44, 0.5), door),
        block((0.36, 0.42), (0.3, 0.58), (0.5, 0.56), _BLACK),
        block((0.36, 0.42), (0.68, 0.86), (0.5, 0.56), _BLACK),
    )


def _safe(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.45), _COLOURS["Safe"]),
        block((-0.42, 0.42), (0.08, 0.92), (0.45, 0.5), (126, 132, 142)),
        block((-0.1, 0.1), (0.4, 0.6), (0.5, 0.58), (220, 190, 80)),
    )


def _door(on: bool, is_open: bool, filled: bool) -> Mesh:
    """A front with a handle: of a cabinet or a drawer."""
    face = _COLOURS["Cabinet"]
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.5), face),
        block((-0.42, 0.42), (0.08, 0.92), (0.5, 0.6), (226, 198, 156)),
        block((-0.12, 0.12), (0.74, 0.84), (0.6, 1.6), _STEEL),
    )


def _toilet(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.35, 0.35), (0, 0.9), (-0.2, 0.4), _WHITE),
        block((-0.45, 0.45), (0.9, 1.0), (-0.25, 0.5), (250, 250, 250)),
        block(_FULL, (0.6, 1.75), (-0.5, -0.25), _WHITE),
        block((-0.08, 0.08), (1.75, 1.8), (-0.42, -0.32), _STEEL),
    )


def _burner(on: bool, is_open: bool, filled: bool) -> Mesh:
    glow: Colour = (230, 70, 30) if on else (70, 70, 74)
    return joined(
        lathe([(0.5, 0), (0.5, 0.6)], _BLACK, sides=12), lathe([(0.35, 0.6), (0.35, 1)], glow)
    )


def _plant(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        lathe([(0.3, 0), (0.4, 0.35)], (170, 90, 60), top=(80, 56, 40)),
        lathe([(0.05, 0.35), (0.5, 0.65), (0.3, 0.95), (0.05, 1.0)], _GREEN),
    )


def _coffee_machine(on: bool, is_open: bool, filled: bool) -> Mesh:
    light: Colour = (240, 70, 50) if on else (90, 90, 94)
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.0), _BLACK),
        block(_FULL, (0.7, 1.0), (0.0, 0.5), (60, 60, 66)),
        block(_FULL, (0, 0.08), (0.0, 0.5), _STEEL),
        block((-0.1, 0.1), (0.8, 0.9), (0.5, 0.55), light),
    )


def _toaster(on: bool, is_open: bool, filled: bool) -> Mesh:
    slot: Colour = (230, 90, 40) if on else _BLACK
    return joined(
        block(_FULL, (0, 0.95), _FULL, _STEEL),
        block((-0.38, 0.38), (0.95, 1), (-0.25, -0.1), slot),
        block((-0.38, 0.38), (0.95, 1), (0.1, 0.25), slot),
    )


def _can(on: bool, is_open: bool, filled: bool) -> Mesh:
    return lathe([(0.38, 0), (0.5, 1)], _COLOURS["GarbageCan"], sides=12, top=(30, 34, 32))


def _carton(on: bool, is_open: bool, filled: bool) -> Mesh:
    card = _COLOURS["Box"]
    inside = block((-0.46, 0.46), (0.97, 0.99), (-0.46, 0.46), (120, 92, 60))
    return joined(block(_FULL, (0, 0.97), _FULL, card), inside)


def _television(on: bool, is_open: bool, filled: bool) -> Mesh:
    picture: Colour = (90, 150, 220) if on else (26, 28, 34)
    return block(_FULL, (0, 1), _FULL, _BLACK, front=picture)


def _sponge(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 0.65), _FULL, _COLOURS["DishSponge"]),
        block(_FULL, (0.65, 1), _FULL, (70, 150, 80)),
    )


def _candle(on: bool, is_open: bool, filled: bool) -> Mesh:
    flame: Colour = (255, 190, 60) if on else (80, 70, 60)
    return joined(tube(0.4, 0, 0.85, _COLOURS["Candle"]), tube(0.08, 0.85, 1.0, flame, sides=4))


_SHAPES: Mapping[str, Callable[[bool, bool, bool], Mesh]] = {
    "AlarmClock": _clock,
    "Apple": _apple,
    "ArmChair": _sofa(_COLOURS["ArmChair"]),
    "BasketBall": _ball(_COLOURS["BasketBall"]),
    "Bed": _bed,
    "Book": _book,
    "Bowl": _bowl,
    "Box": _carton,
    "Bread": _bread,
    "ButterKnife": _cutlery((0.4, 0.0), _STEEL),
    "CD": lambda on, is_open, filled: lathe([(0.5, 0), (0.5, 1)], _COLOURS["CD"], sides=14),
    "Cabinet": _door,
    "Candle": _candle,
    "CellPhone": _flat(_COLOURS["CellPhone"], (70, 90, 120)),
    "Chair": _chair,
    "CoffeeMachine": _coffee_machine,
    "CoffeeTable": _table(_COLOURS["CoffeeTable"]),
    "CounterTop": _counter,
    "CreditCard": _flat(_COLOURS["CreditCard"], (230, 200, 90)),
    "Cup": _mug(_COLOURS["Cup"], handle=False),
    "Desk": _table(_COLOURS["Desk"]),
    "DeskLamp": _lamp(False),
    "DiningTable": _table(_COLOURS["DiningTable"]),
    "DishSponge": _sponge,
    "Drawer": _door,
    "Egg": _ball(_COLOURS["Egg"]),
    "Faucet": _faucet,
    "FloorLamp": _lamp(True),
    "Fork": _fork,
    "Fridge": _fridge,
    "GarbageCan": _can,
    "Glassbottle": _bottle(_COLOURS["Glassbottle"], _STEEL),
    "HousePlant": _plant,
    "KeyChain": _keys,
    "Knife": _cutlery((0.5, -0.15), _BLACK),
    "Ladle": _cutlery((0.5, 0.25), _STEEL),
    "Laptop": _laptop,
    "Lettuce": _lettuce,
    "Microwave": _microwave,
    "Mug": _mug(_COLOURS["Mug"]),
    "Pan": _pan,
    "PaperTowelRoll": _roll,
    "PepperShaker": _shaker(_COLOURS["PepperShaker"]),
    "Pillow": _pillow,
    "Plate": _plate,
    "Pot": _pot,
    "Potato": _ball(_COLOURS["Potato"]),
    "RemoteControl": _flat(_COLOURS["RemoteControl"], (200, 70, 60)),
    "Safe": _safe,
    "SaltShaker": _shaker(_COLOURS["SaltShaker"]),
    "SideTable": _table(_COLOURS["SideTable"]),
    "SoapBottle": _bottle(_COLOURS["SoapBottle"], _WHITE),
    "Sofa": _sofa(_COLOURS["Sofa"]),
    "Spatula": _cutlery((0.5, 0.2), (60, 130, 90)),
    "Spoon": _cutlery((0.5, 0.25), _STEEL),
    "SprayBottle": _bottle(_COLOURS["SprayBottle"], (220, 60, 60)),
    "Statue": _statue,
    "StoveBurner": _burner,
    "Television": _television,
    "Toaster": _toaster,
    "Toilet": _toilet,
    "ToiletPaper": _roll,
    "Tomato": _tomato,
    "Vase": _vase,
    "WineBottle": _bottle(_COLOURS["WineBottle"], (150, 40, 50)),
}
