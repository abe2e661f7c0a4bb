"""What the policy gets to see: the history of an episode as a prompt, within a token budget.

The context knows how a dialect lays out a trajectory and counts every token before the call. When
the budget is reached it drops whole oldest turns down to a low-water mark, so that what a policy
has cached of the prompt's beginning goes stale rarely, not at every step. The system prompt, the
task and the newest observation always stay. It knows no world and no model.

With the profile's `eviction="deletion"` it drops no more turns than it has to, and keeps the first
observation in its place: so all that was dropped stood in one row, which a policy can delete.

A *turn* here is one thing that the policy said and what came of it, numbered from 0.

    system     profile.system + what the dialect tells of the actions
    user       task, observation                     <- the first observation that is still shown
    assistant  said 0 | result: observation          <- dialect.results_in == "assistant":
               said 1 | result: message                 one turn that only grows
               said 2 | result: observation
"""

import copy
import dataclasses
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import EnvError, PolicyError, ResetNeeded, UsageError
from qvl_agent.actions.frames import FRAME_999, FRAME_1000, FRAME_UNIT, Frame, pixel_frame
from qvl_agent.actions.space import ActionSpace
from qvl_agent.envs.base import Observation
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn

__all__ = ["Context", "Counter", "Sight", "Window", "fixed_frame"]

_FRAMES = {frame.name: frame for frame in (FRAME_1000, FRAME_999, FRAME_UNIT)}


def fixed_frame(frame: str | Frame) -> Frame | None:
    """Return the grid that a name stands for; None for "pixels", which each picture has its own of.

    Raises:
        UsageError: If the name is unknown.
    """
    if isinstance(frame, Frame):
        return frame
    if frame not in {*_FRAMES, "pixels"}:
        raise UsageError(
            f"there is no frame {frame!r}; use one of {', '.join([*_FRAMES, 'pixels'])}"
        )
    return _FRAMES.get(frame)


class Counter(Protocol):
    """What a context has to know of a policy; every `Policy` is one."""

    def count(self, part: Part) -> int:
        """Return the exact number of tokens a part takes."""
        ...

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn takes."""
        ...

    def length(self, prompt: Prompt) -> int:
        """Return the exact number of tokens of a whole prompt."""
        ...

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) in pixels at which a picture is seen."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """An observation with its pictures as prompt parts, so that each is hashed only once.

    Attributes:
        observation: As the world gave it.
        pictures: Its image, then its views.
    """

    observation: Observation
    pictures: tuple[Picture, ...]

    @classmethod
    def of(cls, observation: Observation) -> "Sight":
        """Return the sight of an observation.

        Raises:
            EnvError: If one of its images is none.
        """
        images = (observation.image, *(view.image for view in observation.views))
        for image in images:
            if not (
                isinstance(image, np.ndarray)
                and image.dtype == np.uint8
                and image.ndim == 3
                and image.shape[2] == 3
                and image.size
            ):
                came = f"{getattr(image, 'dtype', type(image).__name__)} {np.shape(image)}"
                raise EnvError(f"an observation's image is uint8 (height, width, 3), got {came}")
        return cls(observation, tuple(Picture(image) for image in images))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Image, labelled views, words: the same in the user's turn and in a result."""
        parts: list[Part] = [self.pictures[0]]
        for view, picture in zip(self.observation.views, self.pictures[1:], strict=True):
            parts += [Text(f"\n{view.label}: "), picture]
        if self.observation.text:
            parts.append(Text(f"\n{self.observation.text}"))
        return tuple(parts)

    def looks_like(self, other: "Sight") -> bool:
        """Return whether a policy would see the same."""
        return self.parts == other.parts


@dataclass(frozen=True, slots=True)
class Window:
    """What one prompt shows, and what it costs.

    Attributes:
        tokens: Length of the prompt.
        reserve: Kept free for the answer; `tokens + reserve <= budget` always holds.
        budget: The most that prompt and answer may take together.
        dropped: Turns 0..dropped-1 are no longer shown.
        kept: Turns dropped..dropped+kept-1 are shown.
    """

    tokens: int
    reserve: int
    budget: int
    dropped: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Parts that stand or fall together, and their tokens."""

    parts: tuple[Part, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class _Past:
    """One turn: what was said, what came of it, and where the prompt begins once it is gone."""

    said: _Block
    result: _Block
    seen: _Block | None
    tokens: int


class Context:
    """The history of one episode, as the prompt of its next step.

    `Context(profile, dialect, space, policy).start(task, observation).prompt()` is the exact
    prompt of a state with one observation, for playing and for making training data alike.

    Args:
        profile: How the policy was trained to be prompted.
        dialect: How it writes calls.
        space: What it may do.
        counter: Counts tokens; usually the policy.
        frame: The grid of its points; by default the profile's. "pixels" is bound to the size at
            which the policy sees the newest picture.
        limit: A token budget below the policy's own window.
        low_water: Share of the budget down to which turns are dropped when it is reached; with
            eviction by deletion nothing is dropped beyond need.

    Raises:
        UsageError: If the frame's name is unknown.
        ValueError: If `low_water` is not in (0, 1].
    """

    def __init__(
        self,
        profile: Profile,
        dialect: Dialect,
        space: ActionSpace,
        counter: Counter,
        *,
        frame: str | Frame | None = None,
        limit: int | None = None,
        low_water: float = 0.5,
    ) -> None:
        if not 0 < low_water <= 1:
            raise ValueError(f"low_water must be in (0, 1], got {low_water!r}")
        self._profile = profile
        self._dialect = dialect
        self._space = space
        self._counter = counter
        self._fixed_frame = fixed_frame(profile.frame if frame is None else frame)
        window = profile.context_tokens
        self.budget = window if limit is None else min(limit, window)
        self._deletes = profile.eviction == "deletion"
        self._low_water = 1.0 if self._deletes else low_water
        # The turn that a prompt leaves open has no closing tokens, so it costs less than its
        # overhead; told from a prompt without parts, once, instead of from every whole prompt.
        bare = counter.length(Prompt((Turn("user", ()),)))
        self._turns_tokens = bare + counter.overhead("system")
        self._before_result = self._block(Text(dialect.before_result))
        self._after_result = self._block(Text(dialect.after_result))
        self._newest: Sight | None = None
        self._frame: Frame | None = None

    def start(self, task: str, observation: Observation) -> "Context":
        """Forget everything and begin with a task and the first observation; returns itself."""
        sight = Sight.of(observation)
        self._task = self._block(Text(f"{task}\n"))
        self._first = self._block(*sight.parts)
        self._past: deque[_Past] = deque()
        self._past_tokens = 0
        self._dropped = 0
        self._see(sight)
        return self

    def add(self, said: Text, *, message: str = "", observation: Observation | None = None) -> None:
        """Append one turn: what the policy said, and what came of it.

        Args:
            said: The policy's own text, with its tokens where it has them.
            message: What was wrong, when the call could not be read or carried out.
            observation: What is seen now; None when nothing was done.
        """
        sight = None if observation is None else Sight.of(observation)
        seen = None if sight is None else self._block(*sight.parts)
        if seen is None:
            before, after = self._dialect.before_result, self._dialect.after_result
            result = self._block(Text(before + message + after))
        else:
            head, tail = self._before_result, self._after_result
            if message:
                head = self._block(Text(self._dialect.before_result + message))
            result = _Block(
                head.parts + seen.parts + tail.parts, head.tokens + seen.tokens + tail.tokens
            )
        spoken = self._block(said)
        tokens = spoken.tokens + result.tokens + self._turn_overhead
        self._past.append(_Past(spoken, result, seen, tokens))
        self._past_tokens += tokens
        if sight is not None:
            self._see(sight)

    @property
    def newest(self) -> Sight:
        """What was seen last.

        Raises:
            ResetNeeded: If nothing was seen yet.
        """
        if self._newest is None:
            raise _nothing_seen()
        return self._newest

    @property
    def frame(self) -> Frame:
        """The grid of the points in the next answer."""
        if self._frame is None:
            raise _nothing_seen()
        return self._frame

    @property
    def window(self) -> Window:
        """What the prompt shows and costs, as things stand."""
        return Window(
            self._tokens, self._profile.max_tokens, self.budget, self._dropped, len(self._past)
        )

    def prompt(self) -> Prompt:
        """Return the prompt of the next step, after dropping what no longer fits.

        Raises:
            PolicyError: If not even the system prompt, the task and the newest observation fit.
            ResetNeeded: If nothing was seen yet.
        """
        if self._newest is None:
            raise _nothing_seen()
        self._fit()
        return Prompt(tuple(self._turns()))

    def foresee(self, said: Text) -> Prompt | None:
        """Return what the next prompt will begin with, if it will drop turns, else None.

        So a policy can read it while the world carries out an action. The next observation is taken
        to be as long as the newest; where it is not, reading ahead was in vain and no harm.

        Args:
            said: What the policy said last, with the action that is being carried out.
        """
        if self._deletes:  # nothing is read again
            return None
        next_one = copy.copy(self)
        next_one._past = deque(self._past)
        next_one.add(said, observation=self.newest.observation)
        with suppress(PolicyError):
            next_one._fit()
        if next_one._dropped == self._dropped or not next_one._past:
            return None
        next_one._past[-1] = dataclasses.replace(next_one._past[-1], result=self._before_result)
        turns = next_one._turns()
        return Prompt(tuple(turns if self._dialect.results_in == "assistant" else turns[:-1]))

    def _turns(self) -> list[Turn]:
        """Return the turns of a prompt that shows all that is not dropped."""
        user = Turn("user", self._task.parts + self._first.parts)
        turns = [Turn("system", self._system.parts), user]
        if self._dialect.results_in == "user":
            for past in self._past:
                turns += [Turn("assistant", past.said.parts), Turn("user", past.result.parts)]
        elif self._past:
            parts = (part for past in self._past for part in past.said.parts + past.result.parts)
            turns.append(Turn("assistant", tuple(parts)))
        return turns

    @property
    def _tokens(self) -> int:
        """Length of the prompt: its parts, the turns around them and the one it leaves open."""
        pinned = self._system.tokens + self._task.tokens + self._first.tokens
        return self._turns_tokens + pinned + self._past_tokens

    @property
    def _turn_overhead(self) -> int:
        """What a past turn costs beyond its parts: within one open turn, nothing."""
        if self._dialect.results_in == "assistant":
            return 0
        return self._counter.overhead("assistant") + self._counter.overhead("user")

    def _see(self, sight: Sight) -> None:
        """Take in what is seen now.

        The system prompt tells the grid of points, so it changes when a screen is turned.
        """
        self._newest = sight
        frame = self._fixed_frame or self._pixels_of(sight)
        if frame != self._frame:
            self._frame = frame
            told = self._dialect.system(self._space, frame, self._profile.detail)
            self._system = self._block(Text(f"{self._profile.system}\n\n{told}"))

    def _pixels_of(self, sight: Sight) -> Frame:
        """Return the grid of a picture's pixels, as the policy sees it."""
        height, width = sight.observation.image.shape[:2]
        height, width = self._counter.picture_size(height, width)
        return pixel_frame(width, height)

    def _block(self, *parts: Part) -> _Block:
        """Return the parts without empty texts, counted once and for all."""
        kept = tuple(part for part in parts if not (isinstance(part, Text) and not part.text))
        return _Block(kept, sum(map(self._counter.count, kept)))

    def _fit(self) -> None:
        """Drop the oldest turns: those beyond `keep_steps`, then those beyond the budget."""
        keep = self._profile.keep_steps
        while keep is not None and len(self._past) > keep:
            self._drop()
        reserve = self._profile.max_tokens
        if self._tokens + reserve <= self.budget:
            return
        while self._past and self._tokens + reserve > self._low_water * self.budget:
            self._drop()
        if self._tokens + reserve > self.budget:
            raise PolicyError(
                f"the prompt cannot be made to fit: system prompt {self._system.tokens}, task "
                f"{self._task.tokens} and newest observation {self._first.tokens} tokens make a "
                f"prompt of {self._tokens}, and {reserve} are kept for the answer, but the budget "
                f"is {self.budget}; use a smaller picture, a shorter task or a larger budget"
            )

    def _drop(self) -> None:
        """Drop the oldest turn; what was seen after it moves into the user's turn.

        By deletion, only the newest observation does.
        """
        past = self._past.popleft()
        self._past_tokens -= past.tokens
        if not (self._deletes and any(later.seen for later in self._past)):
            self._first = past.seen or self._first
        self._dropped += 1


def _nothing_seen() -> ResetNeeded:
    return ResetNeeded("a context begins with start(task, observation)")
