"""Experts of the published tasks: one small function each, grouped by what is to be done."""

from collections.abc import Mapping
from types import MappingProxyType

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.base import Decision
from qvl_agent.envs.miniwob.experts import choosing, clicking, dragging, reading, text
from qvl_agent.envs.miniwob.experts.looking import Expert, Look
from qvl_agent.envs.miniwob.published import Published

__all__ = ["EXPERTS", "decide"]

_GROUPS = (clicking, choosing, text, reading, dragging)

EXPERTS: Mapping[str, Expert] = MappingProxyType(
    dict(sorted((name, expert) for group in _GROUPS for name, expert in group.EXPERTS.items()))
)
"""Who plays which task."""


def decide(name: str, task: str, page: Published) -> Decision:
    """Return what a task's expert does now.

    Args:
        name: Of the task.
        task: The instruction.
        page: As it is now.

    Raises:
        UsageError: If the task has no expert.
    """
    if name not in EXPERTS:
        raise UsageError(f"the task {name!r} has no expert; those with one: {', '.join(EXPERTS)}")
    return EXPERTS[name](Look(task, page))
