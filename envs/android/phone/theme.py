"""Colours and shapes of one phone, drawn from its seed. Knows no state and no app."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from qvl_agent.envs.android.phone.nodes import Color

__all__ = ["ACCENTS", "Look", "Theme", "draw_look", "mix", "theme_of"]

ACCENTS: dict[str, Color] = {
    "blue": (26, 102, 214),
    "green": (24, 128, 86),
    "violet": (103, 80, 176),
    "red": (190, 52, 64),
    "teal": (0, 121, 130),
    "orange": (188, 92, 10),
    "pink": (176, 48, 116),
    "slate": (70, 92, 122),
}
"""The accent colours that a phone can have."""


@dataclass(frozen=True, slots=True)
class Look:
    """What stays as it is for the life of a phone.

    Attributes:
        columns: Of icons on the home screen.
        icon_shape: Of app icons.
        icon_size: In dp.
        labels: Size of icon labels, in dp.
        roomy: Height of list rows as a share of the usual one.
        text: Size of all text as a share of the usual one.
        radius: Of cards and buttons, in dp.
        nav: Three buttons, or a bar for gestures.
        clock: Whether the home screen shows a large clock.
        search: Where the home screen's search pill stands.
        wallpaper: Seed of the picture behind the icons.
    """

    columns: int = 4
    icon_shape: Literal["circle", "squircle", "square"] = "squircle"
    icon_size: float = 56
    labels: float = 12
    roomy: float = 1.0
    text: float = 1.0
    radius: float = 16
    nav: Literal["buttons", "gesture"] = "buttons"
    clock: bool = True
    search: Literal["top", "bottom", "none"] = "top"
    wallpaper: int = 0


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours in use.

    Attributes:
        dark: Whether light stands on dark.
        accent: Buttons, switches, links.
        on_accent: Text on the accent.
        page: Background of an app.
        card: Background of cards, sheets and fields.
        raised: Background of dialogs and menus.
        text: Words.
        dim: Less important words.
        line: Thin lines.
        soft: The accent, washed out: chosen tabs, own chat bubbles.
        on_soft: Text on that.
        alarm: Deleting, refusing.
    """

    dark: bool
    accent: Color
    on_accent: Color
    page: Color
    card: Color
    raised: Color
    text: Color
    dim: Color
    line: Color
    soft: Color
    on_soft: Color
    alarm: Color


def mix(a: Color, b: Color, share: float) -> Color:
    """Return `a` with a share of `b` in it."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def theme_of(accent: str, dark: bool) -> Theme:
    """Return the colours of an accent, for a light or a dark screen."""
    hue = ACCENTS[accent]
    white: Color = (255, 255, 255)
    if dark:
        page = mix((17, 18, 22), hue, 0.04)
        bright = mix(hue, white, 0.55)
        return Theme(
            True, bright, mix(hue, (0, 0, 0), 0.65), page, mix(page, white, 0.075),
            mix(page, white, 0.12), (232, 233, 238), (160, 163, 172), mix(page, white, 0.16),
            mix(page, hue, 0.5), mix(hue, white, 0.8), (255, 138, 128),
        )  # fmt: skip
    page = mix((251, 251, 253), hue, 0.015)
    return Theme(
        False, hue, white, page, mix((240, 241, 245), hue, 0.045), mix(white, hue, 0.03),
        (27, 28, 32), (98, 101, 110), (221, 223, 229), mix(white, hue, 0.16),
        mix(hue, (0, 0, 0), 0.45), (186, 26, 26),
    )  # fmt: skip


def draw_look(rng: Random) -> Look:
    """Return a look, drawn at random."""
    columns = rng.choice((4, 4, 4, 5))
    return Look(
        columns=columns,
        icon_shape=rng.choice(("circle", "squircle", "square")),
        icon_size=rng.choice((52, 56, 60)) if columns == 4 else rng.choice((46, 50)),
        labels=rng.choice((11.5, 12, 13)),
        roomy=rng.choice((0.92, 1.0, 1.08)),
        text=rng.choice((0.96, 1.0, 1.06)),
        radius=rng.choice((8, 12, 16, 20)),
        nav=rng.choice(("buttons", "buttons", "gesture")),
        clock=rng.random() < 0.6,
        search=rng.choice(("top", "bottom", "none")),
        wallpaper=rng.randrange(10_000),
    )
