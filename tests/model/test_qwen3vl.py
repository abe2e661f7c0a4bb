"""Qwen3-VL goes through the same engine: patches of 16, interleaved M-RoPE, DeepStack."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint

SIZES = [(100, 200), (40, 40), (300, 120), (64, 320)]


def make_checkpoint(folder: Path) -> Path:
    """Write a tiny Qwen3-VL whose heads are wider than its share of the hidden size."""
    make_tiny_checkpoint(folder)
    config = json.loads((folder / "config.json").read_text())
    markers = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    foreign = ("model_type", "layer_types", "max_window_layers", "sliding_window")
    text = {key: value for key, value in config["text_config"].items() if key not in foreign}
    text |= {
        "num_hidden_layers": 4,
        "head_dim": 24,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 5_000_000.0,
            "mrope_section": [4, 4, 4],
            "mrope_interleaved": True,
        },
    }
    vision = {
        "depth": 4,
        "hidden_size": 32,
        "out_hidden_size": 64,
        "num_heads": 2,
        "intermediate_size": 64,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0, 1, 3],
    }
    newer = Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        tie_word_embeddings=True,
        **{key: config[key] for key in markers},
    )
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.randn(value.shape, generator=generator) * value[0].numel() ** -0.5
        if value.dim() > 1
        else torch.rand(value.shape, generator=generator) + 0.5
        for name, value in Qwen3VLForConditionalGeneration(newer).state_dict().items()
        if name != "lm_head.weight"
    }
    newer.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    pictures = {
        "image_processor_type": "Qwen2VLImageProcessorFast",
        "size": {"shortest_edge": 65_536, "longest_edge": 32 * 32 * 96},
        "patch_size": 16,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("qwen3") / "tiny3")


@pytest.fixture
def policy(folder: Path) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(folder, device="cpu")


@pytest.fixture(scope="module")
def reference(folder: Path) -> Reference:
    return Reference(Qwen2VLPolicy.load(folder, device="cpu"), folder)


def steps(rng: np.random.Generator) -> Iterator[tuple[Part, ...]]:
    """Yield a picture of another size and some words, step by step."""
    for number, (height, width) in enumerate(SIZES):
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        yield Picture(pixels), Text(f" Step {number}: look")


def asking(history: list[tuple[Part, ...]]) -> Prompt:
    return Prompt((Turn("assistant", tuple(part for step in history for part in step)),))


def test_every_step_of_an_episode_equals_transformers_on_the_whole_prompt(
    policy: Qwen2VLPolicy, reference: Reference, rng: np.random.Generator
) -> None:
    assert policy.describe()["architecture"] == "qwen3_vl"
    history: list[tuple[Part, ...]] = []
    for step in steps(rng):
        history.append(step)
        prompt = asking(history)
        positions = policy.assemble(prompt).positions()
        np.testing.assert_array_equal(positions, reference.positions(prompt))
        answer = policy.generate(prompt, Decoding(max_tokens=8))
        expected = reference.generate(prompt, Decoding(max_tokens=8))
        assert answer.tokens == expected.tokens[: len(answer.tokens)]
        assert len(history) == 1 or answer.reused_tokens > 0
        difference = policy.next_logits(prompt) - reference.next_logits(prompt)
        assert np.abs(difference).max() <= 1e-5
        history.append((Text(answer.text, answer.tokens),))


def test_after_eviction_cached_features_answer_as_transformers_does(
    policy: Qwen2VLPolicy, reference: Reference, rng: np.random.Generator
) -> None:
    history = list(steps(rng))
    policy.next_logits(asking(history))
    encoded = len(policy._engine.vision.cache)
    kept = asking(history[2:])
    difference = policy.next_logits(kept) - reference.next_logits(kept)
    assert np.abs(difference).max() <= 1e-5
    assert len(policy._engine.vision.cache) == encoded


def test_a_picture_cut_by_a_chunk_gets_its_deep_features_in_both(
    policy: Qwen2VLPolicy, reference: Reference, rng: np.random.Generator
) -> None:
    policy._engine._chunk = 37
    prompt = asking(list(steps(rng)))
    difference = policy.next_logits(prompt) - reference.next_logits(prompt)
    assert np.abs(difference).max() <= 1e-5


def test_points_are_on_the_grid_that_it_was_trained_on(policy: Qwen2VLPolicy) -> None:
    assert (policy.profile.frame, policy.profile.dialect) == ("0-999", "hermes")
    height, width = policy.picture_size(1000, 500)
    assert height % 32 == width % 32 == 0
