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

from qvl_agent.actions.errors import DataError
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.nano.tokens import Vocabulary
from qvl_agent.model.policy import Profile

__all__ = ["load_checkpoint", "save_checkpoint"]


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
    (folder / "model.safetensors").chmod(0o644)
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


def load_checkpoint(folder: Path) -> tuple[Qwen2VLForConditionalGeneration, Vocabulary]:
    """Return the float32 model and the vocabulary of a checkpoint folder, to train on.

    Raises:
        DataError: If the folder holds no checkpoint.
    """
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise DataError(f"{folder} holds no checkpoint to go on from: {name} is missing")
    model = Qwen2VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    return model, Vocabulary.load(folder)


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n")
