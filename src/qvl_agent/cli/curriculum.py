"""What nano is taught: which worlds, in which mixture, and the words it has to know.

There is a course for each kind of world, and each makes weights of its own: nano is too small to
keep one world in mind while it learns another (docs/nano.md).
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qvl_agent.actions.desktop import desktop_space
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.cli.lessons_cards import GAMES, Plans, Table
from qvl_agent.cli.lessons_miniwob import Recorded
from qvl_agent.cli.lessons_pages import Pages, Spots
from qvl_agent.cli.lessons_phone import Intents, Phones, Screens
from qvl_agent.cli.lessons_vln import Legs, Routes
from qvl_agent.model.nano.architecture import Size
from qvl_agent.model.nano.lessons import Source
from qvl_agent.model.nano.tokens import ACROSS, DOWN
from qvl_agent.model.nano.train import Phase, Recipe
from qvl_agent.model.prompt import Text

__all__ = ["COURSES", "Course"]


@dataclass(frozen=True, slots=True)
class Course:
    """Something to teach.

    Attributes:
        pixels: The smallest and the largest area at which pictures are seen.
        pieces: Of the vocabulary: learnt ones, bytes and special tokens.
        whole: Strings that are one token each, on top of those.
        size: Of the model.
        sources: Makes the sources of lessons, by name; gets the folder of recorded ones and the
            seed of the run.
        first: The recipe of a run that begins, from steps, seed and threads.
        later: The recipe of a run that goes on from a checkpoint of the course.
        apart: Whether blanks and digits are tokens of their own, so that names can be copied.
        made_up: Sources whose words are nobody's, so that the vocabulary is not learnt from them.
    """

    pixels: tuple[int, int]
    pieces: int
    whole: tuple[str, ...]
    size: Size
    sources: Callable[[Path, int], Mapping[str, Source]]
    first: Callable[[int, int, int], Recipe]
    later: Callable[[int, int, int], Recipe]
    apart: bool = False
    made_up: frozenset[str] = frozenset()

    def texts(self, sources: Mapping[str, Source], count: int, seed: int) -> Iterator[str]:
        """Yield what prompts, answers and pictures say, for training the vocabulary.

        Args:
            sources: By name.
            count: Lessons of each source with pictures.
            seed: Of the lessons.
        """
        rng = random.Random(seed)
        for name in self.later(1, seed, 1).phases[-1].mix:
            if name in self.made_up:
                continue
            for _ in range(count):
                lesson = sources[name](rng)
                for turn in lesson.prompt.turns:
                    yield from (part.text for part in turn.parts if isinstance(part, Text))
                    yield f"{turn.role}\n"
                yield lesson.answer
                yield from (f" {drawing.word}" for drawing in lesson.drawings)


def _card_sources(_: Path, seed: int) -> dict[str, Source]:
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


_PHONE_PATCH = 18


def _phone_sources(_: Path, seed: int) -> dict[str, Source]:
    return {
        "phone": Phones(),
        "phone-intent": Intents(),
        "phone-screens": Screens(),
        "phone-pages": Pages(cell=2 * _PHONE_PATCH, seen=(9, 19)),
        "phone-spots": Spots(cell=2 * _PHONE_PATCH, seen=(9, 19)),
    }


def _phone(steps: int, seed: int, threads: int) -> Recipe:
    """Letters, then words, then everything: each is learnt in few steps by who knows the last."""
    letters = Phase(
        steps=int(steps * _LETTERS),
        mix={},
        text_mix={},
        screen_mix={"phone-pages": 1.0},
        batch=0,
        screen_batch=8,
        words=False,
    )
    words = replace(
        letters,
        steps=int(steps * _WORDS),
        screen_mix={"phone-pages": 0.7, "phone-screens": 0.3},
        words=True,
    )
    everything = _everything(steps - letters.steps - words.steps)
    return Recipe(phases=(letters, words, everything), seed=seed, threads=threads)


def _more_phone(steps: int, seed: int, threads: int) -> Recipe:
    """Everything, at two thirds of the rates; what is left out for a while is forgotten."""
    return Recipe(
        phases=(_everything(steps),),
        learning_rate=7e-4,
        muon_rate=2e-3,
        seed=seed,
        threads=threads,
    )


_LETTERS, _WORDS = 0.35, 0.25
"""Shares of the steps of a run that begins, in which nothing else is learnt; they are short ones.

Batches are small: what counts is how often the weights are changed.
"""


def _everything(steps: int) -> Phase:
    return Phase(
        steps=steps,
        mix={"phone": 0.8, "phone-spots": 0.2},
        text_mix={"phone-intent": 1.0},
        screen_mix={"phone-pages": 0.75, "phone-screens": 0.25},
        batch=10,
        text_batch=8,
        screen_batch=8,
    )


def _miniwob_sources(recorded: Path, seed: int) -> dict[str, Source]:
    return {"miniwob": Recorded(recorded)}


def _miniwob(steps: int, seed: int, threads: int) -> Recipe:
    """Recorded steps, over and over."""
    phase = Phase(steps=steps, mix={"miniwob": 1.0}, text_mix={}, batch=24)
    return Recipe(phases=(phase,), seed=seed, threads=threads)


def _more_miniwob(steps: int, seed: int, threads: int) -> Recipe:
    """The same at half the rates."""
    return replace(_miniwob(steps, seed, threads), learning_rate=5e-4, muon_rate=1.5e-3)


_BUILDINGS = 240


def _route_sources(_: Path, seed: int) -> dict[str, Source]:
    """Return routes through buildings that runs of other seeds do not see."""
    routes = Routes(buildings=_BUILDINGS, first=_BUILDINGS * (seed % 1000))
    return {"routes": routes, "routes-legs": Legs(routes)}


def _routes(steps: int, seed: int, threads: int) -> Recipe:
    """Steps of short routes, and what the words alone tell of them."""
    mix, text_mix = {"routes": 1.0}, {"routes-legs": 1.0}
    phase = Phase(steps=steps, mix=mix, text_mix=text_mix, batch=24, text_batch=16)
    return Recipe(phases=(phase,), seed=seed, threads=threads)


def _more_routes(steps: int, seed: int, threads: int) -> Recipe:
    """The same at half the rates."""
    return replace(_routes(steps, seed, threads), learning_rate=5e-4, muon_rate=1.5e-3)


_FINDING = Size(heads=3, rope_theta=1e4, mrope_section=(2, 6, 24))
"""To find one of many things by its name, attention needs frequencies that hardly turn between the
name and any place on the picture; to tell columns apart, the width needs some that do."""

_SEEING = replace(_FINDING, vision_embed=192, vision_depth=3, vision_heads=3, patch=_PHONE_PATCH)
"""To read small print: wider and deeper, with more pixels to a patch."""

_CALLS = ("\n*FUNCTION*:", "\n*ARGS*:", "\n*RESULT*:", '"}', " {}")

COURSES: Mapping[str, Course] = {
    "cards": Course(
        pixels=(56 * 56, 224 * 224),  # 64 visual tokens for a table of 300 x 300
        pieces=448,
        whole=(*_CALLS, ' {"token": "'),
        size=Size(),
        sources=_card_sources,
        first=_cards,
        later=_more_cards,
    ),
    "phone": Course(
        pixels=(72 * 72, 324 * 698),  # 392 x 840 is seen at 324 x 684, 171 visual tokens
        pieces=2304,
        # What stands at the beginning of every prompt is a quarter of its words.
        whole=(
            *_CALLS,
            *(' {"point": [', ' {"text": "', ' {"direction": "', ' {"start": [', ', "end": ['),
            *(' {"time": ', ' {"name": "', *ACROSS, *DOWN),
            *("You are a helpful assistant.", ", ".join(f.name for f in mobile_space().functions)),
            *(" the icon of ", " the home screen", " everything that was asked for is done."),
            *("I see the ", "I see ", ", so I tap", ", so I open ", ", so I ", ", so"),
        ),
        size=_SEEING,
        sources=_phone_sources,
        first=_phone,
        later=_more_phone,
        apart=True,
        made_up=frozenset({"phone-spots"}),
    ),
    "miniwob": Course(
        pixels=(224 * 224, 224 * 308),  # 160 x 210 enlarged, 88 visual tokens
        pieces=768,
        whole=(
            *_CALLS,
            *(' {"point": [', ' {"text": "', *ACROSS, *DOWN),
            *("You are a helpful assistant.", ", ".join(f.name for f in desktop_space().functions)),
        ),
        # 8 columns are to be told apart, and the width has the lowest frequencies.
        size=Size(rope_theta=8.0),
        sources=_miniwob_sources,
        first=_miniwob,
        later=_more_miniwob,
    ),
    "routes": Course(
        pixels=(56 * 56, 224 * 224),
        pieces=640,
        whole=(*_CALLS, ' {"candidate": ', "You are a helpful assistant."),
        size=_FINDING,
        sources=_route_sources,
        first=_routes,
        later=_more_routes,
    ),
}
