"""A tiny random checkpoint in the hub's file format, for tests and for trying things out.

It is Qwen2-VL in architecture, files and chat format; what it says is noise.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from torch import Tensor
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from qvl_agent.model.chatml import CHAT_TEMPLATE, SPECIAL_TOKENS
from qvl_agent.model.images import IMAGE_MEAN, IMAGE_STD

__all__ = ["make_tiny_checkpoint"]

_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen2 cuts text before merging. Source: transformers, `Qwen2Tokenizer`."""

_SENTENCES = (
    "system user assistant You are a helpful assistant.",
    '*FUNCTION*: Tap *ARGS*: {"point": [500, 120]} *RESULT*: done *RETURN*: ',
    "The card on the table reads 10 of hearts, so I add it to the formula and look again.",
)


def make_tiny_checkpoint(
    folder: Path,
    *,
    seed: int = 0,
    hidden_size: int = 64,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    intermediate_size: int = 128,
    vision_layers: int = 2,
    vision_size: int = 32,
    vision_heads: int = 2,
    context: int = 4096,
    max_pixels: int = 28 * 28 * 64,
    tie_embeddings: bool = True,
    vocabulary: int = 352,
    ends: bool = True,
) -> Path:
    """Write config, weights, tokenizer, preprocessor config and chat template; return the folder.

    Args:
        folder: Made if it does not exist.
        seed: Of the random weights.
        hidden_size: Of the language model; a multiple of 8 times `heads`.
        layers: Of the language model.
        heads: Of its attention.
        kv_heads: Of its keys and values.
        intermediate_size: Of its feed-forward part.
        vision_layers: Of the vision encoder.
        vision_size: Its width; a multiple of 8 times `vision_heads`.
        vision_heads: Of its attention.
        context: The window in tokens.
        max_pixels: Pictures are shrunk to this area.
        tie_embeddings: As in the 2B; the 7B and the 72B have a head of their own.
        vocabulary: Rows of the embedding; those beyond the tokenizer's write nothing.
        ends: Whether it may end its turn. One that never does writes up to the limit, which
            benchmarks need.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL_TOKENS}
    quarter = hidden_size // heads // 8
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": hidden_size,
            "intermediate_size": intermediate_size,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "max_position_embeddings": context,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1_000_000.0,
                "mrope_section": [2 * quarter, quarter, quarter],
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "tie_word_embeddings": tie_embeddings,
        },
        vision_config={
            "depth": vision_layers,
            "embed_dim": vision_size,
            "hidden_size": hidden_size,
            "num_heads": vision_heads,
            "mlp_ratio": 2,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=tie_embeddings,
    )
    weights = _random_weights(config, seed)
    if not ends:
        for token in ("<|im_end|>", "<|endoftext|>"):
            # A logit of zero, and zero is never the largest of many random numbers.
            weights["model.language_model.embed_tokens.weight"][ids[token]] = 0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config.architectures = ["Qwen2VLForConditionalGeneration"]
    config.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "chat_template": CHAT_TEMPLATE,
        },
    )
    _write(folder / "chat_template.json", {"chat_template": CHAT_TEMPLATE})
    _write(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "Qwen2VLImageProcessor",
            "min_pixels": 56 * 56,
            "max_pixels": max_pixels,
            "patch_size": 14,
            "merge_size": 2,
            "temporal_patch_size": 2,
            "image_mean": IMAGE_MEAN,
            "image_std": IMAGE_STD,
        },
    )
    return folder


def _random_weights(config: Qwen2VLConfig, seed: int) -> dict[str, Tensor]:
    """Return weights large enough that what the model says depends on all that it reads."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, value in Qwen2VLForConditionalGeneration(config).state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        noise = torch.randn(value.shape, generator=generator)
        if value.dim() > 1:
            weights[name] = noise * value[0].numel() ** -0.5
        else:
            weights[name] = noise * 0.1 + float(name.endswith("weight"))  # norms are around one
    return weights


def _tokenizer() -> Tokenizer:
    """Return a small byte-level BPE with the real special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_SENTENCES, trainer)
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in SPECIAL_TOKENS])
    return tokenizer


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
