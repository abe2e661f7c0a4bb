"""Which word stands where on the screen, as a reader would list it. Knows no task and no pixels."""

from collections.abc import Iterator

from qvl_agent.envs.android.phone.nodes import Box, Node, leaves
from qvl_agent.envs.android.phone.typeface import line_height, wrap

__all__ = ["words_on"]


def words_on(root: Node) -> list[tuple[str, Box]]:
    """Return the visible words with their boxes in dp; an icon's word is its name.

    Small print comes first, so that where two words share a spot the larger one has the last say.
    A line in Chinese is one word.
    """
    shown = sorted(leaves(root), key=lambda found: found[0].size * bool(found[0].text))
    return [each for node, seen in shown for each in _words(node, seen)]


def _words(node: Node, seen: Box) -> Iterator[tuple[str, Box]]:
    if node.icon:
        yield node.icon, seen
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
