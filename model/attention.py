"""Keys and values, and the ways of attending to them. Knows no model and no cache policy.

No mask is made where none is needed: a single query sees all that is cached, and a first chunk is
causal by itself. That keeps the fast kernels usable and repeats no keys for grouped queries.
Sequences of any length go through one forward pass side by side, each attending to its own cache:
nothing is padded, and none is copied when a sequence joins or leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor

from qvl_agent.model.decoder import Attend, DecoderShape

__all__ = ["KeyValues", "Segment", "attend_segments", "has_flash_attention"]


class KeyValues:
    """Preallocated keys and values of one sequence, a (1, kv_heads, capacity, dim) pair per layer.

    Args:
        shape: Of the model.
        capacity: Tokens that fit.
    """

    def __init__(self, shape: DecoderShape, capacity: int) -> None:
        self.shape = shape
        self.capacity = capacity
        self.keys = [self._empty(capacity, layer) for layer in range(shape.layers)]
        self.values = [self._empty(capacity, layer) for layer in range(shape.layers)]

    def _empty(self, capacity: int, layer: int) -> Tensor:
        return torch.empty(
            (1, self.shape.kv_heads, capacity, self.shape.head_dim),
            dtype=self.shape.dtype,
            device=self.shape.device_of(layer),
        )

    @property
    def nbytes(self) -> int:
        """Bytes allocated."""
        return self.capacity * self.shape.bytes_per_token

    def grow(self, capacity: int, length: int) -> None:
        """Make room for `capacity` tokens, keeping the first `length`; layer by layer."""
        for tensors in (self.keys, self.values):
            for layer, old in enumerate(tensors):
                tensors[layer] = self._empty(capacity, layer)
                tensors[layer][:, :, :length] = old[:, :, :length]
        self.capacity = capacity

    def delete(self, start: int, stop: int, length: int) -> None:
        """Drop tokens `start` to `stop` of `length`; those after move up, and keep their rotation.

        Args:
            start: Index of the first that goes.
            stop: Index after the last that goes.
            length: Tokens that are there.
        """
        for tensors in (self.keys, self.values):
            for tensor in tensors:
                tail = tensor[:, :, stop:length].clone()  # where it goes overlaps where it is
                tensor[:, :, start : start + length - stop] = tail

    def copy(self, source: "KeyValues", length: int) -> None:
        """Copy the first tokens of another sequence."""
        for mine, theirs in ((self.keys, source.keys), (self.values, source.values)):
            for target, origin in zip(mine, theirs, strict=True):
                target[:, :, :length] = origin[:, :, :length]


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of one sequence that go through a forward pass together.

    Attributes:
        cache: With room for them; they are written into it.
        start: Tokens before them.
        count: How many they are.
    """

    cache: KeyValues
    start: int
    count: int


def attend_segments(segments: Sequence[Segment], *, flash: bool) -> Attend:
    """Return the attention of a forward pass over the segments' tokens, one after the other.

    Args:
        segments: At least one.
        flash: Use the flash-attn package.
    """
    attends = [_attend_segment(segment, flash=flash) for segment in segments]
    if len(attends) == 1:
        return attends[0]
    counts = [segment.count for segment in segments]

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        parts = zip(*(torch.split(x, counts) for x in (query, key, value)), strict=True)
        return torch.cat([part(layer, *qkv) for part, qkv in zip(attends, parts, strict=True)])

    return attend


def _attend_segment(segment: Segment, *, flash: bool) -> Attend:
    cache, start, count = segment.cache, segment.start, segment.count
    if count == 1:
        return _attend_one(cache, start)
    if start and cache.shape.device.type == "cpu":
        return _attend_apart(cache, start, count)
    return _attend_many(cache, start, count, flash=flash)


def _attend_many(cache: KeyValues, start: int, count: int, *, flash: bool) -> Attend:
    """Return the attention of several tokens that follow the `start` cached ones."""
    stop = start + count
    mask = None
    if start and not flash:
        mask = _lower_right(count, stop, cache.shape.device)

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
            is_causal=start == 0,
            enable_gqa=True,
        )
        return out[0].transpose(0, 1).reshape(count, -1)

    return attend


def _attend_apart(cache: KeyValues, start: int, count: int) -> Attend:
    """Return the same on a CPU: what is cached and the new tokens are attended to apart.

    All of the cached ones are seen, and the new ones are causal by themselves, so neither needs a
    mask; the two are weighed by their sums of exponentials. About a fifth faster than a mask.

    Source: the merging of partial softmaxes in FlashAttention (arXiv:2205.14135), 3.1.
    """
    stop = start + count
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        keys[0, :, start:stop] = key.transpose(0, 1)
        values[0, :, start:stop] = value.transpose(0, 1)
        # The queries that share a key head stand as rows under each other.
        shared = query.view(count, keys.shape[1], -1, query.shape[-1]).permute(1, 2, 0, 3)
        before, log_before = kernel(
            shared.flatten(1, 2)[None], keys[:, :, :start], values[:, :, :start]
        )
        repeats = query.shape[1] // keys.shape[1]
        own, log_own = kernel(
            query.transpose(0, 1)[None],
            key.transpose(0, 1)[None].repeat_interleave(repeats, 1),
            value.transpose(0, 1)[None].repeat_interleave(repeats, 1),
            is_causal=True,
        )
        share = torch.sigmoid(log_before.reshape(log_own.shape) - log_own)[..., None]
        wide = share.dtype  # the sums of exponentials come in float32 or wider
        out = torch.lerp(own.to(wide), before.reshape(own.shape).to(wide), share)
        return out[0].transpose(0, 1).reshape(count, -1).to(query.dtype)

    return attend


def _attend_one(cache: KeyValues, length: int) -> Attend:
    """Return the attention of one token that follows the `length` cached ones."""
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


def _lower_right(count: int, stop: int, device: torch.device) -> Tensor:
    """Return the mask by which query i of `count` sees all but the last count - 1 - i keys."""
    if device.type == "cuda":  # the flash kernel knows it by name; a materialised one excludes it
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


def has_flash_attention(device: torch.device) -> bool:
    """Return whether the flash-attn package is installed, fits torch, and runs on a GPU."""
    if find_spec("flash_attn") is None or torch.cuda.get_device_capability(device) < (8, 0):
        return False
    try:
        import_module("flash_attn")
    except (ImportError, OSError):  # it was built for another torch
        return False
    return True
