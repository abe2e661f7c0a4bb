"""`qvl-agent bench`: what it says where it cannot measure."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

Cli = Callable[..., Any]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_one_line_says_what_runs_instead(cli: Cli) -> None:
    ran = cli("bench", "gpu", "--json")
    assert ran.code == 2
    assert "--rehearse" in ran.document["error"]["message"]


@pytest.mark.parametrize("kind", ["engine", "gpu"])
def test_a_row_that_there_is_not_is_named(cli: Cli, kind: str) -> None:
    ran = cli("bench", kind, "--only", "X9", "--json")
    assert ran.code == 2
    assert "X9" in ran.document["error"]["message"]


def test_counting_tokens_needs_a_vocabulary(cli: Cli) -> None:
    ran = cli("bench", "engine", "--only", "S7", "--json")
    assert ran.code == 2
    assert "--tokenizer" in ran.document["error"]["message"]
