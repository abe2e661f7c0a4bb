"""Teacher-forced prompting in the paper's format: each step after the annotator's own history.

What the policy said earlier does not matter: the history holds the reference actions, and the
next screenshot is the recorded one. Two histories, of which a result must say which was used:

* `screenshots`: the whole trajectory, past screenshots as results (figure 30 of the paper).
* `texts`: past actions as words before the task's screenshot, past screenshots left out, as the
  authors of Qwen2.5-VL say they do (QwenLM/Qwen3-VL issue 904).

A context decides what of the history fits the token budget. It knows no concrete policy.

Source: Qwen2-VL paper, 3.2.7 "UI Operations" and figure 30.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from PIL import Image

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import DataError
from qvl_agent.actions.frames import Frame
from qvl_agent.actions.functions import Function
from qvl_agent.actions.mobile import Back, Done, Enter, Home, Swipe, Tap, Type
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.context import Context, Sight, Window
from qvl_agent.envs.base import Image as PixelImage
from qvl_agent.envs.base import Observation
from qvl_agent.evals.aitz.data import Episode, Step
from qvl_agent.evals.aitz.gold import ActionType, Gold
from qvl_agent.model.prompt import Prompt, Text

__all__ = ["HISTORIES", "History", "Question", "aitz_space", "gold_action", "questions"]

History = Literal["screenshots", "texts"]
HISTORIES: tuple[History, ...] = get_args(History)


@dataclass(frozen=True, slots=True)
class Question:
    """What a policy is asked at one step.

    Attributes:
        number: Of the step in its episode, from 0.
        step: Which step.
        prompt: What it is shown.
        frame: The grid of the points in its answer.
        sight: The newest screenshot.
        window: What of the history the prompt shows.
    """

    number: int
    step: Step
    prompt: Prompt
    frame: Frame
    sight: Sight
    window: Window


def aitz_space() -> ActionSpace:
    """Return the seven functions of the paper's figure 30, in its order."""
    return ActionSpace(
        "aitz",
        [
            Function.of(Tap, name="Click", aliases=("Tap",)),
            Function.of(Type),
            Function.of(Swipe, forms=(("direction",), ("start", "end"))),
            Function.of(Back),
            Function.of(Home),
            Function.of(Enter),
            Function.of(Done),
        ],
    )


def gold_action(gold: Gold) -> Action:
    """Return the annotator's action, as the history shows it.

    Raises:
        DataError: If the place of a gesture is not on the screen.
    """
    match gold.action_type:
        case ActionType.GESTURE | ActionType.LONG_PRESS:
            start = _point(gold.touch)
            return Tap(start) if gold.is_tap else Swipe(start=start, end=_point(gold.lift))
        case ActionType.TYPE:
            return Type(gold.text)
        case ActionType.BACK:
            return Back()
        case ActionType.HOME:
            return Home()
        case ActionType.ENTER:
            return Enter()
        case ActionType.COMPLETE | ActionType.IMPOSSIBLE | ActionType.WAIT:
            return Done()


def questions(
    episode: Episode,
    context: Context,
    dialect: Dialect,
    *,
    history: History = "screenshots",
    thoughts: bool = False,
) -> Iterator[Question]:
    """Yield the question of each step, in order; what is answered changes nothing.

    Args:
        episode: Whose steps are asked.
        context: Made for `aitz_space()` and the dialect; it is begun anew.
        dialect: How past calls are written.
        history: What of the past is shown.
        thoughts: Whether past calls come with the dataset's `coat_action_think`.

    Raises:
        DataError: If a screenshot cannot be read.
        PolicyError: If a prompt does not fit the context's budget.
    """
    space = aitz_space()
    said: list[str] = []
    for index, step in enumerate(episode.steps):
        observation = Observation(_screenshot(step))
        if history == "texts":
            context.start(_with_past(step.instruction, said), observation)
        elif index == 0:
            context.start(step.instruction, observation)
        else:
            context.add(Text(said[-1]), observation=observation)
        prompt = context.prompt()
        yield Question(index, step, prompt, context.frame, context.newest, context.window)
        call = space.to_call(gold_action(step.gold), context.frame)
        said.append(dialect.render(call, step.thought if thoughts else ""))


def _with_past(instruction: str, said: list[str]) -> str:
    if not said:
        return instruction
    past = "\n".join(f"Step {i}: {call.strip()}" for i, call in enumerate(said, start=1))
    return f"{instruction}\nWhat was done so far:\n{past}"


def _point(place: tuple[float, float]) -> Point:
    y, x = place
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise DataError(f"a gesture's place must be on the screen, got (y, x) = {place}")
    return Point(x, y)


def _screenshot(step: Step) -> PixelImage:
    try:
        with Image.open(step.image) as opened:
            return np.array(opened.convert("RGB"))
    except OSError as exc:
        raise DataError(f"not a picture, perhaps half downloaded: {step.image}") from exc
