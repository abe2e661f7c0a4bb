"""Lessons from the bundled phone: the expert's way through freshly drawn tasks.

Phones to practise on call people and things by invented words, so that names have to be read. Now
and then something else is done than what the expert says, for lessons on finding back. Beside what
to do next, a screen teaches where things are: asked for some of what can be tapped, nano points.
"""

import random
from dataclasses import replace
from typing import Any

import numpy as np

from qvl_agent.actions.mobile import Back, Home, Swipe, Tap
from qvl_agent.actions.types import Action, Point
from qvl_agent.cli.prompting import POINT, WHERE, Prompting, unseen
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.envs.android.phone.content import CATEGORIES, share
from qvl_agent.envs.android.phone.factory import make_phone
from qvl_agent.envs.android.sim import SimulatedDevice
from qvl_agent.envs.base import Image, Observation
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["Intents", "Phones"]

_KEPT = 0.6
"""Share of an episode's steps that become lessons; more phones teach more than more steps."""

_PLAIN_KEPT = 0.2
"""The same of steps that point at nothing, which are learnt early."""

_ASTRAY = 0.07
"""Share of the steps at which something else is done."""

_LONGEST = 24
"""Steps of an episode at most."""

_FREE = 0.3
"""Share of the episodes whose task is in a user's own words."""

_NAMED = 0.3
"""Share of the screens that also become a lesson in pointing."""

_LISTED = 10
"""Things listed at most."""

_SO = ", so"
"""Between what is seen and what is to be done."""

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
        options = _own_words(rng) if rng.random() < _FREE else self._options
        seen, _ = env.reset(seed=rng.randrange(2**31), options=options)
        for _ in range(_LONGEST):
            wanted = env.expert()
            points = isinstance(wanted.action, Tap)
            if rng.random() < (_KEPT if points else _PLAIN_KEPT):
                self._shelf.append(self._prompting.lesson(env.task, seen, wanted, env.scene()))
            if rng.random() < _NAMED:
                self._shelf.append(self._listing(rng, seen))
            action = _anything(rng) if rng.random() < _ASTRAY else wanted.action
            seen, _, over, _, _ = env.step(action)
            if over:
                return

    def _listing(self, rng: random.Random, seen: Observation) -> Lesson:
        """Return the lesson of pointing at some of the things on the screen."""
        env = self._env
        # The bar at the bottom is the same everywhere: " button" ends its names.
        targets = [(name, at) for name, at in env.targets() if not name.endswith(" button")]
        listed = [
            # Ends as the step that taps it would.
            self._prompting.says(f"{name}.", Tap(point))
            for name, point in rng.sample(targets, min(len(targets), _LISTED))
        ]
        asked = [line.partition(POINT)[0] for line in listed]
        return self._prompting.saying(WHERE, seen, "\n".join(listed), env.scene(), asked)


class Intents:
    """What is to be done, as far as the words tell it: which screen it is is given.

    A name that has to be said is to be copied from the task, letter by letter.
    """

    def __init__(self, level: int = 1) -> None:
        self._env = AndroidEnv(_Unlit(make_phone(0)[0]), split="practice")
        self._options = {"level": level}
        self._prompting = Prompting(self._env.action_space)
        self._shelf: list[Lesson] = []

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson without a picture."""
        while len(self._shelf) < _SHELF:
            self._play(rng)
        return self._shelf.pop(rng.randrange(len(self._shelf)))

    def _play(self, rng: random.Random) -> None:
        env = self._env
        options = _own_words(rng) if rng.random() < _FREE else self._options
        seen, _ = env.reset(seed=rng.randrange(2**31), options=options)
        for _ in range(_LONGEST):
            wanted = env.expert()
            lesson = self._prompting.lesson(env.task, seen, wanted)
            told, so, _ = lesson.answer.partition(_SO)
            out_of_sight = isinstance(wanted.action, Swipe)  # words do not tell what is
            if so and not out_of_sight:
                blind = replace(lesson, answer=lesson.answer.partition(POINT)[0])
                self._shelf.append(unseen(blind, told + so))
            seen, _, over, _, _ = env.step(wanted.action)
            if over:
                return


class _Unlit(SimulatedDevice):
    """A phone that nobody looks at: nothing is drawn."""

    _GREY = np.full((28, 28, 3), 128, np.uint8)

    def screenshot(self) -> Image:
        """Return the same picture whatever is on the screen."""
        return self._GREY


def _own_words(rng: random.Random) -> dict[str, Any]:
    """Return the options of a task in a user's own words: a kind of place, in English."""
    what = rng.choice(share(CATEGORIES, "train"))[0]
    words = rng.choice(("find {}", "Find {}", "find a {} near me", "search for {}", "show me {}"))
    return {"task": words.format(what), "split": "train"}


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
