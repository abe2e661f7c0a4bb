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
untouched, used, unused = (nn.Parameter(torch.zeros(2, 3)) for _ in range(3))
used.grad = torch.full((2, 3), 1.0 + team.rank)
if team.first:
    unused.grad = torch.ones(2, 3)
team.average([untouched, used, unused])
assert untouched.grad is None
torch.save([used.grad, unused.grad], f"{sys.argv[1]}/{team.rank}.pt")
"""

TRAINER = """
import sys
from pathlib import Path
import torch
from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.nano.architecture import Size, build
from qvl_agent.model.nano.lessons import Collator, Lesson
from qvl_agent.model.nano.team import Team
from qvl_agent.model.nano.tokens import train_vocabulary
from qvl_agent.model.nano.train import Phase, Recipe, train
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.tokenizer import TextTokenizer

said = []

def count(rng):
    said.append(rng.randrange(1000))
    return Lesson(Prompt((Turn("user", (Text("?"),)),)), f"It is {said[-1]}.")

def flat():
    return torch.cat([p.detach().flatten().clone() for p in model.parameters()])

words = train_vocabulary(["It is 12."] * 9, 300)
size = Size(hidden=64, layers=2, heads=2, intermediate=96, vision_embed=32, vision_heads=2)
model = build(size, words, seed=0)
before, folder = flat(), Path(sys.argv[1])
chat = ChatFormat(TextTokenizer(words.tokenizer), ImageSettings(28 * 28, 56 * 56))
phase = Phase(steps=3, mix={}, text_mix={"count": 1.0}, batch=0, text_batch=4)
recipe = Recipe((phase,), warmup_steps=1, threads=1)
train(model, {"count": count}, Collator(words, chat, seed=0), recipe, log=folder / "log.jsonl")
torch.save({"said": said, "before": before, "weights": flat()}, folder / f"{Team().rank}.pt")
"""


def test_a_team_of_one_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    team = Team()
    parameter = nn.Parameter(torch.zeros(3))
    team.average([parameter])
    assert team.first
    assert parameter.grad is None


def _run(program: str, folder: Path) -> None:
    """Run a program in two processes of one team, and wait for both."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    members = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder)],
            env={**os.environ, **shared, "RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [member.wait(timeout=600) for member in members] == [0, 0]


def test_every_process_gets_the_mean(tmp_path: Path) -> None:
    _run(MEMBER, tmp_path)
    for rank in range(2):
        used, unused = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert torch.equal(used, torch.full((2, 3), 1.5))
        assert torch.equal(unused, torch.full((2, 3), 0.5))


def test_a_team_learns_different_lessons_and_stays_one_model(tmp_path: Path) -> None:
    _run(TRAINER, tmp_path)
    one, other = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert one["said"] != other["said"]
    assert torch.equal(one["weights"], other["weights"])
    assert not torch.equal(one["weights"], one["before"])
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 1
