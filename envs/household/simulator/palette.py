"""Colours of things. Knows nothing else."""

from collections.abc import Mapping

from qvl_agent.envs.household.simulator.solids import Colour

__all__ = ["BLACK", "COLOURS", "DARK_WOOD", "GREEN", "STEEL", "STONE", "WHITE", "WOOD", "colour_of"]

WOOD: Colour = (164, 116, 72)
DARK_WOOD: Colour = (120, 80, 50)
WHITE: Colour = (236, 236, 232)
STEEL: Colour = (176, 182, 188)
BLACK: Colour = (44, 44, 48)
STONE: Colour = (198, 190, 178)
GREEN: Colour = (74, 140, 60)

COLOURS: Mapping[str, Colour] = {
    "AlarmClock": (60, 60, 70),
    "Apple": (196, 34, 40),
    "ArmChair": (112, 128, 150),
    "BaseballBat": (190, 140, 80),
    "BasketBall": (220, 120, 40),
    "Bathtub": WHITE,
    "Bed": (92, 118, 170),
    "Book": (60, 90, 150),
    "Bowl": (120, 160, 200),
    "Box": (190, 150, 96),
    "Bread": (186, 124, 60),
    "Cabinet": (208, 176, 132),
    "Candle": (240, 226, 180),
    "CD": (190, 200, 230),
    "CellPhone": (30, 30, 36),
    "Chair": DARK_WOOD,
    "Cloth": (210, 120, 150),
    "CoffeeTable": WOOD,
    "CounterTop": STONE,
    "CreditCard": (40, 110, 180),
    "Cup": (150, 200, 190),
    "Desk": (150, 104, 66),
    "DiningTable": WOOD,
    "DishSponge": (240, 200, 60),
    "Drawer": (220, 190, 148),
    "Dresser": (134, 92, 60),
    "Egg": (240, 224, 200),
    "Fridge": (206, 212, 218),
    "GarbageCan": (84, 96, 90),
    "Glassbottle": (110, 170, 120),
    "HandTowel": (120, 180, 190),
    "HousePlant": GREEN,
    "Kettle": (150, 60, 50),
    "KeyChain": (212, 176, 60),
    "Laptop": (90, 94, 100),
    "Lettuce": (110, 180, 70),
    "Microwave": (70, 72, 78),
    "Mug": (232, 232, 240),
    "Newspaper": (224, 224, 214),
    "Pan": (54, 56, 60),
    "PaperTowelRoll": WHITE,
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
    "Toilet": WHITE,
    "ToiletPaper": WHITE,
    "Tomato": (226, 66, 34),
    "TVStand": DARK_WOOD,
    "Vase": (150, 90, 150),
    "Watch": (150, 130, 60),
    "WineBottle": (60, 90, 50),
}
"""Main colours by THOR's objectType."""


def colour_of(object_type: str) -> Colour:
    """Return the main colour of a type; of an unknown one, a fixed one made of its name."""
    known = COLOURS.get(object_type)
    if known is not None:
        return known
    mixed = sum(ord(c) * (k + 3) for k, c in enumerate(object_type))
    return 90 + mixed % 120, 90 + mixed // 7 % 120, 90 + mixed // 53 % 120
