"""Pictures to visual features, each picture once. Knows the vision encoder and nothing of text.

Features are kept by the picture's content and the way it is cut, bounded by bytes, the least
recently used out first.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from qvl_agent.model.images import ImageSettings, preprocess
from qvl_agent.model.prompt import Picture

__all__ = ["Clock", "FeatureCache", "VisionEncoder"]

Key = tuple[str, ImageSettings]


class FeatureCache:
    """Features by picture, bounded by bytes.

    Args:
        max_bytes: The most recently used features up to this size are kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.nbytes = 0
        self._features: OrderedDict[Key, Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._features)

    def get(self, key: Key) -> Tensor | None:
        """Return the features of a picture, or None."""
        features = self._features.get(key)
        if features is not None:
            self._features.move_to_end(key)
        return features

    def put(self, key: Key, features: Tensor) -> None:
        """Keep features, dropping the least recently used ones beyond the bound."""
        self._features[key] = features
        self.nbytes += features.nbytes
        while self.nbytes > self.max_bytes:
            _, dropped = self._features.popitem(last=False)
            self.nbytes -= dropped.nbytes

    def clear(self) -> None:
        """Drop everything."""
        self._features.clear()
        self.nbytes = 0


@dataclass(slots=True)
class Clock:
    """Seconds of wall time spent so far on cutting pictures and on encoding them."""

    preprocess: float = 0.0
    vision: float = 0.0

    def add(self, other: "Clock") -> None:
        """Count another's time in."""
        self.preprocess += other.preprocess
        self.vision += other.vision


class VisionEncoder:
    """Encodes pictures with the model's own vision tower.

    Args:
        visual: `model.model.visual` of transformers.
        cache: For the features.
    """

    def __init__(self, visual: Any, cache: FeatureCache) -> None:
        self._visual = visual
        visual.patch_embed = _PatchProjection(visual.patch_embed.proj)
        self._device: torch.device = visual.device
        self.cache = cache

    def encode(self, pictures: Mapping[Key, Picture]) -> tuple[dict[Key, Tensor], Clock]:
        """Return the features of pictures, by key, and the time it took.

        Features are (1 + extra, visual tokens, width): what stands in the sequence, and what is
        added after the first layers (`TextDecoder.forward`), which only Qwen3-VL has.

        Raises:
            ValueError: If an array is not a picture.
        """
        clock = Clock()
        features: dict[Key, Tensor] = {}
        for key, picture in pictures.items():
            known = self.cache.get(key)
            if known is None:
                known = self._encode(picture, key[1], clock)
                self.cache.put(key, known)
            features[key] = known
        return features, clock

    def _encode(self, picture: Picture, settings: ImageSettings, clock: Clock) -> Tensor:
        begin = time.perf_counter()
        patches, (rows, columns) = self._cut(picture, settings)
        cut = time.perf_counter()
        grid = torch.tensor([[1, rows, columns]], device=self._device)
        seen = self._visual(patches.to(self._visual.dtype), grid_thw=grid)
        deeper = getattr(seen, "deepstack_features", None) or ()
        features = torch.stack([seen.pooler_output, *deeper])
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        clock.preprocess += cut - begin
        clock.vision += time.perf_counter() - cut
        return features

    def _cut(self, picture: Picture, settings: ImageSettings) -> tuple[Tensor, tuple[int, int]]:
        """Return a picture's patches where they are needed, and its (rows, columns) of them."""
        if self._device.type == "cpu":
            patches, grid = preprocess(picture.pixels, settings)
            return torch.from_numpy(patches), grid
        from qvl_agent.model.fast_images import patches_on

        cut = patches_on(self._device, picture.pixels, settings)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return cut


class _PatchProjection(nn.Module):
    """The patch embedding as the matrix product that it is.

    Every patch is one window of the published convolution, which has no overlap; as a convolution
    it is several times slower on a CPU.
    """

    def __init__(self, proj: nn.Module) -> None:
        super().__init__()
        self.proj = proj  # its weights stay where a checkpoint has them

    def forward(self, patches: Tensor) -> Tensor:
        weight = cast(Tensor, self.proj.weight)
        bias = cast("Tensor | None", self.proj.bias)
        return F.linear(patches.to(weight.dtype), weight.flatten(1), bias)
