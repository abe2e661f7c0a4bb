"""One forward pass over the next tokens of several rows: what they bring in, what logits come out.

Knows the model's parts and rows; neither when rows come and go nor how tokens are chosen.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from qvl_agent.model.attention import Segment, attend_segments
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.rows import Row
from qvl_agent.model.static import StaticDecode
from qvl_agent.model.vision import VisionEncoder

__all__ = ["LogitsOf", "Passes"]

LogitsOf: TypeAlias = Callable[[list[int]], Tensor]
"""From indices among a pass's tokens to the logits (indices, vocabulary) after each."""


class _Inputs(NamedTuple):
    """What goes into a forward pass, see `TextDecoder.forward`.

    Attributes:
        x: (n, width).
        cos: (n, 1, dim).
        sin: (n, 1, dim).
        extra: (levels, n, width).
    """

    x: Tensor
    cos: Tensor
    sin: Tensor
    extra: Tensor


class Passes:
    """Runs passes.

    Args:
        decoder: The language model.
        vision: The vision encoder with its feature cache.
        flash: Use the flash-attn package for prefill.
    """

    def __init__(self, decoder: TextDecoder, vision: VisionEncoder, *, flash: bool) -> None:
        self._decoder = decoder
        self._vision = vision
        self._flash = flash
        self._device = decoder.shape.device

    def run(
        self, rows: Sequence[Row], counts: Sequence[int], static: StaticDecode | None
    ) -> tuple[LogitsOf, float]:
        """Run a pass, and write the tokens' keys and values into the rows' slots.

        Args:
            rows: One that is being read comes last.
            counts: Tokens that each brings.
            static: Continues an answer that is alone; without it, an ordinary pass does.

        Returns:
            What gives the logits of its tokens, and the seconds that went into pictures.
        """
        if static is not None:
            if len(rows) == 1 and not rows[0].reading:
                return self._continue(static, rows[0], counts[0]), 0.0
            static.flush()
        inputs, looking = self._inputs(rows, counts)
        segments = [
            Segment(row.open_slot.cache, row.length, count)
            for row, count in zip(rows, counts, strict=True)
        ]
        attend = attend_segments(segments, flash=self._flash)
        rotary = inputs.cos, inputs.sin
        hidden = self._decoder.forward(inputs.x, rotary, attend, inputs.extra.unbind())

        def logits_of(places: list[int]) -> Tensor:
            return self._decoder.logits(hidden if len(places) == len(hidden) else hidden[places])

        return logits_of, looking

    def _continue(self, static: StaticDecode, row: Row, count: int) -> LogitsOf:
        tokens = row.next_tokens[:count]
        logits = static.step(row.open_slot.cache, tokens, row.length, row.position)
        return lambda places: logits if len(places) == len(logits) else logits[places]

    def _inputs(self, rows: Sequence[Row], counts: Sequence[int]) -> tuple[_Inputs, float]:
        if not rows[-1].reading:
            return self._written(rows, counts), 0.0
        read, looking = self._read(rows[-1], counts[-1])
        if len(rows) == 1:
            return read, looking
        written = self._written(rows[:-1], counts)
        extra = read.extra.new_zeros((len(read.extra), len(written.x), read.extra.shape[-1]))
        written = written._replace(extra=extra)
        x, cos, sin = (torch.cat(pair) for pair in zip(written[:3], read[:3], strict=True))
        return _Inputs(x, cos, sin, torch.cat([written.extra, read.extra], dim=1)), looking

    def _written(self, rows: Sequence[Row], counts: Sequence[int]) -> _Inputs:
        """Return the inputs of answers' tokens."""
        cos, sin = self._decoder.text_rotary()
        tokens: list[int] = []
        positions: list[int] = []
        for row, count in zip(rows, counts, strict=False):
            tokens += row.next_tokens[:count]
            positions += range(row.position, row.position + count)
        here: slice | Tensor = slice(positions[0], positions[-1] + 1)
        if len(rows) > 1:
            here = torch.tensor(positions, device=self._device)
        x = self._decoder.embed(torch.tensor(tokens, device=self._device))
        return _Inputs(x, cos[here], sin[here], x[:0, None])

    def _read(self, row: Row, count: int) -> tuple[_Inputs, float]:
        """Return the inputs of a sequence's next tokens, and the seconds that pictures took."""
        sequence, start, stop = row.sequence, row.read, row.read + count
        spans = [span for span in sequence.pictures if span.start < stop and span.stop > start]
        features, clock = self._vision.encode({s.key: sequence.picture(s) for s in spans})
        row.clock.add(clock)
        ids = torch.from_numpy(sequence.ids[start:stop]).to(self._device)
        positions = torch.from_numpy(sequence.positions(start)[:, :count] + row.shift)
        x = self._decoder.embed(ids)
        levels = max((len(levels) for levels in features.values()), default=1)
        extra = x.new_zeros((levels - 1, *x.shape))
        for span in spans:
            first, last = max(span.start, start), min(span.stop, stop)
            seen = features[span.key][:, first - span.start : last - span.start].to(x)
            x[first - start : last - start] = seen[0]
            extra[:, first - start : last - start] = seen[1:]
        cos, sin = self._decoder.rotary(positions.to(self._device))
        return _Inputs(x, cos, sin, extra), clock.preprocess + clock.vision
