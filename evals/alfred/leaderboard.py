"""Results in the form of ALFRED's leaderboard. Knows JSON and nothing of how they came about.

Source: ALFRED models/eval/leaderboard.py @f91f4c0c.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import UsageError

__all__ = ["leaderboard_form", "write_leaderboard"]

_SPLITS = ("tests_seen", "tests_unseen")


def leaderboard_form(
    episodes: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]],
) -> dict[str, list[dict[str, list[dict[str, Any]]]]]:
    """Return `{split: [{task_id: [api_action, ...]}, ...]}` for both test splits.

    A task has an entry per annotation, as upstream writes them: one after the other, in order.

    Args:
        episodes: Split, task id, and the commands that were sent, per episode.

    Raises:
        UsageError: If there is another split.
    """
    form: dict[str, list[dict[str, list[dict[str, Any]]]]] = {split: [] for split in _SPLITS}
    for split, task, commands in episodes:
        if split not in form:
            raise UsageError(f"the leaderboard takes {' and '.join(_SPLITS)}, got {split!r}")
        form[split].append({task: [dict(command) for command in commands]})
    return form


def write_leaderboard(
    path: Path, episodes: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]]
) -> None:
    """Write the file that the leaderboard takes."""
    path.write_text(json.dumps(leaderboard_form(episodes)), encoding="utf-8")
