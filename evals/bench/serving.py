"""A full context and many episodes at once (S8, S10)."""

import dataclasses
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from qvl_agent.actions.errors import PolicyError
from qvl_agent.evals.bench.scorecard import Figure, Row, alternate, timed
from qvl_agent.evals.bench.subjects import Episode, Subject, random_picture
from qvl_agent.model.policy import Decoding, Eviction, Generation
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy

__all__ = ["batching", "eviction"]

_STEPS = 44
_BUDGET = 3000
_ONE_TOKEN = Decoding(max_tokens=1)


@dataclass(slots=True)
class _Evicting:
    """What came of an episode, from the first eviction on.

    Attributes:
        spent: CPU seconds of each step, vision not counted.
        peer: CPU seconds of transformers on whole prompts, at some steps.
        worst: The largest difference from transformers' logits at these steps.
    """

    spent: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    worst: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds of a step."""
        return statistics.mean(self.spent)


def eviction(subject: Subject) -> Row:
    """S8: 44 steps in 3,000 tokens: half of the history dropped, a step, or a step deleted.

    The three are played in turn, step by step, so that a machine that changes its pace changes it
    for all.
    """
    half, one, deleting = _Evicting(), _Evicting(), _Evicting()
    subject.policy.clear()
    plays = (
        _play(subject, half, "exact", low_water=_BUDGET // 2),
        _play(subject, one, "exact", low_water=_BUDGET),
        _play(subject, deleting, "deletion", low_water=_BUDGET),
    )
    for _ in zip(*plays, strict=True):
        pass
    exact = max(half.worst, one.worst)
    everything = statistics.mean(half.peer + one.peer)
    return Row(
        "S8",
        f"{_STEPS} steps in {_BUDGET} tokens, from the step on at which the budget is full",
        "dropping the oldest step at every step, features cached as well",
        exact=max(exact, deleting.worst) <= 1e-5,
        figures=(
            Figure("peer / half at once, mean step", one.mean / half.mean, 8.0),
            Figure("peer / deletion (approximate), mean step", one.mean / deleting.mean, 10.0),
            Figure("transformers on everything / half at once", everything / half.mean, 8.0),
            Figure("transformers on everything / deletion", everything / deleting.mean, 10.0),
            Figure("largest logit difference", exact, 1e-5, at_most=True),
            Figure("deletion: from the block mask", deleting.worst, 1e-5, at_most=True),
        ),
        details={
            "half_ms": [s * 1e3 for s in half.spent],
            "deletion_ms": [s * 1e3 for s in deleting.spent],
            "peer_ms": [s * 1e3 for s in one.spent],
            "transformers_ms": [s * 1e3 for s in half.peer + one.peer],
        },
    )


def _play(
    subject: Subject, came: _Evicting, eviction: Eviction, *, low_water: int
) -> Iterator[None]:
    """Play an episode whose budget is full at step 17, and wait before each step.

    No other episode shows the same pictures, so none finds its work done. By deletion, what is
    shown is compared with transformers under a block mask, and only in the first steps: the mask
    is over all that ever was in the history.
    """
    rng = np.random.default_rng([8, low_water, eviction == "deletion"])
    policy = subject.policy.with_pixels()
    policy.profile = dataclasses.replace(policy.profile, eviction=eviction)
    episode, everything = Episode(), Episode()
    hidden: list[tuple[int, int, int]] = []
    full = False
    for _ in range(_STEPS):
        yield
        picture = random_picture(rng, 224, 448)
        for history in (episode, everything):
            history.observe(picture, " The screen has changed." * 2)
        # Its features are made first: every way of evicting has that cost, and it is not timed.
        policy.generate(Prompt((Turn("user", (picture,)),)), _ONE_TOKEN)
        dropped = 0
        if policy.length(episode.prompt()) > _BUDGET:
            full = True
            before = policy.length(episode.prompt())
            while policy.length(episode.prompt()) > low_water:
                episode.drop_oldest(1)
            dropped = before - policy.length(episode.prompt())
        prompt = episode.prompt()
        answer, seconds = timed(policy.generate, prompt, _ONE_TOKEN)
        if not full:
            continue
        came.spent.append(seconds)
        if eviction == "deletion":
            gone = hidden[-1][1] if hidden else policy.assemble(prompt).head
            hidden.append((gone, gone + dropped, answer.reused_tokens + _hidden(hidden) + dropped))
            if len(came.spent) in (1, 3):
                expected = subject.reference.masked_logits(everything.prompt(), hidden)
                off = policy.next_logits(prompt) - expected
                came.worst = max(came.worst, float(np.abs(off).max()))
        elif len(came.spent) % 10 == 1:
            expected, peer = timed(subject.reference.next_logits, prompt)
            came.peer.append(peer)
            off = policy.next_logits(prompt) - expected
            came.worst = max(came.worst, float(np.abs(off).max()))


def _hidden(spans: list[tuple[int, int, int]]) -> int:
    return sum(stop - start for start, stop, _ in spans)


def batching(subject: Subject) -> Row:
    """S10: eight ragged prompts, 64 tokens each: side by side, one by one, and as they come."""
    rng = np.random.default_rng(10)
    decoding = Decoding(max_tokens=64)
    prompts = [
        Prompt((Turn("user", (random_picture(rng, 280, 280), Text("Go on. " * (20 + 15 * i)))),))
        for i in range(8)
    ]
    policy = subject.policy
    policy.clear()
    alone = [policy.generate(prompt, decoding) for prompt in prompts]
    together = policy.generate_batch(prompts, decoding)
    came = _as_they_come(policy, prompts, decoding)
    texts = [a.tokens for a in alone]
    exact = texts == [b.tokens for b in together] == [c.tokens for c in came]
    batch, single, staggered = alternate(
        lambda: policy.generate_batch(prompts, decoding),
        lambda: [policy.generate(prompt, decoding) for prompt in prompts],
        lambda: _as_they_come(policy, prompts, decoding),
    )
    return Row(
        "S10",
        f"8 episodes of {alone[0].prompt_tokens} to {alone[-1].prompt_tokens} tokens, decoding",
        "the same one by one",
        exact,
        (
            Figure("tokens a second, batch / single", single / batch, 2.5),
            Figure("the same, arriving 4 passes apart", single / staggered, 2.0),
        ),
        {
            "batch_tokens_per_s": 512 / batch,
            "staggered_tokens_per_s": 512 / staggered,
            "single_tokens_per_s": 512 / single,
        },
    )


def _as_they_come(
    policy: Qwen2VLPolicy, prompts: list[Prompt], decoding: Decoding, apart: float = 4.0
) -> list[Generation]:
    """Return the answers to prompts that arrive while others are being answered.

    Args:
        policy: Answers.
        prompts: In the order in which they arrive.
        decoding: Of all.
        apart: Passes between two arrivals, on average.
    """
    source = random.Random(4)
    desk = policy.desk()
    answers: dict[int, Generation] = {}
    waiting = list(prompts)
    while len(answers) < len(prompts):
        if waiting and (len(waiting) == len(prompts) or source.random() < 1 / apart):
            desk.put(waiting.pop(0), decoding)
        for number, answer in desk.advance():
            if isinstance(answer, PolicyError):
                raise answer
            answers[number] = answer
    return [answers[number] for number in range(len(prompts))]
