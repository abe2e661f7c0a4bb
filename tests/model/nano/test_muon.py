"""Our batched Muon is torch's Muon."""

import pytest
import torch

from qvl_agent.model.nano.muon import Muon, orthogonalise


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch.optim.Muon came with 2.9")
def test_updates_equal_those_of_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(8, 8), (8, 8), (8, 24), (24, 8), (16, 16)]
    start = [torch.randn(shape, generator=generator) for shape in shapes]
    ours = [torch.nn.Parameter(x.clone()) for x in start]
    theirs = [torch.nn.Parameter(x.clone()) for x in start]
    mine = Muon(ours, lr=0.1, momentum=0.9, weight_decay=0.05)
    peer = torch.optim.Muon(
        theirs, lr=0.1, momentum=0.9, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"
    )
    optimisers: list[torch.optim.Optimizer] = [mine, peer]
    for _ in range(5):
        for x, y in zip(ours, theirs, strict=True):
            x.grad = torch.randn(x.shape, generator=generator)
            y.grad = x.grad.clone()
        for optimiser in optimisers:
            optimiser.step()
    for x, y, z in zip(ours, theirs, start, strict=True):
        moved = (y - z).norm().item()
        assert (x - y).norm().item() < 0.03 * moved  # both compute in bfloat16
        assert moved > 0.1


def test_singular_values_come_close_to_one() -> None:
    matrices = torch.randn(3, 12, 20, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonalise(matrices, steps=5))
    assert values.min() > 0.6
    assert values.max() < 1.3
