"""`nano`: the bundled Qwen2-VL-architecture policy of a few million parameters, and its training.

Importing this package loads no torch.
"""

from pathlib import Path

__all__ = ["nano_path"]


def nano_path() -> Path:
    """Return the folder of the bundled checkpoint, in the hub's file format."""
    return Path(__file__).parent / "weights"
