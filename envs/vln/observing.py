"""What an agent gets to see: pictures of the candidates or a panorama, the map in words, objects.

This module knows stages and walks, and draws. It knows no rules of an episode.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from qvl_agent.envs.base import Image, Observation, View
from qvl_agent.envs.vln import glance
from qvl_agent.envs.vln.annotations import Box, SeenObject
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.venues import Stage
from qvl_agent.envs.vln.views import VLN_CAMERA, Camera, bearing, signed_angle, view_angles
from qvl_agent.envs.vln.walk import Walk

__all__ = ["Composition", "Painter"]

Composition = Literal["candidates", "panorama", "glance"]

_PANORAMA_RATIO = 4
"""Width over height of a panorama: its vertical field of view is then 76 degrees."""

_OBJECT_VIEWS = 4
"""At most so many pictures show the objects at a stop."""

_MARK = (214, 40, 40)


@dataclass(frozen=True, slots=True)
class Painter:
    """Composes observations.

    Attributes:
        composition: A picture per candidate, one panorama, or one small picture with few words.
        max_pixels: Of all pictures of an observation together.
    """

    composition: Composition
    max_pixels: int

    def walk(
        self,
        stage: Stage,
        walk: Walk,
        ends: Sequence[tuple[int, int | None]],
        head: Sequence[str],
        *,
        low_level: bool,
    ) -> Observation:
        """Return what is seen on the way.

        Args:
            stage: The episode.
            walk: So far.
            ends: The candidates: viewpoint, and the view that shows it best (None at low level,
                where the picture straight ahead shows them all).
            head: Lines that come first.
            low_level: Whether directions are told by the view, not by pictures of candidates.
        """
        if self.composition == "glance":
            return self._glance(stage, walk, [end for end, _ in ends], head)
        lines = [*head, _standing(walk)]
        for number, (viewpoint, _) in enumerate(ends, 1):
            known = " (visited)" if viewpoint in walk.visited else ""
            metres = stage.graph.lengths[walk.at, viewpoint]
            lines.append(
                f"Candidate {number}: {walk.way_to(viewpoint)} to Place {walk.place(viewpoint)}"
                f"{known}, {metres:.1f} m."
            )
        if not ends:
            lines.append("No candidate is in view.")
        text = "\n".join([*lines, walk.map_text()])
        name = stage.graph.viewpoints[walk.at]
        if self.composition == "panorama" and not low_level:
            return Observation(self._panorama(stage, walk, [end for end, _ in ends]), text)
        views = [view for _, view in ends if view is not None]
        camera = self._camera(1 + len(views))
        pictures = stage.pictures
        ahead = pictures.view(stage.graph.scan, name, walk.heading, walk.elevation, camera)
        shown = tuple(
            View(
                pictures.view(stage.graph.scan, name, *view_angles(view), camera), f"Candidate {k}"
            )
            for k, view in enumerate(views, 1)
        )
        if low_level:
            ahead = self._numbered(stage.graph, walk, [end for end, _ in ends], ahead, camera)
        return Observation(ahead, text, shown)

    def objects(
        self, stage: Stage, walk: Walk, visible: Mapping[int, SeenObject], head: Sequence[str]
    ) -> Observation:
        """Return what is seen after the stop: the near objects, numbered in pictures."""
        views = _covering(visible)[:_OBJECT_VIEWS]
        camera = self._camera(len(views))
        pictures = []
        for view in views:
            picture = stage.pictures.view(
                stage.graph.scan, stage.graph.viewpoints[walk.at], *view_angles(view), camera
            )
            boxes = {k: o.boxes[o.views.index(view)] for k, o in visible.items() if view in o.views}
            pictures.append(_boxed(picture, boxes, camera.width / VLN_CAMERA.width))
        lines = [*head, _standing(walk), "You have stopped. Select the object that is meant:"]
        for number, seen in visible.items():
            heading = signed_angle(view_angles(seen.views[0])[0] - walk.heading)
            lines.append(f"{number}: {seen.name}, {math.degrees(heading):+.0f} degrees.")
        rest = tuple(View(p, f"View {k}") for k, p in enumerate(pictures[1:], 2))
        return Observation(pictures[0], "\n".join(lines), rest)

    def _camera(self, pictures: int) -> Camera:
        """Return the VLN camera, scaled down so that all pictures keep to `max_pixels`."""
        full = VLN_CAMERA.width * VLN_CAMERA.height
        scale = min(1.0, math.sqrt(self.max_pixels / (pictures * full)))
        width, height = (
            max(28, int(n * scale) // 4 * 4) for n in (VLN_CAMERA.width, VLN_CAMERA.height)
        )
        return replace(VLN_CAMERA, width=width, height=height)

    def _panorama(self, stage: Stage, walk: Walk, ends: Sequence[int]) -> Image:
        """Return the full turn, the agent's heading in the middle, candidates numbered on it."""
        height = min(448, int(math.sqrt(self.max_pixels / _PANORAMA_RATIO)))
        width = _PANORAMA_RATIO * height
        name = stage.graph.viewpoints[walk.at]
        picture = stage.pictures.panorama(stage.graph.scan, name, walk.heading, width, height)
        marks = {}
        for number, viewpoint in enumerate(ends, 1):
            heading, elevation = bearing(stage.graph, walk.at, viewpoint)
            x = (signed_angle(heading - walk.heading) / math.tau + 0.5) * width
            y = height / 2 - math.tan(elevation) * width / math.tau
            marks[number] = (x, min(max(y, 0.1 * height), 0.9 * height))
        return _marked(picture, marks)

    def _glance(
        self, stage: Stage, walk: Walk, ends: Sequence[int], head: Sequence[str]
    ) -> Observation:
        """Return the small picture, with what it cannot show: how far the walk has come."""
        graph, size = stage.graph, (glance.TURN_WIDTH, glance.TURN_HEIGHT)
        name = graph.viewpoints[walk.at]
        turn = stage.pictures.panorama(graph.scan, name, walk.heading, *size)
        text = "\n".join([*head, f"Moves made: {len(walk.visited) - 1}."])
        return Observation(
            glance.compose(turn, glance.marks(graph, walk.at, ends, walk.heading)), text
        )

    def _numbered(
        self, graph: NavGraph, walk: Walk, ends: Sequence[int], picture: Image, camera: Camera
    ) -> Image:
        """Return the picture straight ahead with the candidates' numbers where they lie."""
        focal = camera.height / 2 / math.tan(camera.vfov / 2)
        marks = {}
        for number, viewpoint in enumerate(ends, 1):
            heading, elevation = bearing(graph, walk.at, viewpoint)
            x = camera.width / 2 + focal * math.tan(signed_angle(heading - walk.heading))
            y = camera.height / 2 - focal * math.tan(elevation - walk.elevation)
            inside = min(max(x, 12), camera.width - 12), min(max(y, 12), camera.height - 12)
            marks[number] = inside
        return _marked(picture, marks)


def _standing(walk: Walk) -> str:
    degrees, tilt = round(math.degrees(walk.heading)), round(math.degrees(walk.elevation))
    up = f", looking {'up' if tilt > 0 else 'down'} by {abs(tilt)}" if tilt else ""
    return f"You are at Place {walk.place(walk.at)}, facing {degrees} degrees{up}."


def _covering(visible: Mapping[int, SeenObject]) -> list[int]:
    """Return views that together show every object, those with the most of them first."""
    left, chosen = set(visible), []
    while left:
        shows: dict[int, float] = {}
        for number in left:
            for view, (_, _, w, h) in zip(
                visible[number].views, visible[number].boxes, strict=True
            ):
                # More objects first; among equals the larger boxes, that is, the least cut off.
                shows[view] = shows.get(view, 0.0) + 1.0 + w * h / (1e3 * 640 * 480)
        best = max(sorted(shows), key=shows.__getitem__)
        chosen.append(best)
        left -= {number for number in left if best in visible[number].views}
    return chosen


def _boxed(picture: Image, boxes: Mapping[int, Box], scale: float) -> Image:
    """Return a picture with numbered boxes, given in pixels of the full-size view."""
    canvas = PillowImage.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    for number, (x, y, w, h) in boxes.items():
        x0, y0 = x * scale, y * scale
        draw.rectangle((x0, y0, x0 + w * scale, y0 + h * scale), outline=_MARK, width=2)
        _label(draw, str(number), (max(x0 + 12, 14), max(y0 + 10, 11)))
    return np.asarray(canvas)


def _marked(picture: Image, marks: Mapping[int, tuple[float, float]]) -> Image:
    """Return a picture with numbers on it."""
    canvas = PillowImage.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    for number, place in marks.items():
        _label(draw, str(number), place)
    return np.asarray(canvas)


def _label(draw: ImageDraw.ImageDraw, text: str, place: tuple[float, float]) -> None:
    x, y = place
    half = 6 + 4 * len(text)
    draw.rectangle((x - half, y - 10, x + half, y + 10), fill=_MARK)
    draw.text((x, y), text, fill=(255, 255, 255), anchor="mm", font_size=15)
