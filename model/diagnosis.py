"""What can be said of torch, and of a checkpoint's image settings, before a model is loaded."""

from dataclasses import dataclass
from pathlib import Path

from qvl_agent.model.images import ImageSettings
from qvl_agent.model.loading import broken_torchvision, find_checkpoint, read_json

__all__ = ["PixelLimits", "TorchBuild", "broken_torchvision", "pixel_limits", "torch_build"]


@dataclass(frozen=True, slots=True)
class TorchBuild:
    """The installed torch.

    Attributes:
        version: With its local part, as "2.9.0+cpu".
        cuda: The CUDA version it was built for; None for a CPU build.
        devices: Names of the GPUs it can use.
    """

    version: str
    cuda: str | None
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PixelLimits:
    """How a checkpoint bounds the area of pictures.

    Attributes:
        settings: As they will be used.
        explicit: Whether the file names both bounds, so that no library's default comes in.
    """

    settings: ImageSettings
    explicit: bool


def torch_build() -> TorchBuild:
    """Return what torch says of itself.

    Raises:
        ImportError: If it is not installed or does not load.
        OSError: If one of its libraries does not load.
    """
    import torch

    devices: tuple[str, ...] = ()
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        devices = tuple(torch.cuda.get_device_name(index) for index in range(count))
    return TorchBuild(torch.__version__, torch.version.cuda, devices)


def pixel_limits(source: str | Path) -> tuple[Path, PixelLimits]:
    """Return a complete checkpoint's folder and its image limits.

    Raises:
        DataError: If a file is missing or unreadable.
        UsageError: If there is no such checkpoint.
        PolicyError: If the hub cannot be reached.
    """
    folder = find_checkpoint(source)
    config = read_json(folder / "preprocessor_config.json")
    size = config.get("size") or {}
    low = config.get("min_pixels") or size.get("shortest_edge")
    high = config.get("max_pixels") or size.get("longest_edge")
    return folder, PixelLimits(ImageSettings.from_config(config), bool(low and high))
