"""From logits to the next token: greedy, or seeded nucleus sampling. Knows nothing else."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from qvl_agent.actions.errors import PolicyError

__all__ = ["choose"]

_NUCLEUS_GUESS = 256


def choose(
    logits: Tensor, temperature: float, top_p: float, sources: Sequence[random.Random]
) -> list[int]:
    """Return one token per row.

    A row uses one number of its own random source per token, so the same source gives the same
    text whether the row is alone or in a batch, and on any device up to rounding.

    Args:
        logits: (rows, vocabulary).
        temperature: 0 is greedy.
        top_p: The smallest set of tokens that has at least this probability is drawn from.
        sources: One per row.

    Raises:
        PolicyError: If a row's largest logit is not finite.
    """
    largest, greedy = logits.max(dim=-1)  # NaN wins every comparison of `max`
    if not torch.isfinite(largest).all():
        raise PolicyError(
            "the model's logits are not finite (NaN or infinity): its weights or activations "
            "overflow in this dtype; try --dtype float32"
        )
    if temperature <= 0:
        chosen: list[int] = greedy.tolist()
        return chosen
    probabilities = torch.softmax(logits.float() / temperature, dim=-1)
    return [_draw(row, top_p, source) for row, source in zip(probabilities, sources, strict=True)]


def _draw(probabilities: Tensor, top_p: float, source: random.Random) -> int:
    """Draw by the inverse of the cumulative distribution."""
    if top_p >= 1:
        values, tokens = probabilities, None
    else:
        # A full sort of 150,000 values is slow; the nucleus almost always lies in the first few.
        values, tokens = probabilities.topk(min(_NUCLEUS_GUESS, len(probabilities)))
        if float(values.sum()) < top_p:
            values, tokens = probabilities.sort(descending=True)
        inside = values.cumsum(0) - values < top_p
        inside[0] = True  # a nucleus of no size is the likeliest token
        values = values[inside]
    cumulative = values.double().cumsum(0)
    index = int(torch.searchsorted(cumulative, source.random() * float(cumulative[-1]), right=True))
    index = min(index, len(values) - 1)
    return index if tokens is None else int(tokens[index])
