"""nano's folder, in the hub's file format. Knows files, no training.

| file | what |
| --- | --- |
| config.json, model.safetensors | the model, bfloat16 |
| generation_config.json | greedy |
| tokenizer.json, tokenizer_config.json | the vocabulary and the chat format |
| preprocessor_config.json | pixel limits, always explicit |
| agent.json | how it was trained to be prompted (`Profile`) |
"""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.model.images import ImageSettings
from qvl_agent.model.nano.tokens import Vocabulary
from qvl_agent.model.policy import Profile

__all__ = ["save_checkpoint"]


def save_checkpoint(
    folder: Path,
    model: Qwen2VLForConditionalGeneration,
    vocabulary: Vocabulary,
    settings: ImageSettings,
    profile: Profile,
) -> None:
    """Write a checkpoint folder; the weights are rounded to bfloat16, the model is not changed."""
    folder.mkdir(parents=True, exist_ok=True)
    rounded = Qwen2VLForConditionalGeneration(model.config).to(torch.bfloat16)
    rounded.load_state_dict({k: v.to(torch.bfloat16) for k, v in model.state_dict().items()})
    rounded.generation_config.do_sample = False
    rounded.save_pretrained(folder)
    vocabulary.save(folder)
    _write(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "Qwen2VLImageProcessor",
            "min_pixels": settings.min_pixels,
            "max_pixels": settings.max_pixels,
            "patch_size": settings.patch_size,
            "merge_size": settings.merge_size,
            "temporal_patch_size": settings.temporal_patch_size,
            "image_mean": list(settings.mean),
            "image_std": list(settings.std),
        },
    )
    _write(folder / "agent.json", asdict(profile))


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n")
