"""Instructions for generated buildings: what a route passes, said in several ways.

A route becomes facts (turns, rooms entered, things passed, stairs), and a `Wording` says them. The
wordings in `HELD_OUT` are never used for training splits. This module knows buildings and routes;
it knows no files and no pictures.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qvl_agent.envs.vln.buildings.building import Building, Thing
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.views import bearing, signed_angle

__all__ = [
    "HELD_OUT",
    "TRAINING",
    "Fact",
    "Wording",
    "describe_route",
    "facts_of",
    "landmark",
    "refer_to",
    "routes",
    "turn_word",
]

FactKind = Literal["left", "right", "around", "enter", "pass", "up", "down", "stop"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to say about a route.

    Attributes:
        kind: What happens.
        name: The room that is entered, or the thing that is passed or stopped at; empty for turns.
    """

    kind: FactKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """One manner of giving directions.

    Attributes:
        name: For reference.
        left: A turn to the left; `right` and `around` alike.
        right: See above.
        around: See above.
        enter: Entering a room, with `{}` for its name; further ones are used in turn.
        passing: Walking past a thing, alike.
        up: Climbing the stairs.
        down: Descending them.
        stop: The end, with `{}` for the thing or room it is at.
        join: What stands between two phrases.
        find: REVERIE: naming an object, with `{room}` and `{thing}`.
    """

    name: str
    left: str
    right: str
    around: str
    enter: tuple[str, ...]
    passing: tuple[str, ...]
    up: str
    down: str
    stop: str
    join: str
    find: str


TRAINING: tuple[Wording, ...] = (
    Wording(
        "plain", "turn left", "turn right", "turn around",
        ("go into the {}", "enter the {}"), ("walk past the {}", "go past the {}"),
        "go up the stairs", "go down the stairs", "stop by the {}", ", then ",
        "Go to the {room} and bring me the {thing}.",
    ),
    Wording(
        "sentences", "Make a left", "Make a right", "Turn around",
        ("Walk through the door to the {}", "Step into the {}"),
        ("Pass the {}", "Continue past the {}"),
        "Climb the stairs", "Walk down the stairs", "Wait near the {}", ". ",
        "Walk to the {room}. Find the {thing} there.",
    ),
    Wording(
        "brief", "left", "right", "turn back",
        ("through to the {}", "into the {}"), ("past the {}", "by the {}"),
        "up the stairs", "down the stairs", "and stop at the {}", ", ",
        "The {thing} in the {room}.",
    ),
)  # fmt: skip
"""Wordings of the train and val_seen splits."""

HELD_OUT: tuple[Wording, ...] = (
    Wording(
        "polite", "please bear left", "please bear right", "please face the other way",
        ("proceed to the {}", "move on into the {}"),
        ("leave the {} behind you", "move along the {}"),
        "take the stairs to the upper floor", "take the stairs to the lower floor",
        "come to a halt beside the {}", "; ",
        "In the {room} there is a {thing}: please fetch it.",
    ),
    Wording(
        "guide", "You turn to your left", "You turn to your right", "You start by turning around",
        ("You come into the {}", "You reach the {}"),
        ("You see the {} next to you", "You pass by the {}"),
        "You ascend to the next floor", "You descend to the floor below",
        "Your goal is at the {}", ". ",
        "Somebody left the {thing} in the {room}, could you get it?",
    ),
    Wording(
        "telegram", "Heading: left", "Heading: right", "Heading: behind you",
        ("target room: {}", "next room: {}"), ("on the way: {}", "keep going after the {}"),
        "one floor higher", "one floor lower", "end point: {}", " / ",
        "Wanted: {thing}. Last seen in: {room}.",
    ),
)  # fmt: skip
"""Wordings of the val_unseen split."""


def turn_word(angle: float) -> Literal["forward", "left", "right", "around"]:
    """Return how one turns by an angle in radians, right positive."""
    if abs(angle) <= math.radians(40):
        return "forward"
    if abs(angle) >= math.radians(140):
        return "around"
    return "right" if angle > 0 else "left"


def landmark(building: Building, viewpoint: int, reach: float = 2.4) -> Thing | None:
    """Return the nearest large thing of the viewpoint's room, None where none is within reach."""
    here = building.graph.positions[viewpoint]
    room = building.room_of(viewpoint).number
    near = [
        (math.dist(thing.place[:2], here[:2].tolist()), thing)
        for thing in building.things
        if thing.room == room and thing.name not in _SMALL
    ]
    distance, nearest = min(near, key=lambda pair: pair[0], default=(math.inf, None))
    return nearest if distance <= reach else None


_SMALL = frozenset({"pillow", "cushion", "vase", "bowl", "pot", "sink", "curtain", "clock", "rug"})


def facts_of(building: Building, path: Sequence[int], heading: float) -> list[Fact]:
    """Return what there is to say about a route.

    Args:
        building: Where it runs.
        path: Viewpoints, start to goal.
        heading: Where the agent looks at the start, radians.
    """
    facts: list[Fact] = []
    room = building.room_of(path[0])
    passed: set[int] = set()
    for at, to in zip(path, path[1:], strict=False):
        course, rise = bearing(building.graph, at, to)
        word = turn_word(signed_angle(course - heading))
        if word != "forward":
            facts.append(Fact(word))
        heading = course
        if abs(rise) > math.radians(20):
            climb: Literal["up", "down"] = "up" if rise > 0 else "down"
            if Fact(climb) not in facts[-2:]:
                facts.append(Fact(climb))
        entered = building.room_of(to)
        thing = landmark(building, to)
        if entered.number != room.number and entered.kind == room.kind == "stairwell":
            room = entered  # the storey was said by the stairs
        elif entered.number != room.number:
            facts.append(Fact("enter", entered.kind))
            room = entered
        elif thing is not None and thing.number not in passed and to != path[-1]:
            facts.append(Fact("pass", thing.phrase))
            passed.add(thing.number)
    last = landmark(building, path[-1])
    facts.append(Fact("stop", last.phrase if last else f"middle of the {room.kind}"))
    return facts


def describe_route(
    building: Building, path: Sequence[int], heading: float, wording: Wording
) -> str:
    """Return a route's instruction in one wording."""
    phrases: list[str] = []
    counts = {"enter": 0, "pass": 0}
    for fact in facts_of(building, path, heading):
        match fact.kind:
            case "enter" | "pass":
                forms = wording.enter if fact.kind == "enter" else wording.passing
                phrases.append(forms[counts[fact.kind] % len(forms)].format(fact.name))
                counts[fact.kind] += 1
            case "stop":
                phrases.append(wording.stop.format(fact.name))
            case "left" | "right" | "around" | "up" | "down":
                phrases.append(getattr(wording, fact.kind))
    text = wording.join.join(phrases)
    return text[0].upper() + text[1:] + "."


def refer_to(building: Building, thing: Thing, wording: Wording) -> str | None:
    """Return an instruction that names an object and its room, None where it fits two."""
    room = building.plan.rooms[thing.room]
    alike = [
        other
        for other in building.things
        if other.phrase == thing.phrase and building.plan.rooms[other.room].kind == room.kind
    ]
    place = room.kind
    if len({other.room for other in alike}) > 1 or len(alike) > 1:
        return None
    return wording.find.format(room=place, thing=thing.phrase)


def routes(
    rng: np.random.Generator, graph: NavGraph, moves: tuple[int, int]
) -> Iterator[list[int]]:
    """Yield different shortest routes with a number of moves in a range, at least 3 m long."""
    n = len(graph.viewpoints)
    for pair in rng.permutation(n * n).tolist():
        start, goal = divmod(pair, n)
        if start == goal or graph.distances[start, goal] < 3.0:
            continue
        path = graph.shortest_path(start, goal)
        if moves[0] <= len(path) - 1 <= moves[1]:
            yield path
