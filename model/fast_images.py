"""Resizing and cutting pictures with torch: the opt-in fast resize, and both on a GPU.

A GPU is given bytes, a quarter of what patches take, and makes the patches itself. PIL's own filter
stays on the CPU: the order of its two passes, and so its rounding, differs between its versions.
Imported only when asked for.
"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from qvl_agent.model.images import ImageSettings, resize

__all__ = ["patches_on", "resize_fast"]


def patches_on(
    device: torch.device | str, pixels: NDArray[np.uint8], settings: ImageSettings
) -> tuple[Tensor, tuple[int, int]]:
    """Return what `images.preprocess` does, computed on a device from the picture's bytes.

    Args:
        device: Usually a GPU: on a CPU `preprocess` is faster.
        pixels: uint8 (H, W, 3), RGB.
        settings: How to resize and cut.

    Raises:
        ValueError: If its shape is refused by `smart_resize`.
    """
    height, width = settings.size(*pixels.shape[:2])
    if settings.resample == "exact":
        picture = _tensor(resize(pixels, height, width)).to(device)
    else:
        picture = _tensor(pixels).to(device)
        if picture.shape[:2] != (height, width):
            picture = _resized(picture, height, width)
    grid = height // settings.patch_size, width // settings.patch_size
    return _patchify(picture, settings), grid


def resize_fast(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return the picture, uint8 (H, W, 3), resized by torch's antialiased bicubic filter.

    It works on bytes, and in the memory layout that the picture has already.
    """
    return _resized(_tensor(pixels), height, width).numpy()


def _resized(picture: Tensor, height: int, width: int) -> Tensor:
    planes = picture.permute(2, 0, 1)[None]
    if picture.is_cuda:  # the GPU's kernel takes no bytes
        planes = planes.float()
    resized = F.interpolate(planes, size=(height, width), mode="bicubic", antialias=True)
    if picture.is_cuda:
        resized = resized.round_().clamp_(0, 255).to(torch.uint8)
    return resized[0].permute(1, 2, 0)


def _patchify(picture: Tensor, settings: ImageSettings) -> Tensor:
    """Return the normalised patches of a resized picture; see `images.patchify`."""
    side, merge = settings.patch_size, settings.merge_size
    rows, columns = picture.shape[0] // settings.factor, picture.shape[1] // settings.factor
    cut = picture.reshape(rows, merge, side, columns, merge, side, 3)
    cut = cut.permute(0, 3, 1, 4, 6, 2, 5).reshape(-1, 3, 1, side * side)
    mean, std = (np.array(values) for values in (settings.mean, settings.std))
    factor, offset = (
        torch.from_numpy(values.astype(np.float32)).to(picture.device)[:, None, None]
        for values in (1 / 255 / std, mean / std)
    )
    frame = cut * factor - offset
    return frame.expand(-1, -1, settings.temporal_patch_size, -1).reshape(len(cut), -1)


def _tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """Return the picture as a tensor; torch takes no read-only memory, as PIL's images have."""
    return torch.from_numpy(np.require(pixels, requirements=("C", "W")))
