"""Where an agent stands, looks and has been: the simulator's state and moves, and the place map.

This module knows graphs and angles. It knows no pictures, episodes or action classes.
"""

from dataclasses import dataclass, field
from typing import Literal

from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.views import (
    Candidate,
    Location,
    bearing,
    candidates,
    navigable,
    signed_angle,
    snap,
    view_angles,
)

__all__ = ["Walk", "direction_words"]

HEADINGS = 12


@dataclass(slots=True)
class Walk:
    """A walk through one scan, by Matterport3DSimulator's rules with discretised views.

    Attributes:
        graph: The scan.
        at: Where the agent stands.
        view: Which of the 36 views it faces.
        visited: Every viewpoint in the order of the visits, the start first.
        poses: (viewpoint, view) after every move or turn, the start first: the trajectory.
        places: Viewpoints by place number, in the order in which they were first seen.
    """

    graph: NavGraph
    at: int
    view: int
    visited: list[int] = field(default_factory=list)
    poses: list[tuple[int, int]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, graph: NavGraph, viewpoint: int, heading: float) -> "Walk":
        """Return a walk that begins at a viewpoint, its heading snapped as in the simulator."""
        view = snap(heading, 0.0)
        walk = cls(graph, viewpoint, view, [viewpoint], [(viewpoint, view)], [viewpoint])
        walk._see()
        return walk

    @property
    def heading(self) -> float:
        """Where the agent looks, radians."""
        return view_angles(self.view)[0]

    @property
    def elevation(self) -> float:
        """Where the agent looks, radians."""
        return view_angles(self.view)[1]

    def candidates(self) -> list[Candidate]:
        """Return all neighbours, as the published agents list them."""
        return candidates(self.graph, self.at)

    def ahead(self) -> list[Location]:
        """Return the neighbours within the field of view, nearest to its centre first."""
        return navigable(self.graph, self.at, self.heading, self.elevation)[1:]

    def go(self, viewpoint: int, view: int | None = None) -> None:
        """Move to a neighbour; by default heading and elevation are kept.

        Raises:
            ValueError: If no edge leads there.
        """
        if not self.graph.adjacency[self.at, viewpoint]:
            raise ValueError(f"no edge leads from viewpoint {self.at} to {viewpoint}")
        self.at = viewpoint
        self.view = self.view if view is None else view
        self.visited.append(viewpoint)
        self.poses.append((viewpoint, self.view))
        self._see()

    def turn(self, direction: Literal["left", "right"]) -> None:
        """Turn by 30 degrees."""
        level, step = divmod(self.view, HEADINGS)
        self._face(level * HEADINGS + (step + (1 if direction == "right" else -1)) % HEADINGS)

    def look(self, direction: Literal["up", "down"]) -> bool:
        """Tilt by 30 degrees; return False, with nothing changed, at the last level."""
        to = self.view + (HEADINGS if direction == "up" else -HEADINGS)
        if not 0 <= to < 3 * HEADINGS:
            return False
        self._face(to)
        return True

    def _face(self, view: int) -> None:
        self.view = view
        self.poses.append((self.at, view))

    def _see(self) -> None:
        """Number the viewpoints that come into sight here."""
        seen = [self.at, *(candidate.viewpoint for candidate in self.candidates())]
        self.places += [v for v in seen if v not in self.places]

    def place(self, viewpoint: int) -> int:
        """Return a seen viewpoint's place number."""
        return self.places.index(viewpoint)

    def map_text(self) -> str:
        """Return what is known of the scan: edges between places, what is not yet visited."""
        lines = []
        for viewpoint in dict.fromkeys(self.visited):
            beside = sorted(
                self.place(n) for n in self.graph.neighbours[viewpoint] if n in self.places
            )
            lines.append(
                f"Place {self.place(viewpoint)} is connected with "
                f"Place{'s' if len(beside) > 1 else ''} {', '.join(map(str, beside))}."
            )
        unseen = [str(k) for k, v in enumerate(self.places) if v not in self.visited]
        route = " -> ".join(str(self.place(v)) for v in self.visited)
        return (
            f"Route so far: {route}.\nMap: {' '.join(lines)}\n"
            f"Seen, not visited: {', '.join(unseen) or 'none'}."
        )

    def way_to(self, viewpoint: int) -> str:
        """Return how one gets to a neighbour, in words."""
        heading, elevation = bearing(self.graph, self.at, viewpoint)
        return direction_words(signed_angle(heading - self.heading), elevation)


def direction_words(turn: float, elevation: float) -> str:
    """Return a move in words, as in "turn left": by the turn up to 90 degrees, else around.

    Source: MapGPT, the verbs of its action options.
    """
    degrees = turn * 57.29577951308232
    if elevation > 0.35:
        return "go up"
    if elevation < -0.35:
        return "go down"
    if abs(degrees) <= 30:
        return "go forward"
    if abs(degrees) > 120:
        return "turn around"
    return "turn right" if degrees > 0 else "turn left"
