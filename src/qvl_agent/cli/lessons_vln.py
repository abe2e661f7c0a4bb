"""nano's lessons in navigation: one small picture, the next thing to go to, and its number.

Training buildings and wordings are those of the train split; `qvl-agent eval r2r --short` plays
held-out ones. Turns of a building are rendered once and kept, so that a lesson costs milliseconds.
"""

import random

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.agent.context import Context
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.evals.vln.suite import SHORT
from qvl_agent.model.nano.lessons import Drawing, Lesson
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Prompt

__all__ = ["BUILDINGS", "Routes"]

BUILDINGS = 40
"""Different buildings in training. Each costs about 1.5 s to render and 5 MB to keep."""


class Routes:
    """Steps of the expert on short routes through generated buildings.

    Args:
        profile: How the policy is asked: dialect, what is told of the actions, what is shown.
        buildings: How many different ones.
    """

    def __init__(self, profile: Profile, *, buildings: int = BUILDINGS) -> None:
        self.world = NavigationEnv(**SHORT, buildings=buildings, kept=buildings)
        self._dialect = get_dialect(profile.dialect)
        self._context = Context(profile, self._dialect, self.world.action_space, _Uncounted())

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson: a step of a route, all steps of a route equally often."""
        world, dialect = self.world, self._dialect
        observation, _ = world.reset(seed=rng.getrandbits(32), options={"moves": "any"})
        decision = world.expert()
        call = world.action_space.to_call(decision.action)
        return Lesson(
            prompt=self._context.start(world.task, observation).prompt(),
            answer=dialect.render(call, decision.thought) + dialect.before_result.rstrip(),
            drawings=tuple(Drawing(word, *box) for word, box in world.scene()),
        )


class _Uncounted:
    """Counts nothing: a lesson's prompt is one observation and always fits."""

    def count(self, part: Part) -> int:
        return 0

    def overhead(self, role: str) -> int:
        return 0

    def length(self, prompt: Prompt) -> int:
        return 0

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        return height, width
