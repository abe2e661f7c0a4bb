"""Lets a recorded answer be written as a model would that is sure of it, and counts its passes.

How many forward passes guesses and forced text save depends on what is written, and random weights
write noise. So what a trained model wrote is taken as given: in place of a forward pass stand
logits by which the recorded token is the likeliest. Everything else is the engine's own.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from qvl_agent.model.rows import Request, Row, take

__all__ = ["recite"]


def recite(
    request: Request,
    recorded: Sequence[int],
    *,
    vocabulary: int,
    jump_forward: bool = True,
    drafting: bool = False,
) -> tuple[Row, list[int]]:
    """Return a row that wrote a recorded answer, and where in it each pass stood.

    Args:
        request: With a writing that ends where the record does, or before.
        recorded: The answer's ids.
        vocabulary: How many there are.
        jump_forward: Feed forced tokens in one pass.
        drafting: Let passes check guesses.

    Returns:
        The complete row, and for each pass, the prompt's own first, how many tokens of the answer
        were known to be in it.
    """
    row = Row(request)
    row.read = len(request.sequence)
    passes = [0]
    take([row], _sure(recorded, 0, 1, vocabulary))
    while not row.done:
        if drafting:
            row.look_up()
        count = len(row.unfed) + len(row.guess) if jump_forward else 1
        row.feed(count)
        passes.append(len(row.fed))
        if not row.unfed:
            logits = _sure(recorded, len(row.fed), 1 + len(row.guess), vocabulary)
            take([row], logits[:1])
            row.check(logits[1:])
    return row, passes


def _sure(recorded: Sequence[int], start: int, count: int, vocabulary: int) -> Tensor:
    """Return logits (count, vocabulary) by which the answer goes on as it is recorded."""
    logits = torch.zeros((count, vocabulary))
    for place, token in enumerate(recorded[start : start + count]):
        logits[place, token] = 1.0
    return logits
