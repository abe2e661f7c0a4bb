"""nano's lessons in navigation: one small picture, the next thing to go to, and its number.

Training buildings and wordings are those of the train split; `qvl-agent eval r2r --short` plays
held-out ones. Turns of a building are rendered once and kept, so that a lesson costs milliseconds.
"""

import random
from dataclasses import replace

from qvl_agent.cli.prompting import Prompting, unseen
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.evals.vln.suite import SHORT
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["Legs", "Routes"]

_AT = ", at"
"""Between what comes next on the way, which words tell, and where that is, which only eyes do."""


class Routes:
    """Steps of the expert on short routes through generated buildings.

    Args:
        buildings: How many different ones. Each costs about 1.5 s to render and 5 MB to keep.
    """

    def __init__(self, *, buildings: int) -> None:
        self.world = NavigationEnv(**SHORT, buildings=buildings, kept=buildings)
        self._prompting = Prompting(self.world.action_space)

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson: a step of a route, all steps of a route equally often."""
        world = self.world
        seen, _ = world.reset(seed=rng.getrandbits(32), options={"moves": "any"})
        return self._prompting.lesson(world.task, seen, world.expert(), world.scene())


class Legs:
    """What comes next on a route, as the instruction tells it: without a picture.

    Args:
        routes: Whose lessons are told.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson without a picture."""
        lesson = self._routes(rng)
        told, at, _ = lesson.answer.partition(_AT)
        return unseen(replace(lesson, answer=told + at), "")
