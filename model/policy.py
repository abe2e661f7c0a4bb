"""The contract of a policy: a prompt goes in, a generation comes out. Knows no concrete model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from qvl_agent.actions.dialects.base import Dialect
from qvl_agent.actions.errors import PolicyError
from qvl_agent.actions.frames import FRAME_1000, Frame
from qvl_agent.actions.space import ActionSpace, Detail
from qvl_agent.model.prompt import Part, Prompt

__all__ = [
    "Continuous",
    "Decoding",
    "Desk",
    "Eviction",
    "Generation",
    "Policy",
    "Profile",
    "ReadsAhead",
    "Seconds",
    "StopReason",
]

Eviction = Literal["exact", "deletion"]
StopReason = Literal["call", "stop_word", "end_of_turn", "length"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode.

    Attributes:
        max_tokens: Most tokens to generate.
        stop_words: Generation ends before the first of these; it is not part of the text.
        stop_after: Given the text so far, the index at which it is complete, or None.
        temperature: 0 is greedy.
        top_p: Nucleus, used when the temperature is above 0.
        seed: Of the sampling; the same prompt and seed give the same text.
        space: When given, and the policy can, the answer is a thought and one valid call of this
            space; stop words and `stop_after` then say nothing that the call's end does not.
        dialect: How that call is written; None is the profile's.
        frame: The grid of its points.
    """

    max_tokens: int = 512
    stop_words: tuple[str, ...] = ()
    stop_after: Callable[[str], int | None] | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    space: ActionSpace | None = None
    dialect: Dialect | None = None
    frame: Frame = FRAME_1000


@dataclass(frozen=True, slots=True)
class Seconds:
    """Where the time of one generation went, in seconds of wall time."""

    preprocess: float = 0.0
    vision: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0

    @property
    def total(self) -> float:
        """The sum."""
        return self.preprocess + self.vision + self.prefill + self.decode


@dataclass(frozen=True, slots=True)
class Generation:
    """What a policy wrote.

    Attributes:
        text: Special tokens included where the model wrote them, the end of turn left out.
        tokens: The ids of `text`, () where the policy has no tokens.
        stop: Why it ended; "call" where the text ends with the call that it ends for.
        prompt_tokens: Length of the prompt.
        reused_tokens: How many of those were not computed again.
        seconds: Where the time went.
        forwards: Passes through the model that wrote it, the prompt's own included; 0 where the
            policy does not count them.
    """

    text: str
    tokens: tuple[int, ...] = ()
    stop: StopReason = "end_of_turn"
    prompt_tokens: int = 0
    reused_tokens: int = 0
    seconds: Seconds = field(default_factory=Seconds)
    forwards: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """How a policy was trained to be prompted. Stored with a checkpoint as `agent.json`.

    Attributes:
        dialect: How it writes calls.
        frame: Its grid: "0-1000", "0-999", "0-1" or "pixels" (of the resized picture).
        detail: How much of the action space the system prompt tells.
        system: The system prompt's first sentence.
        keep_steps: How many past steps it sees; None is as many as the token budget holds.
        context_tokens: Its window, prompt and answer together.
        max_tokens: Enough for one answer.
        eviction: What becomes of the oldest steps when the window is full. "exact": many are
            dropped at once, and the policy reads the rest as if they had never been. "deletion":
            as few as possible are dropped and the first observation stays; a local model deletes
            their keys and values and reads nothing again, which is quick and approximate: what
            follows them was computed when they were still seen.
    """

    dialect: str = "star"
    frame: str = "0-1000"
    detail: Detail = "full"
    system: str = "You are a helpful assistant."
    keep_steps: int | None = None
    context_tokens: int = 32_768
    max_tokens: int = 512
    eviction: Eviction = "exact"


class Policy(Protocol):
    """Anything that answers a prompt.

    `generate` is a pure function of its arguments: any reuse of earlier work is an optimisation
    that must not change the result. A policy can be shared by many episodes.

    Attributes:
        name: As shown and stored in traces.
        profile: How it wants to be prompted.
    """

    name: str
    profile: Profile

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return what the policy writes after the prompt.

        Raises:
            PolicyError: If the model cannot answer (too long, out of memory, NaN).
        """
        ...

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        """Return one generation per prompt, each equal to `generate` on that prompt alone."""
        ...

    def count(self, part: Part) -> int:
        """Return the exact number of tokens a part takes (delimiters of a picture included)."""
        ...

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn of this role takes."""
        ...

    def length(self, prompt: Prompt) -> int:
        """Return the exact number of tokens of a whole prompt, as the model will read it.

        It is the sum of the turns' overheads and the parts' counts, except that the last turn, the
        assistant's, is opened and not closed.
        """
        ...

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) in pixels at which the policy sees a picture of this size."""
        ...

    def describe(self) -> dict[str, Any]:
        """Return what a trace has to say about the policy, as JSON values."""
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """A policy that gains from knowing what the next prompt will begin with."""

    def prepare(self, prompt: Prompt) -> None:
        """Do what work can be done for prompts that begin so; no answer depends on it.

        Any thread may call it, also while the policy answers.

        Raises:
            PolicyError: If the prompt cannot be read.
        """
        ...


class Desk(Protocol):
    """Takes prompts at any time, and gives each answer back when it is complete."""

    def put(self, prompt: Prompt, decoding: Decoding) -> int:
        """Take a prompt, and return its number."""
        ...

    def advance(self) -> list[tuple[int, Generation | PolicyError]]:
        """Work on all prompts for a moment, and return the answers that are complete."""
        ...

    def close(self) -> None:
        """Give up what is not answered."""
        ...


@runtime_checkable
class Continuous(Protocol):
    """A policy that can begin with one prompt while others are being answered."""

    def desk(self) -> Desk:
        """Return a new desk."""
        ...
