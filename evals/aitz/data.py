"""The dataset as it lies on disk: folders of episodes, one JSON list and one PNG per step each.

`load` checks that every file an episode needs is there and names the one that is not. It knows
no rule and no prompt.

Source: IMNearth/CoAT README and data-example/ (layout, counts of episodes).
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Self

from qvl_agent.actions.errors import DataError
from qvl_agent.evals.aitz.gold import Gold

__all__ = ["HOW_TO_GET", "Dataset", "Episode", "Step", "load"]

EPISODES: Mapping[str, Mapping[str, int]] = {
    "test": {"general": 156, "install": 134, "google_apps": 76, "web_shopping": 140},
    "train": {
        "general": 323,
        "install": 286,
        "google_apps": 166,
        "single": 844,
        "web_shopping": 379,
    },
}
"""How many episodes each subset of a split has."""

HOW_TO_GET = """\
AITZ (Android in the Zoo) is downloaded by hand: 2.6 GB, Apache-2.0 (its screens: CC BY 4.0).
  1. Open https://github.com/IMNearth/CoAT and follow its link to Google Drive or Baidu.
  2. Unpack the archive, so that there is
     android-in-the-zoo/test/general/GENERAL-<id>/GENERAL-<id>.json  and  GENERAL-<id>_<step>.png
     and likewise test/install, test/google_apps and test/web_shopping.
  3. Give that folder: --data android-in-the-zoo"""


@dataclass(frozen=True, slots=True)
class Step:
    """One screen and what the annotator did on it.

    Attributes:
        subset: As "google_apps".
        episode_id: Digits.
        step_id: From 0.
        instruction: What the user wants.
        image: The screenshot.
        gold: The reference action.
        screen_description: What is on the screen (GPT-4V's words, as the other two).
        thought: Why the next action is taken.
        result: What the action led to.
    """

    subset: str
    episode_id: str
    step_id: int
    instruction: str
    image: Path
    gold: Gold
    screen_description: str = ""
    thought: str = ""
    result: str = ""

    @classmethod
    def from_json(cls, record: Mapping[str, Any], folder: Path) -> Self:
        """Return the step of a record whose screenshot lies in `folder`.

        Raises:
            DataError: Naming what is missing or malformed.
        """
        strings: dict[str, str] = {}
        for name in ("image_path", "episode_id", "instruction"):
            value = record.get(name)
            if not isinstance(value, str) or not value:
                raise DataError(f"{name} must be a string, got {str(value)[:80]!r}")
            strings[name] = value
        step_id = record.get("step_id")
        if not isinstance(step_id, int) or step_id < 0:
            raise DataError(f"step_id must be a whole number from 0, got {step_id!r}")
        # `image_full_path` is a stale path of the authors' disk. The last part alone is used of
        # `image_path`, so a record cannot point outside its folder.
        path = PurePosixPath(strings["image_path"])
        image = folder / path.name
        if not image.is_file():
            raise DataError(f"the screenshot is missing: {image}")
        return cls(
            subset=path.parts[0],
            episode_id=strings["episode_id"],
            step_id=step_id,
            instruction=strings["instruction"],
            image=image,
            gold=Gold.from_json(record),
            screen_description=str(record.get("coat_screen_desc", "")),
            thought=str(record.get("coat_action_think", "")),
            result=str(record.get("coat_action_result", "")),
        )

    @property
    def image_size(self) -> tuple[int, int]:
        """(width, height) in pixels, read from the head of the PNG file.

        Raises:
            DataError: If it is not a PNG file.
        """
        with self.image.open("rb") as file:
            head = file.read(24)
        if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
            raise DataError(f"not a PNG file, perhaps half downloaded: {self.image}")
        width, height = struct.unpack(">II", head[16:24])
        return width, height


@dataclass(frozen=True, slots=True)
class Episode:
    """One task, step by step.

    Attributes:
        subset: As "google_apps".
        episode_id: Digits.
        steps: In order, `step_id` counting from 0.
    """

    subset: str
    episode_id: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """As in the dataset's folders: "GOOGLE_APPS-523638528775825151"."""
        return f"{self.subset.upper()}-{self.episode_id}"

    @property
    def instruction(self) -> str:
        """What the user wants."""
        return self.steps[0].instruction


@dataclass(frozen=True, slots=True)
class Dataset:
    """What was loaded.

    Attributes:
        episodes: In the order of the folders' names.
        complete: Whether this is a whole split, every episode of every subset.
        bad: What was left out with `skip_bad`, one message each.
    """

    episodes: tuple[Episode, ...]
    complete: bool
    bad: tuple[str, ...] = ()

    @property
    def steps(self) -> Iterator[Step]:
        """All steps, episode by episode."""
        return (step for episode in self.episodes for step in episode.steps)


def load(root: Path | str, *, split: str = "test", skip_bad: bool = False) -> Dataset:
    """Return the episodes under a folder.

    Args:
        root: The unpacked `android-in-the-zoo`, one of its splits, one subset, or a folder of
            episode folders.
        split: Which split of a whole dataset.
        skip_bad: Leave out what is malformed or missing and say so in `Dataset.bad`.

    Raises:
        DataError: If this is not an AITZ folder, a file or folder is missing, or an episode is
            malformed; the message names it.
    """
    folder = Path(root)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}\n{HOW_TO_GET}")
    if (folder / split).is_dir():
        folder = folder / split
    bad: list[str] = []
    expected = EPISODES.get(split, {})
    present = [name for name in expected if (folder / name).is_dir()]
    if present:
        bad += [f"the subset folder is missing: {folder / n}" for n in expected if n not in present]
        found = {name: _episode_folders(folder / name) for name in present}
        bad += [
            f"{folder / name} holds {len(episodes)} of {expected[name]} episodes"
            for name, episodes in found.items()
            if len(episodes) < expected[name]
        ]
        folders = [path for name in present for path in found[name]]
    else:
        folders = _episode_folders(folder)
    if not folders:
        raise DataError(f"no AITZ episode in {folder}\n{HOW_TO_GET}")
    if bad and not skip_bad:
        raise DataError(
            f"the dataset is incomplete: {'; '.join(bad)}.\nWith --skip-bad what is there is used "
            f"and the score is marked as a sample's.\n{HOW_TO_GET}"
        )
    whole = bool(present) and not bad
    episodes = []
    for path in folders:
        try:
            episodes.append(_episode(path))
        except DataError as exc:
            if not skip_bad:
                raise
            bad.append(str(exc))
    return Dataset(tuple(episodes), complete=whole and not bad, bad=tuple(bad))


def _episode_folders(folder: Path) -> list[Path]:
    """Return the folders named like an episode, SUBSET-<digits>, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and path.name.rpartition("-")[0] and path.name.rpartition("-")[2].isdigit()
    )


def _episode(folder: Path) -> Episode:
    file = folder / f"{folder.name}.json"
    try:
        records = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise DataError(f"episode {folder.name}: the file is missing: {file}") from exc
    except (ValueError, RecursionError) as exc:
        raise DataError(f"episode {folder.name}: {file} is not JSON: {exc}") from exc
    if not isinstance(records, list) or not records:
        raise DataError(f"episode {folder.name}: {file} must hold a list of steps")
    steps = []
    for index, record in enumerate(records):
        try:
            if not isinstance(record, dict):
                raise DataError("a step must be an object")
            steps.append(Step.from_json(record, folder))
        except DataError as exc:
            raise DataError(f"episode {folder.name}, step {index}: {exc}") from exc
    steps.sort(key=lambda step: step.step_id)
    length = records[0].get("episode_length", len(steps))
    if [s.step_id for s in steps] != list(range(len(steps))) or length != len(steps):
        raise DataError(
            f"episode {folder.name}: steps 0 to {length - 1 if isinstance(length, int) else '?'} "
            f"were expected, found {[s.step_id for s in steps]}"
        )
    if len({(s.subset, s.episode_id) for s in steps}) != 1:
        raise DataError(f"episode {folder.name}: its steps belong to several episodes")
    return Episode(steps[0].subset, steps[0].episode_id, tuple(steps))
