"""Lessons from the card games: what the expert says to a table, and plans without a picture.

The command line picks concrete worlds and a concrete model, so it is where the two meet: worlds
know experts and nothing of training, training knows lessons and no world.
"""

import random
from collections.abc import Callable

from qvl_agent.cli.prompting import Prompting, unseen
from qvl_agent.envs.cards.blackjack import Blackjack
from qvl_agent.envs.cards.game import CardGame
from qvl_agent.envs.cards.numberline import NumberLine
from qvl_agent.envs.cards.points import EZPoints, Points24
from qvl_agent.envs.cards.practice import practise
from qvl_agent.model.nano.lessons import Lesson

__all__ = ["GAMES", "Plans", "Table"]

GAMES: dict[str, Callable[[], CardGame]] = {
    "numberline": NumberLine,
    "blackjack": Blackjack,
    "ezpoints": EZPoints,
    "points24": Points24,
}


class Table:
    """A game's picture, and what the expert says to it."""

    def __init__(self, world: CardGame) -> None:
        self._world = world
        self._prompting = Prompting(world.action_space)

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson."""
        seen = practise(self._world, rng)
        world = self._world
        return self._prompting.lesson(world.task, seen, world.expert(), world.scene())


class Plans:
    """The same without the picture: what is on it is given, only what follows from it is learnt.

    Cheap practice of the hard part (finding a formula), hundreds a second. It begins with empty
    formulas: one in the prompt gives away how its plan begins.

    Args:
        world: EZPoints or Points24.
        begun: Whether formulas are already begun.
    """

    def __init__(self, world: CardGame, *, begun: bool) -> None:
        self._world = world
        self._prompting = Prompting(world.action_space)
        self._begun = begun

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson."""
        world = self._world
        seen = practise(world, rng, begun=self._begun, even=rng.random() < 0.5)
        lesson = self._prompting.lesson(world.task, seen, world.expert())
        return unseen(lesson, lesson.answer[: lesson.answer.find(_DEDUCED[type(world)])])


_DEDUCED = {EZPoints: " Plan", Points24: " Sort"}
"""Where the thought goes on from what is on the picture to what follows from it."""
