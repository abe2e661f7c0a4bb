"""What a step costs at least: weights, bytes and operations of a geometry. Arithmetic only.

A floor is what a GPU would need if it did nothing but read these bytes, or nothing but these
operations, at the rates that it was measured to reach.
"""

from dataclasses import dataclass

__all__ = ["GEOMETRIES", "REHEARSAL", "Geometry"]

_BYTES = 2
"""Of a weight, a key or a value in bfloat16."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes of a Qwen2-VL.

    Attributes:
        name: As the checkpoints are called.
        layers: Of the language model.
        width: Its hidden size.
        heads: Of its queries.
        kv_heads: Of its keys and values.
        intermediate: Width of its feed-forward part.
        vocabulary: Rows of embedding and head.
        tied: Whether these two are one matrix.
        head_dim: Width of a head.
        vision_layers: Of the vision encoder.
        vision_width: Its hidden size; its feed-forward part is four times as wide.
        vision_heads: Of its attention.
    """

    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    intermediate: int
    vocabulary: int
    tied: bool
    head_dim: int = 128
    vision_layers: int = 32
    vision_width: int = 1280
    vision_heads: int = 16

    @property
    def linear_weights(self) -> int:
        """Weights of the language model's projections, embedding and head left out."""
        attention = self.width * self.head_dim * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.width * self.intermediate)

    @property
    def bytes_read(self) -> int:
        """Bytes of weights that writing one token reads."""
        return _BYTES * (self.linear_weights + self.vocabulary * self.width)

    @property
    def cache_bytes(self) -> int:
        """Bytes of keys and values of one token."""
        return 2 * _BYTES * self.layers * self.kv_heads * self.head_dim

    def decode_bytes(self, context: int) -> int:
        """Return the bytes that are read to write one token after `context` others."""
        return self.bytes_read + context * self.cache_bytes

    def prefill_operations(self, tokens: int, past: int) -> float:
        """Return the operations of reading `tokens` after `past` others."""
        seen = past + tokens / 2
        attention = 4.0 * self.layers * self.heads * self.head_dim * tokens * seen
        return 2.0 * self.linear_weights * tokens + attention

    def vision_operations(self, tokens: int) -> float:
        """Return the operations of encoding a picture of this many visual tokens."""
        patches, width = 4 * tokens, self.vision_width
        blocks = self.vision_layers * (24.0 * width**2 * patches + 4.0 * width * patches**2)
        merger = 2.0 * tokens * ((4 * width) ** 2 + 4 * width * self.width)
        return blocks + merger


GEOMETRIES = (
    Geometry("2B", 28, 1536, 12, 2, 8960, 151_936, tied=True),
    Geometry("7B", 28, 3584, 28, 4, 18_944, 152_064, tied=False),
)
"""Source: the checkpoints' config.json."""

REHEARSAL = Geometry(
    "tiny",
    layers=2,
    width=64,
    heads=4,
    kv_heads=2,
    intermediate=128,
    vocabulary=352,
    tied=False,
    head_dim=16,
    vision_layers=2,
    vision_width=32,
    vision_heads=2,
)
"""Small enough for a CPU: it shows that every line runs, and says nothing of speed."""
