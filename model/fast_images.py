"""The opt-in fast resize. It needs torch, and is imported only when it is asked for."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

__all__ = ["resize_fast"]


def resize_fast(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return the picture, uint8 (H, W, 3), resized by torch's antialiased bicubic filter.

    It works on bytes, and in the memory layout that the picture has already.
    """
    # torch takes no read-only memory, and an array made from a PIL image is that.
    picture = torch.from_numpy(np.require(pixels, requirements=("C", "W"))).permute(2, 0, 1)[None]
    resized = F.interpolate(picture, size=(height, width), mode="bicubic", antialias=True)
    return resized[0].permute(1, 2, 0).numpy()
