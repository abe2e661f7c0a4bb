"""Tasks of typing: into one field or several, given or transformed text."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.looking import Expert, Look, click, fill

__all__ = ["EXPERTS", "submit"]


def submit(look: Look, css: str = "#subbtn") -> Decision:
    """Return the click that hands in."""
    button = look.one(css)
    return click(look, button, f"Click {button.text}.")


def _quotes(task: str) -> list[str]:
    return re.findall(r'"([^"]*)"', task)


def one_field(look: Look) -> Decision:
    """A given text into the field, and hand in."""
    return fill(look, "#tt", _quotes(look.task)[0], "field") or submit(look)


def one_field_in_case(look: Look) -> Decision:
    """A given text in upper or lower case."""
    given = _quotes(look.task)[0]
    text = given.upper() if "upper case" in look.task else given.lower()
    return fill(look, "#tt", text, "field") or submit(look)


def password_twice(look: Look) -> Decision:
    """A password into two fields."""
    given = _quotes(look.task)[0]
    return (
        fill(look, "#password", given, "password field")
        or fill(look, "#verify", given, "verify field")
        or submit(look)
    )


def login(look: Look) -> Decision:
    """A name and a password."""
    user, password = _quotes(look.task)
    return (
        fill(look, "#username", user, "username field")
        or fill(look, "#password", password, "password field")
        or submit(look)
    )


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "enter-text": one_field,
        "enter-text-2": one_field_in_case,
        "enter-text-dynamic": one_field,
        "enter-password": password_twice,
        "login-user": login,
    }
)
