"""Forward passes for an answer that a trained model wrote: guesses and forced text (S7).

Counts, and no times: the same on every machine. They need the real vocabulary, because a token more
or less is all that they are about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.frames import FRAME_1000
from qvl_agent.actions.mobile import mobile_space
from qvl_agent.actions.types import Call
from qvl_agent.evals.bench.scorecard import Figure, Row
from qvl_agent.evals.bench.subjects import random_picture
from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.guidance import GuidedWriting, Guides
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Part, Prompt, Text, Turn
from qvl_agent.model.recital import recite
from qvl_agent.model.rows import Request
from qvl_agent.model.tokenizer import TextTokenizer

__all__ = ["RECORDED", "recorded_trajectory"]

_TASK = "Your task is: What's a good restaurant in San Diego?"

RECORDED: tuple[tuple[str, Call], ...] = (
    (
        "The screen shows the email setup page, which is not relevant to finding a restaurant. "
        "Possible actions are to exit the email setup and navigate to a search engine or map "
        "application where I can look up restaurants in San Diego.",
        Call("Home"),
    ),
    (
        "The screen shows the home screen with various apps, including Google Chrome and Maps "
        "which could be used to search for a restaurant in San Diego. Possible actions are to tap "
        "on the Google Chrome app to open it and then use it to search for a good restaurant in "
        "San Diego.",
        Call("Click", {"point": [687, 792]}),
    ),
    (
        "The current screen shows search results for skateboards, which is not related to the "
        "query about finding a good restaurant in San Diego. Possible actions are to click on the "
        "Google search bar at the top of the screen and enter the correct search term "
        '"good restaurant in San Diego" to find relevant information.',
        Call("Click", {"point": [596, 213]}),
    ),
    (
        "The current screen shows search suggestions related to skateboard speeds, which is not "
        "relevant to the query about finding a good restaurant in San Diego. Possible actions are "
        'to click on the "X" button to he correct query for finding a good restaurant in San '
        "Diego.",
        Call("Click", {"point": [927, 135]}),
    ),
    (
        "The screen shows the Google search bar with a list of previous searches, none of which "
        "are related to finding a restauran t in San Diego. Possible actions are to type "
        '"good restaurant in San Diego" into the search bar and then press enter to perform the '
        "search.",
        Call("Type", {"text": "What's a good restaurant in San Diego?"}),
    ),
    (
        "The screen shows a list of search suggestions related to finding good restaurants in San "
        "Diego, indicating that the user has typed in a query but not yet executed it. Possible "
        "actions are to select one of the suggested searches or press enter on the keyboard to "
        "execute the current search and view the results.",
        Call("Enter"),
    ),
    (
        "The screen shows a list of top-rated restaurants in San Diego with details such as "
        "ratings, price range, and opening hours. Possible actions are to stop and set the query "
        "as completed.",
        Call("Done"),
    ),
)
"""What Qwen2-VL thought and did on a phone; points as numbers, the names as in `mobile_space`.

Source: Qwen2-VL paper (arXiv 2409.12191), figure 30, misprints included."""


@dataclass(slots=True)
class _Count:
    """Passes of a whole trajectory, and of the calls in it."""

    total: int = 0
    calls: int = 0

    def add(self, passes: list[int], call_begins: int) -> None:
        """Count an answer in."""
        self.total += len(passes)
        self.calls += sum(known >= call_begins for known in passes)


def recorded_trajectory(tokenizer_file: Path) -> Row:
    """S7: the paper's own trajectory, written with and without guesses and forced text.

    Args:
        tokenizer_file: A Qwen checkpoint's `tokenizer.json`.
    """
    tokenizer = TextTokenizer.from_file(tokenizer_file)
    ways: dict[str, dict[str, Any]] = {
        "plain": {"jump_forward": False},
        "forced": {},
        "guessed": {"drafting": True},
    }
    counts = {way: _Count() for way in ways}
    exact = True
    tokens = 0
    for asked in _steps(tokenizer):
        written = {}
        for way, how in ways.items():
            row, passes = recite(asked.request(), asked.ids, vocabulary=asked.vocabulary, **how)
            counts[way].add(passes, asked.call_begins)
            written[way] = row.generation()
        exact &= all(one.tokens == written["plain"].tokens for one in written.values())
        exact &= written["plain"].text == asked.text
        tokens += len(written["plain"].tokens)
    guessed = counts["guessed"]
    return Row(
        "S7",
        f"{len(RECORDED)} recorded answers of {tokens} tokens: guesses, and forced text",
        "a pass for every token",
        exact,
        (
            Figure("tokens a pass", tokens / guessed.total, 1.7),
            Figure("passes in calls", guessed.calls, 46, at_most=True),
            Figure("passes in calls without guesses", counts["forced"].calls),
        ),
        {f"{way}_{key}": getattr(counts[way], key) for way in ways for key in ("total", "calls")},
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One recorded answer, and what the model had read before.

    Attributes:
        tokenizer: Of the model.
        guides: For it.
        sequence: What was read.
        text: What was written.
        ids: Its tokens, and some of what follows.
        call_begins: How many of them are the thought's.
        vocabulary: How many ids there are.
    """

    tokenizer: TextTokenizer
    guides: Guides
    sequence: TokenSequence
    text: str
    ids: tuple[int, ...]
    call_begins: int
    vocabulary: int

    def request(self) -> Request:
        """Return the request to write it under the grammar of its space."""
        space, dialect = mobile_space(), get_dialect("star")
        decoding = Decoding(max_tokens=512, space=space, dialect=dialect)
        guide = self.guides.get(space, FRAME_1000, dialect)
        writing = GuidedWriting(self.tokenizer, decoding, dialect, guide, room=512)
        return Request(self.sequence, writing, decoding)


def _steps(tokenizer: TextTokenizer) -> Iterator[_Step]:
    """Yield the answers one by one, each after a prompt with all those before it."""
    dialect = get_dialect("star")
    chat = ChatFormat(tokenizer, ImageSettings(56 * 56, 28 * 28 * 64))
    guides = Guides(tokenizer, chat.end_of_turn)
    rng = np.random.default_rng(7)
    system = Text(f"You are a helpful assistant.\n\n{dialect.system(mobile_space(), FRAME_1000)}")
    asked = Turn("user", (Text(_TASK), random_picture(rng, 224, 112)))
    said: list[Part] = []
    for thought, call in RECORDED:
        prompt = Prompt((Turn("system", (system,)), asked, Turn("assistant", tuple(said))))
        text = dialect.render(call, thought)
        text = f" {text}" if said else text
        yield _Step(
            tokenizer,
            guides,
            chat.assemble(prompt),
            text,
            tokenizer.encode(text + dialect.before_result),
            len(tokenizer.encode(text[: text.rindex("\n*FUNCTION*")])),
            tokenizer.size,
        )
        said += [Text(text), Text(dialect.before_result), random_picture(rng, 224, 112)]
        said.append(Text(dialect.after_result))
