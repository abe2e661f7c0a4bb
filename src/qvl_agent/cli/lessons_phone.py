"""Lessons from the bundled phone: the expert's way through freshly drawn tasks.

Phones to practise on call people and things by invented words, so that names have to be read. Now
and then something else is done than what the expert says, for lessons on finding back. Beside what
to do next, a screen teaches where things are: some of what can be tapped, each with its point.
"""

import json
import random

from qvl_agent.actions.mobile import Back, Home, Swipe, Tap
from qvl_agent.actions.types import Action, Point
from qvl_agent.cli.prompting import Prompting
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.envs.base import Observation
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["Phones"]

_KEPT = 0.6
"""Share of an episode's steps that become lessons; more phones teach more than more steps."""

_ASTRAY = 0.07
"""Share of the steps at which something else is done."""

_LONGEST = 24
"""Steps of an episode at most."""

_NAMED = 0.7
"""Lessons that list what is on a screen, for each of those that say what to do."""

_LISTED = 10
"""Things listed at most."""

_ASKED = "Where is what?"

_SHELF = 48
"""Lessons that wait to be drawn, so that neighbours in time do not meet in one batch."""


class Phones:
    """Steps of tasks of one level, on phones that are all different."""

    def __init__(self, level: int = 1) -> None:
        self._env = AndroidEnv(split="practice")
        self._options = {"level": level}
        self._prompting = Prompting(self._env.action_space)
        self._shelf: list[Lesson] = []

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson."""
        while len(self._shelf) < _SHELF:
            self._play(rng)
        return self._shelf.pop(rng.randrange(len(self._shelf)))

    def _play(self, rng: random.Random) -> None:
        env = self._env
        seen, _ = env.reset(seed=rng.randrange(2**31), options=self._options)
        for _ in range(_LONGEST):
            wanted = env.expert()
            if rng.random() < _KEPT:
                self._shelf.append(self._prompting.lesson(env.task, seen, wanted, env.scene()))
                if rng.random() < _NAMED:
                    self._shelf.append(self._listing(rng, seen))
            action = _anything(rng) if rng.random() < _ASTRAY else wanted.action
            seen, _, over, _, _ = env.step(action)
            if over:
                return

    def _listing(self, rng: random.Random, seen: Observation) -> Lesson:
        """Return the lesson of saying where some of the things on the screen are."""
        env = self._env
        # The bar at the bottom is the same everywhere: " button" ends its names.
        targets = [(name, at) for name, at in env.targets() if not name.endswith(" button")]
        space = env.action_space
        listed = (
            f"{name} {json.dumps(dict(space.to_call(Tap(point)).args))}"
            for name, point in rng.sample(targets, min(len(targets), _LISTED))
        )
        return self._prompting.saying(_ASKED, seen, "\n".join(listed), env.scene())


def _anything(rng: random.Random) -> Action:
    """Return something that a hand might do by mistake."""
    kind = rng.random()
    if kind < 0.7:
        return Tap(Point(rng.random(), rng.random()))
    if kind < 0.8:
        return Back()
    if kind < 0.9:
        return Home()
    return Swipe(direction=rng.choice(("up", "down", "left", "right")))
