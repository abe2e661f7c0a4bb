"""Whole steps and episodes against transformers' `generate` on the full history (S1, S2, S3)."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from qvl_agent.evals.bench.scorecard import Figure, Row, timed
from qvl_agent.evals.bench.subjects import Episode, Subject, random_picture
from qvl_agent.model.policy import Decoding, Generation

__all__ = ["exactness", "long_steps", "short_steps"]

_PEER = "transformers generate() on the whole history"

_STEPS = 12

_PLAYS = 2
"""Times that an episode is played; of each step the faster one counts, ours and the peer's.

A step is measured once in a play, and a shared machine can be twice as slow for some seconds.
"""


def exactness(subject: Subject) -> Row:
    """S3: logits and tokens of two interleaved episodes with mixed sizes, evictions included."""
    rng = np.random.default_rng(3)
    decoding = Decoding(max_tokens=16)
    episodes = [Episode(), Episode()]
    sizes = [(224, 224), (280, 140), (112, 448), (90, 200)]
    worst, equal, total = 0.0, 0, 0
    for step in range(12):
        episode = episodes[step % 2]
        if len(episode.steps) == 4:
            episode.drop_oldest(2)
        episode.observe(random_picture(rng, *sizes[step % len(sizes)]))
        prompt = episode.prompt()
        ours = subject.policy.generate(prompt, decoding)
        theirs = subject.reference.generate(prompt, decoding)
        difference = subject.policy.next_logits(prompt) - subject.reference.next_logits(prompt)
        worst = max(worst, float(np.abs(difference).max()))
        equal += _equal(ours, theirs)
        total += decoding.max_tokens
        episode.write(ours)
    return Row(
        "S3",
        "12 steps, two interleaved episodes, mixed picture sizes, evictions",
        _PEER,
        exact=worst <= 1e-5 and equal == total,
        figures=(
            Figure("largest logit difference", worst, 1e-5, at_most=True),
            Figure("equal tokens", equal / total, 1.0),
        ),
    )


def short_steps(subject: Subject) -> Row:
    """S1: pictures of 512 visual tokens, 64 tokens written, the peer at every step."""
    return _episode(
        subject, "S1", (448, 896), written=64, peer_steps=range(1, 13), goals=(7.0, 4.5, None)
    )


def long_steps(subject: Subject) -> Row:
    """S2: pictures of 988 visual tokens, 32 tokens written, the peer at the first and last."""
    return _episode(
        subject, "S2", (728, 1064), written=32, peer_steps=[1, 12], goals=(8.5, None, 1.65)
    )


def _episode(
    subject: Subject,
    row_id: str,
    size: tuple[int, int],
    *,
    written: int,
    peer_steps: Collection[int],
    goals: tuple[float | None, float | None, float | None],
) -> Row:
    plays = [_play(subject, size, written, peer_steps) for _ in range(_PLAYS)]
    ours = [min(seconds) for seconds in zip(*(play.ours for play in plays), strict=True)]
    theirs = {step: min(play.theirs[step] for play in plays) for step in peer_steps}
    figures = [
        Figure("peer / ours at step 12", theirs[12] / ours[-1], goals[0]),
        Figure("ours at step 12 / step 1", ours[-1] / ours[0], goals[2], at_most=True),
    ]
    if len(theirs) == len(ours):
        figures.insert(
            1, Figure("peer / ours, episode", sum(theirs.values()) / sum(ours), goals[1])
        )
    return Row(
        row_id,
        f"12 steps of {size[0] * size[1] // 784} visual and {written} written tokens",
        _PEER,
        all(play.exact for play in plays),
        tuple(figures),
        {
            "ours_s": [play.ours for play in plays],
            "peer_s": [play.theirs for play in plays],
            "context": plays[0].context,
        },
    )


@dataclass(frozen=True, slots=True)
class _Play:
    """Seconds of the steps of an episode.

    Attributes:
        ours: Of every step.
        theirs: Of some, by number.
        exact: Whether the peer wrote the same at these.
        context: Tokens of the last prompt.
    """

    ours: list[float]
    theirs: dict[int, float]
    exact: bool
    context: int


def _play(
    subject: Subject, size: tuple[int, int], written: int, peer_steps: Collection[int]
) -> _Play:
    rng = np.random.default_rng(1)
    decoding = Decoding(max_tokens=written)
    episode = Episode()
    ours: list[float] = []
    theirs: dict[int, float] = {}
    exact = True
    subject.policy.clear()
    for step in range(1, _STEPS + 1):
        episode.observe(random_picture(rng, *size))
        prompt = episode.prompt()
        answer, seconds = timed(subject.policy.generate, prompt, decoding)
        ours.append(seconds)
        if step in peer_steps:
            expected, theirs[step] = timed(subject.reference.generate, prompt, decoding)
            exact &= _equal(answer, expected) == written
        episode.write(answer)
    return _Play(ours, theirs, exact, answer.prompt_tokens)


def _equal(ours: Generation, theirs: Generation) -> int:
    return sum(a == b for a, b in zip(ours.tokens, theirs.tokens, strict=False))
