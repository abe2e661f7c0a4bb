"""Lessons from the bundled phone: the expert's way through freshly drawn tasks.

Phones to practise on call people and things by invented words, so that names have to be read. Now
and then something else is done than what the expert says, for lessons on finding back. Beside what
to do next, a screen teaches where things are: asked for some of what can be tapped, nano points.
"""

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from qvl_agent.actions.mobile import Back, Home, Swipe, Tap
from qvl_agent.actions.types import Action, Point
from qvl_agent.cli.prompting import POINT, Prompting, unseen
from qvl_agent.envs.android.env import AndroidEnv
from qvl_agent.envs.android.phone.content import CATEGORIES, share
from qvl_agent.envs.android.phone.factory import make_phone
from qvl_agent.envs.android.phone.invention import is_chinese
from qvl_agent.envs.android.phone.phone import APPS
from qvl_agent.envs.android.sim import SimulatedDevice
from qvl_agent.envs.base import Decision, Drawn, Image, Observation
from qvl_agent.model.nano.lessons import Copied, Lesson, Read

__all__ = ["Intents", "Phones", "Screens"]

_KEPT = 0.6
"""Share of an episode's steps that become lessons; more phones teach more than more steps."""

_PLAIN_KEPT = 0.2
"""The same of steps for which nothing has to be found, which are learnt early."""

_ASTRAY = 0.07
"""Share of the steps at which something else is done."""

_LONGEST = 24
"""Steps of an episode at most."""

_FREE = 0.12
"""Share of the episodes whose task is in a user's own words."""

_NAMED = 0.15
"""Share of the screens that also become a lesson in pointing; pages give more of them."""

_POINTED = 10
"""Things that a lesson in pointing asks for, at most."""

_LISTS = (
    *("open_contact", "open_chat", "open_note", "play_song", "open_product"),
    *("open_weather", "open_folder", "read_mail"),
)
"""The kinds of tasks in which something is to be found in a list by its name."""

_EXACT = (
    *("quick_tile", "toggle_setting", "switch_alarm"),
    *("brightness", "media_volume", "ring_volume", "search_web", "calculate", "dial"),
)
"""Those in which a state, a number or some words have to be told to the last sign."""

_SO = ", so"
"""Between what is seen and what is to be done."""

_SOUGHT = ("the icon of", 'so I open "', 'so I tap "', 'mail from "')
"""In the thoughts of those who look for an app, whether it is in sight or not, or for a name."""

_TAP = f"{_SO} I tap"
"""Where it is decided that something is in sight."""

_QUOTED = re.compile(r'[^"\n]*, so [^"\n]*"[^"\n]+"')
"""What is said until the name of what is tapped is complete."""

_TYPED = re.compile(r'I see "(.*)" (?:on the keypad|on the display|with its result)')
"""How a thought tells what has been typed."""

_RENAMED = 0.6
"""Share of the episodes without pictures in which what is looked for gets another name."""

_WHOLE = 0.6
"""Share of the words in such a name that phones show; the others are made of two of them."""

_NAMES = ("name", "title", "product", "city", "folder", "who", "query")
"""The parameters of tasks that are names."""

_KNOWN = 2000
"""Words that are remembered for new names."""

_APP_NAMES = {app.name(language) for app in APPS.values() for language in ("en", "zh")}
"""What is not taken for a name of something else."""

_LETTERS = re.compile(r"[^\W\d_]+")

_NUMBER = re.compile(r"\d+")

_SHELF = 48
"""Lessons that wait to be drawn, so that neighbours in time do not meet in one batch."""


class _Played(ABC):
    """Lessons from episodes of one level, or with a task in a user's own words.

    Args:
        env: Where they are played.
        level: Of the tasks.

    Attributes:
        listed: Share of the episodes in which something is to be found in a list by its name,
            beside those that come by chance.
        exact: The same of those in which something has to be told to the last sign.
    """

    listed = 0.15
    exact = 0.1

    def __init__(self, env: AndroidEnv, level: int) -> None:
        self._env = env
        self._options = {"level": level}
        self._prompting = Prompting(env.action_space)
        self._shelf: list[Lesson] = []

    def __call__(self, rng: random.Random) -> Lesson:
        """Return a fresh lesson."""
        while len(self._shelf) < _SHELF:
            seen, _ = self._env.reset(seed=rng.randrange(2**31), options=self._drawn(rng))
            self._play(rng, seen)
        return self._shelf.pop(rng.randrange(len(self._shelf)))

    def _drawn(self, rng: random.Random) -> dict[str, Any]:
        """Return the options of an episode."""
        drawn = rng.random()
        if drawn < _FREE:
            return _own_words(rng)
        if drawn < _FREE + self.exact:
            return {"template": rng.choice(_EXACT)}
        return {"template": rng.choice(_LISTS)} if drawn > 1 - self.listed else self._options

    @abstractmethod
    def _play(self, rng: random.Random, seen: Observation) -> None:
        """Play the episode that begins with an observation, and put its lessons on the shelf."""


class Phones(_Played):
    """Steps of tasks, on phones that are all different."""

    def __init__(self, level: int = 1) -> None:
        super().__init__(AndroidEnv(split="practice"), level)

    def _play(self, rng: random.Random, seen: Observation) -> None:
        env = self._env
        for _ in range(_LONGEST):
            wanted = env.expert()
            if rng.random() < _kept(wanted):
                lesson = self._prompting.lesson(env.task, seen, wanted, env.scene())
                read = _read(lesson.answer, seen, wanted, env.scene())
                copied = _copied(env.task, _said(env.parameters), lesson.answer)
                self._shelf.append(replace(lesson, read=read, copied=copied))
            # The bar at the bottom is the same everywhere: " button" ends its names.
            targets = [(name, at) for name, at in env.targets() if not name.endswith(" button")]
            if targets and rng.random() < _NAMED:
                chosen = rng.sample(targets, min(len(targets), _POINTED))
                asked = [(f"{name}.", Tap(at)) for name, at in chosen]
                self._shelf.append(self._prompting.pointing(seen, asked, env.scene()))
            action = _anything(rng) if rng.random() < _ASTRAY else wanted.action
            seen, _, over, _, _ = env.step(action)
            if over:
                return


class Screens(_Played):
    """Screens to read: most of them lists, with one invented name under the other."""

    listed = 0.7

    def __init__(self, level: int = 1) -> None:
        super().__init__(AndroidEnv(split="practice"), level)

    def _play(self, rng: random.Random, seen: Observation) -> None:
        env = self._env
        for _ in range(_LONGEST):
            wanted = env.expert()
            self._shelf.append(self._prompting.lesson(env.task, seen, wanted, env.scene()))
            seen, _, over, _, _ = env.step(wanted.action)
            if over:
                return


class Intents(_Played):
    """What is to be done, as far as the words tell it: which screen it is is given.

    There is no picture. A name that has to be said is to be copied from the task, token by token.
    Most names are swapped for any words that phones show, as no picture contradicts: a token that
    was never copied in training cannot be copied later.
    """

    def __init__(self, level: int = 1) -> None:
        super().__init__(AndroidEnv(_Unlit(make_phone(0)[0]), split="practice"), level)
        self._words: dict[bool, list[str]] = {False: [], True: []}

    def _play(self, rng: random.Random, seen: Observation) -> None:
        env = self._env
        renamed = self._renamed(rng) if rng.random() < _RENAMED else {}
        task = _with(renamed, env.task)
        names = [renamed.get(name, name) for name in _said(env.parameters)]
        for _ in range(_LONGEST):
            wanted = env.expert()
            answer = _with(renamed, self._prompting.says(wanted.thought, wanted.action))
            told, so, _ = answer.partition(_SO)
            if so and _is_told(task, wanted, answer):
                lesson = self._prompting.saying(task, seen, answer)
                blind = replace(lesson, answer=lesson.answer.partition(POINT)[0])
                copied = _copied(task, names, blind.answer)
                self._shelf.append(replace(unseen(blind, told), copied=copied))
            seen, _, over, _, _ = env.step(wanted.action)
            if over:
                break
        self._read_on(rng)

    def _read_on(self, rng: random.Random) -> None:
        """Take in the words on the screen that are new, Chinese ones apart."""
        shown = {word for drawn in self._env.scene() for word in _LETTERS.findall(drawn.word)}
        for word in sorted(shown):
            known = self._words[_is_han(word)]
            if word in known or word in _APP_NAMES:
                continue
            if len(known) < _KNOWN:
                known.append(word)
            else:
                known[rng.randrange(_KNOWN)] = word

    def _renamed(self, rng: random.Random) -> dict[str, str]:
        """Return what the one the task is about is called instead."""
        parameters = self._env.parameters
        name = next((str(parameters[key]) for key in _NAMES if key in parameters), "")
        known = self._words[_is_han(name)]
        if not known or "page" in parameters or len(list(_standing(name, self._env.task))) != 1:
            return {}
        count = rng.choice((1, 1, 2, 2, 3, 4))
        words = [_spliced(rng, known) for _ in range(count)]
        if not _is_han(name):
            return {name: " ".join(words)}
        return {name: "".join(words)[: rng.randint(2, 5)]}


class _Unlit(SimulatedDevice):
    """A phone that nobody looks at: nothing is drawn."""

    _GREY = np.full((28, 28, 3), 128, np.uint8)

    def screenshot(self) -> Image:
        """Return the same picture whatever is on the screen."""
        return self._GREY


def _spliced(rng: random.Random, known: Sequence[str]) -> str:
    """Return a word, or the beginning of one with the end of another: cut as no word was before."""
    word = rng.choice(known)
    if rng.random() < _WHOLE:
        return word
    other = rng.choice(known)
    return word[: rng.randint(1, len(word))] + other[rng.randrange(len(other)) :].lower()


def _kept(wanted: Decision) -> float:
    """Return the share of such steps that become lessons: all where something is looked for."""
    if wanted.read_at is not None or any(sought in wanted.thought for sought in _SOUGHT):
        return 1.0
    return _KEPT if isinstance(wanted.action, Tap | Swipe) else _PLAIN_KEPT


def _read(
    answer: str, seen: Observation, wanted: Decision, drawn: Sequence[Drawn]
) -> tuple[Read, ...]:
    """Return where to look: for what is read, and for what is tapped, before and after its name."""
    told, so, _ = answer.partition(_SO)
    places: list[tuple[str, Point]] = []
    if so and wanted.read_at is not None:
        places.append((told[: told.rindex(" ") + 2], wanted.read_at))  # its last word begins here
    if isinstance(wanted.action, Tap) and _TAP in answer:
        places.append((_TAP, wanted.action.point))
    if isinstance(wanted.action, Tap) and (name := _QUOTED.match(answer)):
        places.append((name[0], wanted.action.point))
    height, width = seen.image.shape[:2]
    return (
        *(Read(stretch, at.x * width, at.y * height) for stretch, at in places),
        *_spelled(told, drawn),
    )


def _spelled(told: str, drawn: Sequence[Drawn]) -> Iterator[Read]:
    """Yield where the signs stand of what has been typed, one by one."""
    typed = _TYPED.search(told)
    shown = [d for d in drawn if typed and d.word == typed[1]]
    if typed and shown:
        for n in range(len(typed[1])):
            x = shown[0].x + shown[0].w * (n + 0.5) / len(typed[1])
            yield Read(told[: typed.start(1) + n + 1], x, shown[0].y + shown[0].h / 2)


def _said(parameters: Mapping[str, Any]) -> list[str]:
    """Return what a task's words were filled with, of what is part of another only that."""
    names = {str(value) for value in parameters.values() if not isinstance(value, bool)}
    return sorted(n for n in names if not any(n in other for other in names - {n}))


def _is_told(task: str, wanted: Decision, answer: str) -> bool:
    """Return whether words tell what is to be done.

    They do not tell what is out of sight, what a dialog offers, and how things are called on a
    phone in another language than the task's.
    """
    seen_only = isinstance(wanted.action, Swipe) or "dialog" in wanted.thought
    return not seen_only and (_is_han(task) or not _is_han(answer))


def _with(renamed: Mapping[str, str], text: str) -> str:
    """Return a text in which things have other names."""
    for name, other in renamed.items():
        for at in reversed(list(_standing(name, text))):
            text = text[:at] + other + text[at + len(name) :]
    return text


def _is_han(text: str) -> bool:
    return any(map(is_chinese, text))


def _copied(task: str, names: Sequence[str], answer: str) -> tuple[Copied, ...]:
    """Return what the decision in an answer repeats of the task: names and numbers."""
    told, so, _ = answer.partition(_SO)
    if not so:
        return ()
    decided = len(told + so)
    found = [
        Copied(at, len(name), task.index(name))
        for name in names
        if name in task
        for at in _standing(name, answer, decided)
    ]
    whole = {(copied.start, copied.length) for copied in found}
    found += (
        Copied(number.start(), len(number[0]), at)
        for number in _NUMBER.finditer(answer, decided)
        if (number.start(), len(number[0])) not in whole
        for at in islice(_standing(number[0], task), 1)
    )
    return tuple(found)


def _standing(name: str, text: str, start: int = 0) -> Iterator[int]:
    """Yield where a name stands in a text as a word of its own."""
    while name and (at := text.find(name, start)) >= 0:
        start = at + len(name)
        around = text[max(at - 1, 0) : at], text[start : start + 1]
        if not any(c.isascii() and c.isalnum() for c in around):
            yield at


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
