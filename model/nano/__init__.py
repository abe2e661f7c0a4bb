"""`nano`: the bundled Qwen2-VL policies of a few million parameters, and their training.

Each has learnt one kind of world: `cards`, `miniwob`, `phone` or `routes`.

Importing this package loads no torch.
"""

from pathlib import Path

__all__ = ["nano_courses", "nano_path", "use_one_thread"]

_WEIGHTS = Path(__file__).parent / "weights"


def nano_courses() -> list[str]:
    """Return the names of what the bundled checkpoints were taught."""
    return sorted(folder.name for folder in _WEIGHTS.iterdir() if folder.is_dir())


def nano_path(course: str = "cards") -> Path:
    """Return the folder of a bundled checkpoint, in the hub's file format.

    Args:
        course: What it was taught.
    """
    return _WEIGHTS / course


def use_one_thread() -> None:
    """Let torch use one thread, in the whole process.

    nano's matrices are too small to share: a second thread wins nothing on an idle machine, and on
    a busy one waiting for it costs seconds a step.
    """
    import torch

    torch.set_num_threads(1)
