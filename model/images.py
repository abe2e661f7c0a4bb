"""From a picture to the patches that Qwen2-VL's vision encoder reads. Knows no model and no torch.

Equal to transformers' `Qwen2VLImageProcessorPil` to 1e-6 and needs no torchvision. It is faster
because the patches are cut while they are still bytes, and both temporal copies are written once.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "IMAGE_MEAN",
    "IMAGE_STD",
    "MAX_ASPECT_RATIO",
    "ImageSettings",
    "Resample",
    "patchify",
    "preprocess",
    "resize",
    "smart_resize",
]

IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of OpenAI's CLIP, as all Qwen2-VL checkpoints use them."""

MAX_ASPECT_RATIO = 200

Resample: TypeAlias = Literal["exact", "fast"]


def smart_resize(
    height: int, width: int, factor: int, min_pixels: int, max_pixels: int
) -> tuple[int, int]:
    """Return the (height, width) at which a picture is shown to the model.

    Both are multiples of `factor`, their product lies within the two bounds where that is
    possible, and the aspect ratio is kept as closely as possible.

    Raises:
        ValueError: If a side is not positive, or one is more than 200 times the other.

    Source: transformers/models/qwen2_vl/image_processing_qwen2_vl.py, `smart_resize`.
    """
    if height <= 0 or width <= 0:
        raise ValueError(f"a picture needs at least one pixel, got {width} x {height} (w x h)")
    if max(height, width) > MAX_ASPECT_RATIO * min(height, width):
        raise ValueError(
            f"a picture may be at most {MAX_ASPECT_RATIO} times as long as wide, "
            f"got {width} x {height} (w x h); crop it or scale one side"
        )
    new_height = round(height / factor) * factor
    new_width = round(width / factor) * factor
    if new_height * new_width > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        new_height = max(factor, math.floor(height / shrink / factor) * factor)
        new_width = max(factor, math.floor(width / shrink / factor) * factor)
    elif new_height * new_width < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        new_height = math.ceil(height * grow / factor) * factor
        new_width = math.ceil(width * grow / factor) * factor
    return new_height, new_width


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """How pictures are resized and cut. Part of every cache key: other settings, other features.

    Attributes:
        min_pixels: Smaller pictures are enlarged to at least this area.
        max_pixels: Larger ones are shrunk to at most this area; it bounds the visual tokens.
        patch_size: Side of a patch in pixels.
        merge_size: Patches along each side that become one visual token.
        temporal_patch_size: Frames per patch; a still picture is repeated.
        mean: Per channel, of values in [0, 1].
        std: Per channel.
        resample: "exact" is PIL's filter; "fast" is torch's, see `resize`.
    """

    min_pixels: int
    max_pixels: int
    patch_size: int = 14
    merge_size: int = 2
    temporal_patch_size: int = 2
    mean: tuple[float, float, float] = IMAGE_MEAN
    std: tuple[float, float, float] = IMAGE_STD
    resample: Resample = "exact"

    def __post_init__(self) -> None:
        if not 0 < self.min_pixels <= self.max_pixels:
            raise ValueError(
                f"expected 0 < min_pixels <= max_pixels, got {self.min_pixels} and "
                f"{self.max_pixels}"
            )

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        resample: Resample = "exact",
    ) -> "ImageSettings":
        """Return the settings of a `preprocessor_config.json`, with the bounds overridden.

        Older files name the bounds min_pixels and max_pixels, newer ones size.shortest_edge and
        size.longest_edge (areas, whatever the names say). A file with neither means transformers'
        class defaults: 56 * 56 and 28 * 28 * 1280.
        """
        size = config.get("size") or {}
        low = config.get("min_pixels") or size.get("shortest_edge") or 56 * 56
        high = config.get("max_pixels") or size.get("longest_edge") or 28 * 28 * 1280
        low = low if min_pixels is None else min_pixels
        high = high if max_pixels is None else max_pixels
        return cls(
            # A bound that the caller sets wins over the file's opposite bound.
            min_pixels=min(low, high) if min_pixels is None else low,
            max_pixels=max(low, high) if max_pixels is None else high,
            patch_size=config.get("patch_size", 14),
            merge_size=config.get("merge_size", 2),
            temporal_patch_size=config.get("temporal_patch_size", 2),
            mean=tuple(config.get("image_mean", IMAGE_MEAN)),
            std=tuple(config.get("image_std", IMAGE_STD)),
            resample=resample,
        )

    @property
    def factor(self) -> int:
        """Side in pixels of the square that becomes one visual token."""
        return self.patch_size * self.merge_size

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) in pixels at which a picture of this size is shown."""
        return smart_resize(height, width, self.factor, self.min_pixels, self.max_pixels)

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Return the (rows, columns) of visual tokens of a picture of this size."""
        new_height, new_width = self.size(height, width)
        return new_height // self.factor, new_width // self.factor


def resize(
    pixels: NDArray[np.uint8], height: int, width: int, resample: Resample = "exact"
) -> NDArray[np.uint8]:
    """Return the picture, uint8 (H, W, 3), resized by an antialiased bicubic filter.

    Args:
        pixels: uint8 (H, W, 3).
        height: Of the result.
        width: Of the result.
        resample: "exact" is PIL's filter, as transformers uses it. "fast" is torch's: about five
            times as fast; a few values differ, by up to 9 grey levels and 0.004 on average.
    """
    if pixels.shape[:2] == (height, width):
        return pixels
    if resample == "fast":
        from qvl_agent.model.fast_images import resize_fast

        return resize_fast(pixels, height, width)
    image = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


def patchify(pixels: NDArray[np.uint8], settings: ImageSettings) -> NDArray[np.float32]:
    """Return the normalised patches of an already resized picture.

    Args:
        pixels: uint8 (H, W, 3), H and W multiples of `settings.factor`.
        settings: Patch sizes, mean and standard deviation.

    Returns:
        float32 (patches, 3 * temporal * patch * patch). The merge_size x merge_size patches of one
        visual token follow each other; tokens go row by row.
    """
    side, merge = settings.patch_size, settings.merge_size
    rows, columns = pixels.shape[0] // settings.factor, pixels.shape[1] // settings.factor
    cut = pixels.reshape(rows, merge, side, columns, merge, side, 3)
    # Cut while a pixel is one byte: a quarter of the memory traffic of cutting float32.
    cut = cut.transpose(0, 3, 1, 4, 6, 2, 5).reshape(-1, 3, side * side)
    mean, std = (np.array(values)[:, None] for values in (settings.mean, settings.std))
    frame = cut * (1 / 255 / std).astype(np.float32)
    frame -= (mean / std).astype(np.float32)
    patches = np.empty((len(cut), 3, settings.temporal_patch_size, side * side), np.float32)
    patches[:] = frame[:, :, None]
    return patches.reshape(len(cut), -1)


def preprocess(
    pixels: NDArray[np.uint8], settings: ImageSettings
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return a picture's patches and its (rows, columns) of patches.

    Args:
        pixels: uint8 (H, W, 3), RGB.
        settings: How to resize and cut.

    Raises:
        ValueError: If the array is not such a picture, or its shape is refused by `smart_resize`.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError(
            f"expected a picture as uint8 (H, W, 3), got {pixels.dtype} {pixels.shape}"
        )
    height, width = settings.size(*pixels.shape[:2])
    patches = patchify(resize(pixels, height, width, settings.resample), settings)
    return patches, (height // settings.patch_size, width // settings.patch_size)
