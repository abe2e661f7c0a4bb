"""AndroidControl: phone tasks judged step by step, with the goal alone or with each step told.

It reads one JSON record per episode, as the published TFRecords hold it; `docs/evals.md` has the
commands that write such files. Two settings:

* `high`: the policy is told the goal.
* `low`: it is told the goal and the step's own instruction.

and two published rules, which differ in what counts as the right place and the right text:

| rule | click | text |
| --- | --- | --- |
| `qwen` | 0.04 of the screen, or in one of the 5 nearest elements | one in the other |
| `os-atlas` | 0.14 of the screen | the words' F1 score above 0.5 |

A scroll's direction is the one in which the view moves in this dataset: "down" is a finger that
moves up. Predictions are gestures (finger), so it is turned round here, once.

Source: google-research/android_control README; OpenBMB/AgentCPM-GUI eval/utils/evaluator.py@a5612f0
(`--eval_android_control`); OS-Copilot/OS-Atlas eval_scripts/android_control/evaluation_unify.py.
OS-Atlas's script compares only the first word of a text; here the whole text counts, as its paper
says.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.mobile import (
    Back,
    Done,
    Home,
    LongPress,
    OpenApp,
    Swipe,
    Tap,
    Type,
    Wait,
)
from qvl_agent.actions.types import Action
from qvl_agent.evals.aitz.gold import Box
from qvl_agent.evals.aitz.qwen25vl import ANDROID_CONTROL_RULE, click_is_right
from qvl_agent.evals.aitz.score import StepScore

__all__ = ["HOW_TO_GET", "RULES", "Episode", "Setting", "Step", "load", "score_step"]

Setting = Literal["high", "low"]

HOW_TO_GET = """\
AndroidControl is downloaded by hand: 47 GB of TFRecords on Google Cloud, Apache-2.0.
  1. gsutil -m cp -r gs://gresearch/android_control .
  2. Convert it as docs/evals.md says (needs tensorflow, once), so that there is
     DIR/episodes.jsonl  and  DIR/screenshots/<episode_id>_<step>.png
  3. Give that folder: --data DIR"""

_KINDS = (
    "click",
    "long_press",
    "scroll",
    "input_text",
    "open_app",
    "navigate_home",
    "navigate_back",
    "wait",
)
_OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "click": ("x", "y"),
    "long_press": ("x", "y"),
    "scroll": ("direction",),
    "input_text": ("text",),
    "open_app": ("app_name",),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One screen and what was done on it.

    Attributes:
        episode_id: Of the dataset.
        step_id: From 0.
        goal: What the user wants.
        instruction: What this step does, in words.
        action: The record, as `{"action_type": "click", "x": 540, "y": 1200}` in pixels.
        image: The screenshot.
        image_size: (width, height) in pixels.
        boxes: The accessibility tree's elements, (y, x, height, width) in pixels.
    """

    episode_id: str
    step_id: int
    goal: str
    instruction: str
    action: Mapping[str, Any]
    image: Path
    image_size: tuple[int, int]
    boxes: tuple[Box, ...] = ()

    @property
    def kind(self) -> str:
        """The type of the reference action, as the dataset names it."""
        return str(self.action["action_type"])

    def told(self, setting: Setting) -> str:
        """Return what the policy is told in a setting."""
        if setting == "high":
            return self.goal
        return f"{self.goal}\nThe next step: {self.instruction}"


@dataclass(frozen=True, slots=True)
class Episode:
    """One task.

    Attributes:
        episode_id: Of the dataset.
        goal: What the user wants.
        steps: One per action: the last screenshot has none and is no step.
    """

    episode_id: str
    goal: str
    steps: tuple[Step, ...]

    @classmethod
    def from_json(cls, record: Mapping[str, Any], folder: Path) -> Self:
        """Return the episode of a record whose screenshots lie in `folder`.

        Raises:
            DataError: Naming what is missing or malformed.
        """
        try:
            episode_id = str(record["episode_id"])
            goal = str(record["goal"])
            # In the TFRecords an action is a string that holds JSON.
            actions = [json.loads(a) if isinstance(a, str) else a for a in record["actions"]]
            told = list(record["step_instructions"])
            sizes = list(
                zip(record["screenshot_widths"], record["screenshot_heights"], strict=True)
            )
            boxes = record.get("ui_positions", [[] for _ in actions])
        except (KeyError, TypeError, ValueError) as exc:
            raise DataError(f"not a record of AndroidControl: {exc!r}") from exc
        if not episode_id.isdecimal():
            raise DataError(f"episode_id must be digits, got {episode_id[:40]!r}")
        if len(told) != len(actions) or len(sizes) < len(actions) or len(boxes) < len(actions):
            raise DataError(
                f"episode {episode_id}: {len(actions)} actions, {len(told)} step instructions, "
                f"{len(sizes)} sizes and {len(boxes)} lists of elements do not belong together"
            )
        steps = []
        for index, action in enumerate(actions):
            where = f"episode {episode_id}, step {index}"
            image = folder / "screenshots" / f"{episode_id}_{index}.png"
            if not image.is_file():
                raise DataError(f"{where}: the screenshot is missing: {image}")
            steps.append(
                Step(
                    episode_id=episode_id,
                    step_id=index,
                    goal=goal,
                    instruction=str(told[index]),
                    action=_checked(action, where),
                    image=image,
                    image_size=_size(sizes[index], where),
                    boxes=_boxes(boxes[index], where),
                )
            )
        return cls(episode_id, goal, tuple(steps))


def load(root: Path | str, *, skip_bad: bool = False) -> tuple[tuple[Episode, ...], list[str]]:
    """Return the episodes of a folder, and with `skip_bad` what was left out and why.

    Raises:
        DataError: If this is no such folder, a screenshot is missing, or a record is malformed.
    """
    file = Path(root) / "episodes.jsonl"
    if not file.is_file():
        raise DataError(f"the file is missing: {file}\n{HOW_TO_GET}")
    episodes: list[Episode] = []
    bad: list[str] = []
    for number, line in _lines(file):
        try:
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as exc:
                raise DataError(f"not JSON: {exc}") from exc
            if not isinstance(record, Mapping):
                raise DataError("a record must be an object")
            episodes.append(Episode.from_json(record, Path(root)))
        except DataError as exc:
            message = f"{file}, line {number}: {exc}"
            if not skip_bad:
                raise DataError(message) from exc
            bad.append(message)
    if not episodes:
        raise DataError(f"{file} holds no episode\n{HOW_TO_GET}")
    return tuple(episodes), bad


def score_step(step: Step, action: Action | None, *, rule: str = "qwen") -> StepScore:
    """Return what a predicted action is worth.

    Args:
        step: Where it was predicted.
        action: A typed action of the mobile space, or None for no readable answer.
        rule: "qwen" or "os-atlas".

    Raises:
        UsageError: If there is no such rule.
    """
    if rule not in RULES:
        raise UsageError(f"there is no AndroidControl rule {rule!r}; use one of {', '.join(RULES)}")
    at_place, same_text = RULES[rule]
    kind = _kind_of(action)
    if action is None or kind != step.kind:
        return StepScore.of(step.kind, kind)
    gold = step.action
    match action:
        case Tap(point=point) | LongPress(point=point):
            exact = at_place(step, (point.x, point.y))
        case Swipe():
            exact = _finger(action) == _OPPOSITE[gold["direction"]]
        case Type(text=text):
            exact = same_text(text, gold["text"])
        case OpenApp(name=name):
            exact = same_text(name, gold["app_name"])
        case _:
            exact = True
    return StepScore.of(step.kind, kind, exact=exact)


_AtPlace: TypeAlias = Callable[[Step, tuple[float, float]], bool]
_SameText: TypeAlias = Callable[[str, str], bool]


def _near_or_in_element(step: Step, point: tuple[float, float]) -> bool:
    y, x = _gold_place(step)
    grid = (point[0] * 1000, point[1] * 1000)
    return click_is_right(grid, (y, x), step.boxes, step.image_size, ANDROID_CONTROL_RULE)


def _near(step: Step, point: tuple[float, float]) -> bool:
    y, x = _gold_place(step)
    # On the 0..1000 grid, where the published script has whole numbers.
    return math.hypot(point[0] * 1000 - x * 1000, point[1] * 1000 - y * 1000) <= 140


def _one_in_the_other(predicted: str, gold: str) -> bool:
    a, b = predicted.lower().strip(), gold.lower().strip()
    return a in b or b in a


def _shares_words(predicted: str, gold: str) -> bool:
    if predicted == gold:
        return True
    a, b = set(predicted.lower().split()), set(gold.lower().split())
    common = len(a & b)
    return bool(common) and 2 * common / (len(a) + len(b)) > 0.5


RULES: Mapping[str, tuple[_AtPlace, _SameText]] = {
    "qwen": (_near_or_in_element, _one_in_the_other),
    "os-atlas": (_near, _shares_words),
}
"""When a place and when a text is right, by the rule's name."""


def _kind_of(action: Action | None) -> str | None:
    match action:
        case Tap():
            return "click"
        case LongPress():
            return "long_press"
        case Swipe():
            return "scroll"
        case Type():
            return "input_text"
        case OpenApp():
            return "open_app"
        case Home():
            return "navigate_home"
        case Back():
            return "navigate_back"
        case Wait():
            return "wait"
        case Done():
            return "done"  # readable; no step of the dataset has it
        case _:
            return None


def _finger(swipe: Swipe) -> str | None:
    """Return where the finger goes: the larger of the two ways, vertical in a tie."""
    if swipe.start is None or swipe.end is None:
        return swipe.direction
    dx, dy = swipe.end.x - swipe.start.x, swipe.end.y - swipe.start.y
    if abs(dy) >= abs(dx):
        return "up" if dy < 0 else "down"
    return "left" if dx < 0 else "right"


def _gold_place(step: Step) -> tuple[float, float]:
    width, height = step.image_size
    return step.action["y"] / height, step.action["x"] / width


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line


def _checked(action: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(action, Mapping) or action.get("action_type") not in _KINDS:
        raise DataError(f"{where}: action_type must be one of {', '.join(_KINDS)}, got {action!r}")
    kind = action["action_type"]
    for name in _FIELDS.get(kind, ()):
        value = action.get(name)
        right = isinstance(value, int | float) if name in "xy" else isinstance(value, str)
        if not right or (name == "direction" and value not in _OPPOSITE):
            raise DataError(f"{where}: {kind} needs a {name}, got {value!r}")
    return action


def _size(size: tuple[Any, Any], where: str) -> tuple[int, int]:
    if not all(isinstance(side, int) and side > 0 for side in size):
        raise DataError(f"{where}: width and height must be positive pixels, got {size!r}")
    return size


def _boxes(boxes: Any, where: str) -> tuple[Box, ...]:
    try:
        return tuple((float(y), float(x), float(h), float(w)) for y, x, h, w in boxes)
    except (TypeError, ValueError) as exc:
        raise DataError(f"{where}: elements must be [y, x, height, width]: {exc}") from exc
