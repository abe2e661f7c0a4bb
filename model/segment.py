"""Segment Anything as a segmenter: a point or a box on a picture goes in, a mask comes out.

It runs transformers' SAM, which needs no torchvision; so it does its own resizing and padding. The
picture is encoded once, whatever is pointed at in it afterwards. Knows no household: whatever has
an `image` can be looked at.

Source: Segment Anything (Kirillov et al. 2023), segment_anything/predictor.py and
utils/transforms.py: long side to the encoder's size, padded below and to the right.
"""

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import interpolate

from qvl_agent.actions.errors import DataError, PolicyError, UsageError
from qvl_agent.actions.household import Region
from qvl_agent.model.loading import broken_torchvision

__all__ = ["SamSegmenter"]

_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_KEPT = 8
"""Pictures whose embeddings are kept; as many worlds can take turns without encoding twice."""


class _Seen(Protocol):
    @property
    def image(self) -> NDArray[np.uint8]: ...


class SamSegmenter:
    """SAM with one embedding per picture. Any thread may call.

    Args:
        model: A transformers `SamModel`.
        name: As in a trace.
        device: Where it runs.

    Attributes:
        encodings: Pictures that were encoded so far.
    """

    def __init__(self, model: Any, name: str = "sam", device: str | None = None) -> None:
        self.name = name
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.to(self._device).eval()
        self._size = int(model.config.vision_config.image_size)
        self._embeddings: OrderedDict[bytes, Any] = OrderedDict()
        self._turn = threading.Lock()
        self.encodings = 0

    @classmethod
    def load(cls, source: str | Path, device: str | None = None) -> "SamSegmenter":
        """Return SAM with pretrained weights.

        Args:
            source: A folder in the hub's format, or a hub id as "facebook/sam-vit-base".
            device: Where it runs.

        Raises:
            DataError: If the folder holds no SAM, or not all of its weights.
            UsageError: If it is neither a folder nor the id of a model that can be fetched.
        """
        folder = Path(source).expanduser()
        if folder.is_dir() and not (folder / "config.json").is_file():
            raise DataError(f"{folder} holds no SAM: it has no config.json")
        try:
            from transformers import SamModel
        except Exception as exc:  # a broken torchvision surfaces as several kinds
            raise PolicyError(
                f"transformers cannot provide SAM: {broken_torchvision() or exc}"
            ) from exc
        from transformers.utils import logging

        shown = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            model, report = SamModel.from_pretrained(
                folder if folder.is_dir() else str(source), output_loading_info=True
            )
        except Exception as exc:  # safetensors, the hub and transformers raise many kinds
            if folder.is_dir():
                raise DataError(f"cannot load SAM from {folder}: {exc}") from exc
            raise UsageError(
                f"no SAM at {str(source)!r} ({type(exc).__name__}): expected a folder with its "
                "weights, or a hub id that can be reached, such as facebook/sam-vit-base"
            ) from exc
        finally:
            if shown:
                logging.enable_progress_bar()
        if missing := sorted(report["missing_keys"]):
            raise DataError(f"{source}: {len(missing)} weights are missing, such as {missing[0]}")
        return cls(model, f"sam:{source}", device)

    def mask(self, sight: _Seen, region: Region) -> NDArray[np.bool_]:
        """Return the mask of what is at a spot or in a box.

        A spot can mean a part or the whole: of SAM's three masks the one it rates highest is taken.

        Args:
            sight: Has the picture, uint8 (H, W, 3).
            region: What is pointed at.

        Returns:
            bool (H, W).

        Raises:
            PolicyError: If the model fails, as for lack of memory.
        """
        image = sight.image
        try:
            with self._turn, torch.inference_mode():
                return self._mask(image, region)
        except (RuntimeError, ValueError) as exc:
            raise PolicyError(f"SAM failed: {exc}") from exc

    def _mask(self, image: NDArray[np.uint8], region: Region) -> NDArray[np.bool_]:
        embedding = self._embedding(image)
        height, width = image.shape[:2]
        rows, columns = _scaled(height, width, self._size)
        x, y = region.point.x * columns, region.point.y * rows
        prompt: dict[str, Any]
        if region.corner is None:
            prompt = {"input_points": [[[[x, y]]]], "multimask_output": True}
        else:
            u, v = region.corner.x * columns, region.corner.y * rows
            box = [min(x, u), min(y, v), max(x, u), max(y, v)]
            prompt = {"input_boxes": [[box]], "multimask_output": False}
        for key in prompt.keys() & {"input_points", "input_boxes"}:
            prompt[key] = torch.tensor(prompt[key], dtype=torch.float32, device=self._device)
        found = self._model(image_embeddings=embedding, **prompt)
        best = int(found.iou_scores[0, 0].argmax())
        logits = found.pred_masks[0, 0, best].float()
        return self._original(logits, height, width)

    def _original(self, logits: torch.Tensor, height: int, width: int) -> NDArray[np.bool_]:
        """Return a low-resolution mask's logits as a mask of the original picture."""
        size = self._size
        large = interpolate(logits[None, None], (size, size), mode="bilinear", align_corners=False)
        rows, columns = _scaled(height, width, size)
        inner = large[..., :rows, :columns]
        whole = interpolate(inner, (height, width), mode="bilinear", align_corners=False)
        mask: NDArray[np.bool_] = (whole[0, 0] > 0).cpu().numpy()
        return mask

    def _embedding(self, image: NDArray[np.uint8]) -> Any:
        """Return the picture's embedding, from memory where it was seen just before."""
        key = hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=16).digest()
        if key not in self._embeddings:
            self.encodings += 1
            pixels = self._pixels(image)
            found = self._model.get_image_embeddings(pixels)
            self._embeddings[key] = found if torch.is_tensor(found) else found[0]
            while len(self._embeddings) > _KEPT:
                self._embeddings.popitem(last=False)
        self._embeddings.move_to_end(key)
        return self._embeddings[key]

    def _pixels(self, image: NDArray[np.uint8]) -> torch.Tensor:
        """Return float (1, 3, S, S): resized, normalised, padded with zeros."""
        height, width = _scaled(image.shape[0], image.shape[1], self._size)
        resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
        values = (np.asarray(resized, dtype=np.float32) / 255 - _MEAN) / _STD
        pixels = torch.zeros(1, 3, self._size, self._size)
        pixels[0, :, :height, :width] = torch.from_numpy(values).permute(2, 0, 1)
        return pixels.to(self._device, self._model.dtype)


def _scaled(height: int, width: int, size: int) -> tuple[int, int]:
    """Return height and width with the long side brought to a size."""
    scale = size / max(height, width)
    return int(height * scale + 0.5), int(width * scale + 0.5)
