"""Several processes train one model: each step is taken with the mean of their gradients."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from qvl_agent.model.nano.team import Team

MEMBER = """
import sys, torch
from torch import nn
from qvl_agent.model.nano.team import Team

team = Team()
used, unused = (nn.Parameter(torch.zeros(2, 3)) for _ in range(2))
used.grad = torch.full((2, 3), 1.0 + team.rank)
if team.first:
    unused.grad = torch.ones(2, 3)
team.average([used, unused])
torch.save([used.grad, unused.grad], f"{sys.argv[1]}/{team.rank}.pt")
"""


def test_a_team_of_one_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    team = Team()
    parameter = nn.Parameter(torch.zeros(3))
    team.average([parameter])
    assert team.first
    assert parameter.grad is None


def test_every_process_gets_the_mean(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    members = [
        subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(tmp_path)],
            env={**os.environ, **shared, "RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [member.wait(timeout=120) for member in members] == [0, 0]
    for rank in range(2):
        used, unused = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert torch.equal(used, torch.full((2, 3), 1.5))
        assert torch.equal(unused, torch.full((2, 3), 0.5))
