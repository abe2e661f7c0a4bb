"""Tasks of reading: from a table, a paragraph or a sum, and typing what comes of it."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.actions.desktop import Click, Type
from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.looking import Expert, Look, click, fill
from qvl_agent.envs.miniwob.experts.text import submit

__all__ = ["EXPERTS"]


def sum_of_digits(look: Look) -> Decision:
    """A sum, a difference or a product."""
    a, sign, b = look.one("#math-problem").text.split()[:3]
    x, y = int(a), int(b)
    result = {"+": x + y, "-": x - y, "x": x * y}[sign]
    return fill(look, "#math-answer", str(result), "field") or submit(look)


def equation(look: Look) -> Decision:
    """An equation in x."""
    a, sign, b, _, c = look.one("#math-problem").text.split()
    if sign == "+":
        result = int(c) - int(b if a == "x" else a)
    elif a == "x":
        result = int(c) + int(b)
    else:
        result = int(a) - int(c)
    return fill(look, "#math-answer", str(result), "field") or submit(look)


def blocks(look: Look) -> Decision:
    """How many blocks there are."""
    number = len(look.all("#math-problem .addition-block"))
    return fill(look, "#math-answer", str(number), "field") or submit(look)


def _table(look: Look) -> dict[str, str]:
    cells = [cell.text for cell in look.all("#tab td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def table_value(look: Look) -> Decision:
    """A value of a table."""
    key = look.task.removeprefix("Enter the value of ")
    key = key.removesuffix(" into the text field and press Submit.")
    return fill(look, "#tt", _table(look)[key], "field") or submit(look)


def table_values(look: Look) -> Decision:
    """Two values of a table, each beside its label."""
    values = _table(look)
    for number in (1, 2):
        label = look.one(f"#ll{number}").text.removesuffix(":")
        if step := fill(look, f"#tt{number}", values[label], f"{label} field"):
            return step
    return submit(look)


def word(look: Look) -> Decision:
    """A word of a paragraph by its number."""
    number = int(look.told(r"(\d+)(?:st|nd|rd|th) word")[0])
    found = re.sub("[^a-zA-Z]", "", look.one("#area p").text.split()[number - 1])
    return fill(look, "#answer-input", found, "field") or submit(look)


def last_word(look: Look) -> Decision:
    """The last word of a text that has to be scrolled to be read."""
    found = re.sub("[^a-zA-Z0-9]", "", look.one("#text-area").value.split()[-1])
    return fill(look, "#answer-input", found, "field") or submit(look)


def copied(look: Look) -> Decision:
    """The text of an area into a field, white space and all."""
    number = re.search(r"(\d)(?:st|nd|rd) text area", look.task)
    source = look.one(f"#text-{number.group(1)}" if number else "#to-copy")
    return fill(look, "#answer-input", source.value, "field") or submit(look)


def bent_text(look: Look) -> Decision:
    """Letters that are bent out of shape."""
    letters = "".join(letter.text for letter in look.all("#captcha span"))
    return fill(look, "#tt", letters, "field") or submit(look)


def guess(look: Look) -> Decision:
    """A number between 0 and 9, by "higher" and "lower"."""
    wanted = 5
    for css, by in (("#higher span", 1), ("#lower span", -1)):
        if told := look.all(css):
            wanted = int(told[0].text) + by
    return fill(look, "#tt", str(wanted), "field") or submit(look)


def date(look: Look) -> Decision:
    """A date, part by part."""
    month, day, year = look.told(r"(\d+)/(\d+)/(\d+)")
    return _parts(look, f"{year}-{month}-{day}", f"{month}{day}{year}") or submit(look)


def time(look: Look) -> Decision:
    """A time of day, part by part."""
    told, minute, half = look.told(r"(\d+):(\d+)\s*([AP])M")
    hour = int(told)
    value = f"{hour % 12 + (12 if half == 'P' else 0):02d}:{minute}"
    return _parts(look, value, f"{hour:02d}{minute}{half}M") or submit(look)


def _parts(look: Look, value: str, keys: str) -> Decision | None:
    """Return the next step until a field of parts has a value; keys go on to the next part."""
    field = look.one("#tt")
    if field.value == value:
        return None
    if field.focused and not field.value:
        return Decision(f"Type {keys}.", Type(keys))
    first = look.point(field.x + 10, field.middle[1])
    return Decision("Click the first part.", Click(first))


def contact(look: Look) -> Decision:
    """A detail of a person in a book of one page a person."""
    person, detail = look.told(r"Find (.+) in the contact book and click on their (.+)\.")
    if look.one("#contact .name").text == person:
        kind = next(k for k in ("phone", "email", "address") if k in detail)
        return click(look, look.one(f"#contact .{kind}"), f"Click the {kind}.")
    return click(look, look.named("#pagination a", ">"), "Go to the next page.")


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "simple-arithmetic": sum_of_digits,
        "simple-algebra": equation,
        "visual-addition": blocks,
        "read-table": table_value,
        "read-table-2": table_values,
        "find-word": word,
        "scroll-text": last_word,
        "copy-paste": copied,
        "copy-paste-2": copied,
        "text-transform": bent_text,
        "guess-number": guess,
        "enter-date": date,
        "enter-time": time,
        "phone-book": contact,
    }
)
