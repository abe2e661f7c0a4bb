"""Tasks of choosing: boxes to tick, tabs, sections that open, and handing in."""

from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.looking import Expert, Look, click
from qvl_agent.envs.miniwob.experts.text import submit

__all__ = ["EXPERTS"]


def _wanted(look: Look) -> list[str]:
    """Return the names in "Select a, b, c and click Submit."."""
    names = look.task.removeprefix("Select ").removesuffix(" and click Submit.")
    return [] if names == "nothing" else names.split(", ")


def boxes(look: Look) -> Decision:
    """Tick the boxes of the given names."""
    wanted = _wanted(look)
    ticks, labels = look.all("#boxes input"), look.all("#boxes label")
    for tick, label in zip(ticks, labels, strict=True):
        if tick.checked != (label.text in wanted):
            return click(look, tick, f"Tick {label.text}.")
    return submit(look)


def tab(look: Look) -> Decision:
    """A tab by its number."""
    name = look.task.removeprefix("Click on ").removesuffix(".")
    return click(look, look.named("#area ul a", name), f"Click {name}.")


def section(look: Look) -> Decision:
    """Open the one section there is, then hand in."""
    if not look.all(".ui-accordion-content"):
        return click(look, look.one(".ui-accordion-header"), "Open the section.")
    return submit(look)


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "click-checkboxes": boxes,
        "click-checkboxes-large": boxes,
        "click-checkboxes-transfer": boxes,
        "click-option": boxes,
        "click-tab": tab,
        "click-collapsible": section,
        "click-collapsible-nodelay": section,
    }
)
