"""Results in the form of ALFRED's leaderboard. Knows JSON and nothing of how they came about.

Source: ALFRED models/eval/leaderboard.py @f91f4c0c.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import UsageError

__all__ = ["leaderboard_form", "write_leaderboard"]

_SPLITS = ("tests_seen", "tests_unseen")


def leaderboard_form(
    actions: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]],
) -> dict[str, list[dict[str, list[dict[str, Any]]]]]:
    """Return `{split: [{task_id: [api_action, ...]}, ...]}` for both test splits.

    Args:
        actions: Per split, per task id, the commands that were sent.

    Raises:
        UsageError: If there is another split.
    """
    unknown = sorted(set(actions) - set(_SPLITS))
    if unknown:
        raise UsageError(f"the leaderboard takes {' and '.join(_SPLITS)}, got {unknown[0]!r}")
    return {
        split: [
            {task: [dict(command) for command in commands]}
            for task, commands in sorted(actions.get(split, {}).items())
        ]
        for split in _SPLITS
    }


def write_leaderboard(
    path: Path, actions: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
) -> None:
    """Write the file that the leaderboard takes."""
    path.write_text(json.dumps(leaderboard_form(actions)), encoding="utf-8")
