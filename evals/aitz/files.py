"""Files of predictions: this project's JSON lines, and what the published scripts read.

| file | content |
| --- | --- |
| `.jsonl`, ours | `{"subset", "episode_id", "step_id", "prediction": {...}}` per line |
| `.jsonl`, AgentCPM-GUI | `{"category", "episode_id", "step_id", "pred": {...}}` per line |
| `.json` | a list of either, or of `{"category", "episode_id", "steps": [{"pred"}, ...]}` |
| a folder | `SUBSET-<id>/SUBSET-<id>_<step>.json`, one file per step (CoAT, AgentCPM-GUI) |

`subset` (or `category`) may be left out where the episode's id says enough. What a prediction
means is not known here: `evals.aitz.notations` reads it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.aitz.data import Dataset
from qvl_agent.evals.aitz.notations import Prediction

__all__ = ["Key", "read_predictions"]

Key = tuple[str, int]
"""(episode id, step id)."""


def read_predictions(
    path: Path | str, dataset: Dataset, *, unknown: list[Key] | None = None
) -> dict[Key, Prediction]:
    """Return the predictions of a file or folder by (episode id, step id).

    Args:
        path: The file or folder.
        dataset: What was predicted.
        unknown: Takes the predictions of episodes that the dataset lacks, where it is known to lack
            some; None is to refuse them.

    Raises:
        DataError: If a line is malformed, a step is not in the dataset or predicted twice; the
            message names the place.
    """
    known = {(s.episode_id, s.step_id): s.subset for s in dataset.steps}
    episodes = {episode_id for episode_id, _ in known}
    predictions: dict[Key, Prediction] = {}
    for where, subset, key, prediction in _entries(Path(path)):
        if unknown is not None and key[0] not in episodes:
            unknown.append(key)
            continue
        if key not in known:
            what = f"step {key[1]}" if key[0] in episodes else "episode"
            raise DataError(f"{where}: {what} is not in the dataset (episode {key[0]!r})")
        if subset is not None and subset.lower() != known[key].lower():
            raise DataError(
                f"{where}: episode {key[0]!r} belongs to {known[key]!r}, not to {subset!r}"
            )
        if key in predictions:
            raise DataError(f"{where}: step {key[1]} of episode {key[0]!r} is predicted twice")
        predictions[key] = prediction
    return predictions


def _entries(path: Path) -> Iterator[tuple[str, str | None, Key, Prediction]]:
    """Yield (place for messages, subset, key, prediction) of each predicted step."""
    if path.is_dir():
        yield from _folder(path)
        return
    text = _text(path)
    if path.suffix == ".json":
        records = _parsed(text, str(path))
        if not isinstance(records, list):
            raise DataError(f"{path} must hold a list of predictions")
        places = [(f"{path}, item {i}", record) for i, record in enumerate(records)]
    else:
        places = [
            (f"{path}, line {i}", _parsed(line, f"{path}, line {i}"))
            # Not splitlines(): a JSON string may hold U+2028 as it is.
            for i, line in enumerate(text.split("\n"), start=1)
            if line.strip()
        ]
    for where, record in places:
        yield from _record(record, where)


def _record(record: Any, where: str) -> Iterator[tuple[str, str | None, Key, Prediction]]:
    if not isinstance(record, Mapping):
        raise DataError(f"{where}: a prediction must be an object, got {str(record)[:80]!r}")
    subset = record.get("subset", record.get("category"))
    if subset is not None and not isinstance(subset, str):
        raise DataError(f"{where}: subset must be a string, got {str(subset)[:80]!r}")
    steps = record.get("steps")
    if steps is not None and not isinstance(steps, list):
        raise DataError(f"{where}: steps must be a list")
    for index, step in enumerate([record] if steps is None else steps):
        if not isinstance(step, Mapping):
            raise DataError(f"{where}: a step must be an object, got {str(step)[:80]!r}")
        step_id = step.get("step_id") if steps is None else index
        yield where, subset, _key(record.get("episode_id"), step_id, where), _answer(step, where)


def _folder(path: Path) -> Iterator[tuple[str, str | None, Key, Prediction]]:
    files = sorted(path.glob("*-*/*-*_*.json"))
    if not files:
        raise DataError(f"{path} holds no SUBSET-<id>/SUBSET-<id>_<step>.json")
    for file in files:
        subset, _, episode_id = file.parent.name.rpartition("-")
        step = file.stem.rpartition("_")[2]
        record = _parsed(_text(file), str(file))
        if not isinstance(record, Mapping):
            raise DataError(f"{file}: a prediction must be an object")
        key = _key(episode_id, int(step) if step.isdecimal() else step, str(file))
        yield str(file), subset, key, record


def _key(episode_id: Any, step_id: Any, where: str) -> Key:
    if isinstance(episode_id, int) and not isinstance(episode_id, bool):
        episode_id = str(episode_id)
    if not isinstance(episode_id, str):
        raise DataError(f"{where}: episode_id must be a string, got {str(episode_id)[:80]!r}")
    if not isinstance(step_id, int) or isinstance(step_id, bool):
        raise DataError(f"{where}: step_id must be a whole number, got {str(step_id)[:80]!r}")
    return episode_id, step_id


def _answer(step: Mapping[str, Any], where: str) -> Prediction:
    """Return what was predicted; text that is no object is an answer that says nothing."""
    for name in ("prediction", "pred"):
        if name in step:
            value = step[name]
            return value if isinstance(value, Mapping) else None
    if "action_predict" in step:
        return {"action_predict": step["action_predict"]}
    raise DataError(f"{where}: a field 'prediction' (or 'pred', 'action_predict') is needed")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise DataError(f"there is no file {path}") from exc
    except OSError as exc:
        raise DataError(f"{path} cannot be read: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise DataError(f"{path} is not UTF-8 text: {exc}") from exc


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise DataError(f"{where}: not JSON: {exc}") from exc
