"""A run that goes on knows the letters that the last one knew."""

from pathlib import Path

import pytest
import torch
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.actions.errors import DataError
from qvl_agent.model.nano.architecture import Size, build
from qvl_agent.model.nano.speller import load_speller, new_speller, save_speller
from qvl_agent.model.nano.tokens import train_vocabulary

SIZE = Size(hidden=64, layers=2, heads=2, intermediate=96, vision_embed=32, vision_heads=2)


@pytest.fixture(scope="module")
def model() -> Qwen2VLForConditionalGeneration:
    return build(SIZE, train_vocabulary(["It is dark. It is bright."] * 9, 300), seed=0)


def test_what_was_saved_is_loaded(model: Qwen2VLForConditionalGeneration, tmp_path: Path) -> None:
    saved = new_speller(model, seed=1)
    save_speller(tmp_path, saved)
    loaded = load_speller(tmp_path, model, seed=2)
    assert torch.equal(loaded.weight, saved.weight)
    assert torch.equal(loaded.bias, saved.bias)


@pytest.mark.parametrize("beside", [True, False])
def test_without_one_a_new_one_begins(
    model: Qwen2VLForConditionalGeneration, tmp_path: Path, beside: bool
) -> None:
    loaded = load_speller(tmp_path if beside else None, model, seed=2)
    assert torch.equal(loaded.weight, new_speller(model, seed=2).weight)
    assert not torch.equal(loaded.weight, new_speller(model, seed=3).weight)


def test_that_of_another_encoder_is_refused(
    model: Qwen2VLForConditionalGeneration, tmp_path: Path
) -> None:
    save_speller(tmp_path, torch.nn.Linear(48, 380))
    with pytest.raises(DataError, match=r"letters\.safetensors: expected tensors .*\(380, 32\)"):
        load_speller(tmp_path, model, seed=2)
