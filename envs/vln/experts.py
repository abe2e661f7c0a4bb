"""What an expert does: the shortest or the annotated way, then the object that is meant.

This module knows stages and walks. It knows no pictures and no rules of ending.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qvl_agent.actions.navigation import GoTo, Look, Select, Stop, Turn
from qvl_agent.envs.base import Decision
from qvl_agent.envs.vln.annotations import SeenObject
from qvl_agent.envs.vln.venues import Stage
from qvl_agent.envs.vln.views import candidates
from qvl_agent.envs.vln.walk import HEADINGS, Walk

__all__ = ["Guide", "Route", "leg"]

Route = Literal["shortest", "annotated"]


@dataclass(frozen=True, slots=True)
class Guide:
    """Leads through one episode.

    Attributes:
        stage: The episode.
        path: The annotated viewpoints by number.
        route: Which way to take; off the annotated path it is the shortest one.
        low_level: Whether the agent has to turn towards a viewpoint before it can go there.
        leg_by_leg: Whether thoughts are as short as instructions that name a thing for each move.
    """

    stage: Stage
    path: Sequence[int]
    route: Route = "shortest"
    low_level: bool = False
    leg_by_leg: bool = False

    def next_viewpoint(self, walk: Walk) -> int | None:
        """Return where to go from here, None at the goal."""
        done = len(walk.visited)
        if self.route == "annotated" and list(walk.visited) == list(self.path[:done]):
            return self.path[done] if done < len(self.path) else None
        if walk.at == self.path[-1]:
            return None
        return self.stage.graph.shortest_path(walk.at, self.path[-1])[1]

    def decide(self, walk: Walk, choices: Sequence[int]) -> Decision:
        """Return the next action of the walk.

        Args:
            walk: So far.
            choices: The viewpoints that can be gone to now, by candidate number from 1.
        """
        to = self.next_viewpoint(walk)
        here = self.stage.place(walk.at)
        if self.leg_by_leg:
            return self._leg(walk, to, choices)
        if to is None:
            where = f"I am in {here}" if here else f"I am at Place {walk.place(walk.at)}"
            return Decision(f"{where}: this is where the instruction leads.", Stop())
        there = self.stage.place(to)
        goal = f"{walk.way_to(to)} to Place {walk.place(to)}" + (f", {there}" if there else "")
        thought = (f"I am in {here}. " if here else "") + f"Next: {goal}."
        if not self.low_level:
            return Decision(thought, GoTo(choices.index(to) + 1))
        # As the published agents do it: tilt to the candidate's level, then turn to its view.
        view = next(c.view for c in candidates(walk.graph, walk.at) if c.viewpoint == to)
        (level, step), (level_now, step_now) = divmod(view, HEADINGS), divmod(walk.view, HEADINGS)
        if level != level_now:
            return Decision(thought, Look("up" if level > level_now else "down"))
        if step != step_now:
            right = (step - step_now) % HEADINGS <= HEADINGS // 2
            return Decision(thought, Turn("right" if right else "left"))
        return Decision(thought, GoTo(choices.index(to) + 1))

    def _leg(self, walk: Walk, to: int | None, choices: Sequence[int]) -> Decision:
        """Return the next action with a thought that names the thing to go to, and its number."""
        number = 0 if to is None else choices.index(to) + 1
        lead = "" if to is None else self.stage.lead(walk.at, to) or "way back"
        return leg(len(walk.visited), lead, number)

    def choose(self, visible: Mapping[int, SeenObject]) -> Decision:
        """Return the selection of the object that is meant, or of any where it is not in sight."""
        target = self.stage.episode.target
        number = target if target in visible else min(visible)
        assert number is not None
        return Decision(f"The instruction means the {visible[number].name}.", Select(number))


def leg(number: int, lead: str, candidate: int) -> Decision:
    """Return what to do on a leg of a route that is told by landmarks.

    Args:
        number: Of the leg, from 1.
        lead: The thing to go to.
        candidate: Its number in the picture; 0 where the route has no such leg.
    """
    if candidate == 0:
        return Decision(f"Leg {number}: there is none.", Stop())
    return Decision(f"Leg {number}: {lead}, at {candidate}.", GoTo(candidate))
