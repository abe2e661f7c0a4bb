"""A tiny checkpoint, the policy made from it, and transformers' own answer to the same question."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import Qwen2VLForConditionalGeneration
from transformers.utils import logging

from qvl_agent.model.chat import Sequence
from qvl_agent.model.images import preprocess
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
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


@dataclass(frozen=True)
class Reference:
    """Runs transformers on the whole prompt, from nothing, every time."""

    model: Any

    def inputs(self, sequence: Sequence) -> dict[str, Tensor]:
        ids = torch.from_numpy(sequence.ids)[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if not sequence.pictures:
            return inputs
        kinds = torch.zeros_like(ids)
        patches, grids = [], []
        for span in sequence.pictures:
            kinds[0, span.start : span.stop] = 1
            cut, (rows, columns) = preprocess(span.picture.pixels, span.settings)
            patches.append(torch.from_numpy(cut))
            grids.append([1, rows, columns])
        return inputs | {
            "mm_token_type_ids": kinds,
            "pixel_values": torch.cat(patches),
            "image_grid_thw": torch.tensor(grids),
        }

    @torch.inference_mode()
    def logits(self, sequence: Sequence) -> Tensor:
        self.model.model.rope_deltas = None
        logits: Tensor = self.model(**self.inputs(sequence)).logits
        return logits[0, -1]

    @torch.inference_mode()
    def greedy(self, sequence: Sequence, count: int) -> tuple[int, ...]:
        self.model.model.rope_deltas = None
        output = self.model.generate(
            **self.inputs(sequence), max_new_tokens=count, min_new_tokens=count, do_sample=False
        )
        return tuple(output[0, len(sequence) :].tolist())


@pytest.fixture(scope="session")
def reference(tiny_folder: Path) -> Reference:
    return Reference(Qwen2VLForConditionalGeneration.from_pretrained(tiny_folder).eval())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
