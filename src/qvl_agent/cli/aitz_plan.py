"""The plan of `qvl-agent eval aitz`: which episodes are asked, and who answers."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qvl_agent.cli.conduct import Plan, Wish

if TYPE_CHECKING:
    from qvl_agent.evals.aitz import Dataset
    from qvl_agent.model.policy import Policy

__all__ = ["aitz_plan"]


def aitz_plan(
    data: Path, wish: Wish, *, history: str, thoughts: bool, split: str, skip_bad: bool
) -> Plan:
    """Return the plan of a run over AITZ episodes.

    Raises:
        DataError: If the dataset is missing, incomplete or malformed.
        UsageError: If the model or the history is not known.
    """
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.evals import aitz
    from qvl_agent.evals.aitz.player import AitzPlayer, aitz_tasks
    from qvl_agent.evals.aitz.prompts import HISTORIES
    from qvl_agent.evals.harness import digest, prompt_digest

    chosen = next((known for known in HISTORIES if known == history), None)
    if chosen is None:
        raise UsageError(f"--history is {' or '.join(HISTORIES)}, got {history!r}")
    dataset = aitz.load(data, split=split, skip_bad=skip_bad)
    policy = _policy(wish)
    shared = policy if wish.model != "random" else None

    def seat() -> AitzPlayer:
        return AitzPlayer(
            dataset,
            policy,
            shared=shared is not None,
            history=chosen,
            thoughts=thoughts,
            temperature=wish.temperature,
            seed=wish.options.seed,
            root=wish.out,
            keep=wish.traces,
        )

    question = seat().first_question()
    told = {"name": "expert"} if policy is None else {"name": policy.name, **policy.describe()}
    return Plan(
        suite="aitz",
        config={
            "data_sha256": _data_digest(dataset),
            "split": split,
            "complete_split": dataset.complete and wish.limit is None,
            "left_out": dataset.bad,
            "history": history,
            "thoughts": thoughts,
            "rule": aitz.DEFAULT_PROTOCOL,
        },
        tasks=aitz_tasks(dataset)[: wish.limit],
        seat=seat,
        shared=shared,
        policy=told,
        prompt=digest(None) if question is None else prompt_digest(question.prompt),
        agent=_asked(policy, wish),
    )


def _asked(policy: "Policy | None", wish: Wish) -> dict[str, Any]:
    """Return how the policy is asked, for the manifest."""
    profile = None if policy is None else policy.profile
    return {"profile": profile, "temperature": wish.temperature}


def _policy(wish: Wish) -> "Policy | None":
    """Return who answers; None is the expert, who reads the reference."""
    from qvl_agent.cli.policies import policy_for, random_policy
    from qvl_agent.envs import registry
    from qvl_agent.envs.base import ObservationSpace
    from qvl_agent.evals.aitz.prompts import aitz_space

    if wish.model == "expert":
        return None
    if wish.model == "random":
        return random_policy(aitz_space(), ObservationSpace(), wish.options)
    # What is left is bound to no world; nano goes by the actions, and these are a phone's.
    return policy_for(wish.model, wish.options)(registry.make("android"))


def _data_digest(dataset: "Dataset") -> str:
    """Return the SHA-256 of all references, and of the pictures' names and lengths.

    The pictures' bytes would take minutes to read; one that is cut off has another length.
    """
    sha = hashlib.sha256()
    for episode in dataset.episodes:
        folder = episode.steps[0].image.parent
        sha.update((folder / f"{folder.name}.json").read_bytes())
        for step in episode.steps:
            sha.update(f"{step.image.name} {step.image.stat().st_size}".encode())
    return sha.hexdigest()
