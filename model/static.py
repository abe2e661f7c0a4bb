"""A few tokens of one sequence, with tensors that never move: what a CUDA graph can replay.

At batch 1 a GPU computes a token faster than Python can launch its kernels. A graph launches them
all at once, but always with the same addresses and shapes. So there is one working copy of the keys
and values, of the sequence that is being continued; where a pass writes is itself a tensor; and
attention runs over a whole number of blocks, with what lies beyond the sequence masked out.

The sum over the values is made block by block and then added up, because a single query would keep
only a few of a GPU's processors busy ("split KV"). All of it runs without a GPU too, only without
graphs, and a test holds the logits equal to those of the ordinary pass. Knows no text, no pictures.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from qvl_agent.model.attention import KeyValues
from qvl_agent.model.decoder import Attend, TextDecoder

__all__ = ["StaticDecode"]

_BLOCK = 512
_WIDTHS = (1, 16)
"""Tokens of a pass: one that was chosen, or that and what is forced or guessed after it."""

_KEEPS_SUMS = tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 8)
"""Whether a product of halves can be had in float32, as it is summed up."""


class StaticDecode:
    """Continues one sequence at a time.

    Args:
        decoder: The language model, all on one device.
        window: Most tokens of a sequence.
        graphs: Record each shape of pass once and replay it; needs a GPU.
        block: Tokens that are attended to together.

    Attributes:
        warm_up: Seconds spent so far on recording graphs, once for each shape.
    """

    def __init__(
        self, decoder: TextDecoder, window: int, *, graphs: bool, block: int = _BLOCK
    ) -> None:
        shape = decoder.shape
        self._decoder = decoder
        self._graphs = graphs
        if graphs:  # graphs share their memory: only one of them runs at a time
            self._recording = (
                torch.cuda.Stream(shape.device),  # type: ignore[no-untyped-call]
                torch.cuda.graph_pool_handle(),
            )
        self._block = block
        self._blocks = -(-(window + _WIDTHS[-1]) // block)  # a pass may overhang the end
        self._keys = self._zeros(shape.kv_heads, self._blocks * block, shape.head_dim)
        self._values = self._zeros(self._blocks, shape.kv_heads, block, shape.head_dim)
        self._columns = torch.arange(self._blocks * block, device=shape.device)
        self._cos, self._sin = decoder.text_rotary()
        self._inputs = {  # ids, M-RoPE positions, and indices in the sequence
            width: torch.zeros((3, width), dtype=torch.int64, device=shape.device)
            for width in _WIDTHS
        }
        self._recorded: dict[tuple[int, int], _Recorded] = {}
        self._cache: KeyValues | None = None
        self._own = range(0)
        self.warm_up = 0.0

    def _zeros(self, *size: int) -> list[Tensor]:
        """Return a tensor for each layer; of zeros, because a masked NaN times zero is a NaN."""
        shape = self._decoder.shape
        return [
            torch.zeros(size, dtype=shape.dtype, device=shape.device) for _ in range(shape.layers)
        ]

    @property
    def nbytes(self) -> int:
        """Bytes of the working copy."""
        return sum(tensor.nbytes for tensor in (*self._keys, *self._values))

    def step(self, cache: KeyValues, ids: Sequence[int], start: int, position: int) -> Tensor:
        """Return the logits (tokens, vocabulary) after each of some tokens; valid until the next.

        Args:
            cache: Where the sequence's keys and values are; the new ones get there by `flush`.
            ids: What follows the sequence so far; longer runs take several passes.
            start: How many tokens come before them; some passed here before may be left out.
            position: M-RoPE position of the first.
        """
        if cache is not self._cache:
            self.flush()
            self._load(cache, start)
        self._own = range(min(self._own.start, start), start + len(ids))
        widest = _WIDTHS[-1]
        if len(ids) > widest:
            firsts = range(0, len(ids), widest)
            parts = [
                self._step(ids[first : first + widest], start + first, position + first).clone()
                for first in firsts
            ]
            return torch.cat(parts)
        return self._step(ids, start, position)

    def flush(self) -> None:
        """Write new keys and values to where they belong, and be done with the sequence."""
        if self._cache is not None:
            self._store(self._cache, self._own.start, self._own.stop)
        self.forget()

    def forget(self) -> None:
        """Be done with a sequence of which nothing is needed any more."""
        self._cache, self._own = None, range(0)

    def wipe(self) -> None:
        """Forget a sequence of which something is not finite, down to the last trace of it."""
        self.forget()
        for tensor in (*self._keys, *self._values):
            tensor.zero_()

    def cost_ratio(self, cache: KeyValues, start: int, repeats: int = 5) -> float:
        """Return how many times as long the widest pass takes as that of one token.

        Args:
            cache: Of some sequence; nothing in it changes.
            start: Its length.
            repeats: Passes of each width that are timed.
        """
        self.flush()
        self._load(cache, start)
        spent = []
        for width in _WIDTHS:
            ids = [0] * width
            self._step(ids, start, 0)  # the first pass of a shape records it
            _wait(self._decoder.shape.device)
            begin = time.perf_counter()
            for _ in range(repeats):
                self._step(ids, start, 0)
            _wait(self._decoder.shape.device)
            spent.append(time.perf_counter() - begin)
        self.forget()
        return spent[-1] / spent[0]

    def _load(self, cache: KeyValues, length: int) -> None:
        """Take over the first tokens of a sequence."""
        whole, rest = divmod(length, self._block)
        kept = whole * self._block
        for mine, theirs in zip(self._keys, cache.keys, strict=True):
            mine[:, :length] = theirs[0, :, :length]
        for mine, theirs in zip(self._values, cache.values, strict=True):
            mine[:whole] = (
                theirs[0, :, :kept].reshape(len(mine[0]), whole, self._block, -1).transpose(0, 1)
            )
            if rest:
                mine[whole, :, :rest] = theirs[0, :, kept:length]
        self._cache, self._own = cache, range(length, length)

    def _store(self, cache: KeyValues, start: int, stop: int) -> None:
        """Give tokens `start` to `stop` back to a sequence."""
        places = self._columns[start:stop]
        block, offset = places // self._block, places % self._block
        for mine, theirs in zip(self._keys, cache.keys, strict=True):
            theirs[0, :, start:stop] = mine[:, start:stop]
        for mine, theirs in zip(self._values, cache.values, strict=True):
            theirs[0, :, start:stop] = mine[block, :, offset].transpose(0, 1)

    def _step(self, ids: Sequence[int], start: int, position: int) -> Tensor:
        """Run one pass of at most the greatest width."""
        width = next(width for width in _WIDTHS if width >= len(ids))
        blocks = self._attended(start + width)
        self._fill(width, ids, start, position)
        return self._run(width, blocks)[: len(ids)]

    def _attended(self, length: int) -> int:
        """Return how many blocks a pass attends to: enough, and of few different numbers."""
        needed = -(-length // self._block)
        grain = max(1, 1 << max(0, (needed - 1).bit_length() - 4))  # at most an eighth too many
        return min(-(-needed // grain) * grain, self._blocks)

    def _fill(self, width: int, ids: Sequence[int], start: int, position: int) -> None:
        """Set a pass's inputs. What is missing to its width comes after, and nobody sees it."""
        last = len(ids) - 1
        rows = (
            [ids[min(offset, last)] for offset in range(width)],
            [position + min(offset, last) for offset in range(width)],
            list(range(start, start + width)),
        )
        self._inputs[width].copy_(torch.tensor(rows))

    def _run(self, width: int, blocks: int) -> Tensor:
        if not self._graphs:
            return self._forward(width, blocks)
        recorded = self._recorded.get((width, blocks))
        if recorded is None:
            begin = time.perf_counter()
            recorded = _Recorded(lambda: self._forward(width, blocks), *self._recording)
            self._recorded[width, blocks] = recorded
            self.warm_up += time.perf_counter() - begin
        return recorded.replay()

    def _forward(self, width: int, blocks: int) -> Tensor:
        ids, positions, places = self._inputs[width]
        rotary = self._cos[positions], self._sin[positions]
        x = self._decoder.embed(ids)
        hidden = self._decoder.forward(x, rotary, self._attend(places, blocks))
        return self._decoder.logits(hidden)

    def _attend(self, places: Tensor, blocks: int) -> Attend:
        """Return the attention of tokens at these places over the first blocks."""
        shape = self._decoder.shape
        heads, width, length = shape.kv_heads, len(places), blocks * self._block
        block, offset = places // self._block, places % self._block
        beyond = self._columns[:length] > places[:, None]
        mask = torch.zeros(beyond.shape, device=places.device).masked_fill_(beyond, float("-inf"))
        scale = shape.head_dim**-0.5

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys, values = self._keys[layer], self._values[layer]
            keys.index_copy_(1, places, key.transpose(0, 1))
            values[block, :, offset] = value
            # Queries that share a key head are rows of one small matrix.
            rows = query.reshape(width, heads, -1, shape.head_dim).permute(1, 2, 0, 3).flatten(1, 2)
            scores = _product(rows, keys[:, :length].transpose(1, 2)).view(heads, -1, width, length)
            weights = torch.add(mask.to(scores.dtype), scores, alpha=scale).softmax(dim=-1)
            parts = weights.view(heads, -1, blocks, self._block).permute(2, 0, 1, 3)
            split = torch.empty(parts.shape, dtype=value.dtype, device=value.device).copy_(parts)
            summed = _product(split.flatten(0, 1), values[:blocks].flatten(0, 1))
            gathered = summed.view(blocks, heads, -1, width, shape.head_dim).sum(dim=0)
            return gathered.permute(2, 0, 1, 3).reshape(width, -1).to(value.dtype)

        return attend


class _Recorded:
    """A pass that was recorded once, and is launched as a whole from then on.

    Args:
        run: The pass.
        stream: Of the device where all of it happens, and the same for all that share a pool.
        pool: Where the memory comes from.
    """

    def __init__(self, run: Callable[[], Tensor], stream: torch.cuda.Stream, pool: Any) -> None:
        current = torch.cuda.current_stream(stream.device)
        stream.wait_stream(current)
        with torch.cuda.stream(stream):  # libraries set up their workspaces in a first pass
            run()
        current.wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        # What other threads of this process ask of the GPU meanwhile must not spoil it.
        with torch.cuda.graph(
            self._graph, pool=pool, stream=stream, capture_error_mode="thread_local"
        ):
            self._output = run()

    def replay(self) -> Tensor:
        """Launch it; return what it computes, which the next launch overwrites."""
        self._graph.replay()
        return self._output


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Return a batch of matrix products, in float32 where half precision would round the sums."""
    if a.is_cuda and a.dtype in (torch.bfloat16, torch.float16):
        if _KEEPS_SUMS:
            return torch.bmm(a, b, out_dtype=torch.float32)
        return torch.bmm(a, b).float()
    return torch.bmm(a, b)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
