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


def login_past_popup(look: Look) -> Decision:
    """A name and a password; a message in the way is cancelled."""
    if popup := look.all("#popup-cancel"):
        return click(look, popup[0], "Cancel the message.")
    return login(look)


def number_and_radio(look: Look) -> Decision:
    """A radio button by position and a number into a field by position."""
    radio, field = map(int, re.findall(r"(\d)(?:st|nd|rd) (?:radio|textbox)", look.task))
    choice = look.all("input[type=radio]")[radio - 1]
    if not choice.checked:
        return click(look, choice, f"Check radio button {radio}.")
    return fill(look, f"#input-{field}", _quotes(look.task)[0], f"field {field}") or submit(look)


def film(look: Look) -> Decision:
    """Genre, director and year into fields that stand in any order, under any label."""
    wanted = look.told(r"Search for (.+) movies directed by (.+) from year (.+)\.")
    for part, text in zip(("Genre", "Director", "Year|Date"), wanted, strict=True):
        css = look.ask(_LABELLED, part)
        if step := fill(look, css, text, part.lower().partition("|")[0]):
            return step
    button = look.ask(_SENDING)
    return submit(look, button)


_LABELLED = """
// Marks the field whose label holds one of some words: the nearest text before it, but for one
// layout, in which labels stand behind their fields.
const wanted = new RegExp(arguments[0], 'i');
const walker = document.createTreeWalker(document.querySelector('#area'));
let label = '';
while (walker.nextNode()) {
  const node = walker.currentNode;
  if (node.nodeType === 3 && node.data.trim() && !node.parentElement.closest('style'))
    label = node.data;
  const behind = node.nextElementSibling;
  const told = behind?.classList.contains('ui-label') ? behind.textContent : label;
  if (node.tagName === 'INPUT' && wanted.test(told)) {
    node.dataset.expert = arguments[0].split('|')[0];
    return `[data-expert=${node.dataset.expert}]`;
  }
}
return '#no-such-field';
"""

_SENDING = """
const last = [...document.querySelectorAll('#area button, .final, .ui-submit')].pop();
last.dataset.expert = 'send';
return '[data-expert=send]';
"""


def search(look: Look) -> Decision:
    """A search, and one of its results by position, three on a page."""
    wanted = int(look.told(r"(\d)(?:st|nd|rd|th) search")[0])
    name = _quotes(look.task)[0]
    if step := fill(look, "#search-text", name, "search field"):
        return step
    shown = {link.attributes["data-result"]: link for link in look.all("#page-content a")}
    if result := shown.get(str(wanted - 1)):
        return click(look, result, f"Click result {wanted}.")
    if not shown or "-1" in shown:
        return click(look, look.one("#search"), "Click Search.")
    page = str((wanted - 1) // 3 + 1)
    return click(look, look.named("#pagination a", page), f"Go to page {page}.")


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "enter-text": one_field,
        "enter-text-2": one_field_in_case,
        "enter-text-dynamic": one_field,
        "enter-password": password_twice,
        "login-user": login,
        "login-user-popup": login_past_popup,
        "form-sequence-2": number_and_radio,
        "multi-layouts": film,
        "multi-orderings": film,
        "search-engine": search,
    }
)
