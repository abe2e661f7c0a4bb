"""From what a policy points at to an object: a segmenter makes a mask, ALFRED's rule reads it.

Knows pictures and metadata, no body and no skill. The segmenter that looks at nothing but the
picture is SAM, in `qvl_agent.model.segment`; those here need no weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.household import Region
from qvl_agent.envs.household.body import Sight
from qvl_agent.envs.household.masks import choose_object, encode_mask, mask_of_box, mask_of_point

__all__ = ["BoxSegmenter", "Grounding", "OracleSegmenter", "Segmenter", "ground"]

Mask = NDArray[np.bool_]


class Segmenter(Protocol):
    """Finds the outline of what a policy points at.

    Attributes:
        name: As in a trace.
    """

    name: str

    def mask(self, sight: Sight, region: Region) -> Mask:
        """Return the mask, bool (H, W), of what is at a spot or in a box.

        Raises:
            PolicyError: If it is a model, and it failed.
        """
        ...


class BoxSegmenter:
    """The box itself, or the one pixel of a spot. Knows no outline: the least one can do."""

    name = "box"

    def mask(self, sight: Sight, region: Region) -> Mask:
        """See `Segmenter.mask`."""
        height, width = sight.image.shape[:2]
        if region.corner is None:
            return mask_of_point(region.point, height, width)
        return mask_of_box(region.point, region.corner, height, width)


class OracleSegmenter:
    """The simulator's own instances: what a perfect segmenter would say."""

    name = "oracle"

    def mask(self, sight: Sight, region: Region) -> Mask:
        """Return the instance at the spot, or the one whose own box fits the box best.

        Raises:
            UsageError: If the body shows no instances.
        """
        segments = sight.segments
        if segments is None:
            raise UsageError("this body shows no instances; the oracle has nothing to go by")
        around = BoxSegmenter().mask(sight, region)
        if region.corner is None:
            (index,) = segments[around].tolist()
            return np.asarray((segments == index) if index >= 0 else around)
        best, found = 0.0, around
        for index in np.unique(segments[around]).tolist():
            instance = segments == index
            fit = _iou(_box(instance), around)
            if index >= 0 and fit > best:
                best, found = fit, instance
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class Grounding:
    """How a policy's pointing was understood.

    Attributes:
        segmenter: Who made the mask.
        region: What was pointed at.
        mask: bool (H, W).
        target: Id of the object that the mask means; None where it means none.
    """

    segmenter: str
    region: Region
    mask: Mask
    target: str | None

    def to_json(self) -> dict[str, Any]:
        """Return it for a trace; the mask as ALFRED's dataset writes masks."""
        corner = self.region.corner
        return {
            "segmenter": self.segmenter,
            "point": [self.region.point.x, self.region.point.y],
            "corner": None if corner is None else [corner.x, corner.y],
            "mask": {"size": list(self.mask.shape), "runs": list(encode_mask(self.mask))},
            "target": self.target,
        }


def ground(
    region: Region, sight: Sight, metadata: Mapping[str, Any], segmenter: Segmenter
) -> Grounding:
    """Return which object a policy points at.

    Raises:
        UsageError: If the body shows no instances, or the mask is not of the picture's size.
    """
    mask = segmenter.mask(sight, region)
    return Grounding(segmenter.name, region, mask, choose_object(mask, sight, metadata))


def _box(mask: Mask) -> Mask:
    """Return the mask of a mask's bounding box."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.zeros_like(mask)
    box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return box


def _iou(a: Mask, b: Mask) -> float:
    return float((a & b).sum() / (a | b).sum())
