"""Tasks in the user's own words, as far as the phone can check them: "find pizza"."""

import re

from qvl_agent.envs.android.phone.state import State
from qvl_agent.envs.android.phone.tasks.base import Args, Result, Steps, Task, Template
from qvl_agent.envs.android.phone.tasks.guide import Guide
from qvl_agent.envs.android.phone.tasks.level1 import found_on_map, search_map

__all__ = ["free_task"]

_FIND = re.compile(
    r"^(?:please )?(?:find|search(?: for)?|look (?:for|up)|show(?: me)?|where is)(?: me)?"
    r"(?: an?| the| some)? (?P<what>.+?)(?: restaurants?| places?| shops?)?"
    r"(?: near ?by| near me| around here)?(?: (?:in|on|with|using) (?:the )?maps?)?[.!?]*$",
    re.IGNORECASE,
)
_FIND_ZH = re.compile(
    r"^(?:请)?(?:用地图)?(?:帮我)?(?:查找|寻找|搜索|找)(?:一下)?(?:附近的)?(?P<what>.+?)[。！？]*$"
)


def free_task(text: str, state: State) -> Task | None:
    """Return the task that a user's words ask for, None where the phone has no check for it.

    What is known: to find a kind of place that is on the phone's map.
    """
    found = _FIND.match(text.strip()) or _FIND_ZH.match(text.strip())
    if found is None:
        return None
    query = found["what"].strip().lower()
    if not state.data["maps"].find(query):
        return None
    return Task(_FREE, text, {"query": query})


def _done(r: Result, a: Args) -> bool:
    return found_on_map(r, a["query"])


def _plan(g: Guide, a: Args) -> Steps:
    yield from search_map(g, a["query"])


_FREE = Template("free", 1, "", "", "", "", lambda case: {}, _done, _plan)
