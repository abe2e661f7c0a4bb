"""Keys and values, and the three ways of attending to them. Knows no model and no cache policy.

No mask is made where none is needed: a single query sees all that is cached, and a first chunk is
causal by itself. That keeps the fast kernels usable and repeats no keys for grouped queries.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor

from qvl_agent.model.decoder import Attend, DecoderShape

__all__ = ["KeyValues", "attend_batch", "attend_one", "attend_prefill", "has_flash_attention"]


class KeyValues:
    """Preallocated keys and values, one (rows, kv_heads, capacity, dim) tensor pair per layer.

    Args:
        shape: Of the model.
        rows: Sequences side by side.
        capacity: Tokens that fit into each row.
    """

    def __init__(self, shape: DecoderShape, rows: int, capacity: int) -> None:
        self.shape = shape
        self.rows = rows
        self.capacity = capacity
        self.keys = [self._empty(capacity) for _ in range(shape.layers)]
        self.values = [self._empty(capacity) for _ in range(shape.layers)]

    def _empty(self, capacity: int) -> Tensor:
        # Zeros and not garbage: a masked NaN is still a NaN after multiplication with zero.
        return torch.zeros(
            (self.rows, self.shape.kv_heads, capacity, self.shape.head_dim),
            dtype=self.shape.dtype,
            device=self.shape.device,
        )

    @property
    def nbytes(self) -> int:
        """Bytes allocated."""
        return self.rows * self.capacity * self.shape.bytes_per_token

    def grow(self, capacity: int, length: int) -> None:
        """Make room for `capacity` tokens a row, keeping the first `length`; layer by layer."""
        for tensors in (self.keys, self.values):
            for layer, old in enumerate(tensors):
                tensors[layer] = self._empty(capacity)
                tensors[layer][:, :, :length] = old[:, :, :length]
        self.capacity = capacity

    def copy_row(
        self, row: int, source: "KeyValues", source_row: int, start: int, stop: int
    ) -> None:
        """Copy tokens `start` to `stop` of another cache's row."""
        for mine, theirs in ((self.keys, source.keys), (self.values, source.values)):
            for target, origin in zip(mine, theirs, strict=True):
                target[row, :, start:stop] = origin[source_row, :, start:stop]

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order."""
        index = torch.tensor(rows, device=self.shape.device)
        for tensors in (self.keys, self.values):
            for layer, old in enumerate(tensors):
                tensors[layer] = old[index]
        self.rows = len(rows)


def attend_prefill(cache: KeyValues, start: int, count: int, *, flash: bool) -> Attend:
    """Return the attention of `count` tokens that follow the `start` cached ones of row 0.

    Args:
        cache: With room for them; they are written into it.
        start: Tokens before them.
        count: How many they are.
        flash: Use the flash-attn package.
    """
    stop = start + count
    mask = None
    on_gpu = cache.shape.device.type == "cuda"
    if start and count > 1 and not flash:
        mask = _lower_right(count, stop, cache.shape.device, lazy=on_gpu)

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        keys[0, :, start:stop] = key.transpose(0, 1)
        values[0, :, start:stop] = value.transpose(0, 1)
        if flash:
            return _flash(query, keys, values, stop)
        out = F.scaled_dot_product_attention(
            query.transpose(0, 1)[None],
            keys[:, :, :stop],
            values[:, :, :stop],
            attn_mask=mask,
            is_causal=start == 0 and count > 1,
            enable_gqa=True,
        )
        return out[0].transpose(0, 1).reshape(count, -1)

    return attend


def attend_one(cache: KeyValues, length: int) -> Attend:
    """Return the attention of one token that follows the `length` cached ones of row 0."""
    stop = length + 1

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        keys[0, :, length] = key[0]
        values[0, :, length] = value[0]
        # The queries that share a key head stand as rows of one small matrix.
        grouped = query.view(1, keys.shape[1], -1, query.shape[-1])
        out = F.scaled_dot_product_attention(grouped, keys[:, :, :stop], values[:, :, :stop])
        return out.reshape(1, -1)

    return attend


def attend_batch(cache: KeyValues, lengths: Tensor) -> Attend:
    """Return the attention of one token per row, row i following `lengths[i]` cached ones.

    Args:
        cache: One row per sequence.
        lengths: int64 (rows,).
    """
    rows = torch.arange(cache.rows, device=lengths.device)
    longest = int(lengths.max()) + 1
    visible = torch.arange(longest, device=lengths.device) <= lengths[:, None]
    # Added instead of selected: the CPU's fused kernel takes an additive mask at no extra cost.
    mask = torch.zeros(visible.shape, dtype=cache.shape.dtype, device=lengths.device)
    mask.masked_fill_(~visible, float("-inf"))
    mask = mask[:, None, None]

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        keys[rows, :, lengths] = key
        values[rows, :, lengths] = value
        grouped = query.view(len(query), keys.shape[1], -1, query.shape[-1])
        out = F.scaled_dot_product_attention(
            grouped, keys[:, :, :longest], values[:, :, :longest], attn_mask=mask
        )
        return out.reshape(len(query), -1)

    return attend


def _lower_right(count: int, stop: int, device: torch.device, *, lazy: bool) -> Tensor:
    """Return the mask by which query i of `count` sees all but the last count - 1 - i keys."""
    if lazy:  # the GPU's flash kernel knows this mask by name; a materialised one excludes it
        from torch.nn.attention.bias import causal_lower_right

        return causal_lower_right(count, stop)
    mask = torch.ones((count, stop), dtype=torch.bool, device=device)
    return mask.tril_(diagonal=stop - count)


def _flash(query: Tensor, keys: Tensor, values: Tensor, stop: int) -> Tensor:
    out: Tensor = import_module("flash_attn").flash_attn_func(
        query[None],
        keys[:, :, :stop].transpose(1, 2),
        values[:, :, :stop].transpose(1, 2),
        causal=True,
    )
    return out[0].reshape(len(query), -1)


def has_flash_attention() -> bool:
    """Return whether the flash-attn package is installed."""
    return find_spec("flash_attn") is not None
