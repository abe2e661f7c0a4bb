"""Everything that decides a run's figures, as one JSON document, and how two of them differ.

How many workers play and when is not in it: they change no figure.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qvl_agent.agent.record import plain
from qvl_agent.agent.versions import versions
from qvl_agent.evals.suite import Task
from qvl_agent.model.prompt import Prompt, Text

__all__ = ["differences", "digest", "make_manifest", "prompt_digest"]

SCHEMA_VERSION = 1


def make_manifest(
    *,
    suite: str,
    config: Mapping[str, Any],
    tasks: Iterable[Task],
    repeats: int,
    seed: int,
    model: str,
    policy: Mapping[str, Any],
    prompt: str,
    agent: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the manifest of a run.

    Args:
        suite: Its name.
        config: What else decides the tasks: options, a digest of the data, the rule.
        tasks: All tasks, in order; their digest is kept.
        repeats: How often each is played.
        seed: Of tasks and policy.
        model: As on the command line.
        policy: What the policy says of itself: weights, processor, pixel limits.
        prompt: `prompt_digest` of the first question.
        agent: Limits, decoding, dialect, frame.
    """
    listed = [[task.id, task.world, task.seed, dict(task.options)] for task in tasks]
    document = {
        "schema_version": SCHEMA_VERSION,
        "suite": suite,
        "config": dict(config),
        "tasks": len(listed),
        "tasks_sha256": digest(listed),
        "repeats": repeats,
        "seed": seed,
        "model": model,
        "policy": dict(policy),
        "prompt_sha256": prompt,
        "agent": dict(agent),
        "versions": versions(),
    }
    # As it will be read back: tuples are lists there.
    manifest: dict[str, Any] = json.loads(json.dumps(plain(document), allow_nan=False))
    return manifest


def digest(values: Any) -> str:
    """Return the SHA-256 of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def prompt_digest(prompt: Prompt) -> str:
    """Return the SHA-256 of a prompt's words; pictures count by their place alone."""
    turns = [
        [turn.role, [part.text if isinstance(part, Text) else None for part in turn.parts]]
        for turn in prompt.turns
    ]
    return digest(turns)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return how two manifests differ, as "policy.weights_sha256 was ..., is ..."."""
    before, after = dict(_flat(old)), dict(_flat(new))
    return [
        f"{name} was {_told(before, name)}, is {_told(after, name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name, _MISSING) != after.get(name, _MISSING)
    ]


_MISSING = object()


def _told(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "absent"
    told = json.dumps(values[name])
    return told if len(told) <= 60 else f"{told[:57]}..."


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
