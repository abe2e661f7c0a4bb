"""The shape and the initial weights of nano. Knows no data and no training loop.

It is transformers' own Qwen2-VL at a few million parameters, so that the bundled checkpoint is
loaded by the same code as the 2B, 7B and 72B ones. Two numbers differ in kind from the large
models: `rope_theta` is small, because the default 1e6 leaves the width section of M-RoPE almost no
resolution over the 8 to 15 columns that a small picture has; and embeddings are tied.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from qvl_agent.model.nano.tokens import Vocabulary

__all__ = ["Size", "build", "rebuild"]

_EYES = "model.visual."
"""How the names of the vision encoder's parameters begin."""

_BLANK = "Ġ"
"""How a byte-level vocabulary writes a blank."""


@dataclass(frozen=True, slots=True)
class Size:
    """Widths and depths. Defaults are the bundled model's.

    Attributes:
        hidden: Width of the language model.
        layers: Its depth.
        heads: Its attention heads; every head has keys and values of its own.
        intermediate: Width of its feed-forward part.
        rope_theta: Base of the rotary frequencies.
        mrope_section: Frequency pairs given to time, height and width; they sum to half a head.
        vision_embed: Width of the vision encoder.
        vision_depth: Its depth.
        vision_heads: Its attention heads.
        patch: Side of a patch in pixels. A larger one shows more detail in as many tokens.
        window: Longest sequence, in tokens.
    """

    hidden: int = 192
    layers: int = 4
    heads: int = 6
    intermediate: int = 512
    rope_theta: float = 30.0
    mrope_section: tuple[int, int, int] = (4, 6, 6)
    vision_embed: int = 128
    vision_depth: int = 2
    vision_heads: int = 4
    patch: int = 14
    window: int = 4096

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON."""
        return asdict(self)


def build(size: Size, vocabulary: Vocabulary, seed: int) -> Qwen2VLForConditionalGeneration:
    """Return a freshly initialised float32 model.

    Matrices start normal with a standard deviation of fan-in^-0.5, those that write into the
    residual stream divided by (2 layers)^0.5 on top; embeddings at 0.05; biases at zero.
    """
    ids = vocabulary.special
    torch.manual_seed(seed)
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": vocabulary.padded_size,
            "hidden_size": size.hidden,
            "intermediate_size": size.intermediate,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.heads,
            "max_position_embeddings": size.window,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": size.rope_theta,
                "mrope_section": list(size.mrope_section),
            },
            "tie_word_embeddings": True,
            "bos_token_id": None,
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        vision_config={
            "depth": size.vision_depth,
            "embed_dim": size.vision_embed,
            "hidden_size": size.hidden,
            "num_heads": size.vision_heads,
            "mlp_ratio": 4,
            "patch_size": size.patch,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )
    model = Qwen2VLForConditionalGeneration(config)
    residual = {
        "self_attn.o_proj.weight": size.layers,
        "mlp.down_proj.weight": size.layers,
        "attn.proj.weight": size.vision_depth,
        "mlp.fc2.weight": size.vision_depth,
    }
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "embed_tokens" in name:
                nn.init.normal_(parameter, std=0.05)
            elif parameter.dim() >= 2:
                std = parameter[0].numel() ** -0.5
                depth = next((d for end, d in residual.items() if name.endswith(end)), None)
                nn.init.normal_(parameter, std=std * ((2 * depth) ** -0.5 if depth else 1.0))
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
    return model


def rebuild(
    model: Qwen2VLForConditionalGeneration,
    vocabulary: Vocabulary,
    old: Qwen2VLForConditionalGeneration,
    old_vocabulary: Vocabulary,
) -> None:
    """Give a fresh model what a trained one knows, under another vocabulary and patch size.

    A piece that both vocabularies hold keeps its embedding; another begins as the mean of the
    old pieces that spell it. A word without a blank is that with one, if only the old vocabulary
    tells them apart. A vision encoder of other widths or depths begins anew: it learns to say what
    the old one said, since both are read out through the same words.

    Args:
        model: Of the same widths and depths of text; changed in place.
        vocabulary: Of `model`.
        old: The trained model.
        old_vocabulary: Of `old`.
    """
    embedding = "model.language_model.embed_tokens.weight"
    patches = "model.visual.patch_embed.proj.weight"
    kept = {k: v for k, v in old.state_dict().items() if k not in (embedding, "lm_head.weight")}
    kept[patches] = _resized(kept[patches], model.config.vision_config.patch_size)
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    if any(shapes.get(name) != parameter.shape for name, parameter in kept.items()):
        kept = {name: p for name, p in kept.items() if not name.startswith(_EYES)}
    model.load_state_dict(kept, strict=False)
    rows, known = model.get_parameter(embedding), old.get_parameter(embedding)
    ids, pieces = old_vocabulary.tokenizer.get_vocab(), vocabulary.tokenizer.get_vocab()
    with torch.no_grad():
        for piece, row in pieces.items():
            if (after_blank := f"{_BLANK}{piece}") in ids and after_blank not in pieces:
                rows[row] = known[ids[after_blank]]
            elif piece in ids:
                rows[row] = known[ids[piece]]
            elif spelled := old_vocabulary.spell(vocabulary.tokenizer.decode([row])):
                rows[row] = known[spelled].mean(0)


def _resized(kernels: Tensor, side: int) -> Tensor:
    """Return patch kernels that say of an enlarged patch what they said of it before.

    Args:
        kernels: float32 (out, 3, time, old side, old side).
        side: Of the enlarged patch, in pixels.
    """
    old = kernels.shape[-1]
    if old == side:
        return kernels
    pixels = torch.eye(side**2).view(side**2, 1, side, side)
    shrunk = F.interpolate(pixels, (old, old), mode="bicubic", antialias=True).view(side**2, -1)
    resized: Tensor = kernels.reshape(-1, old**2) @ shrunk.T
    return resized.view(*kernels.shape[:-2], side, side)
