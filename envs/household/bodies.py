"""Which bodies there are, by name, and what figures that were measured on one are worth."""

from pathlib import Path
from typing import Literal, get_args

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.household.body import Body
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.thor import ThorBody, bundled_program
from qvl_agent.envs.household.thor2 import Thor2Body, thor_version

__all__ = ["BODIES", "OFFICIAL", "BodyName", "make_body", "standing"]

BodyName = Literal["bundled", "controller", "thor"]
"""The simulator in this process; behind ai2thor's Controller; THOR's own build behind it."""

BODIES: tuple[BodyName, ...] = get_args(BodyName)

OFFICIAL = "ai2thor 2.1.0"
"""The body on which figures are ALFRED's."""


def make_body(name: str, data: Path | None = None) -> Body:
    """Return a new body.

    Args:
        name: One of `BODIES`.
        data: Folder of ALFRED's dataset, for the scenes of the bundled simulator.

    Raises:
        UsageError: If there is no such body.
        MissingDependency: If it needs ai2thor, and that is not installed.
        DeviceError: If its program does not start.
    """
    if name not in BODIES:
        raise UsageError(f"there is no body {name!r}; use one of {', '.join(BODIES)}")
    if name == "bundled":
        return BundledBody(data)
    program = bundled_program(data) if name == "controller" else None
    return (Thor2Body if thor_version().startswith("2.") else ThorBody)(program)


def standing(body: str) -> str:
    """Return what a report has to say of figures that were measured on a body of this name."""
    if body == OFFICIAL:
        return "measured on AI2-THOR 2.1.0, as ALFRED asks for"
    if body.startswith("ai2thor "):
        return (
            f"measured on {body}, whose scenes and ids are not those of 2.1.0: not comparable "
            "with published ALFRED scores"
        )
    return f"measured on the {body}: not comparable with published ALFRED scores"
