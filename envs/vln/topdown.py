"""A map of a scan from above, with a route on it beside the annotated one.

This module knows graphs and draws with Pillow. It knows no episodes and no pages.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from qvl_agent.envs.base import Image
from qvl_agent.envs.vln.graph import NavGraph

__all__ = ["draw_route"]

_PAPER = (250, 249, 245)
_EDGE = (214, 212, 204)
_NODE = (188, 186, 178)
_WALKED = (205, 74, 46)
_ANNOTATED = (44, 116, 190)
_INK = (52, 52, 52)


def draw_route(
    graph: NavGraph,
    walked: Sequence[int],
    annotated: Sequence[int] = (),
    candidates: Sequence[int] = (),
    size: int = 480,
) -> Image:
    """Return the scan from above: north is up, ours in red, the annotated route in blue.

    The start is a dark dot, where the walk stands now a red one, the goal a blue ring.

    Storeys lie on top of each other; what is not near the height of the routes is left out.

    Args:
        graph: The scan.
        walked: Viewpoints in the order of their visit.
        annotated: Likewise; may be empty.
        candidates: Viewpoints that can be chosen now, drawn as numbered rings.
        size: Pixels of the longer side.

    Returns:
        uint8 (H, W, 3), RGB.
    """
    positions = graph.positions
    heights = positions[[*walked, *annotated]][:, 2] if walked or annotated else positions[:, 2]
    shown = (positions[:, 2] > heights.min() - 1.5) & (positions[:, 2] < heights.max() + 1.5)
    low, high = positions[shown, :2].min(axis=0), positions[shown, :2].max(axis=0)
    margin, fine = 24, 2  # drawn at twice the size, for smooth lines
    scale = (size - 2 * margin) / max(float((high - low).max()), 1.0)
    width, height = (int(x) + 2 * margin for x in np.ceil((high - low) * scale))
    canvas = PillowImage.new("RGB", (width * fine, height * fine), _PAPER)
    draw = ImageDraw.Draw(canvas)

    def at(viewpoint: int) -> tuple[float, float]:
        x, y = ((positions[viewpoint, :2] - low) * scale).tolist()
        return (margin + x) * fine, (height - margin - y) * fine

    def dot(viewpoint: int, radius: float, fill: tuple[int, int, int]) -> None:
        x, y = at(viewpoint)
        r = radius * fine
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    for a, b in np.argwhere(np.triu(graph.adjacency)).tolist():
        if shown[a] and shown[b]:
            draw.line((*at(a), *at(b)), fill=_EDGE, width=fine)
    for viewpoint in np.flatnonzero(shown).tolist():
        dot(viewpoint, 2.5, _NODE)
    for route, colour, wide in ((annotated, _ANNOTATED, 7), (walked, _WALKED, 3)):
        if len(route) > 1:
            points = [at(viewpoint) for viewpoint in route]
            draw.line(points, fill=colour, width=wide * fine, joint="curve")
        for viewpoint in route:
            dot(viewpoint, wide / 2 + 1.5, colour)
    if annotated:
        x, y = at(annotated[-1])
        r = 9 * fine
        draw.ellipse((x - r, y - r, x + r, y + r), outline=_ANNOTATED, width=2 * fine)
    for number, viewpoint in enumerate(candidates, 1):
        x, y = at(viewpoint)
        r = 7 * fine
        draw.ellipse((x - r, y - r, x + r, y + r), outline=_INK, width=fine, fill=_PAPER)
        draw.text((x, y), str(number), fill=_INK, anchor="mm", font_size=9 * fine)
    if walked:
        dot(walked[0], 4, _INK)
        dot(walked[-1], 6, _INK)
        dot(walked[-1], 4.5, _WALKED)
    x = margin * fine
    for name, route, colour in (("walked", walked, _WALKED), ("annotated", annotated, _ANNOTATED)):
        if route:
            place = (x, (height - margin / 2) * fine)
            draw.text(place, name, fill=colour, anchor="lm", font_size=11 * fine)
            x += (8 * len(name) + 6) * fine
    return np.asarray(canvas.resize((width, height), PillowImage.Resampling.LANCZOS))
