"""THOR's FIFO protocol, the simulator's side. Knows frames and messages, no household.

A frame is a header `!BI` (type, length) and a body; a message is some frames and an end frame.
Messages alternate strictly, and the simulator sends the first.

Source: ai2thor 5.0.0 fifo_server.py (FieldType, header format, order in which pipes are opened).
"""

import contextlib
import fcntl
import json
import os
import struct
from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgpack
import numpy as np

from qvl_agent.envs.household.simulator.engine import Engine
from qvl_agent.envs.household.simulator.render import Frame, instance_colour

__all__ = ["serve"]

_HEADER = struct.Struct("!BI")
_METADATA, _ACTION, _IMAGE, _DEPTH, _IDS, _END = 1, 2, 4, 5, 9, 255


def serve(engine: Engine, server_pipe: str, client_pipe: str) -> None:
    """Answer commands until the other side closes its pipe.

    Args:
        engine: The simulator.
        server_pipe: Path of the pipe that is written, AI2THOR_FIFO_SERVER_PIPE_PATH.
        client_pipe: Path of the pipe that is read, AI2THOR_FIFO_CLIENT_PIPE_PATH.
    """
    with open(server_pipe, "wb", buffering=0) as out:
        with contextlib.suppress(OSError):  # a message in one piece, where the system allows it
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 1 << 20)
        # The first message goes out before the other pipe is opened, or both sides wait forever.
        _send(out, engine, 0, images=True)
        with open(client_pipe, "rb") as incoming:
            for command in _commands(incoming):
                engine.do(command)
                images = command.get("renderImage", True)
                _send(out, engine, command.get("sequenceId", 0), images=bool(images))


def _commands(incoming: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    while header := incoming.read(_HEADER.size):
        if len(header) < _HEADER.size:
            return
        kind, length = _HEADER.unpack(header)
        body = incoming.read(length)
        if kind == _ACTION:
            yield json.loads(body)


def _send(out: IO[bytes], engine: Engine, sequence: int, *, images: bool) -> None:
    metadata = engine.metadata()
    frame = engine.frame if images else None
    pictures: list[tuple[int, bytes]] = []
    metadata["colors"] = None
    if frame is not None:
        # Four bytes a pixel, of which the Controller drops the last: a row is copied in one piece.
        pictures.append((_IMAGE, frame.packed[::-1].tobytes()))
        if "depth" in engine.images:
            pictures.append((_DEPTH, frame.depth[::-1].tobytes()))
        if "ids" in engine.images:
            metadata["colors"] = [
                {"name": key, "color": list(instance_colour(key))} for key in frame.ids
            ]
            pictures.append((_IDS, _ids(frame)))
    elif images:
        width, height = engine.size
        pictures.append((_IMAGE, bytes(width * height * 3)))
    envelope = {
        "agents": [metadata],
        "thirdPartyCameras": [],
        "activeAgentId": 0,
        "sequenceId": sequence,
    }
    packed = msgpack.packb(envelope, use_bin_type=True)
    chunks = [_HEADER.pack(_METADATA, len(packed)), packed]
    for kind, body in pictures:
        chunks += [_HEADER.pack(kind, len(body)), body]
    chunks.append(_HEADER.pack(_END, 0))
    for chunk in chunks:
        left = memoryview(chunk)
        while left:
            left = left[os.write(out.fileno(), left) :]


def _ids(frame: Frame) -> bytes:
    """Return the instance picture: RGBA, rows from the bottom, black where no object is."""
    palette = np.zeros(len(frame.ids) + 1, dtype=np.uint32)
    for k, key in enumerate(frame.ids):
        red, green, blue = instance_colour(key)
        palette[k] = red | green << 8 | blue << 16
    palette |= np.uint32(255 << 24)  # also of the last entry, which index -1 reads
    return frame.painted(palette)[::-1].tobytes()
