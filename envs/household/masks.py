"""Masks, and which object one means: ALFRED's own rule. Knows pictures and metadata, no body.

Source: ALFRED env/thor_env.py @f91f4c0c (va_interact).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.types import Point
from qvl_agent.envs.household.body import Sight

__all__ = ["choose_object", "encode_mask", "mask_of_box", "mask_of_point"]

_INTERACTABLE = ("pickupable", "receptacle", "openable", "toggleable", "sliceable")


def choose_object(mask: NDArray[np.bool_], sight: Sight, metadata: Mapping[str, Any]) -> str | None:
    """Return the id of the object that a mask means, None where it means none.

    Of the instances that the mask touches, the one with the highest IoU wins; the held object and
    what cannot be interacted with are left out.

    Args:
        mask: bool (H, W), of the picture's size.
        sight: The picture with its instances.
        metadata: THOR's, with `objects` and `inventoryObjects`.

    Raises:
        UsageError: If the mask has another size, or the body shows no instances.
    """
    if sight.segments is None:
        raise UsageError("this body shows no instances; a mask cannot be read there")
    if mask.shape != sight.segments.shape:
        raise UsageError(
            f"the mask must be {sight.segments.shape}, the picture's size, got {mask.shape}"
        )
    area = int(mask.sum())
    touched, counts = np.unique(sight.segments[mask], return_counts=True)
    scored: list[tuple[float, str]] = []
    for index, count in zip(touched.tolist(), counts.tolist(), strict=True):
        if index >= 0:
            union = int((sight.segments == index).sum()) + area - count
            scored.append((count / union, sight.ids[index]))
    objects = {o["objectId"]: o for o in metadata["objects"]}
    held = {o["objectId"] for o in metadata["inventoryObjects"] or ()}
    for _, key in sorted(scored, key=lambda s: -s[0]):
        thing = objects.get(key)
        if thing and key not in held and any(thing.get(flag) for flag in _INTERACTABLE):
            return key
    return None


def mask_of_point(point: Point, height: int, width: int) -> NDArray[np.bool_]:
    """Return the bool (H, W) mask of the one pixel at a point."""
    mask = np.zeros((height, width), dtype=bool)
    mask[min(int(point.y * height), height - 1), min(int(point.x * width), width - 1)] = True
    return mask


def mask_of_box(corner: Point, opposite: Point, height: int, width: int) -> NDArray[np.bool_]:
    """Return the bool (H, W) mask of a box, at least one pixel, by two opposite corners."""
    left, right = sorted((corner.x, opposite.x))
    top, bottom = sorted((corner.y, opposite.y))
    x0, y0 = min(int(left * width), width - 1), min(int(top * height), height - 1)
    mask = np.zeros((height, width), dtype=bool)
    mask[y0 : max(y0 + 1, round(bottom * height)), x0 : max(x0 + 1, round(right * width))] = True
    return mask


def encode_mask(mask: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Return the runs of ones of a bool (H, W) mask as (start, length), row after row.

    Source: ALFRED gen/utils/image_util.py @f91f4c0c (compress_mask).
    """
    flat = np.concatenate([[False], mask.ravel(), [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return tuple((int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True))
