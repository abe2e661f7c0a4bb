"""A full context and many episodes at once (S8, S10)."""

import statistics

import numpy as np

from qvl_agent.evals.bench.scorecard import Figure, Row, alternate, timed
from qvl_agent.evals.bench.subjects import Episode, Subject, random_picture
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Prompt, Text, Turn

__all__ = ["batching", "eviction"]

_STEPS = 44
_BUDGET = 3000


def eviction(subject: Subject) -> Row:
    """S8: 44 steps in a budget of 3,000 tokens; half of the history dropped at once, or a step."""
    half, worst = _run(subject, low_water=_BUDGET // 2)
    one, worst_one = _run(subject, low_water=_BUDGET)
    ours, peer = statistics.mean(half), statistics.mean(one)
    return Row(
        "S8",
        f"{_STEPS} steps in {_BUDGET} tokens, from the step on at which the budget is full",
        "dropping the oldest step at every step, features cached as well",
        exact=max(worst, worst_one) <= 1e-5,
        figures=(
            Figure("peer / ours, mean step", peer / ours, 8.0),
            Figure("largest logit difference", max(worst, worst_one), 1e-5, at_most=True),
        ),
        details={"ours_ms": [s * 1e3 for s in half], "peer_ms": [s * 1e3 for s in one]},
    )


def _run(subject: Subject, *, low_water: int) -> tuple[list[float], float]:
    """Return the CPU seconds of every step from the first eviction on, without vision.

    And the largest difference from transformers' logits, looked at after every tenth of them.
    """
    rng = np.random.default_rng(8)
    policy, one_token = subject.policy, Decoding(max_tokens=1)
    policy.clear()
    episode = Episode()
    spent: list[float] = []
    worst, full = 0.0, False
    for _ in range(_STEPS):
        picture = random_picture(rng, 224, 448)
        episode.observe(picture, " The screen has changed." * 2)
        # Its features are made first: both ways of evicting have that cost, and it is not timed.
        policy.generate(Prompt((Turn("user", (picture,)),)), one_token)
        if policy.length(episode.prompt()) > _BUDGET:
            full = True
            while policy.length(episode.prompt()) > low_water:
                episode.drop_oldest(1)
        prompt = episode.prompt()
        _, seconds = timed(policy.generate, prompt, one_token)
        if full:
            if len(spent) % 10 == 0:
                off = policy.next_logits(prompt) - subject.reference.next_logits(prompt)
                worst = max(worst, float(np.abs(off).max()))
            spent.append(seconds)
    return spent, worst


def batching(subject: Subject) -> Row:
    """S10: eight ragged prompts, read already, 64 tokens each: side by side or one by one."""
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
    exact = [a.tokens for a in alone] == [b.tokens for b in together]
    batch, single = alternate(
        lambda: policy.generate_batch(prompts, decoding),
        lambda: [policy.generate(prompt, decoding) for prompt in prompts],
    )
    return Row(
        "S10",
        f"8 episodes of {alone[0].prompt_tokens} to {alone[-1].prompt_tokens} tokens, decoding",
        "the same one by one",
        exact,
        (Figure("tokens a second, batch / single", single / batch, 2.5),),
        {"batch_tokens_per_s": 512 / batch, "single_tokens_per_s": 512 / single},
    )
