"""What the simulator says after an action: the envelope of metadata, and pictures as raw bytes.

Rows go from the bottom up, as Unity reads them. Knows an engine and no wire.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qvl_agent.envs.household.simulator.engine import Engine
from qvl_agent.envs.household.simulator.render import Frame, instance_colour

__all__ = ["message"]

_FAR_2 = 10.0
"""Metres to which 2.1.0's depth picture reaches."""


def message(
    engine: Engine, sequence: int, *, images: bool, legacy: bool = False
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the envelope of metadata, and the pictures by the names of THOR's HTTP fields.

    Args:
        engine: The simulator.
        sequence: The number of the action that this answers.
        images: Whether pictures are wanted.
        legacy: Whether it is for ai2thor 2.1.0, which reads three bytes a pixel, depth as a
            fraction of 10 metres in base 256, and boxes of the instances beside their colours.

    Source: ai2thor 5.0.0 server.py, ai2thor 2.1.0 server.py (Event, read_buffer_image).
    """
    metadata = engine.metadata()
    frame = engine.frame if images else None
    pictures: dict[str, bytes] = {}
    metadata["colors"] = None
    if frame is not None:
        # 5.x drops a fourth byte; so a row is copied in one piece.
        pictures["image"] = _bytes(frame.packed, legacy)
        if "depth" in engine.images:
            depth = _depth_2(frame.depth) if legacy else frame.depth
            pictures["image_depth"] = depth[::-1].tobytes()
        if "ids" in engine.images:
            metadata["colors"] = [
                {"name": key, "color": list(instance_colour(key))} for key in frame.ids
            ]
            pictures["image_ids"] = _bytes(_ids(frame), legacy)
            if legacy:
                metadata["colorBounds"] = _bounds(frame)
    elif images:
        width, height = engine.size
        pictures["image"] = bytes(width * height * 3)
    envelope = {
        "agents": [metadata],
        "thirdPartyCameras": [],
        "activeAgentId": 0,
        "sequenceId": sequence,
    }
    return envelope, pictures


def _bytes(picture: NDArray[np.uint32], legacy: bool) -> bytes:
    """Return a picture (H, W), red in the low byte, as RGBA; as RGB for 2.1.0."""
    if not legacy:
        return picture[::-1].tobytes()
    return picture.view(np.uint8).reshape(*picture.shape, 4)[::-1, :, :3].tobytes()


def _ids(frame: Frame) -> NDArray[np.uint32]:
    """Return the instance picture, black where no object is."""
    palette = np.zeros(len(frame.ids) + 1, dtype=np.uint32)
    for k, key in enumerate(frame.ids):
        red, green, blue = instance_colour(key)
        palette[k] = red | green << 8 | blue << 16
    palette |= np.uint32(255 << 24)  # also of the last entry, which index -1 reads
    return frame.painted(palette)


def _depth_2(depth: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return depth (H, W) in metres as 2.1.0's three digits in base 256 of a share of 10 m."""
    share = np.minimum(depth / np.float32(_FAR_2), np.float32(1 - 2**-24)) * 2**24
    digits = share.astype(np.uint32)
    return np.stack([digits >> 16, digits >> 8 & 255, digits & 255], axis=-1).astype(np.uint8)


def _bounds(frame: Frame) -> list[dict[str, Any]]:
    """Return the box of each instance in the picture: x1, y1, x2, y2 from the lower left corner."""
    height = frame.segments.shape[0]
    found = []
    for index in np.unique(frame.segments).tolist():
        if index < 0:
            continue
        mask = frame.segments == index
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        bounds = (columns[0], height - 1 - rows[-1], columns[-1], height - 1 - rows[0])
        found.append(
            {
                "color": list(instance_colour(frame.ids[index])),
                "bounds": [int(v) for v in bounds],
            }
        )
    return found
