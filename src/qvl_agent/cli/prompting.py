"""How a state becomes a lesson: the prompt as nano sees it, the expert's words as the answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qvl_agent.actions.desktop import Click
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.mobile import Tap
from qvl_agent.actions.space import ActionSpace
from qvl_agent.actions.types import Action
from qvl_agent.agent.context import Context
from qvl_agent.envs.base import Decision, Drawn, Observation
from qvl_agent.model.nano.lessons import Drawing, Lesson, Read
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Prompt, Text, Turn

__all__ = ["POINT", "PROFILE", "Prompting", "unseen"]

_WHERE = "Point at each:"
"""The task of a lesson in pointing: in words that users do not use, or theirs are taken for one."""

POINT = ' {"point"'
"""Where a call begins to tell a place, for which one has to look."""

PROFILE = Profile(
    dialect="star",
    detail="names",
    keep_steps=0,
    context_tokens=4096,
    max_tokens=160,
)
"""nano sees the newest observation only."""


class Prompting:
    """Makes the lessons of one action space.

    Args:
        space: What the policy may do.
    """

    def __init__(self, space: ActionSpace) -> None:
        self._space = space
        self._dialect = get_dialect(PROFILE.dialect)
        self._context = Context(PROFILE, self._dialect, space, _Uncounted())

    def lesson(
        self, task: str, seen: Observation, wanted: Decision, drawn: Sequence[Drawn] = ()
    ) -> Lesson:
        """Return the lesson of one state.

        Args:
            task: The instruction.
            seen: The newest observation.
            wanted: What the expert says and does.
            drawn: The words on the observation's image.
        """
        return self.saying(task, seen, self.says(wanted.thought, wanted.action), drawn)

    def says(self, thought: str, action: Action) -> str:
        """Return a thought and a call in nano's dialect, points rounded to what it can say."""
        call = self._space.to_call(action)
        return self._dialect.render(
            replace(call, args={name: _coarse(value) for name, value in call.args.items()}), thought
        )

    def pointing(
        self,
        seen: Observation,
        asked: Sequence[tuple[str, Tap | Click]],
        drawn: Sequence[Drawn] = (),
    ) -> Lesson:
        """Return a lesson in pointing: only the places in its calls are to be learnt.

        When a name has been said, where it stands is looked for already.

        Args:
            seen: The observation.
            asked: What leads to each call, ending in a name and a full stop, and its action.
            drawn: The words on the observation's image.
        """
        lines = [self.says(thought, action) for thought, action in asked]
        given = [line.partition(POINT)[0] for line in lines]
        lesson = self.saying(_WHERE, seen, "\n".join(lines), drawn, given)
        height, width = seen.image.shape[:2]
        read = (
            Read(thought, action.point.x * width, action.point.y * height)
            for thought, action in asked
            if lesson.answer.count(thought) == 1
        )
        return replace(lesson, read=tuple(read))

    def saying(
        self,
        task: str,
        seen: Observation,
        answer: str,
        drawn: Sequence[Drawn] = (),
        given: Sequence[str] = (),
    ) -> Lesson:
        """Return the lesson whose answer is there in words, stretches of it perhaps shown."""
        return Lesson(
            prompt=self._context.start(task, seen).prompt(),
            # What follows an answer is the loop's to write; learning the marker teaches to stop.
            answer=answer + self._dialect.before_result.rstrip(),
            given=tuple(given),
            drawings=tuple(Drawing(d.word, d.x, d.y, d.w, d.h) for d in drawn),
        )


def unseen(lesson: Lesson, given: str) -> Lesson:
    """Return a lesson without its picture, whose answer begins with what is given.

    Cheap practice of what follows from the words alone.
    """
    turns = tuple(
        Turn(turn.role, tuple(part for part in turn.parts if isinstance(part, Text)))
        for turn in lesson.prompt.turns
    )
    return Lesson(Prompt(turns), lesson.answer, given=(given,) if given else ())


def _coarse(value: Any) -> Any:
    """Return a point in tens of thousandths, each coordinate a word of nano's; else the value."""
    return [min(round(v / 10) * 10, 990) for v in value] if isinstance(value, list) else value


class _Uncounted:
    """Counts nothing: a lesson's prompt is one observation and always fits."""

    def count(self, part: Part) -> int:
        return 0

    def overhead(self, role: str) -> int:
        return 0

    def length(self, prompt: Prompt) -> int:
        return 0

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        return height, width
