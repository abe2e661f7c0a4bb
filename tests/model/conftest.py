"""A tiny checkpoint, the policy made from it, and transformers' own answer to the same question."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers.utils import logging

from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint

logging.disable_progress_bar()


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def policy(tiny_folder: Path) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(tiny_folder, device="cpu")


@pytest.fixture(scope="session")
def reference(tiny_folder: Path) -> Reference:
    return Reference(Qwen2VLPolicy.load(tiny_folder, device="cpu"), tiny_folder)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
