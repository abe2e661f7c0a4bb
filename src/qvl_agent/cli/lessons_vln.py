"""nano's lessons in navigation: one small picture, the next thing to go to, and its number.

Only the places are real: what else an instruction names is drawn anew for each lesson, and half of
the time it is said in words that mean nothing, so that neither routes nor wordings can be known by
heart. Buildings are those of the train split; `qvl-agent eval r2r --short` plays held-out ones.
Turns of a building are rendered once and kept, so that a lesson costs milliseconds.
"""

import random
from dataclasses import replace

import numpy as np

from qvl_agent.actions.navigation import Stop
from qvl_agent.cli.prompting import Prompting, unseen
from qvl_agent.envs.android.phone.invention import invent
from qvl_agent.envs.vln.buildings.building import generate_building
from qvl_agent.envs.vln.buildings.directions import direct, mixed_wording
from qvl_agent.envs.vln.buildings.language import Wording
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.envs.vln.experts import leg
from qvl_agent.envs.vln.venues import GeneratedVenue
from qvl_agent.evals.vln.suite import SHORT
from qvl_agent.model.nano.lessons import Lesson, Read

__all__ = ["Legs", "Routes", "practice_wording"]

_AT = ", at"
"""Between what comes next on the way, which words tell, and where that is, which only eyes do."""

_INVENTED = 0.5
"""Share of the instructions in whose wording words mean nothing."""

_BARE = 0.2
"""Share of those that name things without an article."""

_JOINS = (", ", ". ", ", then ", " - ", ": ", " | ", " > ", " + ", ". Then ", ", and ", "! ", "\n")
"""What stands between two phrases of an invented wording."""

_NAMING = 8
"""Buildings from which the names of things are taken."""


class Routes:
    """Steps on short routes through generated buildings.

    Args:
        buildings: How many different ones. Each costs about 1.5 s to render and 5 MB to keep.
        first: The number of the first of them.

    Attributes:
        names: Of the things that instructions name.
    """

    def __init__(self, *, buildings: int, first: int = 0) -> None:
        of_venue = {name: SHORT[name] for name in ("directions", "moves", "rooms")}
        venue = GeneratedVenue(buildings=buildings, first=first, kept=buildings, **of_venue)
        self.world = NavigationEnv(**SHORT, venue=venue)
        self._prompting = Prompting(self.world.action_space)
        rooms = SHORT["rooms"]
        named = (generate_building(n, storeys=1, rooms=rooms) for n in range(_NAMING))
        self.names = sorted({thing.phrase for building in named for thing in building.things})

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson: what to do at a place of some route, by a new instruction."""
        world = self.world
        seen, _ = world.reset(seed=rng.getrandbits(32), options={"moves": "any"})
        done, stops = world.moves, isinstance(world.expert().action, Stop)
        leads = [(name, number) for number, name in enumerate(world.leads, 1) if name]
        name, number = ("", 0) if stops else rng.choice(leads)
        decision = leg(done + 1, name, number)
        most = SHORT["moves"][1]
        legs = done if stops else rng.randint(done + 1, most)
        others = rng.sample([other for other in self.names if other != name], most)
        told = [*others[:done], *([] if stops else [name]), *others[done:]][:legs]
        lesson = self._prompting.lesson(
            direct(told, practice_wording(rng)), seen, decision, world.scene()
        )
        marks = [d for d in lesson.drawings if d.word == str(number)]
        read = tuple(
            Read(f"{_AT} {number}", mark.x + mark.width / 2, mark.y + mark.height / 2)
            for mark in marks
        )
        return replace(lesson, read=read)


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


def practice_wording(rng: random.Random) -> Wording:
    """Return a wording of training, or one of which nothing can be understood but the things."""
    wording = mixed_wording(np.random.default_rng(rng.getrandbits(64)))
    if rng.random() >= _INVENTED:
        return wording
    bare = rng.random() < _BARE

    def garble(form: str) -> str:
        words = [w for w in form.split() if not (bare and w == "the")]
        words = [w if w in ("{}", "the") else invent(rng, w) for w in words]
        if rng.random() < 0.5:  # something may also follow
            words += invent(rng, " ".join(["words"] * rng.randint(1, 3))).split()
        return " ".join(words)

    first, second = wording.passing
    return replace(
        wording,
        passing=(garble(first), garble(second)),
        stop=garble(wording.stop),
        join=rng.choice(_JOINS),
    )
