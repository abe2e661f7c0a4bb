"""The language model's forward pass without module machinery: few, fused operations.

It computes what transformers' `Qwen2VLTextModel` and `Qwen3VLTextModel` compute, from the same
parameters; tests hold the logits equal. Knows tensors only: no tokens' text, no pictures, no cache
policy. Attention is given to it as a function, because prefill, single decode and batched decode
attend differently.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.packed import FEWEST, PackedLinear

__all__ = ["Attend", "DecoderShape", "TextDecoder"]

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, query (n, heads, dim), key (n, kv_heads, dim), value) -> (n, heads * dim)."""

_Project = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """What a cache has to know of the model.

    Attributes:
        layers: How many there are.
        kv_heads: Of keys and values.
        head_dim: Width of a head.
        dtype: Of keys and values.
        device: Where ids and positions go in.
        layer_devices: Where each layer is; () is all on `device`.
    """

    layers: int
    kv_heads: int
    head_dim: int
    dtype: torch.dtype
    device: torch.device
    layer_devices: tuple[torch.device, ...] = ()

    def device_of(self, layer: int) -> torch.device:
        """Return where a layer is, and its keys and values."""
        return self.layer_devices[layer] if self.layer_devices else self.device

    @property
    def bytes_per_token(self) -> int:
        """Bytes of keys and values that one token adds to a cache."""
        return 2 * self.layers * self.kv_heads * self.head_dim * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class _Layer:
    norm_1: Tensor
    qkv: _Project
    norm_qk: Tensor | None
    out: _Project
    norm_2: Tensor
    gate_up: _Project
    down: _Project


class TextDecoder:
    """Runs the decoder layers of a Qwen2-VL, Qwen2.5-VL or Qwen3-VL language model.

    The model's own projections become views of the fused ones: weights are held once.

    Args:
        language_model: `model.model.language_model` of transformers.
        lm_head: The output projection.

    Attributes:
        shape: What a cache has to know.
        window: Most tokens of a sequence; `text_rotary` goes so far.
        fused: Whether all projections are plain matrices, and none is quantised.

    Raises:
        PolicyError: If the configuration asks for something that is not computed here.
    """

    def __init__(self, language_model: Any, lm_head: nn.Module) -> None:
        config = language_model.config
        kinds = sorted(set(getattr(config, "layer_types", None) or ()))  # Qwen3-VL has only one
        if config.hidden_act != "silu" or "sliding_attention" in kinds:
            raise PolicyError(
                "expected a Qwen2-VL language model with SiLU and full attention, got "
                f"hidden_act={config.hidden_act!r}, layer_types={kinds}"
            )
        self._embedding: Tensor = language_model.embed_tokens.weight
        self._rotary = language_model.rotary_emb
        self._norm: Tensor = language_model.norm.weight
        self._head = lm_head
        self._packed_head: PackedLinear | None = None  # made when several rows ask for it
        self._eps: float = config.rms_norm_eps
        self._heads: int = config.num_attention_heads
        self._kv_heads: int = config.num_key_value_heads
        self._width: int = config.hidden_size
        self.shape = DecoderShape(
            layers=config.num_hidden_layers,
            kv_heads=self._kv_heads,
            head_dim=getattr(config, "head_dim", None) or self._width // self._heads,
            dtype=self._embedding.dtype,
            device=self._embedding.device,
            layer_devices=tuple(
                layer.input_layernorm.weight.device for layer in language_model.layers
            ),
        )
        linears = [module for module in language_model.modules() if hasattr(module, "in_features")]
        self.fused: bool = all(type(linear) is nn.Linear for linear in linears)
        self.window: int = config.max_position_embeddings
        self._layers = [
            _Layer(
                norm_1=layer.input_layernorm.weight,
                qkv=_fuse(layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj),
                norm_qk=self._norm_of_heads(layer.self_attn),
                out=_fuse(layer.self_attn.o_proj),
                norm_2=layer.post_attention_layernorm.weight,
                gate_up=_fuse(layer.mlp.gate_proj, layer.mlp.up_proj),
                down=_fuse(layer.mlp.down_proj),
            )
            for layer in language_model.layers
        ]
        self._table: tuple[Tensor, Tensor] | None = None

    def embed(self, ids: Tensor) -> Tensor:
        """Return the embeddings (n, width) of ids int64 (n,)."""
        return F.embedding(ids, self._embedding)

    def rotary(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Return cosines and signed sines, each (n, 1, dim), of M-RoPE positions int64 (3, n)."""
        cos, sin = self._rotary(self._embedding, positions[:, None])
        half = self.shape.head_dim // 2
        # The minus of "rotate half" moves into the sines: one operation less per layer and token.
        signed = torch.cat([-sin[0, :, :half], sin[0, :, half:]], dim=-1)
        return cos[0, :, None], signed[:, None]

    def text_rotary(self) -> tuple[Tensor, Tensor]:
        """Return the rotary tables (window, 1, dim) of text, whose three positions are equal."""
        if self._table is None:
            positions = torch.arange(self.window, device=self.shape.device).expand(3, -1)
            self._table = self.rotary(positions)
        return self._table

    def forward(
        self,
        x: Tensor,
        rotary: tuple[Tensor, Tensor],
        attend: Attend,
        extra: Sequence[Tensor] = (),
    ) -> Tensor:
        """Return the hidden states (n, width) after the last layer, before the final norm.

        Args:
            x: Embeddings (n, width).
            rotary: Cosines and signed sines, each (n, 1, dim).
            attend: Stores the new keys and values and returns what the queries gather.
            extra: Each (n, width); number i is added to what layer i gives out ("DeepStack").
        """
        cos, sin = rotary
        rotated = self._heads + self._kv_heads
        shape = (len(x), rotated + self._kv_heads, self.shape.head_dim)
        half = self.shape.head_dim // 2
        for index, layer in enumerate(self._layers):
            if x.device != layer.norm_1.device:
                x, cos, sin = (tensor.to(layer.norm_1.device) for tensor in (x, cos, sin))
            qkv = layer.qkv(F.rms_norm(x, (self._width,), layer.norm_1, self._eps)).view(shape)
            qk = qkv[:, :rotated]
            if layer.norm_qk is not None:
                qk = F.rms_norm(qk, (self.shape.head_dim,), None, self._eps) * layer.norm_qk
            swapped = torch.cat([qk[..., half:], qk[..., :half]], dim=-1)
            qk = torch.addcmul(qk * cos, swapped, sin)
            gathered = attend(index, qk[:, : self._heads], qk[:, self._heads :], qkv[:, rotated:])
            x = x + layer.out(gathered)
            gate, up = layer.gate_up(F.rms_norm(x, (self._width,), layer.norm_2, self._eps)).chunk(
                2, dim=-1
            )
            x = x + layer.down(F.silu(gate) * up)
            if index < len(extra):
                x = x + extra[index].to(x.device)
        return x

    def _norm_of_heads(self, attention: Any) -> Tensor | None:
        """Return the weights (heads + kv_heads, dim) of the norm of queries and keys, if any."""
        if not hasattr(attention, "q_norm"):
            return None
        query = attention.q_norm.weight.data.expand(self._heads, -1)
        return torch.cat([query, attention.k_norm.weight.data.expand(self._kv_heads, -1)])

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits (n, vocabulary) of hidden states (n, width)."""
        normed = F.rms_norm(x.to(self._norm.device), (self._width,), self._norm, self._eps)
        if len(normed) >= FEWEST and PackedLinear.fits(self._head):
            self._packed_head = self._packed_head or PackedLinear(self._head)
            return self._packed_head(normed)
        logits: Tensor = self._head(normed)
        return logits


def _fuse(*linears: Any) -> _Project:
    """Return a function that applies projections of one input and concatenates their outputs."""
    if not all(type(linear) is nn.Linear for linear in linears):  # quantised: keep their kernels
        return lambda x: torch.cat([linear(x) for linear in linears], dim=-1)
    weight, bias = linears[0].weight, linears[0].bias
    if len(linears) > 1:
        weight = torch.cat([linear.weight.data for linear in linears])
        bias = None if bias is None else torch.cat([linear.bias.data for linear in linears])
        begin = 0
        for linear in linears:
            end = begin + linear.weight.shape[0]
            linear.weight.data = weight[begin:end]
            if bias is not None:
                linear.bias.data = bias[begin:end]
            begin = end
    return lambda x: F.linear(x, weight, bias)
