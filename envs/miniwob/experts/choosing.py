"""Tasks of choosing: boxes to tick, tabs, sections that open, and handing in."""

from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.actions.desktop import Type
from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.clicking import quoted
from qvl_agent.envs.miniwob.experts.looking import Expert, Look, click, hover, scroll
from qvl_agent.envs.miniwob.experts.text import submit

__all__ = ["EXPERTS"]


def _wanted(look: Look) -> list[str]:
    """Return the names in "Select a, b, c and click Submit."."""
    names = look.task.removeprefix("Select ").removesuffix(" and click Submit.")
    return [] if names == "nothing" else names.split(", ")


def boxes(look: Look) -> Decision:
    """Tick the boxes of the given names."""
    wanted = _wanted(look)
    ticks, labels = look.all("#area label input"), look.all("#area label")
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


def link_behind(look: Look) -> Decision:
    """A link that is behind a tab or in a section that is closed."""
    words = quoted(look.task)
    for found in look.all(".alink"):
        if found.text == words:
            return click(look, found, f"Click {words}.")
    header = look.ask(_HEADER, words)
    return click(look, look.one(header), "Look behind the next one.")


_HEADER = """
// Marks what opens the panel that holds a link.
const link = [...document.querySelectorAll('.alink')].find(e => e.textContent === arguments[0]);
const panel = link?.closest('.ui-tabs-panel, .ui-accordion-content');
// Where the link was on an emptied tab, that tab itself is the answer: it is the second one.
const opener = document.querySelector(`a[href="#${panel?.id ?? 'tabs-2'}"]`)
  ?? panel.previousElementSibling;
document.querySelectorAll('[data-expert]').forEach(e => delete e.dataset.expert);
opener.dataset.expert = 'opener';
return '[data-expert=opener]';
"""


def menu(look: Look) -> Decision:
    """A way through menus that open under the pointer."""
    *way, leaf = look.task.removeprefix("Select ").split(">")
    shown = {item.text: item for item in look.all("#menu li > div")}
    if leaf in shown:
        return click(look, shown[leaf], f"Click {leaf}.")
    nearest = next(name for name in reversed(way) if name in shown)
    return hover(look, *shown[nearest].middle, f"Point at {nearest}.")


def icon_menu(look: Look) -> Decision:
    """An item of a menu, by its words or its icon."""
    shown = {item.text: item for item in look.all("#menu li > div")}
    if not shown:
        return click(look, look.one("#open-menu"), "Open the menu.")
    label = look.ask(_BY_ICON) or quoted(look.task.replace('the "Menu" button', ""))
    if label in shown:
        return click(look, shown[label], f"Click {label}.")
    return hover(look, *shown["Playback"].middle, "Point at Playback.")


_BY_ICON = """
const icon = document.querySelector('#query .ui-icon');
if (!icon) return null;
const name = [...icon.classList].find(c => c !== 'ui-icon');
return document.querySelector(`#menu .${name}`).parentElement.textContent.trim();
"""


def drop_down(look: Look) -> Decision:
    """An item of a list that drops down: its words are typed."""
    wanted = look.task.removeprefix("Select ").removesuffix(" from the list and click Submit.")
    field = look.one("#options")
    if field.value == wanted:
        return submit(look, "#area button")
    if not field.focused:
        return click(look, field, "Open the list.")
    return Decision(f"Choose {wanted}.", Type(wanted + "\n"))


def shades(look: Look) -> Decision:
    """All shades of a colour."""
    wanted = look.task.removeprefix("Select all the shades of ").split()[0]
    for shade in look.all("#area span"):
        ours = shade.attributes["data-color"] == wanted
        if ours != (shade.attributes.get("class") == "selected"):
            return click(look, shade, f"Click a {wanted} one.")
    return submit(look, "#submit")


def digit_of_boxes(look: Look) -> Decision:
    """A digit drawn with ticks, as in the example beside them."""
    pattern = look.ask("return PATTERNS[arguments[0]].flat()", int(quoted(look.task)))
    for box, wanted in zip(look.all("#checkboxes input"), pattern, strict=True):
        if box.checked != bool(wanted):
            return click(look, box, "Tick the next box.")
    return submit(look)


def odd_or_even(look: Look) -> Decision:
    """Odd or even, for each of three numbers."""
    rows = zip(
        look.all(".display-number"), look.all("#numbers .odd"), look.all("#numbers .even"),
        strict=True,
    )  # fmt: skip
    for number, odd, even in rows:
        right = odd if int(number.text) % 2 else even
        if "selected" not in right.attributes["class"]:
            return click(look, right, f"{number.text} is {right.text.lower()}.")
    return submit(look, "#submit")


def greatest_card(look: Look) -> Decision:
    """The card with the greatest number, which shows only when it is picked."""
    cards = look.all("#cardholder .card")
    numbers = look.ask(
        "return [...document.querySelectorAll('.card-value')].map(e => +e.innerHTML)"
    )
    best = cards[numbers.index(max(numbers))]
    if "hidden" in best.attributes["class"]:
        return click(look, best, "Pick a card.")
    return submit(look, "#submit")


_CARDS = "return [...document.querySelectorAll('.card-value')].map(e => Number(e.innerHTML))"


def tree(look: Look) -> Decision:
    """A file or folder of a tree that is folded."""
    name = quoted(look.task)
    for item in look.all("#tree span"):
        if item.text == name:
            return click(look, item, f"Click {name}.")
    return click(look, look.one(look.ask(_FOLDED, name)), "Open a folder.")


_FOLDED = """
// Marks the folder that shows and has to be opened first to get at a name.
let item = [...document.querySelectorAll('#tree span')].find(e => e.textContent === arguments[0]);
while (!item.getClientRects().length)
  item = item.parentElement.parentElement.closest('li').querySelector('span');
document.querySelectorAll('[data-expert]').forEach(e => delete e.dataset.expert);
item.dataset.expert = 'folder';
return '[data-expert=folder]';
"""

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def date(look: Look) -> Decision:
    """A date in a calendar that opens under its field."""
    wanted = look.task.removeprefix("Select ").partition(" ")[0]
    if look.one("#datepicker").value == wanted:
        return submit(look)
    shown = look.all(".ui-datepicker-month")
    if not shown:
        return click(look, look.one("#datepicker"), "Open the calendar.")
    month, day = (int(part) for part in wanted.split("/")[:2])
    left = month - 1 - _MONTHS.index(shown[0].text)
    if left:
        way = "next" if left > 0 else "prev"
        return click(look, look.one(f".ui-datepicker-{way}"), "Turn to another month.")
    return click(look, look.named(".ui-datepicker-calendar td a", str(day)), f"Click {day}.")


def mail(look: Look) -> Decision:
    """The bin or the star of a mail, by its sender."""
    sender, sign = look.told(r"email by (.+) and click the (\w+) icon")
    for mail, icon in zip(
        look.all("#main .email-thread .email-sender"),
        look.all(f"#main .email-thread .{sign}"),
        strict=True,
    ):
        if mail.text == sender:
            if icon.middle[1] > look.page.height - 4:
                return scroll(look, look.one("#main"), -80, "Look further down.")
            return click(look, icon, f"Click the {sign} of {sender}.")
    raise LookupError(f"no mail is by {sender}")


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "click-checkboxes": boxes,
        "click-checkboxes-large": boxes,
        "click-checkboxes-transfer": boxes,
        "click-option": boxes,
        "click-tab": tab,
        "click-tab-2": link_behind,
        "click-tab-2-easy": link_behind,
        "click-tab-2-medium": link_behind,
        "click-tab-2-hard": link_behind,
        "click-collapsible": section,
        "click-collapsible-nodelay": section,
        "click-collapsible-2": link_behind,
        "click-collapsible-2-nodelay": link_behind,
        "click-menu": menu,
        "click-menu-2": icon_menu,
        "choose-list": drop_down,
        "click-shades": shades,
        "number-checkboxes": digit_of_boxes,
        "odd-or-even": odd_or_even,
        "find-greatest": greatest_card,
        "navigate-tree": tree,
        "choose-date": date,
        "choose-date-easy": date,
        "choose-date-medium": date,
        "choose-date-nodelay": date,
        "email-inbox-delete": mail,
        "email-inbox-important": mail,
    }
)
