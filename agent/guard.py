"""A last look at every action before it is carried out: allow, ask a person, deny or stop.

A guard sees the typed action, never the policy's text, so nothing that a policy writes can talk
it round. It knows no world and no model.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.envs.base import Observation

__all__ = [
    "ALLOW",
    "AllowAll",
    "AskFunctions",
    "AskGuard",
    "Consent",
    "DenyFunctions",
    "Guard",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guard says of one action.

    Attributes:
        kind: "deny" sends the reason back to the policy, which may choose again; "stop" ends the
            episode; "ask" needs a person, and is a denial where nobody is there to be asked.
        reason: Why, in words for the policy and for the trace.
    """

    kind: Literal["allow", "ask", "deny", "stop"]
    reason: str = ""


ALLOW = Verdict("allow")


class Guard(Protocol):
    """Judges an action before it is carried out."""

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        """Return the verdict on `action`, chosen for `task` in view of `observation`."""
        ...


Consent = Callable[[Action, Observation, str, str], bool]
"""Asks a person: (action, observation, task, the guard's reason) -> may it be carried out?"""


@dataclass(frozen=True, slots=True)
class AllowAll:
    """Allows everything: for worlds where nothing can be broken."""

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        """Return "allow"."""
        return ALLOW


@dataclass(frozen=True, slots=True)
class _ByFunction:
    """A rule on the names of functions; an alias stands for its function.

    Attributes:
        space: Where the names are defined.
        names: The functions that the rule is about.
        reason: What the policy is told.

    Raises:
        UsageError: If the space has no function of one of the names: a rule with a slip in it
            would guard nothing.
    """

    space: ActionSpace
    names: Iterable[str]
    reason: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.names) - set(self.space.names))
        if unknown:
            raise UsageError(
                f"a guard names {', '.join(unknown)}; the functions of space "
                f"{self.space.name!r} are {', '.join(self.space.names)}"
            )
        canonical = frozenset(self.space.function(name).name for name in self.names)
        object.__setattr__(self, "names", canonical)

    def _concerns(self, action: Action) -> str | None:
        """Return the function's name when the rule is about it."""
        name = self.space.function(self.space.to_call(action).function).name
        return name if name in self.names else None


@dataclass(frozen=True, slots=True)
class DenyFunctions(_ByFunction):
    """Denies the named functions of a space: `DenyFunctions(space, ["OpenApp"])`."""

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        """Return "deny" for the named functions and "allow" for all others."""
        name = self._concerns(action)
        return Verdict("deny", self.reason or f"{name} is not allowed here") if name else ALLOW


@dataclass(frozen=True, slots=True)
class AskFunctions(_ByFunction):
    """Wants a person to be asked about the named functions; put `AskGuard` around it."""

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        """Return "ask" for the named functions and "allow" for all others."""
        name = self._concerns(action)
        return Verdict("ask", self.reason or f"{name} needs a person's consent") if name else ALLOW


@dataclass(frozen=True, slots=True)
class AskGuard:
    """Asks a person: about every action, or about those that another guard wants asked about.

    Attributes:
        consent: Asks, and returns whether the action may be carried out.
        guard: Whose "ask" is resolved here; None asks about everything.
    """

    consent: Consent
    guard: Guard | None = None

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        """Return the inner guard's verdict, with "ask" resolved to "allow" or "deny"."""
        verdict = self.guard.check(action, observation, task) if self.guard else Verdict("ask")
        if verdict.kind != "ask":
            return verdict
        if self.consent(action, observation, task, verdict.reason):
            return ALLOW
        return Verdict("deny", verdict.reason or "the user did not consent")
