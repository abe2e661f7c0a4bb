"""What can be asked of the phone: templates in three levels, and tasks in free words."""

from random import Random

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.android.phone.content import World
from qvl_agent.envs.android.phone.phone import Phone
from qvl_agent.envs.android.phone.tasks.base import Case, Level, Result, Task, Template
from qvl_agent.envs.android.phone.tasks.free import free_task
from qvl_agent.envs.android.phone.tasks.guide import Guide, Place, place_of
from qvl_agent.envs.android.phone.tasks.level1 import LEVEL_1
from qvl_agent.envs.android.phone.tasks.level2_things import THINGS
from qvl_agent.envs.android.phone.tasks.level2_words import WORDS
from qvl_agent.envs.android.phone.tasks.level3 import LEVEL_3

__all__ = [
    "TEMPLATES",
    "Guide",
    "Level",
    "Place",
    "Result",
    "Task",
    "Template",
    "draw_task",
    "free_task",
    "place_of",
    "templates_of",
]

TEMPLATES: tuple[Template, ...] = (*LEVEL_1, *WORDS, *THINGS, *LEVEL_3)
"""Every template, level by level."""


def templates_of(*, level: int | None = None, name: str | None = None) -> tuple[Template, ...]:
    """Return the templates of a level and name.

    Raises:
        UsageError: If there are none.
    """
    found = tuple(
        t for t in TEMPLATES if (level is None or t.level == level) and name in (None, t.name)
    )
    if not found:
        known = ", ".join(t.name for t in TEMPLATES if level in (None, t.level))
        raise UsageError(
            f"there is no phone task {name!r} of level {level}; levels are 1 to 3; tasks: {known}"
        )
    return found


def draw_task(phone: Phone, world: World, rng: Random, template: Template) -> Task:
    """Return a task of one kind for a phone; what it needs is stored on the phone."""
    case = Case(rng, world, phone.state)
    task = template.task(case)
    phone.state = case.state
    return task
