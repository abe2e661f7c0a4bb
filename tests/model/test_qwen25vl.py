"""Qwen2.5-VL goes through the same code: its vision tower is its own, its language model is not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint


def make_checkpoint(folder: Path) -> Path:
    """Write a tiny Qwen2.5-VL, windowed attention included, and the other files of a tiny one."""
    make_tiny_checkpoint(folder)
    config = json.loads((folder / "config.json").read_text())
    markers = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    vision = {
        "depth": 4,
        "hidden_size": 32,
        "out_hidden_size": 64,
        "num_heads": 2,
        "intermediate_size": 64,
        "fullatt_block_indexes": [1, 3],
        "window_size": 112,
    }
    text = {key: value for key, value in config["text_config"].items() if key != "model_type"}
    ids = {key: config[key] for key in markers}
    newer = Qwen2_5_VLConfig(
        text_config=text, vision_config=vision, tie_word_embeddings=True, **ids
    )
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.randn(value.shape, generator=generator) * value[0].numel() ** -0.5
        if value.dim() > 1
        else torch.ones_like(value)
        for name, value in Qwen2_5_VLForConditionalGeneration(newer).state_dict().items()
        if name != "lm_head.weight"
    }
    newer.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_logits_equal_those_of_transformers(tmp_path: Path, rng: np.random.Generator) -> None:
    folder = make_checkpoint(tmp_path / "newer")
    policy = Qwen2VLPolicy.load(folder, device="cpu")
    assert policy.describe()["architecture"] == "qwen2_5_vl"
    reference = Reference(policy, folder)
    parts: list[Picture | Text] = []
    for height, width in [(100, 200), (30, 30), (300, 120)]:
        parts += [
            Picture(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)),
            Text("Look"),
        ]
        prompt = Prompt((Turn("assistant", tuple(parts)),))
        difference = policy.next_logits(prompt) - reference.next_logits(prompt)
        assert np.abs(difference).max() <= 1e-5


def test_a_checkpoint_as_the_hub_has_it_is_the_same_model(
    tmp_path: Path, as_published: Callable[[Path], None], rng: np.random.Generator
) -> None:
    folder = make_checkpoint(tmp_path / "newer")
    pixels = rng.integers(0, 256, (120, 300, 3), dtype=np.uint8)
    prompt = Prompt((Turn("user", (Picture(pixels), Text("Look"))),))
    expected = Qwen2VLPolicy.load(folder, device="cpu").next_logits(prompt)
    as_published(folder)
    assert np.array_equal(Qwen2VLPolicy.load(folder, device="cpu").next_logits(prompt), expected)
