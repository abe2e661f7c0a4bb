"""The on-screen keyboard: three layers of keys. Knows neither fields nor apps."""

from qvl_agent.envs.android.phone.layout import Widget
from qvl_agent.envs.android.phone.nodes import Color, Key
from qvl_agent.envs.android.phone.state import Keys
from qvl_agent.envs.android.phone.theme import Theme, mix

__all__ = ["KEYBOARD_HEIGHT", "keyboard"]

KEYBOARD_HEIGHT = 222.0
"""In dp, in portrait."""

_LAYERS: dict[Keys, tuple[str, str, str]] = {
    "lower": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "upper": ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"),
    "symbols": ("1234567890", "@#$%&-+()", "*\"':;!?"),
}


def keyboard(theme: Theme, keys: Keys, *, multiline: bool, space: str, height: float) -> Widget:
    """Return the keyboard.

    Args:
        theme: The colours.
        keys: The layer.
        multiline: Whether Enter makes a new line, else it searches or goes on.
        space: Label of the space bar: the language.
        height: In dp.
    """
    base = mix(theme.page, (0, 0, 0) if not theme.dark else (255, 255, 255), 0.09)
    light: Color = mix(theme.page, (255, 255, 255), 0.12 if theme.dark else 0.9)
    dull = mix(base, (0, 0, 0) if not theme.dark else (255, 255, 255), 0.09)

    def letter(char: str) -> Widget:
        return Widget(
            text=char, size=20, color=theme.text, fill=light, radius=6, align="center", grow=1,
            height=key_height, tap=Key(char), name=f"key {char}",
        )  # fmt: skip

    def special(
        name: str, *, icon: str = "", label: str = "", grow: float = 1.5, hot: bool = False
    ) -> Widget:
        return Widget(
            icon=icon, text=label, size=20 if icon else 14, align="center", grow=grow,
            height=key_height, radius=6, fill=theme.accent if hot else dull,
            color=theme.on_accent if hot else theme.text, tap=Key(name), name=f"key {name}",
        )  # fmt: skip

    key_height = (height - 6 * 5) / 4
    first, second, third = _LAYERS[keys]
    shift = special("shift", icon="shift_on" if keys == "upper" else "shift")
    if keys == "symbols":
        shift = special("_", label="_")
    rows = (
        Widget(tuple(letter(c) for c in first), axis="x", gap=5),
        Widget(tuple(letter(c) for c in second), axis="x", gap=5, pad=(18, 0, 18, 0)),
        Widget(
            (shift, *(letter(c) for c in third), special("delete", icon="delete_key")),
            axis="x", gap=5,
        ),
        Widget(
            (
                special("symbols", label="ABC" if keys == "symbols" else "?123"),
                letter("/" if keys == "symbols" else ","),
                Widget(
                    text=space, size=13, color=theme.dim, fill=light, radius=6, align="center",
                    grow=5, height=key_height, tap=Key(" "), name="key space",
                ),
                letter("."),
                special("enter", icon="return" if multiline else "search", hot=True),
            ),
            axis="x",
            gap=5,
        ),
    )  # fmt: skip
    return Widget(rows, gap=6, pad=(5, 6, 5, 6), fill=base, height=height, modal=True)
