"""What stands where on the screen, as a reader would list it. Knows no task and no pixels."""

from collections.abc import Iterator
from itertools import islice

from qvl_agent.envs.android.phone.nodes import Box, Key, Node, hit, walk
from qvl_agent.envs.android.phone.typeface import line_height, wrap

__all__ = ["spot_of", "targets_on", "words_on"]

_ROW = 150
"""From this width on, in dp, a target that begins with words is touched at the first of them."""


def words_on(root: Node) -> list[tuple[str, Box]]:
    """Return the visible words with their boxes in dp.

    An icon is called what a person would call it, or else by the name of its drawing. What
    shows a state, as a switch does, also has its word.

    Small print comes first, so that where two words share a spot the larger one has the last say.
    A line in Chinese is one word. What a card or a dialog lies on top of is left out.
    """
    shown = sorted(_uncovered(root), key=lambda found: found[0].size * bool(found[0].text))
    return [each for node, seen in shown for each in _words(node, seen)]


def targets_on(root: Node) -> list[tuple[str, float, float]]:
    """Return what can be tapped: what it is called, and where a finger meets it, in dp.

    It is called by its first line of more than a letter, or else by its name. What is mostly out of
    sight or covered is left out, and so are the letters of the keyboard.
    """
    found = []
    for node, seen in walk(root):
        if node.tap is None or isinstance(node.tap, Key):
            continue
        texts = [each.text[0] for each, _ in walk(node) if each.text]
        # The initial in the circle beside a name is not what its row is called by.
        label = next((text for text in texts if len(text) > 1), (*texts, node.name)[0])
        spot = spot_of(root, node, seen)
        if label and spot:
            found.append((label, *spot))
    return found


def spot_of(root: Node, target: Node, seen: Box) -> tuple[float, float] | None:
    """Return where a finger meets a target, in dp; None where it is out of sight or covered.

    A row of a list is met where its name is read, anything else in the middle, or left of it or
    above where something lies on top.

    Args:
        root: The screen.
        target: What is to be tapped.
        seen: Its visible part.
    """
    if seen.w < target.box.w * 0.6 or seen.h < target.box.h * 0.6:
        return None
    for x, y in _spots(target, seen):
        top = next((each.tap for each in hit(root, x, y) if each.tap), None)
        if root.box.holds(x, y) and top == target.tap:
            return x, y
    return None


def _spots(target: Node, seen: Box) -> Iterator[tuple[float, float]]:
    if target.box.w >= _ROW:
        for node, visible in walk(target, seen):
            if node.text and len(node.text[0]) > 1 and node.align == "start":
                yield from (box.center for _, box in islice(_words(node, visible), 1))
                break
    x, y, w, h = seen
    yield x + w / 2, y + h / 2
    yield x + w * 0.25, y + h / 2
    yield x + w / 2, y + h * 0.25


def _uncovered(root: Node) -> list[tuple[Node, Box]]:
    """Return the visible texts and icons of which nothing that is drawn later covers the middle."""
    shown: list[tuple[Node, Box]] = []
    for node, seen in walk(root):
        if node.fill is not None and seen.w > 0 and seen.h > 0:
            shown = [each for each in shown if not seen.holds(*each[1].center)]
        if (node.text or node.icon or node.shows) and seen.w > 0 and seen.h > 0:
            shown.append((node, seen))
    return shown


def _words(node: Node, seen: Box) -> Iterator[tuple[str, Box]]:
    if node.icon:
        yield node.name or node.icon, seen
    if node.shows:
        yield node.shows, seen
    step = line_height(node.size)
    top = node.box.y + (node.box.h - step * len(node.text)) / 2
    for i, line in enumerate(node.text):
        whole = _width(line, node)
        left = node.box.x
        if node.align == "center":
            left += (node.box.w - whole) / 2
        elif node.align == "end":
            left += node.box.w - whole
        end = 0
        for word in line.split():
            start = line.index(word, end)
            end = start + len(word)
            box = Box(left + _width(line[:start], node), top + i * step, _width(word, node), step)
            visible = box.clip(seen)
            if visible.w > 0 and visible.h > 0:
                yield word, visible


def _width(text: str, node: Node) -> float:
    return wrap(text, node.size, node.weight, 1e9, 1)[1] if text else 0.0
