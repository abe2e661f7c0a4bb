"""What stands where on the screen, as a reader would list it. Knows no task and no pixels."""

from collections.abc import Iterator

from qvl_agent.envs.android.phone.nodes import Box, Key, Node, hit, leaves, walk
from qvl_agent.envs.android.phone.typeface import line_height, wrap

__all__ = ["targets_on", "words_on"]


def words_on(root: Node) -> list[tuple[str, Box]]:
    """Return the visible words with their boxes in dp.

    An icon is called what a person would call it, or else by the name of its drawing.

    Small print comes first, so that where two words share a spot the larger one has the last say.
    A line in Chinese is one word.
    """
    shown = sorted(leaves(root), key=lambda found: found[0].size * bool(found[0].text))
    return [each for node, seen in shown for each in _words(node, seen)]


def targets_on(root: Node) -> list[tuple[str, float, float]]:
    """Return what can be tapped: what it is called, and where a finger meets it, in dp.

    It is called by its first line of text, or else by its name. What is mostly out of sight or
    covered is left out, and so are the letters of the keyboard.
    """
    found = []
    for node, seen in walk(root):
        if node.tap is None or isinstance(node.tap, Key):
            continue
        x, y = seen.center
        in_sight = seen.w >= node.box.w * 0.6 and seen.h >= node.box.h * 0.6
        label = next((each.text[0] for each, _ in walk(node) if each.text), node.name)
        top = next((each.tap for each in hit(root, x, y) if each.tap), None)
        if in_sight and label and top == node.tap:
            found.append((label, x, y))
    return found


def _words(node: Node, seen: Box) -> Iterator[tuple[str, Box]]:
    if node.icon:
        yield node.name or node.icon, seen
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
