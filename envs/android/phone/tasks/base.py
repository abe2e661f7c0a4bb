"""What a phone task is: parameters drawn for a phone, an instruction, a check, a plan.

A `Template` makes a `Task` for one phone. The check reads the phone's state and the given answer,
never the path; the plan says what a careful user would do next, whatever the screen shows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal, TypeAlias

from qvl_agent.actions.mobile import Answer
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.nodes import Route
from qvl_agent.envs.android.phone.phone import APPS
from qvl_agent.envs.android.phone.state import State
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.wordings import word
from qvl_agent.envs.base import Decision

__all__ = ["Args", "Case", "Level", "Result", "Steps", "Task", "Template"]

Level: TypeAlias = Literal[1, 2, 3]
Args: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = Iterator[Decision | None]
"""What to do, in order: the first that is not None is done now; when all are None, the task is."""


@dataclass(slots=True)
class Case:
    """A phone that a task is drawn for. A template may store things on it.

    Attributes:
        rng: For the parameters.
        world: What the phone's contents were drawn from.
        state: Of the phone.
    """

    rng: Random
    world: World
    state: State

    @property
    def zh(self) -> bool:
        """Whether the phone speaks Chinese."""
        return self.world.zh

    def data(self, app: str) -> Any:
        """Return what an app has stored."""
        return self.state.data[app]

    def put(self, app: str, **changes: Any) -> None:
        """Change what an app has stored."""
        data = {**self.state.data, app: replace(self.state.data[app], **changes)}
        self.state = replace(self.state, data=data)

    def configure(self, **changes: Any) -> None:
        """Change settings."""
        self.state = replace(self.state, settings=replace(self.state.settings, **changes))

    def say(self, en: str, zh: str) -> str:
        """Return the wording in the phone's language."""
        return zh if self.zh else en

    def app_name(self, app: str) -> str:
        """Return an app's name in the phone's language."""
        return APPS[app].name("zh" if self.zh else "en")


@dataclass(frozen=True, slots=True)
class Result:
    """What a check sees.

    Attributes:
        now: The phone's state.
        before: At the start of the episode.
        answer: What was answered, "" for nothing.
    """

    now: State
    before: State
    answer: str = ""

    def data(self, app: str) -> Any:
        """Return what an app has stored now."""
        return self.now.data[app]

    def old(self, app: str) -> Any:
        """Return what an app had stored at the start."""
        return self.before.data[app]

    def on(self, app: str, route: Route | None = None) -> bool:
        """Return whether an app is in front, on a screen if one is given."""
        return self.now.app == app and (route is None or self.now.route == route)

    def said(self, *words: str) -> bool:
        """Return whether the answer holds all these words."""
        given = self.answer.lower()
        return bool(given) and all(w.lower() in given for w in words)


@dataclass(frozen=True)
class Template:
    """A kind of task.

    Attributes:
        name: Short name.
        level: 1 one app, 2 several screens, 3 across apps.
        en: Wordings for training, divided by "|", with parameters in braces.
        en_test: Wordings for testing.
        zh: The same in Chinese.
        zh_test: The same in Chinese, for testing.
        draw: Returns parameters for a phone.
        done: The check.
        plan: The expert.
        answers: What to answer at the end, where the task asks something.
    """

    name: str
    level: Level
    en: str
    en_test: str
    zh: str
    zh_test: str
    draw: Callable[[Case], dict[str, Any]]
    done: Callable[[Result, Args], bool]
    plan: Callable[[Guide, Args], Steps]
    answers: Callable[[Args], str] | None = None

    def wordings(self, *, zh: bool, test: bool) -> tuple[str, ...]:
        """Return the wordings of a language and split."""
        texts = (self.zh_test if test else self.zh) if zh else (self.en_test if test else self.en)
        return tuple(texts.split("|"))

    def task(self, case: Case) -> "Task":
        """Return a task of this kind for a phone."""
        args = self.draw(case)
        held_out = self.wordings(zh=case.zh, test=True)
        wording = None
        if case.world.split == "practice":
            wording = word(case.rng, self.name, held_out, zh=case.zh)
        elif case.world.split == "test":
            wording = case.rng.choice(held_out)
        if wording is None:
            wording = case.rng.choice(self.wordings(zh=case.zh, test=False))
        return Task(self, wording.format(**args), args)


@dataclass(frozen=True)
class Task:
    """A task for one phone.

    Attributes:
        template: Its kind.
        instruction: What the user says.
        args: Its parameters.
    """

    template: Template
    instruction: str
    args: Args = field(default_factory=dict)

    def done(self, result: Result) -> bool:
        """Return whether the phone's state and the answer are as asked for."""
        return self.template.done(result, self.args)

    def next(self, guide: Guide) -> Decision | None:
        """Return what to do next; None where nothing is left to do."""
        ahead = guide.clear_the_way()
        if ahead is not None:
            return ahead
        step = next((s for s in self.template.plan(guide, self.args) if s is not None), None)
        if step is None and self.template.answers is not None:
            words = self.template.answers(self.args)
            return guide.decide(f"I answer: {words}", Answer(words))
        return step
