"""A Qwen2-VL of any geometry with random weights, made on its device: something to measure with.

Neither speed nor memory depends on what a model knows. The weights of a 7B never touch the disk.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from qvl_agent.model.loading import read_json
from qvl_agent.model.tiny import make_tiny_checkpoint

__all__ = ["make_random_model"]


def make_random_model(
    folder: Path,
    *,
    text: dict[str, Any],
    vision: dict[str, Any],
    head_dim: int,
    tied: bool,
    max_pixels: int,
    device: str,
    dtype: str,
) -> Any:
    """Return transformers' model, and write the other files of its checkpoint.

    Args:
        folder: For tokenizer, preprocessor and a config that is not this model's.
        text: What differs in the language model's configuration.
        vision: What differs in the vision encoder's.
        head_dim: Width of a head.
        tied: Whether embedding and head are one matrix.
        max_pixels: Pictures are shrunk to this area.
        device: Where its weights are made.
        dtype: Their type.
    """
    make_tiny_checkpoint(folder, max_pixels=max_pixels)
    written = read_json(folder / "config.json")
    markers = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    kept = ("bos_token_id", "eos_token_id", "pad_token_id")
    rope = {
        "rope_type": "default",
        "rope_theta": 1_000_000.0,
        "mrope_section": [head_dim // 8, head_dim * 3 // 16, head_dim * 3 // 16],
    }
    config = Qwen2VLConfig(
        text_config={
            **{key: written["text_config"][key] for key in kept},
            "rope_parameters": rope,
            **text,
        },
        vision_config=vision,
        tie_word_embeddings=tied,
        **{key: written[key] for key in markers},
    )
    torch.manual_seed(0)
    with torch.device(device):
        model = Qwen2VLForConditionalGeneration._from_config(
            config, dtype=getattr(torch, dtype), attn_implementation="sdpa"
        )
    model.requires_grad_(False)
    for marker in ("eos_token_id", "bos_token_id"):
        model.lm_head.weight[written["text_config"][marker]] = 0  # it never ends of itself
    return model.eval()
