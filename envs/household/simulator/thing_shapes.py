"""What movable things look like. Knows no scene: every shape fills a unit cell."""

from collections.abc import Callable, Mapping

from qvl_agent.envs.household.simulator.palette import BLACK, COLOURS, GREEN, STEEL, WHITE
from qvl_agent.envs.household.simulator.solids import Colour, Mesh, block, joined, lathe, tube

__all__ = ["THINGS"]

_FULL = (-0.5, 0.5)
_BALL = ((0.18, 0.0), (0.4, 0.15), (0.5, 0.5), (0.4, 0.82), (0.15, 1.0))
_BOTTLE = ((0.5, 0.0), (0.5, 0.55), (0.2, 0.72), (0.2, 1.0))


def _apple(on: bool, is_open: bool, filled: bool) -> Mesh:
    red = COLOURS["Apple"]
    body = lathe([(0.25, 0), (0.46, 0.25), (0.5, 0.55), (0.38, 0.85), (0.08, 0.8)], red)
    return joined(body, tube(0.04, 0.8, 1.0, (90, 60, 30), sides=4), _leaf(0.95))


def _leaf(y: float) -> Mesh:
    return block((0.0, 0.22), (y - 0.06, y), (-0.06, 0.06), GREEN)


def _tomato(on: bool, is_open: bool, filled: bool) -> Mesh:
    profile = [(0.3, 0), (0.5, 0.3), (0.5, 0.62), (0.3, 0.9), (0.1, 0.9)]
    star = joined(
        block((-0.3, 0.3), (0.9, 0.96), (-0.06, 0.06), GREEN),
        block((-0.06, 0.06), (0.9, 0.97), (-0.3, 0.3), GREEN),
    )
    return joined(lathe(profile, COLOURS["Tomato"]), star)


def _ball(colour: Colour) -> Callable[[bool, bool, bool], Mesh]:
    return lambda on, is_open, filled: lathe(_BALL, colour)


def _lettuce(on: bool, is_open: bool, filled: bool) -> Mesh:
    inner = lathe([(0.1, 0.5), (0.34, 0.75), (0.3, 0.95), (0.1, 1.0)], (160, 214, 110))
    outer = [(0.15, 0), (0.45, 0.2), (0.5, 0.55), (0.4, 0.85), (0.3, 0.8)]
    return joined(lathe(outer, COLOURS["Lettuce"]), inner)


def _bread(on: bool, is_open: bool, filled: bool) -> Mesh:
    crust = COLOURS["Bread"]
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
    hollow = tuple(int(0.62 * c) for c in COLOURS["Bowl"])
    profile = [(0.22, 0), (0.42, 0.5), (0.5, 1.0)]
    return lathe(profile, COLOURS["Bowl"], top=(hollow[0], hollow[1], hollow[2]), sides=12)


def _plate(on: bool, is_open: bool, filled: bool) -> Mesh:
    rim = lathe([(0.3, 0), (0.5, 0.8)], COLOURS["Plate"], sides=14)
    return joined(rim, lathe([(0.32, 0.8), (0.32, 0.9)], (170, 184, 210), sides=14))


def _pan(on: bool, is_open: bool, filled: bool) -> Mesh:
    dark = COLOURS["Pan"]
    return joined(
        lathe([(0.4, 0), (0.46, 0.8)], dark, sides=12, top=(86, 88, 94)),
        block((0.4, 1.1), (0.5, 0.8), (-0.06, 0.06), (30, 30, 32)),
    )


def _pot(on: bool, is_open: bool, filled: bool) -> Mesh:
    steel = COLOURS["Pot"]
    inside = (90, 130, 180) if filled else (84, 88, 94)
    return joined(
        lathe([(0.42, 0), (0.42, 1)], steel, sides=12, top=inside),
        block((-0.56, -0.4), (0.7, 0.8), (-0.12, 0.12), BLACK),
        block((0.4, 0.56), (0.7, 0.8), (-0.12, 0.12), BLACK),
    )


def _cutlery(head: tuple[float, float], grip: Colour) -> Callable[[bool, bool, bool], Mesh]:
    """A handle along z and a head of a width and length."""

    def make(on: bool, is_open: bool, filled: bool) -> Mesh:
        width, split = head
        return joined(
            block((-0.3, 0.3), (0, 1), (-0.5, split), grip),
            block((-width, width), (0, 0.8), (split, 0.5), STEEL),
        )

    return make


def _fork(on: bool, is_open: bool, filled: bool) -> Mesh:
    tines = [block((c - 0.1, c + 0.1), (0, 0.8), (0.2, 0.5), STEEL) for c in (-0.4, 0.0, 0.4)]
    return joined(
        block((-0.2, 0.2), (0, 1), (-0.5, 0.05), STEEL),
        block((-0.5, 0.5), (0, 0.8), (0.05, 0.2), STEEL),
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
            lathe([(0.42, 0.75), (0.3, 1.0)], STEEL, sides=8),
        )

    return make


def _laptop(on: bool, is_open: bool, filled: bool) -> Mesh:
    base = block(_FULL, (0, 0.1), (-0.5, 0.5), (150, 154, 160))
    if not is_open:
        return joined(base, block(_FULL, (0.1, 0.16), _FULL, COLOURS["Laptop"]))
    lit: Colour = (120, 190, 240) if on else (30, 34, 40)
    keys = block((-0.42, 0.42), (0.1, 0.13), (-0.1, 0.35), BLACK)
    return joined(base, keys, block(_FULL, (0.1, 1.0), (-0.5, -0.44), (90, 94, 100), front=lit))


def _pillow(on: bool, is_open: bool, filled: bool) -> Mesh:
    cloth = COLOURS["Pillow"]
    return joined(
        block(_FULL, (0.3, 0.7), _FULL, cloth),
        block((-0.4, 0.4), (0.7, 1.0), (-0.4, 0.4), (230, 224, 238)),
        block((-0.4, 0.4), (0.0, 0.3), (-0.4, 0.4), cloth),
    )


def _book(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block((-0.46, 0.5), (0.1, 0.85), (-0.46, 0.46), (240, 236, 220)),
        block(_FULL, (0.85, 1.0), _FULL, COLOURS["Book"]),
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
    gold = COLOURS["KeyChain"]
    return joined(
        lathe([(0.3, 0), (0.3, 1)], STEEL, centre=(0, 0.25), sides=8, top=BLACK),
        block((-0.35, -0.1), (0, 1), (-0.5, 0.1), gold),
        block((0.1, 0.35), (0, 1), (-0.4, 0.1), gold),
    )


def _clock(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 1), (-0.5, 0.4), COLOURS["AlarmClock"]),
        block((-0.4, 0.4), (0.2, 0.85), (0.4, 0.5), (240, 240, 240), front=(130, 240, 150)),
    )


def _vase(on: bool, is_open: bool, filled: bool) -> Mesh:
    profile = [(0.25, 0), (0.5, 0.35), (0.3, 0.75), (0.4, 1.0)]
    return lathe(profile, COLOURS["Vase"], top=BLACK)


def _statue(on: bool, is_open: bool, filled: bool) -> Mesh:
    stone = COLOURS["Statue"]
    profile = [(0.2, 0.2), (0.32, 0.55), (0.1, 0.75), (0.22, 0.88), (0.05, 1)]
    return joined(block((-0.4, 0.4), (0, 0.2), (-0.4, 0.4), stone), lathe(profile, stone))


def _roll(on: bool, is_open: bool, filled: bool) -> Mesh:
    return lathe([(0.5, 0), (0.5, 1)], WHITE, top=(200, 190, 170))


def _carton(on: bool, is_open: bool, filled: bool) -> Mesh:
    card = COLOURS["Box"]
    inside = block((-0.46, 0.46), (0.97, 0.99), (-0.46, 0.46), (120, 92, 60))
    return joined(block(_FULL, (0, 0.97), _FULL, card), inside)


def _sponge(on: bool, is_open: bool, filled: bool) -> Mesh:
    return joined(
        block(_FULL, (0, 0.65), _FULL, COLOURS["DishSponge"]),
        block(_FULL, (0.65, 1), _FULL, (70, 150, 80)),
    )


def _candle(on: bool, is_open: bool, filled: bool) -> Mesh:
    flame: Colour = (255, 190, 60) if on else (80, 70, 60)
    return joined(tube(0.4, 0, 0.85, COLOURS["Candle"]), tube(0.08, 0.85, 1.0, flame, sides=4))


THINGS: Mapping[str, Callable[[bool, bool, bool], Mesh]] = {
    "AlarmClock": _clock,
    "Apple": _apple,
    "BasketBall": _ball(COLOURS["BasketBall"]),
    "Book": _book,
    "Bowl": _bowl,
    "Box": _carton,
    "Bread": _bread,
    "ButterKnife": _cutlery((0.4, 0.0), STEEL),
    "CD": lambda on, is_open, filled: lathe([(0.5, 0), (0.5, 1)], COLOURS["CD"], sides=14),
    "Candle": _candle,
    "CellPhone": _flat(COLOURS["CellPhone"], (70, 90, 120)),
    "CreditCard": _flat(COLOURS["CreditCard"], (230, 200, 90)),
    "Cup": _mug(COLOURS["Cup"], handle=False),
    "DishSponge": _sponge,
    "Egg": _ball(COLOURS["Egg"]),
    "Fork": _fork,
    "Glassbottle": _bottle(COLOURS["Glassbottle"], STEEL),
    "KeyChain": _keys,
    "Knife": _cutlery((0.5, -0.15), BLACK),
    "Ladle": _cutlery((0.5, 0.25), STEEL),
    "Laptop": _laptop,
    "Lettuce": _lettuce,
    "Mug": _mug(COLOURS["Mug"]),
    "Pan": _pan,
    "PaperTowelRoll": _roll,
    "PepperShaker": _shaker(COLOURS["PepperShaker"]),
    "Pillow": _pillow,
    "Plate": _plate,
    "Pot": _pot,
    "Potato": _ball(COLOURS["Potato"]),
    "RemoteControl": _flat(COLOURS["RemoteControl"], (200, 70, 60)),
    "SaltShaker": _shaker(COLOURS["SaltShaker"]),
    "SoapBottle": _bottle(COLOURS["SoapBottle"], WHITE),
    "Spatula": _cutlery((0.5, 0.2), (60, 130, 90)),
    "Spoon": _cutlery((0.5, 0.25), STEEL),
    "SprayBottle": _bottle(COLOURS["SprayBottle"], (220, 60, 60)),
    "Statue": _statue,
    "ToiletPaper": _roll,
    "Tomato": _tomato,
    "Vase": _vase,
    "WineBottle": _bottle(COLOURS["WineBottle"], (150, 40, 50)),
}
"""By THOR's objectType: a mesh for (switched on, open, filled)."""
