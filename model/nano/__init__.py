"""`nano`: the bundled Qwen2-VL-architecture policy of a few million parameters, and its training.

Importing this package loads no torch.
"""

from pathlib import Path

__all__ = ["nano_path", "use_one_thread"]


def nano_path() -> Path:
    """Return the folder of the bundled checkpoint, in the hub's file format."""
    return Path(__file__).parent / "weights"


def use_one_thread() -> None:
    """Let torch use one thread, in the whole process.

    nano's matrices are too small to share: a second thread wins nothing on an idle machine, and on
    a busy one waiting for it costs seconds a step.
    """
    import torch

    torch.set_num_threads(1)
