"""What nano is taught: which worlds, in which mixture, and the words it has to know.

There are two courses, for weights of their own: `cards` for the card games, which made the bundled
ones, and `phone` for the bundled phone and short routes through buildings (docs/nano.md).
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from qvl_agent.actions.mobile import mobile_space
from qvl_agent.cli.lessons_cards import GAMES, Plans, Table
from qvl_agent.cli.lessons_phone import Intents, Phones
from qvl_agent.cli.lessons_vln import Routes
from qvl_agent.model.nano.lessons import Source
from qvl_agent.model.nano.train import Phase, Recipe
from qvl_agent.model.prompt import Text

__all__ = ["COURSES", "Course"]


@dataclass(frozen=True, slots=True)
class Course:
    """Something to teach.

    Attributes:
        max_pixels: The area at which pictures are seen.
        pieces: Of the vocabulary: learnt ones, bytes and special tokens.
        whole: Strings that are one token each, on top of those.
        sources: Makes the sources of lessons, by name.
        first: The recipe of a run that begins, from steps, seed and threads.
        later: The recipe of a run that goes on from a checkpoint of the course.
    """

    max_pixels: int
    pieces: int
    whole: tuple[str, ...]
    sources: Callable[[], Mapping[str, Source]]
    first: Callable[[int, int, int], Recipe]
    later: Callable[[int, int, int], Recipe]

    def texts(self, count: int, seed: int) -> Iterator[str]:
        """Yield what prompts, answers and pictures say, for training the vocabulary.

        Args:
            count: Lessons of each source with pictures.
            seed: Of the lessons.
        """
        rng = random.Random(seed)
        every = self.sources()
        for name in self.first(1, seed, 1).phases[0].mix:
            for _ in range(count):
                lesson = every[name](rng)
                for turn in lesson.prompt.turns:
                    yield from (part.text for part in turn.parts if isinstance(part, Text))
                    yield f"{turn.role}\n"
                yield lesson.answer
                yield from (f" {drawing.word}" for drawing in lesson.drawings)
        for number in range(100):
            # Coordinates come in pieces of two digits, with and without a blank before them.
            yield from [f" {number}, {number:02}"] * count


def _card_sources() -> dict[str, Source]:
    """Return the games, and their plans from an empty (`-plan`) and a begun (`-steps`) formula."""
    made: dict[str, Source] = {name: Table(make()) for name, make in GAMES.items()}
    for name in ("ezpoints", "points24"):
        made[f"{name}-plan"] = Plans(GAMES[name](), begun=False)
        made[f"{name}-steps"] = Plans(GAMES[name](), begun=True)
    return made


def _cards(steps: int, seed: int, threads: int) -> Recipe:
    """All games, and plans without pictures."""
    mix = {"numberline": 0.10, "blackjack": 0.25, "ezpoints": 0.20, "points24": 0.45}
    plans = {"points24-plan": 0.85, "ezpoints-plan": 0.15}
    phase = Phase(steps=steps, mix=mix, text_mix=plans, batch=16, text_batch=24)
    return Recipe(phases=(phase,), seed=seed, threads=threads)


def _more_cards(steps: int, seed: int, threads: int) -> Recipe:
    """At lower rates: to keep one's place in a long formula is what is left to learn."""
    mix = {"numberline": 0.05, "blackjack": 0.20, "ezpoints": 0.10, "points24": 0.65}
    plans = {"points24-plan": 0.30, "points24-steps": 0.70}
    return Recipe(
        phases=(Phase(steps=steps, mix=mix, text_mix=plans, batch=12, text_batch=48),),
        learning_rate=4e-4,
        muon_rate=1.2e-3,
        seed=seed,
        threads=threads,
    )


def _phone_sources() -> dict[str, Source]:
    return {
        "phone": Phones(),
        "phone-intent": Intents(),
        "routes": Routes(buildings=24),
    }


def _phone(steps: int, seed: int, threads: int) -> Recipe:
    """The phone and an eighth of routes, and what to do on phones without pictures."""
    mix = {"phone": 0.88, "routes": 0.12}
    phase = Phase(steps=steps, mix=mix, text_mix={"phone-intent": 1.0}, batch=16, text_batch=40)
    return Recipe(phases=(phase,), seed=seed, threads=threads)


def _more_phone(steps: int, seed: int, threads: int) -> Recipe:
    """The same at half the rates."""
    return replace(_phone(steps, seed, threads), learning_rate=5e-4, muon_rate=1.5e-3)


_CALLS = ("\n*FUNCTION*:", "\n*ARGS*:", "\n*RESULT*:", '"}', " {}")

COURSES: Mapping[str, Course] = {
    "cards": Course(
        max_pixels=224 * 224,  # 64 visual tokens for a table of 300 x 300
        pieces=448,
        whole=(*_CALLS, ' {"token": "'),
        sources=_card_sources,
        first=_cards,
        later=_more_cards,
    ),
    "phone": Course(
        max_pixels=196 * 420,  # half a screen of 392 x 840, 105 visual tokens
        pieces=1536,
        # What stands at the beginning of every prompt is a quarter of its words.
        whole=(
            *_CALLS,
            *(' {"point": [', ' {"text": "', ' {"direction": "', ' {"start": [', '], "end": ['),
            *(' {"time": ', ' {"name": "', ' {"candidate": ', "]}"),
            *("You are a helpful assistant.", ", ".join(f.name for f in mobile_space().functions)),
        ),
        sources=_phone_sources,
        first=_phone,
        later=_more_phone,
    ),
}
