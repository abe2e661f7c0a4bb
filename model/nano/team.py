"""Processes that train one model together, each on lessons of its own. Knows gradients only.

`torchrun --nproc-per-node 2 --no-python -- qvl-agent train nano ...` starts such processes; without
it there is a team of one, which costs nothing.
"""

import atexit
import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn

__all__ = ["Team"]


class Team:
    """The processes of this run. All of them hold the same parameters at every step.

    Attributes:
        rank: Number of this process; the first one reports and saves.
        size: How many there are.
    """

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        if self.size > 1 and not dist.is_initialized():
            dist.init_process_group("gloo")
            atexit.register(dist.destroy_process_group)  # or a thread of gloo's aborts the exit

    @property
    def first(self) -> bool:
        """Whether this process reports and saves."""
        return self.rank == 0

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over the team; the same order everywhere.

        A parameter that no process's batch touched has no gradient afterwards either, so that
        nothing decays that is not being learnt.
        """
        if self.size == 1:
            return
        held = list(parameters)
        touched = torch.tensor([p.grad is not None for p in held]).int()
        dist.all_reduce(touched)
        held = [p for p, count in zip(held, touched.tolist(), strict=True) if count]
        # A process whose batch did not touch one of these still has to take part.
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in held]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        pieces = torch.split(flat, [p.numel() for p in held])
        for parameter, gradient in zip(held, pieces, strict=True):
            parameter.grad = gradient.view_as(parameter)
