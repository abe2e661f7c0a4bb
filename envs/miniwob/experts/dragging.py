"""Tasks of moving something: dragging, selecting text, sliders, spinners and scrolling."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.actions.desktop import Click
from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts.looking import (
    Element,
    Expert,
    Look,
    click,
    drag,
    fill,
    press,
    scroll,
)
from qvl_agent.envs.miniwob.experts.text import submit

__all__ = ["EXPERTS"]

_WAYS = {"left": (-15, 0), "right": (15, 0), "up": (0, -15), "down": (0, 15)}


def box_into_box(look: Look) -> Decision:
    """A small box into a large one."""
    if look.ask("return smallBoxContained()"):
        return submit(look)
    small, large = look.one("#draggableSmall"), look.one("#draggableLarge")
    free = look.ask(_FREE)
    if free is None:
        aside = (large.middle[0] + (50 if large.x < 55 else -50), large.middle[1])
        return drag(look, large.middle, aside, "The large box is in the way.")
    way = large.middle[0] - small.middle[0], large.middle[1] - small.middle[1]
    end = free[0] + way[0], free[1] + way[1]
    return drag(look, (free[0], free[1]), end, "Drag the small box into the large one.")


_FREE = """
// A pixel of the small box that the large one does not cover.
const small = document.querySelector('#draggableSmall'), r = small.getBoundingClientRect();
for (let y = r.top + 3; y < r.bottom - 2; y += 3)
  for (let x = r.left + 3; x < r.right - 2; x += 3)
    if (document.elementFromPoint(x, y) === small) return [x, y];
return null;
"""


def figure(look: Look) -> Decision:
    """The one figure there is, in a direction."""
    way = next(word for word in look.task.split() if word in _WAYS)
    if way in look.ask(_MOVED):
        return submit(look)
    x, y = look.ask(_FIGURE)
    dx, dy = _WAYS[way]
    return drag(look, (x, y), (x + dx, y + dy), f"Drag it {way}.")


_FIGURE = """
const r = document.querySelector('svg > *').getBoundingClientRect();
return [r.left + r.width / 2, r.top + r.height * 0.6];
"""

_MOVED = """
// The directions in which the page takes the figure to be dragged.
const e = document.querySelector('svg > *'), now = shapes.gridCoords(e), then = e.getBBox();
return [now.x < then.x && 'left', now.x > then.x && 'right',
        now.y < then.y && 'up', now.y > then.y && 'down'].filter(w => w);
"""


def _move(look: Look, items: list[Element], start: int, end: int) -> Decision:
    """Return the drag of an item of a list to another one's place."""
    beyond = 4 if end > start else -4
    x, y = items[end].middle
    return drag(look, items[start].middle, (x, y + beyond), f"Drag {items[start].text} there.")


def list_item(look: Look) -> Decision:
    """An item of a list to a place in it."""
    items = look.all("#sortable li")
    name, _, where = look.task.removeprefix("Drag ").partition(" ")
    start = [item.text for item in items].index(name)
    if place := re.search(r"(\d)(?:st|nd|rd|th) position", where):
        end = int(place.group(1)) - 1
    else:
        ends = {
            "to the top.": 0,
            "to the bottom.": len(items) - 1,
            "down by one position.": start + 1,
            "up by one position.": start - 1,
        }
        end = ends[where]
    return _move(look, items, start, end)


def sorting(look: Look) -> Decision:
    """Numbers in increasing order."""
    items = look.all("#sortable li")
    numbers = [int(item.text) for item in items]
    for place, wanted in enumerate(sorted(numbers)):
        if numbers[place] != wanted:
            return _move(look, items, numbers.index(wanted, place), place)
    return submit(look)


def highlight(look: Look) -> Decision:
    """All of a paragraph, selected."""
    place = re.search(r"(\d)(?:st|nd|rd) paragraph", look.task)
    css = f"#randomText p:nth-of-type({place.group(1)})" if place else "#randomText"
    done, x0, y0, x1, y1 = look.ask(_TEXT, css)
    if done:
        return submit(look)
    return drag(look, (x0, y0), (x1, y1), "Select the text.")


_TEXT = """
const e = document.querySelector(arguments[0]), range = document.createRange();
range.selectNodeContents(e);
const lines = [...range.getClientRects()].filter(r => r.width > 1);
const first = lines[0], last = lines[lines.length - 1];
const bare = text => text.replace(/\\s/g, '');
return [bare(String(getSelection())) === bare(e.textContent), first.left - 1,
        first.top + first.height / 2, last.right + 2, last.top + last.height / 2];
"""


def _slide(look: Look, css: str, wanted: int) -> Decision | None:
    """Return the next step until a slider has a value: a click near by, then single keys."""
    value, low, high, upright = look.ask(_SLIDER, css)
    if value == wanted:
        return None
    track, handle = look.one(css), look.one(f"{css} .ui-slider-handle")
    length = track.h if upright else track.w
    step = length / (high - low)
    off = abs(wanted - value)
    if off * step > 1.5 and not (handle.focused and off <= 2):
        part = (wanted - low) / (high - low)
        x, y = track.middle
        place = (x, track.y + (1 - part) * track.h) if upright else (track.x + part * track.w, y)
        return Decision("Click the track.", Click(look.point(*place)))
    if not handle.focused:
        return click(look, handle, "Click the handle.")
    return press("right" if wanted > value else "left")


_SLIDER = """
const s = $(arguments[0]);
return [s.slider('value'), s.slider('option', 'min'), s.slider('option', 'max'),
        s.slider('option', 'orientation') === 'vertical'];
"""


def slider(look: Look) -> Decision:
    """A slider to a value."""
    wanted = int(look.told(r"Select (-?\d+)")[0])
    return _slide(look, "#slider", wanted) or submit(look)


def sliders(look: Look) -> Decision:
    """Three sliders to three values."""
    for number, wanted in enumerate(json.loads(look.told(r"(\[.*\])")[0]), 1):
        if step := _slide(look, f"#slider-{number}", wanted):
            return step
    return submit(look)


def slider_and_box(look: Look) -> Decision:
    """A slider to a value, then a box by position."""
    wanted = int(look.told(r"Select (-?\d+)")[0])
    if step := _slide(look, "#slider", wanted):
        return step
    (place,) = look.told(r"(\d)(?:st|nd|rd) checkbox")
    box = look.one(f"#checkbox-{place}")
    return submit(look) if box.checked else click(look, box, f"Tick box {place}.")


def spinner(look: Look) -> Decision:
    """A value by an arrow up and an arrow down."""
    wanted = int(look.told(r"Select (-?\d+)")[0])
    value = int(look.one("#spinner").value)
    if value == wanted:
        return submit(look)
    way = "up" if wanted > value else "down"
    return click(look, look.one(f".ui-spinner-{way}"), f"Click {way}.")


def generated(look: Look) -> Decision:
    """Numbers by chance, until one will do."""
    told = look.one("#display-number").text
    if told != "-" and _will_do(look.task, int(told)):
        return submit(look, "#submit")
    return click(look, look.one("#generate"), "Click Generate.")


def _will_do(task: str, number: int) -> bool:
    if bound := re.search(r"less than (\d+)", task):
        return number < int(bound.group(1))
    if bound := re.search(r"greater than (\d+)", task):
        return number > int(bound.group(1))
    return number % 2 == (1 if "odd" in task else 0)


def scroll_to_end(look: Look) -> Decision:
    """A text to its top or its bottom."""
    top, rest = look.ask(_SCROLLED)
    down = "to the bottom" in look.task
    if (rest if down else top) < 5:
        return submit(look)
    return scroll(look, look.one("#text-area"), -2000 if down else 2000, "Scroll the text.")


_SCROLLED = """
const e = document.querySelector('#text-area');
return [e.scrollTop, e.scrollHeight - e.clientHeight - e.scrollTop];
"""


def agreement(look: Look) -> Decision:
    """A name under a text that has to be scrolled to its end first, or a refusal."""
    if look.task.startswith("Click"):
        return click(look, look.one("#cancel"), "Click Cancel.")
    if look.ask("return document.querySelector('#name').disabled"):
        return scroll(look, look.one("#text-area"), -5000, "Scroll to the end.")
    name, button = re.findall(r'"([^"]*)"', look.task)
    return fill(look, "#name", name, "name field") or submit(look, f"#{button.lower()}")


EXPERTS: Mapping[str, Expert] = MappingProxyType(
    {
        "drag-box": box_into_box,
        "drag-circle": figure,
        "drag-single-shape": figure,
        "drag-items": list_item,
        "drag-sort-numbers": sorting,
        "highlight-text": highlight,
        "highlight-text-2": highlight,
        "use-slider": slider,
        "use-slider-2": sliders,
        "form-sequence": slider_and_box,
        "use-spinner": spinner,
        "generate-number": generated,
        "scroll-text-2": scroll_to_end,
        "sign-agreement": agreement,
    }
)
