"""What nano is taught: which worlds, in which mixture, and how a world's state becomes a lesson.

The command line is the one place that picks concrete worlds and a concrete model, so this is where
the two meet: worlds know experts and nothing of training, training knows lessons and no world.
"""

import random
from collections.abc import Callable, Iterator

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.agent.context import Context
from qvl_agent.envs.base import Observation
from qvl_agent.envs.cards.blackjack import Blackjack
from qvl_agent.envs.cards.game import CardGame
from qvl_agent.envs.cards.numberline import NumberLine
from qvl_agent.envs.cards.points import EZPoints, Points24
from qvl_agent.envs.cards.practice import practise
from qvl_agent.model.nano.lessons import Drawing, Lesson, Source
from qvl_agent.model.nano.train import Phase, Recipe
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Part, Prompt, Text, Turn

__all__ = ["MAX_PIXELS", "PROFILE", "WHOLE_TOKENS", "recipe", "sharpening", "sources", "texts"]

PROFILE = Profile(
    dialect="star",
    detail="names",
    keep_steps=0,
    context_tokens=4096,
    max_tokens=160,
)
"""nano sees the newest observation only; the games' pictures and words hold their whole state."""

MAX_PIXELS = 224 * 224
"""64 visual tokens for a 300 x 300 picture."""

WHOLE_TOKENS = ("\n*FUNCTION*:", "\n*ARGS*:", "\n*RESULT*:", ' {"token": "', '"}', " {}")
"""The call markers, one token each."""


def recipe(steps: int, seed: int, threads: int) -> Recipe:
    """Return the schedule that starts from nothing: all games, and plans without pictures."""
    mix = {"numberline": 0.10, "blackjack": 0.25, "ezpoints": 0.20, "points24": 0.45}
    plans = {"points24-plan": 0.85, "ezpoints-plan": 0.15}
    phase = Phase(steps=steps, mix=mix, text_mix=plans, batch=16, text_batch=24)
    return Recipe(phases=(phase,), seed=seed, threads=threads)


def sharpening(steps: int, seed: int, threads: int) -> Recipe:
    """Return the schedule that goes on from a trained checkpoint, at lower rates.

    What is left to learn then is to keep one's place in a long formula, so begun formulas are
    practised without pictures too.
    """
    mix = {"numberline": 0.05, "blackjack": 0.20, "ezpoints": 0.10, "points24": 0.65}
    plans = {"points24-plan": 0.30, "points24-steps": 0.70}
    return Recipe(
        phases=(Phase(steps=steps, mix=mix, text_mix=plans, batch=12, text_batch=48),),
        learning_rate=4e-4,
        muon_rate=1.2e-3,
        seed=seed,
        threads=threads,
    )


def sources() -> dict[str, Source]:
    """Return the sources of lessons by name.

    `-plan` is a game's text-only practice from an empty formula, `-steps` from a begun one.
    """
    made: dict[str, Source] = {}
    for name, make in _GAMES.items():
        made[name] = _Lessons(make())
        if name in ("ezpoints", "points24"):
            made[f"{name}-plan"] = _Plans(make(), begun=False)
            made[f"{name}-steps"] = _Plans(make(), begun=True)
    return made


def texts(count: int, seed: int) -> Iterator[str]:
    """Yield what prompts and answers say, for training the vocabulary."""
    rng = random.Random(seed)
    every = sources()
    for name in _GAMES:
        for _ in range(count):
            lesson = every[name](rng)
            for turn in lesson.prompt.turns:
                yield from (part.text for part in turn.parts if isinstance(part, Text))
                yield f"{turn.role}\n"
            yield lesson.answer
    for number in range(32):
        yield from [f" {number}"] * count


_GAMES: dict[str, Callable[[], CardGame]] = {
    "numberline": NumberLine,
    "blackjack": Blackjack,
    "ezpoints": EZPoints,
    "points24": Points24,
}


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


class _Lessons:
    """A game's picture, and what the expert says to it."""

    def __init__(self, world: CardGame) -> None:
        self._world = world
        self._dialect = get_dialect(PROFILE.dialect)
        self._context = Context(PROFILE, self._dialect, world.action_space, _Uncounted())

    def __call__(self, rng: random.Random) -> Lesson:
        return self._lesson(practise(self._world, rng))

    def _lesson(self, observation: Observation) -> Lesson:
        world, dialect = self._world, self._dialect
        decision = world.expert()
        call = world.action_space.to_call(decision.action)
        answer = dialect.render(call, decision.thought)
        return Lesson(
            prompt=self._context.start(world.task, observation).prompt(),
            # What follows a call is the loop's to write; learning the marker teaches to stop.
            answer=answer + dialect.before_result.rstrip(),
            drawings=tuple(Drawing(d.word, d.x, d.y, d.w, d.h) for d in world.scene()),
        )


class _Plans(_Lessons):
    """The same without the picture: what is on it is given, only what follows from it is learnt.

    Cheap practice of the hard part (finding a formula), hundreds a second. It begins with empty
    formulas: one in the prompt gives away how its plan begins.
    """

    def __init__(self, world: CardGame, *, begun: bool) -> None:
        super().__init__(world)
        self._begun = begun

    def __call__(self, rng: random.Random) -> Lesson:
        even = rng.random() < 0.5
        lesson = self._lesson(practise(self._world, rng, begun=self._begun, even=even))
        seen = lesson.answer.find(_DEDUCED[type(self._world)])
        turns = tuple(
            Turn(turn.role, tuple(part for part in turn.parts if isinstance(part, Text)))
            for turn in lesson.prompt.turns
        )
        return Lesson(Prompt(turns), lesson.answer, given=lesson.answer[:seen])


_DEDUCED = {EZPoints: " Plan", Points24: " Sort"}
"""Where the thought goes on from what is on the picture to what follows from it."""
