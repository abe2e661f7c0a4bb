"""Tasks of one click: by what is written, by kind, by position, by colour and shape."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.looking import Expert, Look, click

__all__ = ["EXPERTS"]


def quoted(task: str) -> str:
    """Return what stands in quotation marks in an instruction.

    Raises:
        LookupError: If nothing does.
    """
    if found := re.search(r'"(.*)"', task):
        return found.group(1)
    raise LookupError(f"nothing is in quotation marks: {task}")


def only_button(look: Look) -> Decision:
    """The one button there is."""
    return click(look, look.one("#subbtn"), "Click the button.")


def button_one(look: Look) -> Decision:
    """The button that says ONE."""
    return click(look, look.named("#area button", "ONE"), "Click ONE.")


def buttons_in_turn(look: Look) -> Decision:
    """ONE, then TWO; the page notes the first click in no element, so the focus tells."""
    one, two = look.named("#area button", "ONE"), look.named("#area button", "TWO")
    return click(look, two, "Click TWO.") if one.focused else click(look, one, "Click ONE.")


def named_button(look: Look) -> Decision:
    """A button by its words."""
    words = quoted(look.task)
    return click(look, look.named("#area button", words), f"Click {words}.")


def link(look: Look) -> Decision:
    """A link by its words."""
    words = quoted(look.task)
    return click(look, look.named("#area .alink", words), f"Click {words}.")


def close_dialog(look: Look) -> Decision:
    """The cross of a dialog."""
    return click(look, look.one(".ui-dialog-titlebar-close"), "Click the x.")


def dialog_button(look: Look) -> Decision:
    """A dialog's button, or its cross."""
    words = quoted(look.task)
    if words == "x":
        return close_dialog(look)
    return click(look, look.named(".ui-dialog-buttonset button", words), f"Click {words}.")


def only_field(look: Look) -> Decision:
    """The one text field there is."""
    return click(look, look.one("#tt"), "Click the field.")


def field_by_position(look: Look) -> Decision:
    """The first, second or third field."""
    (number,) = look.told(r"(\d)(?:st|nd|rd)")
    return click(look, look.one(f"#tt{number}"), f"Click field {number}.")


def widget(look: Look) -> Decision:
    """Any element of a kind."""
    kind = quoted(look.task)
    return click(look, look.one(f"#area [data-type={kind}]"), f"Click the {kind}.")


def colour(look: Look) -> Decision:
    """A box by its colour."""
    name = look.task.removeprefix("Click on the ").removesuffix(" colored box.")
    box = look.one(f"#area .color[data-color={name}]")
    return click(look, box, f"Click the {name} box.")


def grid(look: Look) -> Decision:
    """A dot of a coordinate system."""
    x, y = look.told(r"\((-?\d), ?(-?\d)\)")
    dot = look.one(f'#area circle[id="({x},{y})"]')
    return click(look, dot, f"Click ({x}, {y}).")


def shape(look: Look) -> Decision:
    """The button that says what kind of figure is shown."""
    kind = look.ask(_KIND)
    button = look.one(f"#area-buttons [data-type={kind}]")
    return click(look, button, f"It is a {kind}.")


_KIND = """
const figure = document.querySelector('#area_svg').lastElementChild;
const names = {rect: 'rectangle', circle: 'circle', polygon: 'triangle'};
const text = figure.textContent.trim();
return names[figure.tagName] ?? (/[0-9]/.test(text) ? 'digit' : 'letter');
"""


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "click-test": only_button,
        "click-test-transfer": only_button,
        "click-test-2": button_one,
        "click-button": named_button,
        "click-button-sequence": buttons_in_turn,
        "click-link": link,
        "click-dialog": close_dialog,
        "click-dialog-2": dialog_button,
        "focus-text": only_field,
        "focus-text-2": field_by_position,
        "click-widget": widget,
        "click-color": colour,
        "grid-coordinate": grid,
        "identify-shape": shape,
        "unicode-test": named_button,
    }
)
